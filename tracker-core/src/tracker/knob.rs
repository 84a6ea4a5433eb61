//! A number of a training that people may change while it goes on.

use std::{
    fmt,
    ops::RangeInclusive,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use crate::Step;

/// A number of a training that people may change while it goes on, by `tracker set`, the page of
/// `tracker ui` or [`control::SetKnobs`](crate::control::SetKnobs).
///
/// Made by [`Run::knob`](crate::Run::knob) or [`TrackerExt::knob`](crate::TrackerExt::knob). Cheap to
/// clone; all clones are the same knob. Reading it is a load from memory, which waits for nobody. Where nothing
/// is stored, its value is the default and stays so.
///
/// ```no_run
/// # let run = tracker_core::init("mnist").start().unwrap();
/// # fn train_one_step(rate: f64) -> f64 { rate }
/// let lr = run.knob("lr", 1e-3).bounds(1e-6..=0.1);
/// for step in 0..10_000_u64 {
///     let loss = train_one_step(lr.at(step));
///     run.log_at(step, [("train/loss", loss)]);
/// }
/// ```
///
/// # When it changes
///
/// Where a step begins, and never within one, so that all that one step does sees one value, and the same
/// changes can be made again at the same steps. A step begins where an adapter says so; for a loop by hand,
/// with [`at`](Self::at), or else with each [`Run::log`](crate::Run::log). A loop that only logs by
/// [`log_at`](crate::Run::log_at) must use [`at`](Self::at): nobody else knows of its steps. Each change is
/// an event of the run and a point of the metric `knobs/NAME`.
#[derive(Clone)]
pub struct Knob(Arc<Inner>);

struct Inner {
    name: String,
    value: AtomicU64,
    /// `None` for one that stays as it is.
    run: Option<OfRun>,
}

/// The run behind a knob.
struct OfRun {
    steps: Arc<KnobSteps>,
    keeper: Weak<dyn KnobKeeper>,
}

/// Who keeps the knobs of a run.
pub(crate) trait KnobKeeper: Send + Sync + fmt::Debug {
    /// Does what is due where a step begins, or, for one that has begun before, tells of it.
    fn latch(&self, step: Step, is_new: bool);

    /// Takes no values outside these from now on.
    fn bound(&self, knob: &str, bounds: RangeInclusive<f64>);
}

impl Knob {
    /// A knob that nobody changes, for trackers without a run.
    pub fn fixed(name: impl Into<String>, value: f64) -> Self {
        Self(Arc::new(Inner { name: name.into(), value: value.to_bits().into(), run: None }))
    }

    pub(crate) fn of_run(
        name: &str,
        value: f64,
        steps: Arc<KnobSteps>,
        keeper: Weak<dyn KnobKeeper>,
    ) -> Self {
        let (name, value) = (name.to_owned(), value.to_bits().into());
        Self(Arc::new(Inner { name, value, run: Some(OfRun { steps, keeper }) }))
    }

    /// Takes no values outside `bounds`, both included: who asks for one is told so, and the training
    /// goes on as it was. The first bounds of a knob count; others are counted as a problem, as are those
    /// that do not hold the default, with which the knob stays as it is.
    #[must_use = "a knob is there to be read"]
    pub fn bounds(self, bounds: RangeInclusive<f64>) -> Self {
        if let Some(keeper) = self.0.run.as_ref().and_then(|run| run.keeper.upgrade()) {
            keeper.bound(&self.0.name, bounds);
        }
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The value of the step that training is in.
    pub fn get(&self) -> f64 {
        f64::from_bits(self.0.value.load(Ordering::Relaxed))
    }

    /// The value of a step, which begins with the first call for it. For the loop that trains: from the
    /// first call on, steps of the run's knobs begin here and nowhere else, and all of its knobs change
    /// here.
    pub fn at(&self, step: impl Into<Step>) -> f64 {
        self.begin_by(step.into(), KnobSteps::begin_told)
    }

    /// The value of a step, which begins with this call if nobody has announced it yet: for adapters, whose
    /// steps begin before they come to the knob. Where the loop says by [`at`](Self::at) when steps begin, none
    /// does here.
    pub fn begin(&self, step: impl Into<Step>) -> f64 {
        self.begin_by(step.into(), KnobSteps::begin)
    }

    fn begin_by(&self, step: Step, begin: fn(&KnobSteps, Step) -> Option<bool>) -> f64 {
        if let Some(run) = &self.0.run
            && let Some(is_new) = begin(&run.steps, step)
        {
            run.latch(step, is_new);
        }
        self.get()
    }

    /// The step after those that have begun; 0 before the first. For schedules that count by
    /// themselves.
    pub fn next_step(&self) -> Step {
        self.0.run.as_ref().map_or(Step(0), |run| run.steps.next())
    }

    pub(crate) fn set(&self, value: f64) {
        self.0.value.store(value.to_bits(), Ordering::Relaxed);
    }
}

impl OfRun {
    #[cold]
    fn latch(&self, step: Step, is_new: bool) {
        if let Some(keeper) = self.keeper.upgrade() {
            keeper.latch(step, is_new);
        }
    }
}

impl fmt::Debug for Knob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Knob").field("name", &self.name()).field("value", &self.get()).finish()
    }
}

