//! Ends what is worse than the median of the others.

use crate::{
    Goal, Judge, Trial, TrialState, Verdict,
    judge::{is_as_good, newest, not_finite, worse},
};

/// Ends a trial whose best value so far is worse than the median of what complete trials had at the same value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Median {
    startup: u64,
    first: u64,
}

impl Median {
    /// One that judges nobody before `startup` trials are complete, and none before its value `first`.
    pub(crate) fn new(startup: u64, first: u64) -> Self {
        Self { startup, first }
    }
}

impl Judge for Median {
    fn judge(&self, trial: &Trial, all: &[Trial], goal: Goal) -> Verdict {
        let Some((n, value)) = newest(trial) else { return Verdict::go_on() };
        if let Some(verdict) = not_finite(n, value) {
            return verdict;
        }
        let complete = || all.iter().filter(|trial| trial.state == TrialState::Complete);
        if n < self.first || (complete().count() as u64) < self.startup {
            return Verdict::go_on();
        }
        let others = complete().filter_map(|trial| trial.intermediate.get(&n).copied());
        let Some(median) = median(others.filter(|value| !value.is_nan()).collect()) else {
            return Verdict::go_on();
        };
        let better = |one: f64, other: f64| if is_as_good(goal, one, other) { one } else { other };
        let best = trial.intermediate.values().copied().reduce(better).unwrap_or(value);
        if is_as_good(goal, best, median) {
            Verdict::go_on()
        } else {
            Verdict::Prune { rung: None, why: worse(n, best, median) }
        }
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let is_odd = values.len() % 2 == 1;
    let lower = values.get((values.len() / 2).checked_sub(usize::from(!is_odd))?)?;
    Some(f64::midpoint(*lower, upper))
}
