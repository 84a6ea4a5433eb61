//! Names and positions: metric names, run ids, steps, time and writers.

use std::{
    borrow::Cow,
    fmt,
    hash::{BuildHasher, RandomState},
    str::FromStr,
    time::{Instant, SystemTime},
};

use serde::{Deserialize, Serialize};

use crate::Error;

/// The longest metric name that is kept whole, in bytes.
pub const MAX_METRIC_NAME: usize = 512;

/// A metric name in the form the store keeps: not empty, free of control characters and at most
/// [`MAX_METRIC_NAME`] bytes.
///
/// Any text becomes a valid name, because logging never fails: what does not fit is repaired. The
/// part before the first `/` is the metric's section in every view.
///
/// ```
/// use tracker_core::MetricName;
///
/// assert_eq!(MetricName::new("train/loss").as_str(), "train/loss");
/// assert_eq!(MetricName::new("two\nlines").as_str(), "two_lines");
/// assert!(MetricName::new("two\nlines").was_repaired());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MetricName<'a> {
    text: Cow<'a, str>,
    repaired: bool,
}

impl<'a> MetricName<'a> {
    /// Takes `raw` as it is if it is valid, otherwise its repaired form.
    ///
    /// Control characters become `_`, an empty name becomes `unnamed`, and a long name is cut and
    /// ends in a hash of the whole, so that two long names stay two metrics.
    pub fn new(raw: &'a str) -> Self {
        if is_valid_metric_name(raw) {
            return Self { text: Cow::Borrowed(raw), repaired: false };
        }
        Self { text: Cow::Owned(repair(raw)), repaired: true }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the name differs from what was given.
    pub fn was_repaired(&self) -> bool {
        self.repaired
    }

    /// The part before the first `/`, under which views group the metric; `None` without a `/`.
    pub fn section(&self) -> Option<&str> {
        self.text.split_once('/').map(|(section, _)| section)
    }
}

impl fmt::Display for MetricName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn is_valid_metric_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= MAX_METRIC_NAME && !name.chars().any(char::is_control)
}

fn repair(raw: &str) -> String {
    if raw.is_empty() {
        return "unnamed".to_owned();
    }
    let clean: String = raw.chars().map(|c| if c.is_control() { '_' } else { c }).collect();
    if clean.len() <= MAX_METRIC_NAME {
        return clean;
    }
    let suffix = format!("~{:016x}", fnv1a(raw.as_bytes()));
    let kept = clean.floor_char_boundary(MAX_METRIC_NAME - suffix.len());
    format!("{}{suffix}", &clean[..kept])
}

/// The 64-bit FNV-1a hash, which is stable over versions and machines.
/// <https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>
pub(crate) fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// A position in training: the global optimizer step, counted from 0.
///
/// Every `u64` is a valid step. Points may come in any order of steps and repeat one.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Step(pub u64);

impl From<u64> for Step {
    fn from(step: u64) -> Self {
        Self(step)
    }
}

impl From<u32> for Step {
    fn from(step: u32) -> Self {
        Self(step.into())
    }
}

impl From<usize> for Step {
    fn from(step: usize) -> Self {
        Self(step as u64)
    }
}

/// So that `log_at(3, ..)` compiles, whose literal is an `i32`. A negative step counts as 0.
impl From<i32> for Step {
    fn from(step: i32) -> Self {
        Self(u64::try_from(step).unwrap_or(0))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

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
    type Err = chrono::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(chrono::DateTime::parse_from_rfc3339(text)?.timestamp_micros()))
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
        text.parse().map_err(serde::de::Error::custom)
    }
}

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
    fn long_names_stay_distinct_and_within_the_limit() {
        let first = "é".repeat(10_000);
        let second = format!("{first}x");
        let (first, second) = (MetricName::new(&first), MetricName::new(&second));
        assert!(first.as_str().len() <= MAX_METRIC_NAME);
        assert_ne!(first, second);
    }

    #[test]
    fn an_empty_name_is_named() {
        assert_eq!(MetricName::new("").as_str(), "unnamed");
    }

    #[test]
    fn timestamps_read_back_what_they_display() {
        for micros in [0, 1, 1_700_000_000_123_456, -1] {
            let time = Timestamp(micros);
            assert_eq!(time.to_string().parse(), Ok(time));
        }
    }

    #[test]
    fn writers_read_back_from_text_and_number() {
        let writer = Writer { rank: 513, attempt: 7 };
        assert_eq!(writer.to_string().parse::<Writer>().unwrap(), writer);
        assert_eq!(Writer::from_number(writer.number()), writer);
        assert!("r0".parse::<Writer>().is_err());
    }
}
