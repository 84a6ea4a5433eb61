//! The rows of the last steps, and when they are handed over.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    Event, Outcome, Tracker,
    adapter::{
        WatchOptions,
        flight::{
            pace::Pace,
            plan::{Plan, TensorBlocks},
        },
    },
    flight::{FlightRecord, FlightStep, FlightValues, MAX_TENSORS},
};

/// How many looks follow something that went wrong before the rows are handed over: what became of it is worth
/// to be seen.
const AFTER: u64 = 16;

/// What is asked for so soon after the rows were handed over is answered by them: the rule that sees a loss
/// that is not finite comes after the gradients that were not.
const ANSWERED: Duration = Duration::from_secs(1);

/// How often the rows of one process are handed over at most.
const MOST: u8 = 5;

/// Keeps what the last steps of a training showed. It lives on the training's thread and does not block; its
/// rows go to the tracker as [`Event::Flight`], where they are stored by another thread.
///
/// An adapter asks it before each optimizer step with [`begin`](Self::begin), looks at the tensors, and
/// gives the look back with [`end`](Self::end). At the end of the run it calls [`finish`](Self::finish).
#[derive(Debug)]
pub struct FlightRecorder {
    tensors: Vec<Arc<str>>,
    elements: Vec<usize>,
    plan: Plan,
    /// `None` if it looks at all, whatever that costs.
    pace: Option<Pace>,
    /// The most rows.
    rows: usize,
    kept: VecDeque<FlightStep>,
    steps: u64,
    /// How often the rows had been asked for when they were last handed over.
    asked: u64,
    /// After how many looks more they are to be handed over.
    due_in: Option<u64>,
    landed: u8,
    landed_at: Option<Instant>,
    /// Whether a value was not finite in the last look.
    is_bad: bool,
}

/// A look at the tensors before one step.
#[derive(Debug)]
pub struct FlightLook {
    begun: Instant,
    values: Vec<FlightValues>,
    /// Whether something of it is not finite.
    is_bad: bool,
}

impl FlightRecorder {
    /// A recorder of the last steps of these tensors, each with how many elements it has; how many steps is said by
    /// the options. Of more than 4,096 tensors the first ones are looked at.
    pub fn new(
        tensors: impl IntoIterator<Item = (Arc<str>, usize)>,
        options: &WatchOptions,
    ) -> Self {
        let (tensors, elements): (Vec<_>, Vec<_>) = tensors.into_iter().take(MAX_TENSORS).unzip();
        let pace = (!options.is_flight_whole()).then(Pace::new);
        let plan = Plan::at(Pace::FIRST, &elements);
        Self {
            tensors,
            elements,
            plan,
            pace,
            rows: options.flight_rows(),
            kept: VecDeque::new(),
            steps: 0,
            asked: 0,
            due_in: None,
            landed: 0,
            landed_at: None,
            is_bad: false,
        }
    }

    /// What to look at of each tensor, in their order.
    pub fn plan(&self) -> &[TensorBlocks] {
        &self.plan.tensors
    }

    /// A step is about to be taken: a look at it, unless this is one that is left out.
    pub fn begin(&mut self) -> Option<FlightLook> {
        let now = Instant::now();
        if let Some(pace) = &mut self.pace {
            pace.step(now);
        }
        let is_due = self.rows > 0 && self.steps.is_multiple_of(self.plan.every);
        self.steps += 1;
        is_due.then(|| {
            let values = Vec::with_capacity(self.tensors.len());
            FlightLook { begun: now, values, is_bad: false }
        })
    }

    /// The look at `step` is over, which gives it its values. Hands the rows over if it is time to. Returns
    /// whether other blocks are looked at from the next step on, so that there is nothing to compare with.
    pub fn end(&mut self, look: FlightLook, mut step: FlightStep, tracker: &dyn Tracker) -> bool {
        let FlightLook { begun, values, is_bad } = look;
        step.values = values;
        self.take_changes(&mut step.values);
        self.keep(step);
        self.trigger(is_bad, tracker);
        let Some(pace) = &mut self.pace else { return false };
        let has_changed = pace.look(begun.elapsed(), self.plan.every);
        if has_changed {
            self.plan = Plan::at(pace.level, &self.elements);
        }
        has_changed
    }

