//! An optimizer that logs its steps.

use std::{
    any::type_name,
    ops::{Deref, DerefMut},
};

use candle_core::{Error, Result, Tensor, Var, backprop::GradStore};
use candle_nn::Optimizer;
use tracker_core::{
    Knob,
    adapter::{
        recorder::{LoopHandle as _, Role},
        tell,
    },
};

use super::{
    accumulation::Accumulation,
    backward::{Backward, short},
    schedule::Schedule,
};
use crate::{
    Hooks, OptimizerState,
    gradients::{self, Amount},
    graph, problem,
    session::{DueFlight, DueWatch},
    watch::Before,
};

/// An [`Optimizer`] around another one: it steps as that one does, and logs the step.
///
/// Made by [`Hooks::optimizer`]. It fits wherever an optimizer fits that is named by its trait, so
/// write `fn train<O: Optimizer>(optimizer: &mut O)`. It does not dereference to the optimizer
/// within: `&mut AdamW` would step unseen.
///
/// # What it can do on the way
///
/// Gradients can be added up over several batches and clipped, and the learning rate can follow a
/// schedule. What is logged is counted right: a row is a step of the optimizer, not a batch.
///
/// ```
/// # use candle_hooks::{Hooks, Schedule, candle_core::{DType, Device, Result}};
/// # use candle_hooks::candle_nn::{AdamW, Optimizer, ParamsAdamW, VarMap};
/// # fn main() -> Result<()> {
/// # let (hooks, varmap) = (Hooks::disabled(), VarMap::new());
/// let adamw = AdamW::new(varmap.all_vars(), ParamsAdamW::default())?;
/// let mut optimizer = hooks
///     .optimizer(adamw)
///     .variables(&varmap.all_vars())
///     .accumulate(4)
///     .clip_grad_norm(1.0)
///     .schedule(Schedule::cosine(1e-3, 10_000).warm_up(500));
/// # Ok(())
/// # }
/// ```
///
/// All of it works the same where nothing is tracked.
///
/// # Optimizers with a `backward_step` of their own
///
/// An optimizer may do more in its [`backward_step`](Optimizer::backward_step) than run backward and
/// step: add a penalty to the loss, look at it twice. So it is called, unless it is known to be that
/// of the trait, as with candle's `AdamW` and `SGD` and with
/// [`ResumableAdamW`](crate::ResumableAdamW). The gradients of others are not seen on the way: say
/// [`plain_backward`](Self::plain_backward) or [`delegate`](Self::delegate), as the case may be.
#[derive(Debug)]
pub struct TrackedOptimizer<O> {
    inner: O,
    hooks: Hooks,
    /// `None` where nothing is tracked.
    role: Option<Role>,
    /// What the user says that the optimizer changes.
    variables: Option<Vec<Tensor>>,
    accumulation: Option<Accumulation>,
    max_norm: Option<f64>,
    rate: Rate,
    /// Whether the program's learning rate counts, whatever a checkpoint says.
    overrides_rate: bool,
    /// How many steps were taken, with those before the checkpoint that the training goes on from.
    steps: u64,
    backward: Backward,
}

/// What sets the learning rate before each step.
#[derive(Debug)]
enum Rate {
    /// Nobody but the program.
    Own,
    Schedule(Schedule),
    Knob(Knob),
}

impl Rate {
    /// The knob that has a say in it.
    fn knob(&self) -> Option<&Knob> {
        match self {
            Self::Own => None,
            Self::Schedule(schedule) => schedule.knob(),
            Self::Knob(knob) => Some(knob),
        }
    }

    /// The rate of a step of the optimizer.
    fn at(&self, step: u64) -> Option<f64> {
        match self {
            Self::Own => None,
            Self::Schedule(schedule) => Some(schedule.rate(step)),
            Self::Knob(knob) => Some(knob.get()),
        }
    }
}

/// Gradients on their way to the optimizer.
enum Gradients<'a> {
    Borrowed(&'a GradStore),
    Owned(GradStore),
}

impl Gradients<'_> {
    fn get(&self) -> &GradStore {
        match self {
            Self::Borrowed(gradients) => gradients,
            Self::Owned(gradients) => gradients,
        }
    }

    /// The gradients of these variables, to change them.
    fn into_owned(self, variables: &[Tensor]) -> GradStore {
        match self {
            Self::Owned(gradients) => gradients,
            Self::Borrowed(gradients) => {
                let mut owned = GradStore::default();
                for variable in variables {
                    if let Some(gradient) = gradients.get(variable) {
                        owned.insert(variable, gradient.clone());
                    }
                }
                owned
            }
        }
    }
}

