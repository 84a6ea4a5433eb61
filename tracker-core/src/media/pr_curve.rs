//! Precision over recall.

use serde::{Deserialize, Serialize};

use crate::{
    Result,
    media::{
        curve::CurvePoint,
        ranking::{Ranking, of_one_class},
    },
};

/// Precision over recall, from the highest threshold down.
///
/// Its area is the average precision, Σ (Rₙ − Rₙ₋₁) Pₙ over all thresholds, without drawing lines between
/// them, as in [scikit-learn]. It is exact: of the points, 512 at most are kept, after that.
///
/// [scikit-learn]: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.average_precision_score.html
///
/// ```
/// use tracker_core::PrCurve;
///
/// # fn main() -> tracker_core::Result<()> {
/// let curve = PrCurve::of(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true])?;
/// assert!((curve.area - 0.8333).abs() < 1e-4);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PrCurve {
    /// The average precision, from 0 to 1.
    pub area: f64,
    /// How many samples are a yes.
    pub positives: u64,
    /// How many are none.
    pub negatives: u64,
    /// Recall (x), precision (y) and threshold.
    pub points: Vec<CurvePoint>,
}

impl PrCurve {
    /// The curve of samples with these scores, higher for a likelier yes, and whether each is one.
    /// Sorts them: a few milliseconds for a hundred thousand.
    ///
    /// # Errors
    /// If there are more scores than labels or fewer, a score is NaN, or no label is a yes.
    pub fn of<S: Copy + Into<f64>>(scores: &[S], labels: &[bool]) -> Result<Self> {
        let what = "precision-recall curve";
        let ranking = Ranking::of(what, scores, labels)?;
        let Ranking { positives, negatives, .. } = ranking;
        if positives == 0 {
            return Err(of_one_class(what, "no label is a yes"));
        }
        let (mut area, mut last_recall) = (0.0, 0.0);
        let points = ranking.points(1.0, |above| {
            let recall = above.true_positives as f64 / positives as f64;
            let found = above.true_positives + above.false_positives;
            let precision = above.true_positives as f64 / found as f64;
            area += (recall - last_recall) * precision;
            last_recall = recall;
            (recall, precision)
        });
        Ok(Self { area, positives, negatives, points })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_is_that_of_scikit_learn() {
        // average_precision_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]) == 0.8333333333333333
        let curve = PrCurve::of(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true]).unwrap();
        assert!((curve.area - 0.833_333_333_333_333_3).abs() < 1e-12);
        assert_eq!((curve.positives, curve.negatives), (2, 2));
        let perfect = PrCurve::of(&[0.1_f32, 0.9], &[false, true]).unwrap();
        assert!((perfect.area - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_area_is_computed_before_points_are_left_out() {
        let scores: Vec<f64> = (0..100_000).map(|n| f64::from(n * 7_919 % 100_003)).collect();
        let labels: Vec<bool> = (0..100_000).map(|n| n % 3 == 0).collect();
        let curve = PrCurve::of(&scores, &labels).unwrap();
        assert!(curve.points.len() <= 512);
        assert!((curve.area - 1.0 / 3.0).abs() < 0.01, "{}", curve.area);
    }

    #[test]
    fn a_curve_without_a_yes_is_refused() {
        let error = PrCurve::of(&[0.5], &[false]).unwrap_err().to_string();
        assert!(error.contains("no label is a yes"), "{error}");
        PrCurve::of::<f32>(&[], &[]).unwrap_err();
    }
}
