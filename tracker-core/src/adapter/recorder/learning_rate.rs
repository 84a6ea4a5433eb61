//! Where a learning rate is logged.

use crate::{
    Step, Tracker,
    adapter::recorder::{points::Points, series::Series},
};

/// A learning rate. It is logged at the first step, where it changes, and at the end of each epoch.
#[derive(Debug)]
pub(crate) struct LearningRate {
    series: Series,
    last: Option<f64>,
    /// The step of the last.
    taken_at: Option<Step>,
    logged_at: Option<Step>,
    /// The end of an epoch whose rate comes later.
    due_at: Option<Step>,
}

impl LearningRate {
    pub(crate) fn new(series: Series) -> Self {
        Self { series, last: None, taken_at: None, logged_at: None, due_at: None }
    }

    /// That of the last step.
    pub(crate) fn last(&self) -> Option<f64> {
        self.last
    }

    /// Takes over that of a checkpoint, from which it changes or not.
    pub(crate) fn restore(&mut self, rate: f64) {
        self.last = Some(rate);
    }

    /// Takes that of a step.
    pub(crate) fn take(&mut self, tracker: &dyn Tracker, rate: f64, points: &mut Points) {
        let before = self.last.replace(rate);
        self.taken_at = Some(points.at.step);
        let is_due = self.due_at == Some(points.at.step);
        if is_due || before.map(f64::to_bits) != Some(rate.to_bits()) {
            self.log(tracker, rate, points);
        }
    }

    /// Logs it at the end of an epoch.
    pub(crate) fn end_epoch(&mut self, tracker: &dyn Tracker, points: &mut Points) {
        if let Some(rate) = self.last
            && self.logged_at != Some(points.at.step)
        {
            self.log(tracker, rate, points);
        }
    }

    /// Logs it at the end of an epoch if it is the one of that step; else when that is told, which
    /// frameworks with threads may do later.
    pub(crate) fn end_epoch_when_told(&mut self, tracker: &dyn Tracker, points: &mut Points) {
        if self.taken_at == Some(points.at.step) {
            self.end_epoch(tracker, points);
        } else {
            self.due_at = Some(points.at.step);
        }
    }

    fn log(&mut self, tracker: &dyn Tracker, rate: f64, points: &mut Points) {
        points.add(tracker, &mut self.series, rate);
        self.logged_at = Some(points.at.step);
    }
}
