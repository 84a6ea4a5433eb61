//! Which trials nobody beats.

use crate::{Metric, Trial, TrialState};

/// The numbers of the complete trials that no other one beats: none is at least as good in every metric and better in
/// one. With one metric, the best trial, or several that are equal. In the order of the trials; one whose values are not
/// all finite is never among them.
pub fn front(metrics: &[Metric], trials: &[Trial]) -> Vec<usize> {
    let complete = trials.iter().filter(|trial| trial.state == TrialState::Complete);
    let mut told: Vec<(usize, Vec<f64>)> = complete
        .filter_map(|trial| Some((trial.number, trial.losses(metrics)?)))
        .filter(|(_, losses)| !losses.is_empty() && losses.iter().all(|loss| loss.is_finite()))
        .collect();
    // Whoever beats a trial stands before it in this order, so each is held against those of the front alone.
    told.sort_by(|(_, one), (_, other)| {
        one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal)
    });
    let mut front: Vec<(usize, Vec<f64>)> = Vec::new();
    for (number, losses) in told {
        if !front.iter().any(|(_, other)| beats(other, &losses)) {
            front.push((number, losses));
        }
    }
    let mut numbers: Vec<usize> = front.into_iter().map(|(number, _)| number).collect();
    numbers.sort_unstable();
    numbers
}

fn beats(one: &[f64], other: &[f64]) -> bool {
    let pairs = || one.iter().zip(other);
    pairs().all(|(one, other)| one <= other) && pairs().any(|(one, other)| one < other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Goal, Params};

    fn complete(number: usize, values: &[f64]) -> Trial {
        let mut trial = Trial::new(number, Params::new());
        trial.state = TrialState::Complete;
        trial.values = values.to_vec();
        trial
    }

    #[test]
    fn the_front_is_what_nobody_beats() {
        let metrics = [
            Metric::new("valid/loss", Goal::Minimize),
            Metric::new("images_per_second", Goal::Maximize),
        ];
        let mut trials = vec![
            complete(0, &[0.5, 100.0]),
            complete(1, &[0.3, 50.0]),
            complete(2, &[0.5, 90.0]),
            complete(3, &[0.2, 20.0]),
            complete(4, &[0.3, 50.0]),
            complete(5, &[f64::NAN, 1_000.0]),
            complete(6, &[0.9, 99.0]),
        ];
        trials.push(Trial::new(7, Params::new()));
        assert_eq!(front(&metrics, &trials), [0, 1, 3, 4]);
    }

    #[test]
    fn of_one_metric_the_front_is_the_best() {
        let trials = [complete(0, &[0.5]), complete(1, &[0.9]), complete(2, &[0.7])];
        assert_eq!(front(&[Metric::new("accuracy", Goal::Maximize)], &trials), [1]);
        assert_eq!(front(&[Metric::new("accuracy", Goal::Maximize)], &[]), [0_usize; 0]);
    }
}
