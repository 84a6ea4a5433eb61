//! Which trials of a study are the best.

use tracker_study::{Metric, Trial, TrialState};

/// The trials that no other one beats in all metrics, of equal ones the earliest. In the order of their first metric.
pub(crate) fn front<'a>(trials: &'a [Trial], metrics: &[Metric]) -> Vec<&'a Trial> {
    let numbers = tracker_study::front(metrics, trials);
    let unbeaten = trials.iter().filter(|trial| numbers.binary_search(&trial.number).is_ok());
    let mut found: Vec<(&Trial, Vec<f64>)> =
        unbeaten.filter_map(|trial| Some((trial, trial.losses(metrics)?))).collect();
    found.sort_by(|(a, one), (b, other)| {
        let by_losses = one.iter().zip(other).map(|(one, other)| one.total_cmp(other));
        by_losses
            .fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
            .then(a.number.cmp(&b.number))
    });
    found.dedup_by(|(_, later), (_, earlier)| later == earlier);
    found.into_iter().map(|(trial, _)| trial).collect()
}

/// All trials: the best of those that have a result first, by their first metric; then the others as they began.
pub(crate) fn ordered<'a>(trials: &'a [Trial], metrics: &[Metric]) -> Vec<&'a Trial> {
    let key = |trial: &Trial| {
        let loss = trial.losses(metrics).and_then(|losses| losses.first().copied());
        let rank = match trial.state {
            TrialState::Complete => 0,
            TrialState::Pruned => 1,
            TrialState::Running => 2,
            TrialState::Waiting => 3,
            _ => 4,
        };
        (rank, loss.unwrap_or(f64::INFINITY))
    };
    let mut ordered: Vec<&Trial> = trials.iter().collect();
    ordered.sort_by(|one, other| {
        let ((one_rank, one_loss), (other_rank, other_loss)) = (key(one), key(other));
        one_rank
            .cmp(&other_rank)
            .then(one_loss.total_cmp(&other_loss))
            .then(one.number.cmp(&other.number))
    });
    ordered
}

#[cfg(test)]
mod tests {
    use tracker_study::{Goal, Params};

    use super::*;

    fn trials(values: &[&[f64]]) -> Vec<Trial> {
        let trial = |(number, values): (usize, &&[f64])| {
            let mut trial = Trial::new(number, Params::new());
            (trial.state, trial.values) = (TrialState::Complete, values.to_vec());
            trial
        };
        values.iter().enumerate().map(trial).collect()
    }

    fn numbers(trials: &[&Trial]) -> Vec<usize> {
        trials.iter().map(|trial| trial.number).collect()
    }

    #[test]
    fn with_one_metric_the_front_is_the_earliest_of_the_best() {
        let metrics = [Metric::new("accuracy", Goal::Maximize)];
        let mut all = trials(&[&[0.5], &[0.9], &[f64::NAN], &[0.9], &[1.0]]);
        all[4].state = TrialState::Failed;
        assert_eq!(numbers(&front(&all, &metrics)), [1]);
        assert_eq!(numbers(&ordered(&all, &metrics)), [1, 3, 0, 2, 4]);
    }

    #[test]
    fn with_several_metrics_the_front_is_what_nothing_beats() {
        let metrics =
            [Metric::new("accuracy", Goal::Maximize), Metric::new("size", Goal::Minimize)];
        let all = trials(&[&[0.9, 10.0], &[0.8, 5.0], &[0.8, 6.0], &[0.95, 20.0], &[0.9, 10.0]]);
        assert_eq!(numbers(&front(&all, &metrics)), [3, 0, 1]);
    }
}
