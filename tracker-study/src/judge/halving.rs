//! Asynchronous successive halving (Li et al. 2020, <https://arxiv.org/abs/1810.05934>).

use crate::{
    Goal, Judge, Trial, Verdict,
    judge::{is_as_good, newest, not_finite, worse},
};

/// At the values `min_iter · etaⁿ`, the best 1/`eta` of those that have come so far go on. Nobody waits for others: a
/// trial is measured by those that were there before it, and the first `eta − 1` go on while they are the best.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Halving {
    first: u64,
    eta: u64,
}

/// With this many rungs, each at least twice as far as the one before, no number of values comes to the next.
const MOST: u32 = 64;

impl Halving {
    /// One whose first rung is at value `first`, at least 1; `eta` is at least 2.
    pub(crate) fn new(first: u64, eta: u64) -> Self {
        Self { first: first.max(1), eta: eta.max(2) }
    }

    /// The value at which a rung is; `None` beyond all that a training logs.
    fn place(self, rung: u32) -> Option<u64> {
        self.first.checked_mul(self.eta.checked_pow(rung)?)
    }

    /// What a value at a rung must come to beside those that were there before.
    fn needed(self, mut before: Vec<f64>, own: f64, goal: Goal) -> f64 {
        before.push(own);
        before.sort_by(|one, other| goal.loss(*one).total_cmp(&goal.loss(*other)));
        let go_on = before.len() / usize::try_from(self.eta).unwrap_or(usize::MAX);
        before[go_on.max(1) - 1]
    }

    /// Judges a trial beside those that compete with it.
    pub(crate) fn among<'a>(
        self,
        trial: &Trial,
        others: impl Iterator<Item = &'a Trial>,
        goal: Goal,
    ) -> Verdict {
        let Some((n, value)) = newest(trial) else { return Verdict::go_on() };
        if let Some(verdict) = not_finite(n, value) {
            return verdict;
        }
        let rung = (0..MOST).find(|rung| !trial.rungs.contains_key(rung)).unwrap_or(MOST);
        if self.place(rung).is_none_or(|place| n < place) {
            return Verdict::go_on();
        }
        let before = others.filter(|other| other.number != trial.number);
        let before = before.filter_map(|other| other.rungs.get(&rung).copied()).collect();
        let needed = self.needed(before, value, goal);
        let rung = Some((rung, value));
        if is_as_good(goal, value, needed) {
            Verdict::GoOn { rung }
        } else {
            Verdict::Prune { rung, why: worse(n, value, needed) }
        }
    }
}

impl Judge for Halving {
    fn judge(&self, trial: &Trial, all: &[Trial], goal: Goal) -> Verdict {
        self.among(trial, all.iter(), goal)
    }
}
