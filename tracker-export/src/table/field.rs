//! What stands in one place of a row, as a number, a step, a time or a text.

use std::borrow::Cow;

use serde_json::Value;
use tracker_core::Timestamp;

/// What stands in one place of a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Field<'a> {
    /// Nothing.
    Empty,
    /// A text, of a CSV file.
    Text(&'a str),
    /// Of a JSON line; neither an object nor null.
    Json(&'a Value),
}

/// A time, or how much later than the beginning it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    At(Timestamp),
    /// Microseconds since something began.
    After(i64),
}

impl<'a> Field<'a> {
    /// Nothing is empty, and a text of blanks.
    pub(super) fn of_text(text: &'a str) -> Self {
        if text.trim().is_empty() { Self::Empty } else { Self::Text(text) }
    }

    pub(super) fn of_json(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Empty,
            Value::String(text) if text.trim().is_empty() => Self::Empty,
            value => Self::Json(value),
        }
    }

    pub(super) fn is_empty(self) -> bool {
        matches!(self, Self::Empty)
    }

    /// As a text; of a JSON line as it is written there.
    pub(super) fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Empty => None,
            Self::Text(text) => Some(text.into()),
            Self::Json(Value::String(text)) => Some(text.as_str().into()),
            Self::Json(value) => Some(value.to_string().into()),
        }
    }

    /// As a number with all its bits: `NaN`, `inf` and `Infinity` are some, and `true` is 1.
    pub(super) fn number(self) -> Option<f64> {
        match self {
            Self::Json(Value::Bool(is)) => Some(f64::from(u8::from(*is))),
            Self::Json(Value::Number(number)) => number.as_f64(),
            Self::Json(Value::String(text)) => number(text.trim()),
            Self::Empty | Self::Json(_) => None,
            Self::Text(text) => number(text.trim()),
        }
    }

    /// As a step: a whole number that is not below 0. `100.0` and `1e3` are some too.
    pub(super) fn step(self) -> Option<u64> {
        let text = self.text()?;
        text.trim().parse().ok().or_else(|| whole(self.number()?))
    }

    /// As a time: RFC 3339, with or without a zone, or a number of seconds, milli-, micro- or nanoseconds since 1970.
    /// A small number is seconds since something began.
    pub(super) fn moment(self) -> Option<Moment> {
        let text = self.text()?;
        let text = text.trim();
        if text.len() > 64 {
            return None;
        }
        date(text).map(Moment::At).or_else(|| count(text))
    }

    /// As a setting.
    pub(super) fn setting(self) -> Option<Value> {
        let text = match self {
            Self::Empty => return None,
            Self::Json(value) => return Some(value.clone()),
            Self::Text(text) => text.trim(),
        };
        Some(match text {
            "true" | "True" | "TRUE" => true.into(),
            "false" | "False" | "FALSE" => false.into(),
            text => {
                let number = serde_json::from_str::<serde_json::Number>(text).ok();
                number.map_or_else(|| text.into(), Value::Number)
            }
        })
    }
}

fn number(text: &str) -> Option<f64> {
    match text {
        "true" | "True" | "TRUE" => Some(1.0),
        "false" | "False" | "FALSE" => Some(0.0),
        text => text.parse().ok(),
    }
}

/// Up to 2^53, each whole number is a float of its own.
fn whole(number: f64) -> Option<u64> {
    let fits = number.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&number);
    #[expect(clippy::cast_sign_loss, reason = "it is not below 0")]
    fits.then_some(number as u64)
}

fn date(text: &str) -> Option<Timestamp> {
    let begins = text.as_bytes().get(4) == Some(&b'-') || text.contains('T') || text.contains(':');
    if !begins {
        return None;
    }
    let text = text.replacen(' ', "T", 1);
    let with_hour = if text.contains('T') { text } else { text + "T00:00:00" };
    with_hour.parse().or_else(|_| format!("{with_hour}Z").parse()).ok()
}

