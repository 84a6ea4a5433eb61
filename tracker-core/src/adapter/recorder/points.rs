//! Points of one step, on their way into one call of `write`.

use crate::{
    Point, Tracker,
    adapter::recorder::{
        row::StepTime,
        series::{LossSeries, Series},
    },
};

/// Points of one step.
pub(crate) struct Points {
    pub(crate) at: StepTime,
    pub(crate) points: Vec<Point>,
}

impl Points {
    pub(crate) fn new(at: StepTime) -> Self {
        Self { at, points: Vec::with_capacity(12) }
    }

    pub(crate) fn add(&mut self, tracker: &dyn Tracker, series: &mut Series, value: f64) {
        let metric = series.id(tracker);
        self.points.push(Point { metric, step: self.at.step, time: Some(self.at.time), value });
    }

    /// Adds a loss, and with `perplexity` that which follows from it.
    pub(crate) fn add_loss(
        &mut self,
        tracker: &dyn Tracker,
        series: &mut LossSeries,
        loss: f64,
        perplexity: bool,
    ) {
        self.add(tracker, &mut series.loss, loss);
        if perplexity {
            self.add(tracker, &mut series.perplexity, loss.exp());
        }
    }

    pub(crate) fn write(&self, tracker: &dyn Tracker) {
        if !self.points.is_empty() {
            tracker.write(&self.points);
        }
    }
}
