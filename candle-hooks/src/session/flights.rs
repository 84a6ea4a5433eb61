//! What each step did to the models that are watched, kept in case that something goes wrong.

use std::sync::Arc;

use candle_core::Result;
use tracker_core::{Outcome, Step, adapter::recorder::Role, flight::FlightStep};

use crate::{
    session::{
        Session,
        watched::{DueFlight, Watch},
    },
    watch::Flight,
};

impl Session {
    /// Adds to the samples of the next step.
    pub(crate) fn add_samples(&mut self, ids: impl IntoIterator<Item = u64>) {
        if !self.watches.is_empty() {
            self.batch_samples.add(ids);
        }
    }

    /// The recorders that look at the step that an optimizer is about to take. They come back with
    /// [`keep_flight`](Self::keep_flight).
    pub(crate) fn due_flights(&mut self, role: Role, rate: f64) -> Vec<DueFlight> {
        let is_due = |watch: &Watch| {
            watch.optimizer == role.index()
                && watch.watcher.options().flight_rows() > 0
                && !watch.watcher.is_empty()
        };
        if !self.watches.iter().any(is_due) {
            return Vec::new();
        }
        let (epoch, batch) = self.recorder.place();
        let step = Step(self.recorder.steps());
        let samples = self.batch_samples.of_step();
        let due = |(index, watch): (usize, &mut Watch)| {
            let made = || Flight::of(&watch.watcher);
            let look = watch.flight.get_or_insert_with(made).begin()?;
            let (rate, samples, values) = (Some(rate), samples.into(), Vec::new());
            let step = FlightStep { step, epoch, batch, samples, rate, values };
            Some(DueFlight { index, flight: watch.flight.take()?, look, step })
        };
        let all = self.watches.iter_mut().enumerate();
        all.filter(|(_, watch)| is_due(watch)).filter_map(due).collect()
    }

    /// Takes a recorder back that has looked at a step.
    pub(crate) fn keep_flight(&mut self, index: usize, flight: Flight, looked: Result<()>) {
        if let Err(error) = looked {
            self.watch_failed(&error);
        }
        if let Some(watch) = self.watches.get_mut(index) {
            watch.flight = Some(flight);
        }
    }

    /// Hands over what led to a failure, or was asked for.
    pub(super) fn end_flights(&mut self, outcome: Option<&Outcome>) {
        let tracker = Arc::clone(self.recorder.tracker());
        for flight in self.watches.iter_mut().filter_map(|watch| watch.flight.as_mut()) {
            flight.finish(outcome, &*tracker);
        }
    }
}
