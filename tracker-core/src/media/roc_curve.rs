//! What is found over false alarms.

use serde::{Deserialize, Serialize};

use crate::{
    Result,
    media::{
        curve::CurvePoint,
        ranking::{Ranking, of_one_class},
    },
};

/// The share of what is found over the share of false alarms, from the highest threshold down.
///
/// Its area is that of the trapezoids between all thresholds, which is the chance that a yes has a
/// higher score than a no, ties counting half: [Fawcett 2006], and [scikit-learn]. It is exact: of the
/// points, 512 at most are kept, after that.
///
/// [Fawcett 2006]: https://doi.org/10.1016/j.patrec.2005.10.010
/// [scikit-learn]: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.roc_auc_score.html
///
/// ```
/// use tracker_core::RocCurve;
///
/// # fn main() -> tracker_core::Result<()> {
/// let curve = RocCurve::of(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true])?;
/// assert_eq!(curve.area, 0.75);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RocCurve {
    /// The area under it, from 0 to 1: 0.5 for scores that say nothing.
    pub area: f64,
    /// How many samples are a yes.
    pub positives: u64,
    /// How many are none.
    pub negatives: u64,
    /// False alarms (x) and what is found (y), as shares, and the threshold.
    pub points: Vec<CurvePoint>,
}

impl RocCurve {
    /// The curve of samples with these scores, higher for a likelier yes, and whether each is one.
    /// Sorts them: a few milliseconds for a hundred thousand.
    ///
    /// # Errors
    /// If there are more scores than labels or fewer, a score is NaN, or all labels are the same.
    pub fn of<S: Copy + Into<f64>>(scores: &[S], labels: &[bool]) -> Result<Self> {
        let what = "ROC curve";
        let ranking = Ranking::of(what, scores, labels)?;
        let Ranking { positives, negatives, .. } = ranking;
        if positives == 0 || negatives == 0 {
            return Err(of_one_class(what, "all labels are the same"));
        }
        let (mut area, mut last) = (0.0, (0.0, 0.0));
        let points = ranking.points(0.0, |above| {
            let x = above.false_positives as f64 / negatives as f64;
            let y = above.true_positives as f64 / positives as f64;
            area += (x - last.0) * f64::midpoint(y, last.1);
            last = (x, y);
            last
        });
        Ok(Self { area, positives, negatives, points })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_is_that_of_scikit_learn() {
        // roc_auc_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]) == 0.75
        let curve = RocCurve::of(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true]).unwrap();
        assert_eq!(curve.area, 0.75);
        let tied = RocCurve::of(&[0.5_f32, 0.5, 0.5], &[false, true, true]).unwrap();
        assert_eq!((tied.area, tied.points.len()), (0.5, 2), "ties count half");
    }

    #[test]
    fn the_area_is_the_share_of_pairs_in_the_right_order() {
        let scores: Vec<f64> = (0..300).map(|n| f64::from(n * 37 % 101)).collect();
        let labels: Vec<bool> = (0..300).map(|n| n * 37 % 101 + n % 50 > 70).collect();
        let curve = RocCurve::of(&scores, &labels).unwrap();
        let of = |wanted: bool| {
            let pairs = scores.iter().zip(&labels);
            pairs.filter(move |(_, is)| **is == wanted).map(|(score, _)| *score)
        };
        let (mut right, mut all) = (0.0, 0.0);
        for yes in of(true) {
            for no in of(false) {
                all += 1.0;
                right += if yes > no {
                    1.0
                } else if yes == no {
                    0.5
                } else {
                    0.0
                };
            }
        }
        assert!((curve.area - right / all).abs() < 1e-12);
    }

    #[test]
    fn a_curve_of_one_class_is_refused() {
        RocCurve::of(&[0.5], &[true]).unwrap_err();
        RocCurve::of(&[0.5], &[false]).unwrap_err();
    }
}
