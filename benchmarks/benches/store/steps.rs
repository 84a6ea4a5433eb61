//! The values that a step logs. They are cheap to make: a division would take as long as a part
//! of the call that is measured.

/// A loss that falls and never repeats a value.
pub(crate) fn loss(step: u64) -> f64 {
    2.3 - step as f64 * 1e-8
}

/// An accuracy that rises and never repeats a value.
pub(crate) fn accuracy(step: u64) -> f64 {
    0.1 + step as f64 * 1e-8
}
