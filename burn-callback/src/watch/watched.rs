//! A module around the model, which sees the gradients.

use std::{fmt, sync::Arc};

use burn::{
    module::{Devices, Module, ModuleMapper, ModuleVisitor},
    tensor::Device,
};
use tracker_core::{Run, Tracker};

use crate::watch::{Gradients, Replica, WatchOptions, Watcher};

/// Logs the gradients and weights of a model while it trains.
///
/// ```no_run
/// # use burn_callback::burn::{self, module::Module, nn::{Linear, LinearConfig}, tensor::Device};
/// use burn_callback::prelude::*;
///
/// # fn main() -> Result<(), Error> {
/// # let device = Device::flex().autodiff();
/// # let model = LinearConfig::new(2, 3).init(&device);
/// let run = init("mnist").start()?;
/// let model = run.watch(model);
/// // let learner = Learner::new(model, optimizer, 1e-3);
/// # run.finish()?;
/// # Ok(())
/// # }
/// ```
///
/// | metric | when | what |
/// |---|---|---|
/// | `gradients/norm`, `parameters/norm` | each 50th optimizer step | the norm over all parameters |
/// | `gradients/conv1.weight/norm`, `parameters/conv1.weight/norm`, … | each 50th optimizer step | the norm of each parameter |
/// | `gradients/conv1.weight`, `parameters/conv1.weight`, … | each 50th optimizer step | histograms |
/// | `gradients/conv1.weight/nan`, `…/infinite` | from the first such value on | how many there are |
/// | `batch/train/step_seconds` | each optimizer step | the time since the step before |
///
/// Gradients are those that the optimizer gets, before it clips them; weights are those before
/// the step. A norm is the square root of the sum of squares, in f32 whatever the type of the
/// parameter; it is NaN or infinite if one of the values is. Parameters without a gradient in
/// the step, such as frozen ones, are left out.
///
/// The first step after a validation has no time. On a GPU the time is the host's: it runs ahead
/// of the device, and only their mean over many steps is that of the work.
///
/// In each step it keeps what the step does to each parameter, for the last 512 steps: see
/// [`WatchOptions::flight`]. When something goes wrong they are stored, and an alert says which parameter left
/// what was usual first; with [`samples`](crate::samples), in which batch.
///
/// All is computed where the tensors are, and read back once a watched step on a thread of its
/// own. The weights that come out of the training are the same. With tracking disabled nothing is
/// computed.
pub trait Watch {
    /// Watches `model` every 50 optimizer steps, with histograms of 64 bins.
    #[must_use]
    fn watch<M: Module>(&self, model: M) -> Watched<M> {
        self.watch_with(model, WatchOptions::default())
    }

    /// Watches `model` as the options say; with `every(0)` only the time of the steps is logged.
    #[must_use]
    fn watch_with<M: Module>(&self, model: M, options: WatchOptions) -> Watched<M>;
}

impl Watch for Run {
    fn watch_with<M: Module>(&self, model: M, options: WatchOptions) -> Watched<M> {
        Watched::new(self.into(), model, options)
    }
}

impl Watch for Arc<dyn Tracker> {
    fn watch_with<M: Module>(&self, model: M, options: WatchOptions) -> Watched<M> {
        Watched::new(Self::clone(self), model, options)
    }
}

/// A model whose gradients and weights are logged while it trains; see [`Watch`].
///
/// It is the model in all that a learner needs, and its records have the paths of the model's:
/// what was saved from one loads into the other. When the last clone goes, it waits for what is
/// on its way to the tracker, five seconds at most.
#[derive(Clone)]
pub struct Watched<M> {
    model: M,
    /// `None` where nothing is tracked.
    watcher: Option<Arc<Watcher>>,
    /// What the clones of one replica share. Copies on other devices are other replicas.
    replica: Replica,
}

impl<M> Watched<M> {
    fn new(tracker: Arc<dyn Tracker>, model: M, options: WatchOptions) -> Self {
        let watcher = tracker.enabled().then(|| Arc::new(Watcher::new(tracker, options)));
        Self { model, watcher, replica: Replica::default() }
    }

    /// The model.
    pub fn inner(&self) -> &M {
        &self.model
    }

    /// The model without the watch. If this is the last clone, it waits for what is on its way to
    /// the tracker, five seconds at most.
    pub fn into_inner(self) -> M {
        self.model
    }

    /// The same watch around what `change` makes of the model.
    pub(crate) fn map_inner(self, change: impl FnOnce(M) -> M) -> Self {
        Self { model: change(self.model), ..self }
    }

    /// A copy of the model that is no clone: it may train beside this one.
    fn replica(&self, model: M) -> Self {
        Self { model, watcher: self.watcher.clone(), replica: Replica::default() }
    }

    /// The optimizer is about to take a step.
    pub(crate) fn look(&self, gradients: Gradients<'_>)
    where
        M: Module,
    {
        if let Some(watcher) = &self.watcher {
            watcher.step(&self.model, &self.replica, gradients);
        }
    }

    /// A batch has gone through the model on this thread.
    pub(crate) fn gather_samples(&self) {
        if let Some(watcher) = &self.watcher {
            watcher.gather_samples();
        }
    }

    /// Something else than training takes time.
    pub(crate) fn interrupt(&self) {
        if let Some(watcher) = &self.watcher {
            watcher.interrupt();
        }
    }
}

/// Visits and maps go to the model without a level of their own, so that paths stay the same.
impl<M: Module> Module for Watched<M> {
    fn collect_devices(&self, devices: Devices) -> Devices {
        self.model.collect_devices(devices)
    }

    fn fork(self, device: &Device) -> Self {
        let Self { model, watcher, .. } = self;
        Self { model: model.fork(device), watcher, replica: Replica::default() }
    }

    fn to_device(self, device: &Device) -> Self {
        self.map_inner(|model| model.to_device(device))
    }

    fn train(self) -> Self {
        self.map_inner(M::train)
    }

    fn valid(&self) -> Self {
        self.replica(self.model.valid())
    }

    fn materialize(self) -> Self {
        self.map_inner(M::materialize)
    }

    fn num_params(&self) -> usize {
        self.model.num_params()
    }

    fn visit<V: ModuleVisitor>(&self, visitor: &mut V) {
        self.model.visit(visitor);
    }

    fn map<P: ModuleMapper>(self, mapper: &mut P) -> Self {
        self.map_inner(|model| model.map(mapper))
    }
}

/// As the model is shown.
impl<M: fmt::Display> fmt::Display for Watched<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.model.fmt(f)
    }
}

impl<M: fmt::Debug> fmt::Debug for Watched<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watched").field(&self.model).finish()
    }
}
