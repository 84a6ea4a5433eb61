//! How much of a run is in a place that it is sent to.

use std::fmt;

use crate::{Timestamp, error::excerpt};

/// What a run knows of a place that it is sent to, by [`RunBuilder::sync`](crate::RunBuilder::sync) or `TRACKER_SYNC`.
/// Displayed as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sent {
    /// The place, as it was named.
    pub place: String,
    /// Whether the run has ended and all of it is there.
    pub all: bool,
    /// How many bytes were not there when that was last told; `None` if nothing was told yet.
    pub behind: Option<u64>,
    /// When that was, by this machine's clock.
    pub told: Option<Timestamp>,
    /// The command that sends what is left, on this machine, at any time.
    pub command: String,
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = excerpt(&self.place);
        let command = &self.command;
        match self.behind {
            _ if self.all => write!(f, "all is at {place}"),
            None => write!(f, "nothing is known to be at {place} yet; `{command}` sends it"),
            Some(0) => {
                let since =
                    self.told.map_or_else(|| "last".to_owned(), |told| format!("since {told}"));
                write!(f, "what was logged {since} may not be at {place} yet; `{command}` sends it")
            }
            Some(behind) => {
                let behind = bytes(behind);
                write!(f, "at least {behind} are not at {place} yet; `{command}` sends them")
            }
        }
    }
}

/// As people read it, to three digits.
fn bytes(bytes: u64) -> String {
    let mut value = bytes as f64;
    let mut unit = "B";
    for larger in ["kB", "MB", "GB", "TB"] {
        if value < 999.5 {
            break;
        }
        (value, unit) = (value / 1e3, larger);
    }
    let digits = usize::from(unit != "B" && value < 99.95);
    format!("{value:.digits$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_three_digits_at_most() {
        let shown = [7, 999, 1_000, 39_670, 123_456, 999_600, 12_500_000].map(bytes);
        assert_eq!(shown, ["7 B", "999 B", "1.0 kB", "39.7 kB", "123 kB", "1.0 MB", "12.5 MB"]);
    }

    #[test]
    fn what_is_left_is_told_with_the_command_that_sends_it() {
        let mut sent = Sent {
            place: "s3://bucket/runs".into(),
            all: false,
            behind: Some(3_000_000),
            told: None,
            command: "tracker sync A --to s3://bucket/runs".into(),
        };
        let told = sent.to_string();
        assert!(told.starts_with("at least 3.0 MB are not at s3://bucket/runs yet"), "{told}");
        assert!(told.ends_with("`tracker sync A --to s3://bucket/runs` sends them"), "{told}");
        sent.behind = Some(0);
        sent.told = Some(Timestamp(0));
        let told = sent.to_string();
        assert!(told.starts_with("what was logged since 1970-01-01T00:00:00"), "{told}");
        sent.all = true;
        assert_eq!(sent.to_string(), "all is at s3://bucket/runs");
    }
}
