//! What was measured in each epoch, for those who write about its checkpoint.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tracker_core::{Direction, RunId, Step};

use crate::per_run::PerRun;

/// How many epochs are kept. A checkpoint is written right after its epoch, so older ones are
/// never asked for.
const KEPT: usize = 1024;

/// The histories of this process, by run.
static HISTORIES: PerRun<EpochHistory> = PerRun::new();

/// What an epoch left behind.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EpochValues {
    /// The epoch, from 1.
    pub(crate) epoch: u64,
    /// The step of its last batch; `None` for an epoch of an earlier attempt.
    pub(crate) step: Option<Step>,
    /// The epoch's values as the run stores them, by metric.
    pub(crate) metrics: BTreeMap<String, f64>,
    /// By what its checkpoint is better than others; `None` if nothing was measured.
    pub(crate) score: Option<Score>,
}

/// The value that tells which epoch is best.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Score {
    pub(crate) value: f64,
    pub(crate) direction: Direction,
}

/// An epoch in the history.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Epoch {
    pub(crate) step: Option<Step>,
    pub(crate) metrics: BTreeMap<String, f64>,
    /// Whether it was better than all before it.
    pub(crate) best: bool,
}

/// The epochs of a run. Filled when an epoch ends, read by everything that indexes checkpoints.
#[derive(Debug, Default)]
pub(crate) struct EpochHistory {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    epochs: BTreeMap<u64, Epoch>,
    best: Option<f64>,
    /// Whether no other epoch can be the best.
    is_settled: bool,
    /// Whether a training fills the history.
    followed: bool,
    /// The artifacts that a checkpointer itself writes about.
    tracked: BTreeSet<String>,
}

impl EpochHistory {
    /// The history that all parts of a run share.
    pub(crate) fn of(run: &RunId) -> Arc<Self> {
        HISTORIES.of(run, Self::default)
    }

    /// Enters an epoch that has ended. Epochs come in their order; those of earlier attempts of a
    /// resumed run, if they are entered, before all others.
    pub(crate) fn epoch_ended(&self, values: EpochValues) {
        let mut state = self.state();
        let best = state.is_best(values.score);
        let EpochValues { epoch, step, metrics, .. } = values;
        state.epochs.insert(epoch, Epoch { step, metrics, best });
        if state.epochs.len() > KEPT {
            state.epochs.pop_first();
        }
        self.changed.notify_all();
    }

    /// Says that a training enters its epochs from now on.
    pub(crate) fn follow(&self) {
        self.state().followed = true;
    }

    /// Another training of the run begins, whose epochs are others; the run's best checkpoint has this loss.
    /// One that was chosen by something else, which has an infinite one, stays the best.
    pub(crate) fn begin_later(&self, best: Option<f64>) {
        let mut state = self.state();
        state.epochs.clear();
        state.is_settled = best.is_some_and(f64::is_infinite);
        state.best = best;
    }

    /// Says that a checkpointer itself writes about the artifact `name`.
    pub(crate) fn track(&self, name: &str) {
        self.state().tracked.insert(name.to_owned());
    }

    /// Whether a checkpointer itself writes about the artifact `name`.
    pub(crate) fn is_tracked(&self, name: &str) -> bool {
        self.state().tracked.contains(name)
    }

    /// What is known of an epoch.
    pub(crate) fn epoch(&self, epoch: u64) -> Option<Epoch> {
        self.state().epochs.get(&epoch).cloned()
    }

    /// Whether this epoch or a later one has ended.
    pub(crate) fn is_past(&self, epoch: u64) -> bool {
        self.state().epochs.last_key_value().is_some_and(|(last, _)| *last >= epoch)
    }

    /// What is known of an epoch that is just ending. Waits for it, `patience` at most, if a
    /// training fills the history.
    pub(crate) fn wait_for(&self, epoch: u64, patience: Duration) -> Option<Epoch> {
        let state = self.state();
        let missing = |state: &mut State| state.followed && !state.epochs.contains_key(&epoch);
        let waited = self.changed.wait_timeout_while(state, patience, missing);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.epochs.get(&epoch).cloned()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Compares as Burn's strategy for the best checkpoint does: only what is truly better counts,
    /// and what is no number never does.
    fn is_best(&mut self, score: Option<Score>) -> bool {
        let Some(Score { value, direction }) = score else { return false };
        let better = match (direction, self.best) {
            (Direction::Higher, best) => value > best.unwrap_or(f64::MIN),
            (_, best) => value < best.unwrap_or(f64::MAX),
        };
        let better = better && !self.is_settled;
        if better {
            self.best = Some(value);
        }
        better
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(history: &EpochHistory, epoch: u64, loss: f64, direction: Direction) -> bool {
        let metrics = BTreeMap::from([("valid/loss".to_owned(), loss)]);
        let score = Some(Score { value: loss, direction });
        history.epoch_ended(EpochValues { epoch, step: Some(Step(epoch * 10)), metrics, score });
        history.epoch(epoch).unwrap().best
    }

    #[test]
    fn the_best_epoch_is_the_first_with_the_best_value() {
        let history = EpochHistory::default();
        let losses = [f64::NAN, 0.5, 0.7, 0.5, 0.3, f64::NAN, f64::INFINITY];
        let mut epoch = 0;
        let best = losses.map(|loss| {
            epoch += 1;
            ended(&history, epoch, loss, Direction::Lower)
        });
        assert_eq!(best, [false, true, false, false, true, false, false]);
    }

    #[test]
    fn where_higher_is_better_the_greatest_value_is_best() {
        let history = EpochHistory::default();
        let best = [0.5, 0.4, 0.9].map(|value| ended(&history, 1, value, Direction::Higher));
        assert_eq!(best, [true, false, true]);
    }

    #[test]
    fn an_epoch_without_a_score_is_never_best() {
        let history = EpochHistory::default();
        let metrics = BTreeMap::new();
        history.epoch_ended(EpochValues { epoch: 1, step: None, metrics, score: None });
        assert!(!history.epoch(1).unwrap().best);
    }

    #[test]
    fn the_parts_of_a_run_share_one_history_and_no_longer_than_they_live() {
        let run: RunId = "01HZZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap();
        let history = EpochHistory::of(&run);
        ended(&history, 3, 0.5, Direction::Lower);
        assert!(EpochHistory::of(&run).is_past(3));
        drop(history);
        assert!(!EpochHistory::of(&run).is_past(1));
    }

    #[test]
    fn nobody_waits_for_an_epoch_that_no_training_will_enter() {
        let history = EpochHistory::default();
        assert_eq!(history.wait_for(1, Duration::from_mins(1)), None);
        history.follow();
        assert_eq!(history.wait_for(1, Duration::from_millis(1)), None);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| history.wait_for(1, Duration::from_mins(1)));
            ended(&history, 1, 0.5, Direction::Lower);
            assert_eq!(waiting.join().unwrap().unwrap().step, Some(Step(10)));
        });
    }

    #[test]
    fn a_long_training_keeps_its_last_epochs_only() {
        let history = EpochHistory::default();
        for epoch in 1..=2000 {
            ended(&history, epoch, 0.5, Direction::Lower);
        }
        assert!(history.epoch(1).is_none() && history.epoch(2000).is_some());
        assert_eq!(history.state().epochs.len(), KEPT);
    }
}
