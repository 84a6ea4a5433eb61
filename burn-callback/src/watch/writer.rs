//! Writes what was measured at the steps of the run.

use std::sync::Arc;

use tracker_core::{
    Event, Step, Tracker,
    adapter::{WatchLog, watch_not_read},
};

use crate::watch::{WatchOptions, sample::Sample};

/// Writes the samples of one model. It lives on the watcher's thread.
#[derive(Debug)]
pub(crate) struct Writer {
    tracker: Arc<dyn Tracker>,
    log: WatchLog,
}

impl Writer {
    pub(crate) fn new(tracker: Arc<dyn Tracker>, options: &WatchOptions) -> Self {
        let log = WatchLog::new(Arc::clone(&tracker), options);
        Self { tracker, log }
    }

    /// Waits for the sample's devices, and writes it at `offset` steps beyond its own.
    pub(crate) fn write(&mut self, sample: Sample, offset: u64) {
        let (step, time) = (Step(offset + sample.step), sample.time);
        match sample.read() {
            Ok(tensors) => self.log.write(step, time, &tensors),
            Err(error) => self.tracker.record(Event::Problem(watch_not_read(step, &error))),
        }
    }
}
