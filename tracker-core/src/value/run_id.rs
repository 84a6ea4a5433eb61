//! The identity of a run.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    str::FromStr,
    time::Instant,
};

use serde::{Deserialize, Serialize};

use crate::{Error, Timestamp};

/// The latest time that an id can have.
const MAX_MILLIS: u64 = (1 << 48) - 1;

/// The identity of a run: a ULID, so ids sort by the time at which runs started.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunId(String);

impl RunId {
    /// A new id, unique over processes and machines.
    pub fn generate() -> Self {
        let millis = Timestamp::now().0.unsigned_abs() / 1_000;
        Self(ulid::Ulid::from_parts(millis, random_bits()).to_string())
    }

    /// The id of a run that started at a time, or at the first that an id can have, with these bits in place of
    /// random ones.
    pub(crate) fn of_parts(start: Timestamp, bits: u128) -> Self {
        let millis = (start.0.max(0).unsigned_abs() / 1_000).min(MAX_MILLIS);
        Self(ulid::Ulid::from_parts(millis, bits).to_string())
    }

    /// What stands behind the time: random bits, 80 of them.
    pub(crate) fn bits(&self) -> u128 {
        ulid::Ulid::from_string(&self.0).map_or(0, |id| id.random())
    }

    /// A new id that sorts behind another one also where the clock was set back since.
    pub(crate) fn generate_after(other: &Self) -> Self {
        let id = Self::generate();
        if id > *other {
            return id;
        }
        let millis = ulid::Ulid::from_string(&other.0).map_or(0, |id| id.timestamp_ms());
        Self(ulid::Ulid::from_parts((millis + 1).min(MAX_MILLIS), random_bits()).to_string())
    }

    /// An id of the same time with these random bits in place of its own.
    pub(crate) fn beside(other: &Self, bits: u128) -> Self {
        let millis = ulid::Ulid::from_string(&other.0).map_or(0, |id| id.timestamp_ms());
        Self(ulid::Ulid::from_parts(millis, bits).to_string())
    }

    /// When the id was made, to the millisecond: it stands in the id itself.
    pub fn started_at(&self) -> Timestamp {
        let millis = ulid::Ulid::from_string(&self.0).map_or(0, |id| id.timestamp_ms());
        Timestamp(i64::try_from(millis).unwrap_or(0).saturating_mul(1_000))
    }

    /// The 26 characters of the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Bits that no other call gives, in this process or another. The standard library seeds each
/// `RandomState` from the operating system; a random generator would be many crates more.
fn random_bits() -> u128 {
    let half = || u128::from(RandomState::new().hash_one(Instant::now()));
    half() << 64 | half()
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for RunId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match ulid::Ulid::from_string(text) {
            Ok(id) => Ok(Self(id.to_string())),
            Err(reason) => Err(Error::InvalidName {
                what: "run id",
                name: crate::error::excerpt(text),
                reason: reason.to_string(),
                hint: "a run id is a ULID of 26 letters and digits; `tracker ls` shows them".into(),
            }),
        }
    }
}

impl TryFrom<String> for RunId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<RunId> for String {
    fn from(id: RunId) -> Self {
        id.0
    }
}
