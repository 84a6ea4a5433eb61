//! How often something is done, as the environment says.

use std::time::Duration;

use crate::{Error, Result};

/// What is between two times, in seconds.
const LEAST: f64 = 0.05;
const MOST: f64 = 3_600.0;

/// What a variable of the environment says, in seconds; `usual` if it is not set.
///
/// # Errors
/// If it is no such number.
pub(crate) fn of_environment(setting: &'static str, usual: Duration) -> Result<Duration> {
    let said = std::env::var_os(setting).unwrap_or_default();
    read(setting, &said.to_string_lossy(), usual)
}

fn read(setting: &'static str, said: &str, usual: Duration) -> Result<Duration> {
    let number = said.trim();
    if number.is_empty() {
        return Ok(usual);
    }
    let number = number.strip_suffix('s').unwrap_or(number).trim_end();
    let seconds = number.parse().ok().filter(|seconds| (LEAST..=MOST).contains(seconds));
    let refused = || Error::Setting {
        setting,
        said: said.chars().take(60).flat_map(char::escape_debug).collect(),
        hint: format!(
            "set it to seconds from {LEAST} to {MOST}, such as 0.5; {} if unset",
            usual.as_secs_f64()
        ),
    };
    seconds.map(Duration::from_secs_f64).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_seconds_and_what_is_none_is_told() {
        let read = |said| read("TRACKER_SYNC_EVERY", said, Duration::from_secs(5));
        for (said, millis) in
            [("", 5_000), ("  ", 5_000), ("0.5", 500), ("2s", 2_000), (" 3600 s", 3_600_000)]
        {
            assert_eq!(read(said).unwrap(), Duration::from_millis(millis), "{said}");
        }
        for said in ["soon", "0", "-1", "nan", "inf", "3601", "5m", "s"] {
            let told = read(said).unwrap_err().to_string();
            assert!(
                told.contains(said)
                    && told.contains("TRACKER_SYNC_EVERY")
                    && told.contains("hint: "),
                "{told}"
            );
        }
    }
}
