//! The flight recorder of a watched model, from its first step to the end of the run.

use std::{
    cell::RefCell,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use burn::module::Module;
use tracker_core::{FinishHook, Outcome, Tracker, adapter::BatchSamples, flight::FlightStep};

use crate::watch::{Gradients, WatchOptions, flight::Flight, guarded};

thread_local! {
    /// What was named on this thread since a step was taken.
    static NAMED: RefCell<BatchSamples> = RefCell::default();
}

/// Says which samples the next optimizer step is taken with, by any number that finds them again: in
/// `TrainStep::step`, or in a loop of your own. Calls before one step add up, 1,024 numbers at most.
///
/// The flight recorder of a [watched](crate::Watch) model names them when something goes wrong; see
/// [`WatchOptions::flight`]. Costs next to nothing where nothing is watched.
///
/// ```
/// burn_callback::samples([17, 912]);
/// ```
pub fn samples(ids: impl IntoIterator<Item = u64>) {
    NAMED.with_borrow_mut(|named| named.add(ids));
}

/// Keeps what the steps of one model did.
#[derive(Debug)]
pub(super) struct Flights {
    tracker: Arc<dyn Tracker>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// From the first step on.
    flight: Option<Flight>,
    samples: BatchSamples,
}

impl Flights {
    /// Those of a run; `None` if none are wanted.
    pub(super) fn of(tracker: &Arc<dyn Tracker>, options: &WatchOptions) -> Option<Arc<Self>> {
        if options.flight_rows() == 0 {
            return None;
        }
        let flights = Arc::new(Self { tracker: Arc::clone(tracker), state: Mutex::default() });
        let hook: Arc<dyn FinishHook> = Arc::clone(&flights) as _;
        tracker.before_finish(Arc::downgrade(&hook));
        Some(flights)
    }

    /// Takes what was named on this thread.
    pub(super) fn gather(&self) {
        NAMED.with_borrow_mut(|named| self.state().samples.append(named));
    }

    /// `step` is about to be taken, whose samples are known here.
    pub(super) fn look<M: Module>(
        &self,
        model: &M,
        gradients: Gradients<'_>,
        options: &WatchOptions,
        mut step: FlightStep,
    ) {
        self.gather();
        let State { flight, samples } = &mut *self.state();
        let samples = samples.of_step();
        let flight = flight.get_or_insert_with(|| Flight::of(model, options));
        if let Some(look) = flight.begin() {
            step.samples = samples.into();
            flight.look(model, gradients, look, step, &*self.tracker);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(&self, outcome: Option<&Outcome>) {
        guarded(&*self.tracker, || {
            if let Some(flight) = &mut self.state().flight {
                flight.finish(outcome, &*self.tracker);
            }
        });
    }
}

impl FinishHook for Flights {
    fn before_finish(&self, outcome: &Outcome) {
        self.finish(Some(outcome));
    }
}

impl Drop for Flights {
    fn drop(&mut self) {
        // The model goes before the run when a training panics.
        let failed = thread::panicking().then(|| Outcome::Failed("a panic".to_owned()));
        self.finish(failed.as_ref());
    }
}