/// What happens on the way to a step.
impl<O> TrackedOptimizer<O> {
    pub(crate) fn wrap(hooks: Hooks, role: Option<Role>, inner: O) -> Self {
        Self {
            inner,
            hooks,
            role,
            variables: None,
            accumulation: None,
            max_norm: None,
            rate: Rate::Own,
            overrides_rate: false,
            steps: 0,
            backward: Backward::of::<O>(),
        }
    }

    /// Adds up the gradients of this many batches before each step, and steps with their mean. Call
    /// [`backward_step`](Optimizer::backward_step) for each batch, as without it.
    ///
    /// The losses of these batches make one row, with their mean. Batches that are left over at the
    /// end of an epoch count towards the first step of the next one; see
    /// [`step_accumulated`](Self::step_accumulated).
    #[must_use]
    pub fn accumulate(mut self, batches: u64) -> Self {
        self.accumulation = (batches > 1).then(|| Accumulation::new(batches));
        self
    }

    /// Scales the gradients down where their norm, over all variables together, is above `max`
    /// (Pascanu and others, 2013). The norm before that is logged as `gradients/norm`, at each
    /// step. On a GPU nothing is read back.
    ///
    /// Say with [`variables`](Self::variables) which they are, or the first step is an error: the
    /// loss may be made of more than the optimizer changes, such as a frozen body, and their
    /// gradients must not count.
    ///
    /// Gradients that are NaN or infinite stay as they are, and are counted as a problem.
    #[must_use]
    pub fn clip_grad_norm(mut self, max: f64) -> Self {
        self.max_norm = Some(max);
        self
    }

    /// Sets the learning rate before each step. It is logged where it changes.
    ///
    /// It goes by the steps of this optimizer, those before the checkpoint of a
    /// [restored](Hooks::restore) training included. What is set with
    /// [`set_learning_rate`](Optimizer::set_learning_rate) lasts until the next step.
    #[must_use]
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.rate = Rate::Schedule(schedule);
        self
    }

    /// Takes the learning rate of each step from a [knob](Knob), so that people may change it while the
    /// training goes on. It is logged where it changes. To turn a schedule up and down, see
    /// [`Schedule::scaled`]; of a schedule and a rate, the last one given counts.
    ///
    /// ```no_run
    /// # use candle_hooks::{Hooks, candle_core::{Device, Result, Var}};
    /// # use candle_hooks::candle_nn::{Optimizer, SGD};
    /// # fn main() -> Result<()> {
    /// # let run = candle_hooks::tracker_core::init("mnist").start().unwrap();
    /// # let (hooks, weight) = (Hooks::new(&run), Var::new(1_f32, &Device::Cpu)?);
    /// let lr = run.knob("lr", 0.1).bounds(1e-6..=1.0);
    /// let mut optimizer = hooks.optimizer(SGD::new(vec![weight], lr.get())?).rate(&lr);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// With the value that nobody changed, the weights are the same to the last bit as without the knob. In a
    /// resumed run, the knob's value counts, and not the checkpoint's.
    #[must_use]
    pub fn rate(mut self, rate: &Knob) -> Self {
        self.rate = Rate::Knob(rate.clone());
        self
    }

    /// Goes on with the learning rate that the optimizer was made with, where a
    /// [restored](Hooks::restore) training goes on with that of its checkpoint.
    #[must_use]
    pub fn override_learning_rate(mut self) -> Self {
        self.overrides_rate = true;
        self
    }

    /// Says which variables the optimizer changes: all those that it was made with, which it keeps
    /// to itself.
    ///
    /// Clipping asks for it, and so does [`step`](Optimizer::step) to accumulate gradients whose
    /// loss it never sees. The norm of the gradients is taken over these; without it, over all
    /// variables that the loss was made of, which are more for the generator of a GAN, whose loss
    /// goes through the discriminator.
    #[must_use]
    pub fn variables(mut self, variables: &[Var]) -> Self {
        self.variables = Some(gradients::unique(variables));
        self
    }

    /// Says that the optimizer has a [`backward_step`](Optimizer::backward_step) of its own, which
    /// is called. Its gradients are not seen: their norm is not logged, and they are neither clipped
    /// nor accumulated.
    ///
    /// So it is with all optimizers of other crates. With this, the report does not tell of it.
    #[must_use]
    pub fn delegate(mut self) -> Self {
        self.backward = Backward::Delegated;
        self
    }

    /// Says that the optimizer's [`backward_step`](Optimizer::backward_step) is that of the trait: it
    /// runs backward from the loss and hands the gradients to [`step`](Optimizer::step). That is done
    /// here then, so that the gradients are seen: their norm is logged, and they can be clipped and
    /// accumulated.
    ///
    /// Most optimizers have no other. Where one has, what it does there is left out.
    #[must_use]
    pub fn plain_backward(mut self) -> Self {
        self.backward = Backward::Plain;
        self
    }

    /// The optimizer within.
    pub fn inner(&self) -> &O {
        &self.inner
    }

    /// The optimizer within for one step, for code that takes a `&mut AdamW`: the step is counted when
    /// what is returned goes. Its loss is not seen; hand it to [`Hooks::loss`].
    ///
    /// ```
    /// # use candle_hooks::{Hooks, candle_core::{Device, Result, Tensor, Var}};
    /// # use candle_hooks::candle_nn::{Optimizer, SGD};
    /// # fn train_step(optimizer: &mut SGD, loss: &Tensor) -> Result<()> { optimizer.backward_step(loss) }
    /// # fn main() -> Result<()> {
    /// # let weight = Var::new(1_f32, &Device::Cpu)?;
    /// # let loss = weight.sqr()?;
    /// # let hooks = Hooks::disabled();
    /// let mut optimizer = hooks.optimizer(SGD::new(vec![weight], 0.1)?);
    /// hooks.loss(&loss);
    /// train_step(&mut optimizer.one_step(), &loss)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn one_step(&mut self) -> OneStep<'_, O>
    where
        O: Optimizer,
    {
        self.begin_step();
        OneStep { optimizer: self }
    }

    /// The optimizer within, to change its parameters. Steps that it takes itself are not logged; see
    /// [`one_step`](Self::one_step).
    pub fn inner_mut(&mut self) -> &mut O {
        &mut self.inner
    }

    /// Unwraps the optimizer within.
    pub fn into_inner(self) -> O {
        self.inner
    }

    /// The variables whose gradients are worked on. Clipped are those that the user names; those of
    /// a loss may be more than the optimizer changes, and a sum of their gradients does no harm.
    fn changed_variables(&self, loss: Option<&Tensor>) -> Result<Vec<Tensor>> {
        match (&self.variables, loss) {
            (Some(variables), _) => Ok(variables.clone()),
            (None, Some(loss)) if self.max_norm.is_none() => Ok(graph::variables(loss)),
            (None, _) => Err(unknown_variables()),
        }
    }

    /// Whether gradients are to be changed before the optimizer gets them.
    fn changes_gradients(&self) -> bool {
        self.accumulation.is_some() || self.max_norm.is_some()
    }
}