/// The steps of a run as its knobs know them, and the first one at which something is to be done.
///
/// A value changes on the thread that begins a step, under the lock of whoever keeps the knobs. That there
/// is nothing to do is one comparison.
#[derive(Debug)]
pub(crate) struct KnobSteps {
    /// The first step at which something is to be done; `u64::MAX` while nothing is.
    due: AtomicU64,
    /// How many steps have begun: one more than the number of the last.
    begun: AtomicU64,
    /// Whether the training says by [`Knob::at`] where it stands.
    is_told: AtomicBool,
}

impl Default for KnobSteps {
    fn default() -> Self {
        Self { due: u64::MAX.into(), begun: 0.into(), is_told: false.into() }
    }
}

impl KnobSteps {
    /// A step begins, unless the training tells its steps itself. If something is due: whether the step
    /// has not begun before.
    pub(crate) fn begin(&self, step: Step) -> Option<bool> {
        if self.is_told.load(Ordering::Relaxed) { None } else { self.begin_now(step) }
    }

    fn begin_told(&self, step: Step) -> Option<bool> {
        if !self.is_told.load(Ordering::Relaxed) {
            self.is_told.store(true, Ordering::Relaxed);
        }
        self.begin_now(step)
    }

    fn begin_now(&self, step: Step) -> Option<bool> {
        let begun = step.0.saturating_add(1);
        let is_new = self.begun.load(Ordering::Relaxed) != begun;
        if is_new {
            self.begun.store(begun, Ordering::Relaxed);
        }
        self.is_due(step).then_some(is_new)
    }

    /// Whether something is to be done at this step.
    pub(crate) fn is_due(&self, step: Step) -> bool {
        step.0 >= self.due.load(Ordering::Acquire)
    }

    pub(crate) fn set_due(&self, step: u64) {
        self.due.store(step, Ordering::Release);
    }

    /// The step after those that have begun.
    pub(crate) fn next(&self) -> Step {
        Step(self.begun.load(Ordering::Relaxed))
    }

    /// The next step to begin is this one.
    pub(crate) fn go_on_at(&self, step: Step) {
        self.begun.store(step.0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_knob_stays_as_it_is() {
        let knob = Knob::fixed("lr", 0.1).bounds(0.5..=0.7);
        assert_eq!((knob.get(), knob.at(7), knob.next_step()), (0.1, 0.1, Step(0)));
    }

    #[test]
    fn a_step_begins_once_and_only_what_is_due_is_told() {
        let steps = KnobSteps::default();
        assert_eq!((steps.begin(Step(0)), steps.next()), (None, Step(1)));
        steps.set_due(3);
        assert_eq!((steps.begin(Step(2)), steps.begin(Step(3))), (None, Some(true)));
        assert_eq!(steps.begin(Step(3)), Some(false));
        assert_eq!(steps.begin_told(Step(u64::MAX)), Some(true));
        assert_eq!(steps.begin(Step(5)), None, "the training tells its steps itself now");
    }
}
