//! Numbers as people write them, and as runs have them.

use std::cmp::Ordering;

/// A number with all its digits.
#[derive(Debug, Clone, Copy)]
pub(super) enum Number {
    Whole(i128),
    Real(f64),
}

impl Number {
    /// How two numbers compare by value; `None` where one is NaN.
    pub(super) fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => Some(a.cmp(&b)),
            (Self::Real(a), Self::Real(b)) => a.partial_cmp(&b),
            (Self::Whole(a), Self::Real(b)) => compare_mixed(a, b),
            (Self::Real(a), Self::Whole(b)) => compare_mixed(b, a).map(Ordering::reverse),
        }
    }
}

/// A whole number and another one, without a loss of digits.
fn compare_mixed(whole: i128, real: f64) -> Option<Ordering> {
    if real.is_nan() {
        return None;
    }
    // No whole number of a run is greater; the cast stays within what it can be.
    if real.abs() >= 1e38 {
        return Some(if real > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    let (floor, rest) = (real.floor(), real - real.floor());
    let below = whole.cmp(&(floor as i128));
    Some(if below == Ordering::Equal && rest > 0.0 { Ordering::Less } else { below })
}

/// A number with or without a unit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quantity {
    pub(super) number: Number,
    pub(super) has_unit: bool,
}

/// Units behind a number, and what they stand for: a percentage of one, or seconds.
const UNITS: [(&str, f64); 8] = [
    ("%", 0.01),
    ("ms", 1e-3),
    ("min", 60.0),
    ("s", 1.0),
    ("m", 60.0),
    ("h", 3_600.0),
    ("d", 86_400.0),
    ("w", 604_800.0),
];

/// Whether a word may stand behind a number.
pub(super) fn is_unit(word: &str) -> bool {
    UNITS.iter().any(|(unit, _)| *unit == word)
}

/// Reads a number such as `1e-3`, `93%`, `10m`, `inf` or `18446744073709551615`.
pub(super) fn quantity(text: &str) -> Option<Quantity> {
    if let Some(number) = number(text) {
        return Some(Quantity { number, has_unit: false });
    }
    let (unit, factor) = UNITS.iter().find(|(unit, _)| text.ends_with(unit))?;
    let value = match number(text[..text.len() - unit.len()].trim_end())? {
        Number::Whole(whole) => whole as f64,
        Number::Real(real) => real,
    };
    // Divided, as 93 % is to be the number that is nearest to 0.93.
    let value = if *unit == "%" { value / 100.0 } else { value * factor };
    Some(Quantity { number: Number::Real(value), has_unit: true })
}

fn number(text: &str) -> Option<Number> {
    let looks_so = text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first));
    match text.to_ascii_lowercase().as_str() {
        "nan" => Some(Number::Real(f64::NAN)),
        "inf" | "infinity" | "+inf" | "+infinity" => Some(Number::Real(f64::INFINITY)),
        "-inf" | "-infinity" => Some(Number::Real(f64::NEG_INFINITY)),
        _ if !looks_so => None,
        _ => {
            let whole = text.parse().ok().map(Number::Whole);
            whole.or_else(|| text.parse().ok().map(Number::Real))
        }
    }
}
