//! The flight recorder of a watched model, from its first step to the end of the run.

use std::{
    cell::RefCell,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use burn::module::Module;
use tracker_core::{
    FinishHook, Outcome, Tracker,
    adapter::{BatchSamples, FlightBatch},
    flight::MAX_SAMPLES,
};

use crate::watch::{Gradients, WatchOptions, flight::Flight, guarded};

thread_local! {
    /// What was named on this thread since a step was taken.
    static NAMED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
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
    NAMED.with_borrow_mut(|named| {
        let room = MAX_SAMPLES.saturating_sub(named.len());
        named.extend(ids.into_iter().take(room));
    });
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
        let named = NAMED.with_borrow_mut(mem::take);
        if !named.is_empty() {
            self.state().samples.add(named);
        }
    }

    /// A step is about to be taken with `batch`, whose samples are known here.
    pub(super) fn look<M: Module>(
        &self,
        model: &M,
        gradients: Gradients<'_>,
        options: &WatchOptions,
        mut batch: FlightBatch,
    ) {
        self.gather();
        let State { flight, samples } = &mut *self.state();
        batch.samples = samples.of_step();
        let flight = flight.get_or_insert_with(|| Flight::of(model, options));
        flight.look(model, gradients, batch, &*self.tracker);
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
