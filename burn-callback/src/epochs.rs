//! What is known of an epoch when it is over, from the two threads that know a part of it.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use burn::train::metric::store::Split;
use tracker_core::{
    Direction, Step, Tracker,
    adapter::recorder::{EpochTimeSeries, EpochTimes, Section},
};

use crate::{
    burn_values::EpochValue,
    checkpoints::{Checkpoints, EpochValues, Score},
    resume::Resumed,
    series::Series,
};

/// Burn's name of the metric by which its default strategy chooses the best checkpoint. An epoch
/// without it is as good as its first valid metric.
const LOSS: &str = "Loss";

/// How long the end of a training may wait until its last checkpoints are in the index.
const LAST_CHECKPOINTS: Duration = Duration::from_secs(30);

/// What was measured in an epoch.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct EpochEnd {
    /// Which epoch, from 1.
    pub(crate) epoch: usize,
    /// The number of its last optimizer step.
    pub(crate) step: u64,
    /// Its values by metric, as they are stored.
    pub(crate) values: BTreeMap<String, f64>,
    /// How good it was: the value that the best checkpoint is chosen by.
    pub(crate) score: Option<Score>,
}

impl EpochEnd {
    /// Takes over Burn's value of a metric if the best checkpoint is to be chosen by it: the valid
    /// loss, or else the first valid metric whose direction Burn tells.
    pub(crate) fn add_score(&mut self, section: Section, series: &Series, value: f64) {
        let Some(direction) = series.direction().filter(|_| section == Section::Valid) else {
            return;
        };
        if series.burn_name == LOSS || self.score.is_none() {
            self.score = Some(Score { value, direction });
        }
    }

    fn merge(&mut self, other: Self) {
        let values = std::mem::take(&mut self.values);
        *self = Self { score: other.score.or(self.score), ..other };
        self.values.extend(values);
    }
}

/// Puts together what the metric logger measured in an epoch and how long the renderer saw
/// it take. They work on different threads; the second to come writes.
#[derive(Debug, Default)]
pub(crate) struct EpochLog {
    state: Mutex<State>,
    checkpoints: Option<Checkpoints>,
}

#[derive(Debug, Default)]
struct State {
    ended: BTreeMap<usize, EpochEnd>,
    /// The last steps of epochs of which everything is known but, perhaps, their times.
    told: BTreeMap<usize, u64>,
    times: BTreeMap<usize, EpochTimes>,
    series: Option<EpochTimeSeries>,
}

impl EpochLog {
    /// A log that also tells the index of checkpoints, if there is one.
    pub(crate) fn new(checkpoints: Option<Checkpoints>) -> Self {
        Self { state: Mutex::default(), checkpoints }
    }

    /// What earlier attempts of the run measured, of which the best checkpoint may be one.
    pub(crate) fn seed(&self, resumed: &Resumed) {
        let loss = |value: &&EpochValue| value.split == Split::Valid && value.name == LOSS;
        for EpochValue { epoch, value, .. } in resumed.values.iter().filter(loss) {
            let score = Score { value: *value, direction: Direction::Lower };
            let ended = EpochEnd { epoch: *epoch, score: Some(score), ..EpochEnd::default() };
            self.tell(ended, None);
        }
    }

    /// The metric logger has the values of a split.
    pub(crate) fn measured(&self, tracker: &dyn Tracker, section: Section, ended: EpochEnd) {
        let mut state = self.state();
        let epoch = ended.epoch;
        state.ended.entry(epoch).or_default().merge(ended);
        state.write_times(tracker, epoch);
        let over = state.over_before(if section == Section::Valid { epoch + 1 } else { epoch });
        drop(state);
        for ended in over {
            let step = Step(ended.step);
            self.tell(ended, Some(step));
        }
    }

    /// The renderer saw an epoch end.
    pub(crate) fn timed(&self, tracker: &dyn Tracker, epoch: usize, times: EpochTimes) {
        let mut state = self.state();
        state.times.insert(epoch, times);
        state.write_times(tracker, epoch);
    }

    /// All values of the training are known.
    pub(crate) fn close(&self) {
        let over = self.state().over_before(usize::MAX);
        for ended in over {
            let step = Step(ended.step);
            self.tell(ended, Some(step));
        }
        if let Some(checkpoints) = &self.checkpoints {
            checkpoints.finish(LAST_CHECKPOINTS);
        }
    }

    fn tell(&self, ended: EpochEnd, step: Option<Step>) {
        if let Some(checkpoints) = &self.checkpoints {
            let EpochEnd { epoch, values: metrics, score, .. } = ended;
            checkpoints.epoch_ended(EpochValues { epoch: epoch as u64, step, metrics, score });
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn write_times(&mut self, tracker: &dyn Tracker, epoch: usize) {
        let known = self.ended.get(&epoch).map(|ended| ended.step);
        let Some(step) = known.or_else(|| self.told.get(&epoch).copied()) else { return };
        let Some(times) = self.times.remove(&epoch) else { return };
        self.told.remove(&epoch);
        let series = self.series.get_or_insert_with(|| EpochTimeSeries::new(tracker));
        series.write(tracker, step, &times);
    }

    /// Takes out the epochs before this one, of which no more will be known.
    fn over_before(&mut self, epoch: usize) -> Vec<EpochEnd> {
        let later = self.ended.split_off(&epoch);
        self.told.extend(self.ended.iter().map(|(epoch, ended)| (*epoch, ended.step)));
        std::mem::replace(&mut self.ended, later).into_values().collect()
    }
}
