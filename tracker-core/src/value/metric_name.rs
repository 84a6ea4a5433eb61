//! Names of metrics.

use std::{borrow::Cow, fmt};

use crate::value::hash::fnv1a;

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
}
