//! When something was.

use std::{borrow::Cow, fmt, str::FromStr, time::SystemTime};

use serde::{Deserialize, Serialize};

use crate::{Error, error::excerpt};

/// A moment: microseconds since 1970-01-01 00:00 UTC. Displayed as RFC 3339 with microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The wall clock's time now. It can jump when the machine's clock is set.
    pub fn now() -> Self {
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Self(
            since_epoch.map_or(0, |elapsed| i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX)),
        )
    }

    /// Microseconds since 1970-01-01 00:00 UTC.
    pub fn as_micros(self) -> i64 {
        self.0
    }

    fn read(text: &str) -> Result<Self, chrono::ParseError> {
        Ok(Self(chrono::DateTime::parse_from_rfc3339(text)?.timestamp_micros()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match chrono::DateTime::from_timestamp_micros(self.0) {
            Some(time) => f.write_str(&time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)),
            None => write!(f, "{}us", self.0),
        }
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::read(text).map_err(|error| Error::InvalidName {
            what: "time",
            name: excerpt(text),
            reason: error.to_string(),
            hint: "write a time as 2026-01-31T18:30:00Z".to_owned(),
        })
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::read(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_read_back_what_they_display() {
        for micros in [0, 1, 1_700_000_000_123_456, -1] {
            let time = Timestamp(micros);
            assert_eq!(time.to_string().parse::<Timestamp>().unwrap(), time);
        }
    }

    #[test]
    fn what_is_no_time_is_told_with_how_one_is_written() {
        let error = "yesterday".parse::<Timestamp>().unwrap_err().to_string();
        assert!(error.contains("`yesterday`") && error.contains("2026-01-31T18:30:00Z"), "{error}");
    }
}