impl<O: OptimizerState> TrackedOptimizer<O> {
    /// Keeps in each checkpoint what the optimizer remembers between steps, such as moments, and
    /// restores it with the weights, so that the training goes on as if it had never been
    /// interrupted. To be called before [`Hooks::restore`].
    ///
    /// Optimizers can do so that implement [`OptimizerState`]. Candle's `AdamW` keeps its moments
    /// private and cannot; [`ResumableAdamW`](crate::ResumableAdamW) takes the same steps and can.
    #[must_use]
    pub fn with_state(self) -> Self {
        if let Some((mut session, role)) = self.hooks.session().zip(self.role) {
            session.add_state(role, self.inner.variables());
        }
        self
    }
}

/// Steps.
impl<O: Optimizer> TrackedOptimizer<O> {
    /// Takes a step with the gradients of the batches that were accumulated since the last one,
    /// though they are fewer than a step needs: after the last batch of an epoch. Does nothing if
    /// there are none.
    ///
    /// # Errors
    /// As for [`step`](Optimizer::step).
    pub fn step_accumulated(&mut self) -> Result<()> {
        match &mut self.accumulation {
            Some(accumulation) if !accumulation.is_empty() => {
                let (variables, gradients) = accumulation.take()?;
                self.apply(&variables, Gradients::Owned(gradients))
            }
            _ => Ok(()),
        }
    }

    /// Adds gradients up if that is asked for, and steps with them when it is time to.
    fn take(&mut self, loss: Option<&Tensor>, gradients: Gradients<'_>) -> Result<()> {
        let needed = self.changes_gradients();
        let variables = if needed { self.changed_variables(loss)? } else { Vec::new() };
        let Some(accumulation) = &mut self.accumulation else {
            return self.apply(&variables, gradients);
        };
        if !accumulation.add(&variables, gradients.get())? {
            return Ok(());
        }
        drop(gradients);
        let (variables, gradients) = accumulation.take()?;
        self.apply(&variables, Gradients::Owned(gradients))
    }

