//! Samples in the order of their scores, as curves of thresholds need them.

use crate::{
    Error, Result,
    media::{curve::CurvePoint, limits::MAX_POINTS},
};

/// How many samples have at least some score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Above {
    /// The lowest score that counts as a yes.
    pub(crate) threshold: f64,
    /// Of them, how many are.
    pub(crate) true_positives: u64,
    /// Of them, how many are not.
    pub(crate) false_positives: u64,
}

/// Samples in the order of their scores.
#[derive(Debug)]
pub(crate) struct Ranking {
    /// What counts as a yes at each threshold, from the highest score down: one for each score that is
    /// there, so that samples of one score are never told apart.
    thresholds: Vec<Above>,
    /// How many samples are a yes.
    pub(crate) positives: u64,
    /// How many are none.
    pub(crate) negatives: u64,
}

impl Ranking {
    /// The ranking that `what` is made of.
    ///
    /// # Errors
    /// If there are more scores than labels or fewer, or a score is NaN.
    pub(crate) fn of<S: Copy + Into<f64>>(
        what: &'static str,
        scores: &[S],
        labels: &[bool],
    ) -> Result<Self> {
        let thresholds = thresholds(what, scores, labels)?;
        let (positives, negatives) =
            thresholds.last().map_or((0, 0), |all| (all.true_positives, all.false_positives));
        Ok(Self { thresholds, positives, negatives })
    }

    /// The points of a curve that begins at 0 and some height, at most [`MAX_POINTS`]; `at` gives x and y of
    /// each threshold, also of those that get no point.
    pub(crate) fn points(
        self,
        height: f32,
        mut at: impl FnMut(Above) -> (f64, f64),
    ) -> Vec<CurvePoint> {
        let mut points = vec![CurvePoint { x: 0.0, y: height, threshold: f32::INFINITY }];
        points.extend(self.thresholds.into_iter().map(|above| {
            let (x, y) = at(above);
            CurvePoint { x: x as f32, y: y as f32, threshold: above.threshold as f32 }
        }));
        thinned(points)
    }
}

/// The error of a curve that needs samples of both classes.
pub(crate) fn of_one_class(what: &'static str, reason: &str) -> Error {
    let hint = "log it once there are samples of both classes".to_owned();
    Error::Media { what, reason: reason.to_owned(), hint }
}

fn thresholds<S: Copy + Into<f64>>(
    what: &'static str,
    scores: &[S],
    labels: &[bool],
) -> Result<Vec<Above>> {
    let refused =
        |reason: String, hint: &str| Err(Error::Media { what, reason, hint: hint.to_owned() });
    if scores.len() != labels.len() {
        let (scores, labels) = (scores.len(), labels.len());
        return refused(
            format!("there are {scores} scores and {labels} labels"),
            "give each score the label of its sample",
        );
    }
    let mut samples: Vec<(f64, bool)> =
        scores.iter().map(|score| (*score).into()).zip(labels.iter().copied()).collect();
    let not_numbers = samples.iter().filter(|(score, _)| score.is_nan()).count();
    if not_numbers > 0 {
        return refused(
            format!("{not_numbers} of its scores are NaN"),
            "leave those samples out, and look where they come from",
        );
    }
    samples.sort_unstable_by(|(one, _), (other, _)| other.total_cmp(one));
    let (mut yes, mut no) = (0, 0);
    let mut thresholds: Vec<Above> = Vec::new();
    for (score, is) in samples {
        if is {
            yes += 1;
        } else {
            no += 1;
        }
        let above = Above { threshold: score, true_positives: yes, false_positives: no };
        match thresholds.last_mut() {
            // Not by their bits: 0 and -0 are one score.
            Some(last) if last.threshold == score => *last = above,
            _ => thresholds.push(above),
        }
    }
    Ok(thresholds)
}

/// At most [`MAX_POINTS`] points of a curve, both ends included: as far apart along the curve as
/// that allows, so that no part of it is drawn worse than another.
fn thinned(points: Vec<CurvePoint>) -> Vec<CurvePoint> {
    if points.len() <= MAX_POINTS {
        return points;
    }
    let way = |pair: &[CurvePoint]| match pair {
        [one, other] => f64::from((one.x - other.x).abs() + (one.y - other.y).abs()),
        _ => 0.0,
    };
    let length: f64 = points.windows(2).map(way).sum();
    // Half of the places suffice: a point is kept before and behind each jump.
    let stride = length / (MAX_POINTS / 2 - 1) as f64;
    let mut kept: Vec<CurvePoint> = Vec::with_capacity(MAX_POINTS);
    let (mut passed, mut next, mut before) = (0.0, stride, None);
    kept.extend(points.first());
    for (index, pair) in points.windows(2).enumerate() {
        passed += way(pair);
        if passed >= next {
            if let (Some(point), true) = (points.get(index), before != Some(index)) {
                kept.push(*point);
            }
            kept.extend(points.get(index + 1));
            before = Some(index + 1);
            next = passed + stride;
        }
    }
    if before != Some(points.len() - 1) {
        kept.extend(points.last());
    }
    kept.truncate(MAX_POINTS);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_of_one_score_are_one_threshold() {
        let above =
            thresholds("curve", &[0.5, 0.9, 0.5, 0.0, -0.0], &[true, false, false, true, false]);
        let told: Vec<_> = above
            .unwrap()
            .iter()
            .map(|above| (above.threshold, above.true_positives, above.false_positives))
            .collect();
        assert_eq!(told, [(0.9, 0, 1), (0.5, 1, 2), (0.0, 2, 3)]);
    }

    #[test]
    fn scores_that_are_no_numbers_or_have_no_labels_are_refused() {
        let error = thresholds("curve", &[0.5, f64::NAN], &[true, false]).unwrap_err().to_string();
        assert!(error.contains("1 of its scores are NaN"), "{error}");
        thresholds("curve", &[0.5], &[]).unwrap_err();
    }

    #[test]
    fn a_curve_is_thinned_to_where_it_bends() {
        let at = |n: u32| CurvePoint {
            x: n as f32 / 1e5,
            y: if n < 50 { 0.0 } else { 1.0 },
            threshold: 0.0,
        };
        let all: Vec<CurvePoint> = (0..=100_000).map(at).collect();
        let few = thinned(all.clone());
        assert!(few.len() <= MAX_POINTS && few.len() > MAX_POINTS / 3, "{}", few.len());
        assert_eq!((few[0], few[few.len() - 1]), (all[0], all[100_000]));
        assert!(few.contains(&all[49]) && few.contains(&all[50]), "the jump is where it was");
        let widest = few.windows(2).map(|pair| pair[1].x - pair[0].x).fold(0.0, f32::max);
        assert!(widest < 0.02, "{widest}");
    }
}
