//! What is usual among some values.

/// The finite values by size.
pub(super) fn sorted(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// The value below which so many percent of sorted values lie; `None` if there are none.
pub(super) fn quantile(sorted: &[f64], percent: usize) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    sorted.get((last * percent + 50) / 100).copied()
}

/// The median of the finite ones of some values.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    quantile(&sorted(values), 50)
}

/// A median, and how far it may be off by chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Level {
    pub(super) median: f64,
    /// The standard error of the median of values that lie as those of a normal distribution do about it.
    pub(super) error: f64,
}

impl Level {
    pub(super) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let values = sorted(values);
        let [low, median, high] = [25, 50, 75].map(|percent| quantile(&values, percent));
        let (low, median, high) = (low?, median?, high?);
        // The deviation is the distance of the quartiles by 1.349, and the error of a median √(π/2) that of a mean.
        let error = 1.2533 * (high - low) / 1.349 / (values.len() as f64).sqrt();
        Some(Self { median, error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finite_is_in_no_median() {
        assert_eq!(median([f64::NAN, 3.0, 1.0, f64::INFINITY, 2.0]), Some(2.0));
        assert_eq!(median([f64::NAN]), None);
        assert_eq!(Level::of([]), None);
        assert_eq!(Level::of([4.0]), Some(Level { median: 4.0, error: 0.0 }));
    }
}