    /// Takes a step. `variables` are those of the gradients, where somebody needs them.
    fn apply(&mut self, variables: &[Tensor], gradients: Gradients<'_>) -> Result<()> {
        self.begin_step();
        let looks = self.look_before(gradients.get());
        self.record_flight(gradients.get());
        let gradients = if let Some(max) = self.max_norm {
            let mut gradients = gradients.into_owned(variables);
            if let Some(norm) = gradients::clip(variables, &mut gradients, max)? {
                self.tell_norm(&norm);
            }
            Gradients::Owned(gradients)
        } else {
            self.take_norm(variables, gradients.get());
            gradients
        };
        self.inner.step(gradients.get())?;
        self.look_after(looks);
        self.end_step();
        Ok(())
    }

    fn begin_step(&mut self) {
        self.take_restored();
        self.begin_step_of_knobs();
        if let Some(rate) = self.rate.at(self.steps) {
            self.inner.set_learning_rate(rate);
        }
        if let Some((mut session, role)) = self.hooks.session().zip(self.role) {
            session.begin_step(role, self.inner.learning_rate());
        }
    }

    /// Lets knobs change before the rate of the step is asked for.
    fn begin_step_of_knobs(&self) {
        let Some(knob) = self.rate.knob() else { return };
        let step = self.hooks.session().map(|mut session| session.recorder.next_step());
        knob.begin(step.unwrap_or(self.steps));
    }

    /// Takes over learning rate and steps of the checkpoint that the training goes on from.
    fn take_restored(&mut self) {
        let tracked = self.hooks.session().zip(self.role);
        if let Some(restored) = tracked.and_then(|(mut of, role)| of.take_restored(role)) {
            self.steps = restored.steps;
            if let Some(rate) = restored.learning_rate.filter(|_| !self.overrides_rate) {
                self.tell_other_rate(rate);
                self.inner.set_learning_rate(rate);
            }
        }
    }

    /// Says that a checkpoint's learning rate is another one than the program's, unless a schedule or a
    /// knob sets it anyway.
    fn tell_other_rate(&self, restored: f64) {
        let rate = self.inner.learning_rate();
        if matches!(self.rate, Rate::Own) && rate.to_bits() != restored.to_bits() {
            let text = format!(
                "goes on with the learning rate {restored} of the checkpoint, not with {rate}; \
                 `hooks.optimizer(..).override_learning_rate()` takes the latter"
            );
            tell(&**self.hooks.tracker(), &text);
        }
    }

    fn end_step(&mut self) {
        self.steps += 1;
        if let Some(role) = self.role {
            self.hooks.record(|recorder| recorder.end_step(role));
        }
    }

    /// Logs the norm of the gradients, if it is time to.
    fn take_norm(&self, variables: &[Tensor], gradients: &GradStore) {
        let Some(role) = self.role else { return };
        let due = self.hooks.session().and_then(|mut session| session.variables_for_norm(role));
        let Some(of_loss) = due else { return };
        let variables = match (&self.variables, variables) {
            (Some(stated), _) => stated,
            (None, []) => &of_loss,
            (None, accumulated) => accumulated,
        };
        match gradients::norm(variables, gradients) {
            Ok(Some(norm)) => self.tell_norm(&norm),
            Ok(None) => {}
            Err(error) => {
                if let Some(session) = self.hooks.session() {
                    session.problem(problem::gradients_not_read(&error, session.recorder.step()));
                }
            }
        }
    }

    /// Looks at the models that are to be watched in this step.
    fn look_before(&self, gradients: &GradStore) -> Vec<(DueWatch, Before)> {
        let tracked = self.hooks.session().zip(self.role);
        let due = tracked.map(|(mut session, role)| session.due_watches(role)).unwrap_or_default();
        let look = |due: DueWatch| match due.watcher.before_step(gradients) {
            Ok(before) => Some((due, before)),
            Err(error) => {
                if let Some(session) = self.hooks.session() {
                    session.watch_failed(&error);
                }
                None
            }
        };
        due.into_iter().filter_map(look).collect()
    }

    /// Keeps what this step does, in case that something goes wrong.
    fn record_flight(&self, gradients: &GradStore) {
        let Some(role) = self.role else { return };
        let rate = self.inner.learning_rate();
        let due = self.hooks.session().map(|mut session| session.due_flights(role, rate));
        for DueFlight { index, mut flight, look, step } in due.unwrap_or_default() {
            let looked = flight.look(gradients, look, step, &**self.hooks.tracker());
            if let Some(mut session) = self.hooks.session() {
                session.keep_flight(index, flight, looked);
            }
        }
    }