    /// The run ends: hands over what waits for that, and what led to a failure.
    pub fn finish(&mut self, outcome: Option<&Outcome>, tracker: &dyn Tracker) {
        self.look_for_requests(tracker);
        let has_failed = matches!(outcome, Some(Outcome::Failed(_)));
        let is_answered = self.is_answered();
        if self.due_in.take().is_some() || (has_failed && !is_answered) {
            self.land(tracker);
        }
    }

    /// A change becomes known with the look after it, and belongs to the step that made it.
    fn take_changes(&mut self, values: &mut [FlightValues]) {
        let mut before = self.kept.back_mut().map(|row| row.values.iter_mut());
        for value in values {
            let change = value.change.take();
            if let Some(of_step) = before.as_mut().and_then(Iterator::next) {
                of_step.change = change;
            }
        }
    }

    fn keep(&mut self, step: FlightStep) {
        if self.kept.len() >= self.rows {
            self.kept.pop_front();
        }
        self.kept.push_back(step);
    }

    fn trigger(&mut self, is_bad: bool, tracker: &dyn Tracker) {
        if is_bad && !self.is_bad {
            self.due_in.get_or_insert(AFTER);
        }
        self.is_bad = is_bad;
        self.look_for_requests(tracker);
        match self.due_in {
            None => {}
            Some(0) => {
                self.due_in = None;
                self.land(tracker);
            }
            Some(looks) => self.due_in = Some(looks - 1),
        }
    }

    fn look_for_requests(&mut self, tracker: &dyn Tracker) {
        let asked = tracker.context().map_or(0, crate::RunContext::flights_asked);
        if asked > self.asked {
            self.asked = asked;
            if !self.is_answered() {
                self.due_in.get_or_insert(AFTER);
            }
        }
    }

    fn is_answered(&self) -> bool {
        self.landed_at.is_some_and(|at| at.elapsed() < ANSWERED)
    }

    fn land(&mut self, tracker: &dyn Tracker) {
        if self.landed >= MOST || self.kept.is_empty() {
            return;
        }
        self.landed += 1;
        self.landed_at = Some(Instant::now());
        let steps = self.kept.iter().cloned().collect();
        let record = FlightRecord { tensors: self.tensors.clone(), steps };
        tracker.record(Event::Flight(Arc::new(record)));
    }
}

impl FlightLook {
    /// What is seen of the next tensor: the mean squares of its weights, its gradient, and of the change since
    /// the last look, each `None` if it was not looked at.
    pub fn push(&mut self, weight: Option<f64>, gradient: Option<f64>, change: Option<f64>) {
        let all = [weight, gradient, change];
        self.is_bad |= all.into_iter().flatten().any(|square| !square.is_finite());
        let [weight, gradient, change] = all.map(|square| square.map(root));
        self.values.push(FlightValues { weight, gradient, change });
    }

    /// Whether a gradient is not finite.
    pub fn has_bad_gradient(&self) -> bool {
        let is_bad = |of: &FlightValues| of.gradient.is_some_and(|value| !value.is_finite());
        self.values.iter().any(is_bad)
    }

    /// The weights of a tensor are not finite, as a look at all of them shows.
    pub fn mark_weight(&mut self, tensor: usize) {
        if let Some(of_tensor) = self.values.get_mut(tensor) {
            of_tensor.weight = Some(f32::NAN);
            self.is_bad = true;
        }
    }
}

/// A root that is finite where the square is.
fn root(square: f64) -> f32 {
    let root = square.sqrt();
    if root.is_finite() { root.min(f64::from(f32::MAX)) as f32 } else { root as f32 }
}
