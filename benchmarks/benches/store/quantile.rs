//! Quantiles of measured times.

/// The value below which this part of `sorted` lies: `0.5` for the median.
pub(crate) fn quantile<T: Copy>(sorted: &[T], part: f64) -> T {
    sorted[((sorted.len() - 1) as f64 * part) as usize]
}

/// The median of values in any order.
pub(crate) fn median<T: Copy + PartialOrd>(values: &[T]) -> T {
    quantile(&sorted(values), 0.5)
}

/// The values from the least to the greatest.
pub(crate) fn sorted<T: Copy + PartialOrd>(values: &[T]) -> Vec<T> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(|a, b| a.partial_cmp(b).expect("a time is no NaN"));
    sorted
}
