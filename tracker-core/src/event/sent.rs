//! How much of a run is in a place that it is sent to.

use std::fmt;

use crate::{Definition, Timestamp, error::excerpt, value::words::shown_value};

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
            Some(0) => write!(f, "the run's end is not at {place} yet; `{command}` sends it"),
            Some(behind) => {
                let behind = shown_value(behind as f64, &Definition::new().unit("B"));
                write!(f, "{behind} are not at {place} yet; `{command}` sends them")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(told.starts_with("3 MB are not at s3://bucket/runs yet"), "{told}");
        assert!(told.ends_with("`tracker sync A --to s3://bucket/runs` sends them"), "{told}");
        sent.all = true;
        assert_eq!(sent.to_string(), "all is at s3://bucket/runs");
    }
}
