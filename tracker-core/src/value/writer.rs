//! A process that writes to a run.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Error;

/// One process that writes to a run: its rank in a distributed training and its attempt, which
/// counts from 1 and grows when a run is resumed. Displayed as `r0a1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Writer {
    /// The process's rank, 0 for the first or only one.
    pub rank: u16,
    /// Which try of this rank, counted from 1.
    pub attempt: u16,
}

impl Writer {
    /// The writer as one number, `rank << 16 | attempt`, as Parquet parts and CSV hold it.
    pub fn number(self) -> u32 {
        u32::from(self.rank) << 16 | u32::from(self.attempt)
    }

    /// The writer with this [number](Self::number).
    pub fn from_number(number: u32) -> Self {
        Self { rank: (number >> 16) as u16, attempt: (number & 0xffff) as u16 }
    }
}

impl fmt::Display for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "r{}a{}", self.rank, self.attempt)
    }
}

impl FromStr for Writer {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parts = text.strip_prefix('r').and_then(|rest| rest.split_once('a'));
        let numbers = parts.and_then(|(rank, attempt)| rank.parse().ok().zip(attempt.parse().ok()));
        let Some((rank, attempt)) = numbers else {
            return Err(Error::InvalidName {
                what: "writer",
                name: crate::error::excerpt(text),
                reason: "it is not of the form r0a1".into(),
                hint: "leave the files in a run's folder under the names that tracker gave".into(),
            });
        };
        Ok(Self { rank, attempt })
    }
}

impl TryFrom<String> for Writer {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Writer> for String {
    fn from(writer: Writer) -> Self {
        writer.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writers_read_back_from_text_and_number() {
        let writer = Writer { rank: 513, attempt: 7 };
        assert_eq!(writer.to_string().parse::<Writer>().unwrap(), writer);
        assert_eq!(Writer::from_number(writer.number()), writer);
        assert!("r0".parse::<Writer>().is_err());
    }
}