/// A number is what it must be to lie in our time.
fn count(text: &str) -> Option<Moment> {
    if let Some(micros) = text.strip_suffix("us").and_then(|micros| micros.parse().ok()) {
        return Some(Moment::At(Timestamp(micros)));
    }
    let size = number(text).filter(|number| number.is_finite())?.abs();
    let (unit, is_date) = match size {
        ..1e8 => (6, false),
        ..1e11 => (6, true),
        ..1e14 => (3, true),
        ..1e17 => (0, true),
        _ => (-3, true),
    };
    let micros = scaled(text, unit)?;
    Some(if is_date { Moment::At(Timestamp(micros)) } else { Moment::After(micros) })
}

/// A decimal number times ten to a power, rounded to a whole one: exact, as floats of such times are not.
fn scaled(text: &str, power: i32) -> Option<i64> {
    let (digits, negative) = match text.strip_prefix('-') {
        Some(rest) => (rest, true),
        None => (text.strip_prefix('+').unwrap_or(text), false),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_plain(whole) || !is_plain(fraction) {
        let float = (number(text)? * 10f64.powi(power)).round();
        return (float.abs() < 9.2e18).then_some(float as i64);
    }
    let mut value: i128 = 0;
    // One digit more than is kept says which way to round.
    let kept = usize::try_from(i32::try_from(whole.len()).ok()? + power).unwrap_or(0);
    let all = whole.bytes().chain(fraction.bytes()).chain(std::iter::repeat(b'0'));
    for digit in all.take(kept + 1) {
        value = value.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
    }
    let rounded = i64::try_from((value + 5) / 10).ok()?;
    Some(if negative { -rounded } else { rounded })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(text: &str) -> Field<'_> {
        Field::of_text(text)
    }

    #[test]
    fn numbers_are_read_however_programs_spell_them() {
        for (text, wanted) in [
            ("0.1", 0.1),
            (" 1e-310 ", 1e-310),
            ("-0", -0.0),
            ("inf", f64::INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
            ("+inf", f64::INFINITY),
            ("True", 1.0),
        ] {
            assert_eq!(field(text).number().map(f64::to_bits), Some(wanted.to_bits()), "{text}");
        }
        assert!(field("nan").number().unwrap().is_nan());
        assert!(field("NaN").number().unwrap().is_nan());
        assert_eq!(field("1,5").number(), None);
        assert_eq!(field(" ").number(), None);
    }

    #[test]
    fn steps_keep_all_their_digits() {
        assert_eq!(field("18446744073709551615").step(), Some(u64::MAX));
        assert_eq!(field("100.0").step(), Some(100));
        assert_eq!(field("1e3").step(), Some(1_000));
        for bad in ["-1", "0.5", "1e30", "NaN", "x", ""] {
            assert_eq!(field(bad).step(), None, "{bad}");
        }
    }

    #[test]
    fn times_are_exact_whatever_they_are_counted_in() {
        let at = |micros| Some(Moment::At(Timestamp(micros)));
        for (text, wanted) in [
            ("2026-01-31T18:30:00.123456Z", at(1_769_884_200_123_456)),
            ("2026-01-31 18:30:00.123456", at(1_769_884_200_123_456)),
            ("2026-01-31T20:30:00.123456+02:00", at(1_769_884_200_123_456)),
            ("2026-01-31", at(1_769_817_600_000_000)),
            ("1769884200.123456", at(1_769_884_200_123_456)),
            ("1769884200.1234565", at(1_769_884_200_123_457)),
            ("1769884200123", at(1_769_884_200_123_000)),
            ("1769884200123456", at(1_769_884_200_123_456)),
            ("1769884200123456789", at(1_769_884_200_123_457)),
            ("-1769884200.5", at(-1_769_884_200_500_000)),
            ("12.5", Some(Moment::After(12_500_000))),
            ("9223372036854775807us", at(i64::MAX)),
            ("tomorrow", None),
            ("NaN", None),
        ] {
            assert_eq!(field(text).moment(), wanted, "{text}");
        }
    }

    #[test]
    fn settings_are_what_they_look_like() {
        assert_eq!(field("3").setting(), Some(3.into()));
        assert_eq!(field("True").setting(), Some(true.into()));
        assert_eq!(field("adam").setting(), Some("adam".into()));
        assert_eq!(field("").setting(), None);
    }
}