    fn look_after(&self, looks: Vec<(DueWatch, Before)>) {
        for (due, before) in looks {
            if let Some(mut session) = self.hooks.session() {
                session.end_watch(&due, before);
            }
        }
    }

    fn tell_norm(&self, norm: &Amount) {
        if let Some((mut session, role)) = self.hooks.session().zip(self.role) {
            session.gradient_norm(role, norm);
        }
    }

    /// Leaves the backward pass and the step to the optimizer within.
    fn delegated(&mut self, loss: &Tensor) -> Result<()> {
        if self.changes_gradients() {
            return Err(self.backward.hides_gradients(type_name::<O>()));
        }
        self.begin_step();
        self.tell_hidden_gradients();
        let looks = self.look_before(&GradStore::default());
        self.inner.backward_step(loss)?;
        self.look_after(looks);
        self.end_step();
        Ok(())
    }

    /// Tells, the first time that gradients should be logged, that they are not seen.
    fn tell_hidden_gradients(&mut self) {
        let Some(role) = self.role else { return };
        let Some(mut session) = self.hooks.session() else { return };
        let is_due = session.variables_for_norm(role).is_some();
        if is_due && self.backward == Backward::Unknown {
            session.problem(problem::gradients_not_seen(short(type_name::<O>())));
            drop(session);
            self.backward = Backward::Delegated;
        }
    }
}

impl<O: Optimizer> Optimizer for TrackedOptimizer<O> {
    type Config = O::Config;

    /// A new optimizer that is not tracked: there are no hooks to log to. Wrap one with
    /// [`Hooks::optimizer`] instead.
    fn new(vars: Vec<Var>, config: Self::Config) -> Result<Self> {
        let variables = gradients::unique(&vars);
        let inner = O::new(vars, config)?;
        Ok(Self { variables: Some(variables), ..Self::wrap(Hooks::disabled(), None, inner) })
    }

    /// As [`new`](Self::new).
    fn empty(config: Self::Config) -> Result<Self> {
        Ok(Self::wrap(Hooks::disabled(), None, O::empty(config)?))
    }

    /// As [`new`](Self::new).
    fn from_slice(vars: &[&Var], config: Self::Config) -> Result<Self> {
        let inner = O::from_slice(vars, config)?;
        let vars: Vec<Var> = vars.iter().copied().cloned().collect();
        Ok(Self::wrap(Hooks::disabled(), None, inner).variables(&vars))
    }

    /// Takes a step and counts it. The loss comes from [`Hooks::backward`] or [`Hooks::loss`].
    fn step(&mut self, grads: &GradStore) -> Result<()> {
        self.take(None, Gradients::Borrowed(grads))
    }

    /// Runs backward, logs the loss, and takes a step with the gradients.
    fn backward_step(&mut self, loss: &Tensor) -> Result<()> {
        if let Some((mut session, role)) = self.hooks.session().zip(self.role) {
            session.backward(role.index(), loss);
        }
        if self.backward == Backward::Plain {
            return self.take(Some(loss), Gradients::Owned(loss.backward()?));
        }
        self.delegated(loss)
    }

    /// That of the optimizer within; after [`Hooks::restore`] that of the checkpoint.
    fn learning_rate(&self) -> f64 {
        let tracked = self.hooks.session().zip(self.role);
        let restored = tracked.and_then(|(session, role)| session.restored_rate(role));
        restored.unwrap_or_else(|| self.inner.learning_rate())
    }

    fn set_learning_rate(&mut self, lr: f64) {
        // What the user says after restoring counts.
        self.take_restored();
        self.inner.set_learning_rate(lr);
    }
}

/// An optimizer for one step; see [`TrackedOptimizer::one_step`].
#[derive(Debug)]
pub struct OneStep<'a, O: Optimizer> {
    optimizer: &'a mut TrackedOptimizer<O>,
}

impl<O: Optimizer> Deref for OneStep<'_, O> {
    type Target = O;

    fn deref(&self) -> &O {
        &self.optimizer.inner
    }
}

impl<O: Optimizer> DerefMut for OneStep<'_, O> {
    fn deref_mut(&mut self) -> &mut O {
        &mut self.optimizer.inner
    }
}

impl<O: Optimizer> Drop for OneStep<'_, O> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.optimizer.end_step();
        }
    }
}

fn unknown_variables() -> Error {
    Error::msg(
        "gradients cannot be clipped or accumulated without knowing which variables the optimizer \
         changes\n\
         hint: say `hooks.optimizer(..).variables(&varmap.all_vars())`, with the variables that it \
         was made with",
    )
}
