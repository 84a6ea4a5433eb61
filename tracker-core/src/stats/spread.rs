//! How far the results of one group lie apart.

use crate::stats::{Interval, StudentT};

/// The results of one group: their mean, and how far they spread.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Spread {
    /// How many results.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// The standard deviation of a sample, over n − 1; `None` of a single result.
    pub std: Option<f64>,
    /// Between which values the mean of endless results lies in 95 of 100 cases, by Student's t; `None` of a single
    /// result.
    pub interval: Option<Interval>,
}

impl Spread {
    /// The standard error of the mean; `None` of a single result.
    pub(crate) fn standard_error(&self) -> Option<f64> {
        Some(self.std? / (self.n as f64).sqrt())
    }
}

/// The spread of finite results; those that are not finite are left out. `None` of none.
///
/// ```
/// let spread = tracker_core::stats::spread(&[1.0, 3.0, f64::NAN]).unwrap();
/// assert_eq!((spread.n, spread.mean), (2, 2.0));
/// ```
pub fn spread(values: &[f64]) -> Option<Spread> {
    let values: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let n = values.len();
    let mean = mean(&values)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let std = (n > 1).then(|| (squares / (n as f64 - 1.0)).sqrt());
    let mut spread = Spread { n, mean, std, interval: None };
    let student = StudentT::new(n as f64 - 1.0);
    spread.interval = student
        .zip(spread.standard_error())
        .map(|(student, error)| Interval::around(mean, student.quantile(0.975) * error));
    Some(spread)
}

/// The mean, which lies between the least and the greatest value, however great these are.
pub(crate) fn mean(values: &[f64]) -> Option<f64> {
    let n = values.len() as f64;
    let greatest = values.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    if values.is_empty() {
        None
    } else if greatest < f64::MAX / n {
        Some(values.iter().sum::<f64>() / n)
    } else {
        Some(values.iter().map(|value| value / n).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_is_that_of_scipy() {
        // numpy's std(ddof=1) and scipy.stats.t.interval(0.95, 4, mean, sem)
        let spread = spread(&[0.912, 0.918, 0.909, 0.921, 0.915]).unwrap();
        assert_eq!(spread.n, 5);
        assert!((spread.mean - 0.915).abs() < 1e-12);
        assert!((spread.std.unwrap() - 0.004_743_416_490_252_573).abs() < 1e-12);
        let interval = spread.interval.unwrap();
        assert!((interval.low - 0.909_110_270_515_567_4).abs() < 1e-9);
        assert!((interval.high - 0.920_889_729_484_432_7).abs() < 1e-9);
    }

    #[test]
    fn one_result_has_no_deviation_and_none_has_no_spread() {
        let one = spread(&[4.0, f64::INFINITY]).unwrap();
        assert_eq!((one.n, one.mean, one.std, one.interval), (1, 4.0, None, None));
        assert_eq!(spread(&[]), None);
        assert_eq!(spread(&[f64::NAN]), None);
    }

    #[test]
    fn huge_results_have_a_finite_mean() {
        assert_eq!(spread(&[f64::MAX, f64::MAX]).unwrap().mean, f64::MAX);
    }
}
