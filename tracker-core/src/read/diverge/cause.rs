//! Which of several metrics that differ at one step made the others differ.

use crate::read::diverge::{divergence::DifferingPoint, timing::without_rank};

/// The sections of a step's values in the order in which a training computes them, behind its loss.
const SECTIONS: [&str; 3] = ["gradients/", "parameters/", "updates/"];

/// Puts those first that a training computes first, and of the same kind the layer that it logged first.
pub(crate) fn sort(points: &mut [DifferingPoint]) {
    points.sort_by(|a, b| {
        let key = |point: &DifferingPoint| (rank_of_cause(&point.metric), point.rank, point.seq);
        key(a).cmp(&key(b)).then_with(|| a.metric.cmp(&b.metric))
    });
}

/// Where among the values of a step a metric comes: losses first, as the others follow from them.
pub(crate) fn rank_of_cause(metric: &str) -> usize {
    let name = without_rank(metric);
    let section = SECTIONS.iter().position(|section| name.starts_with(section));
    match section {
        Some(place) => 1 + place,
        None if name.rsplit('/').next().is_some_and(|word| word.contains("loss")) => 0,
        None => 1 + SECTIONS.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Step;

    #[test]
    fn causes_come_before_what_they_cause() {
        let point = |seq: u64, metric: &str| DifferingPoint {
            rank: 0,
            metric: metric.to_owned(),
            step: Step(3),
            after: None,
            values: [0.0, 1.0],
            seq,
        };
        let names = [
            "valid/accuracy",
            "updates/ratio",
            "parameters/a/norm",
            "gradients/b/norm",
            "gradients/a/norm",
            "rank.1/batch/train/loss",
        ];
        let mut points: Vec<DifferingPoint> =
            (0..).zip(names).map(|(seq, name)| point(seq, name)).collect();
        sort(&mut points);
        let sorted: Vec<&str> = points.iter().map(|point| point.metric.as_str()).collect();
        assert_eq!(sorted, [names[5], names[3], names[4], names[2], names[1], names[0]]);
    }
}
