//! How many bytes of media a run may have.

use std::{env, sync::OnceLock};

use crate::{Problem, error::excerpt};

/// What is set by hand, and …
const VARIABLE: &str = "TRACKER_MEDIA_LIMIT";

/// … what holds else.
const USUAL: u64 = 5 << 30;

/// The most bytes of a run's files of media.
pub(super) fn limit() -> u64 {
    static LIMIT: OnceLock<u64> = OnceLock::new();
    *LIMIT.get_or_init(|| {
        let said = env::var(VARIABLE).ok();
        said.and_then(|text| parse(&text)).unwrap_or(USUAL)
    })
}

/// What is said and not understood.
pub(super) fn not_understood() -> Option<Problem> {
    let said = env::var(VARIABLE).ok().filter(|text| parse(text).is_none())?;
    let message = format!("{VARIABLE} is `{}`, which is no number of bytes", excerpt(&said));
    Some(Problem::new("media-limit-not-understood", message, "set it to 500MiB, 20GiB or the like"))
}

/// A number of bytes, as `500MiB`, `20 GB` or `1000000`.
fn parse(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "t" | "tib" => 1 << 40,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_said_in_any_usual_way() {
        assert_eq!(parse("1000"), Some(1_000));
        assert_eq!(parse(" 5GiB "), Some(5 << 30));
        assert_eq!(parse("2 mb"), Some(2_000_000));
        assert_eq!(parse("0"), Some(0));
        for bad in ["", "much", "1.5G", "-1", "99999999999T"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
