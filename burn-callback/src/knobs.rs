//! Learning rates that people may change while the training goes on.

use burn::lr_scheduler::{LrScheduler, LrSchedulerRecord};
use tracker_core::Knob;

/// What a [`Knob`] is to a Burn training.
///
/// ```no_run
/// use burn_callback::prelude::*;
/// # use burn::lr_scheduler::constant::ConstantLr;
///
/// # fn main() -> Result<(), Error> {
/// let run = init("mnist").start()?;
/// let lr = run.knob("lr", 1e-3).bounds(1e-6..=0.1);
/// let scheduler = lr.scheduler(); // for `Learner::new(model, optimizer, scheduler)`
/// let scale = run.knob("lr_scale", 1.0).bounds(0.0..=10.0);
/// let scaled = scale.scale(ConstantLr::new(1e-3));
/// # Ok(())
/// # }
/// ```
///
/// Its steps are those of the optimizer: all of the run's knobs change where the scheduler steps, before the
/// weights do. A model reads its own knobs by [`Knob::get`] in the forward pass, which comes before that: there
/// they have the values of the step before. Without such a scheduler, knobs change once a step was logged.
pub trait KnobRates {
    /// A scheduler whose rate is the knob's value.
    fn scheduler(&self) -> KnobScheduler;

    /// A scheduler whose rate is that of another one, times the knob's value.
    fn scale<S: LrScheduler + Clone + 'static>(&self, scheduler: S) -> ScaledScheduler<S>;
}

impl KnobRates for Knob {
    fn scheduler(&self) -> KnobScheduler {
        KnobScheduler { steps: KnobSteps::of(self) }
    }

    fn scale<S: LrScheduler + Clone + 'static>(&self, scheduler: S) -> ScaledScheduler<S> {
        ScaledScheduler { steps: KnobSteps::of(self), scheduler }
    }
}

/// The learning rate that a [`Knob`] says; see [`KnobRates::scheduler`].
#[derive(Debug, Clone)]
pub struct KnobScheduler {
    steps: KnobSteps,
}

/// The learning rate of another scheduler, times what a [`Knob`] says; see [`KnobRates::scale`].
#[derive(Debug, Clone)]
pub struct ScaledScheduler<S> {
    steps: KnobSteps,
    scheduler: S,
}

/// A knob, and the step that the optimizer takes next.
#[derive(Debug, Clone)]
struct KnobSteps {
    knob: Knob,
    next: u64,
}

impl KnobSteps {
    /// Where the number of steps stands in a scheduler's record.
    const KEY: &str = "knob_steps";

    /// From the step on that the run goes on with, unless a checkpoint says another one.
    fn of(knob: &Knob) -> Self {
        Self { knob: knob.clone(), next: knob.next_step().0 }
    }

    fn step(&mut self) -> f64 {
        let step = self.next;
        self.next = step.wrapping_add(1);
        self.knob.at(step)
    }

    fn record(&self, others: LrSchedulerRecord) -> LrSchedulerRecord {
        others.with_scalar(Self::KEY, self.next)
    }

    fn load(&mut self, record: &LrSchedulerRecord) {
        self.next = record.scalar(Self::KEY).unwrap_or(self.next);
    }
}

impl LrScheduler for KnobScheduler {
    fn step(&mut self) -> f64 {
        self.steps.step()
    }

    fn to_record(&self) -> LrSchedulerRecord {
        self.steps.record(LrSchedulerRecord::new())
    }

    fn load_record(&mut self, record: LrSchedulerRecord) {
        self.steps.load(&record);
    }
}

impl<S: LrScheduler + Clone + 'static> LrScheduler for ScaledScheduler<S> {
    fn step(&mut self) -> f64 {
        let scale = self.steps.step();
        self.scheduler.step() * scale
    }

    fn to_record(&self) -> LrSchedulerRecord {
        self.steps.record(self.scheduler.to_record())
    }

    fn load_record(&mut self, record: LrSchedulerRecord) {
        self.steps.load(&record);
        self.scheduler.load_record(record);
    }
}
