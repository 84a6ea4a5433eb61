//! Looking at gradients and weights, layer by layer.

use candle_nn::VarMap;
use tracker_core::adapter::WatchOptions;

use super::Hooks;
use crate::session::WatchSource;

/// Looking at the model.
impl Hooks {
    /// Looks at all parameters of a model every 50 steps of the [`optimizer`](Self::optimizer):
    /// norms and histograms of gradients and weights, how many are NaN, and how far a step moves
    /// the weights. Layers have the names that they have in the `VarMap`.
    ///
    /// | metric | what |
    /// |---|---|
    /// | `gradients/<name>/norm`, `parameters/<name>/norm` | the norm of each parameter, before the step and before clipping |
    /// | `gradients/norm`, `parameters/norm` | over all of them |
    /// | `updates/<name>/ratio`, `updates/ratio` | the norm of the change by that of the weights; about 0.001 is usual |
    /// | `gradients/<name>`, `parameters/<name>` | histograms |
    /// | `…/nan`, `…/infinite` | from the first such value on, how many there are |
    ///
    /// Everything is computed on the device. The training does not wait for it on the CPU. On a GPU
    /// it waits once for each 256 values that a look brings: a model of more than about a hundred
    /// parameters makes its step wait, every 50 steps.
    ///
    /// In each step it keeps what the step did to each layer, for the last 512 steps: see
    /// [`WatchOptions::flight`]. When a value is not finite, a rule sees something, or the training fails, they
    /// are stored, and an alert says which layer left what was usual first. Tell which samples are in a batch with
    /// [`samples`](Self::samples), and it names them.
    pub fn watch(&self, weights: &VarMap) {
        self.watch_with(weights, WatchOptions::new());
    }

    /// Says which samples the next step is taken with, by any number that finds them again. Calls before one step
    /// add up, 1,024 numbers at most. Costs nothing where nothing is [watched](Self::watch).
    ///
    /// ```
    /// # use candle_hooks::{Hooks, Order};
    /// # let hooks = Hooks::disabled();
    /// for batch in hooks.batches(Order::shuffled(1_000, 7).batches(1, 64)) {
    ///     hooks.samples(batch.iter().map(|index| *index as u64));
    ///     // …
    /// }
    /// ```
    pub fn samples(&self, ids: impl IntoIterator<Item = u64>) {
        if let Some(mut session) = self.session() {
            session.add_samples(ids);
        }
    }

    /// Looks at a model as [`watch`](Self::watch) does, with options: how often, which layers, how
    /// fine.
    pub fn watch_with(&self, weights: &VarMap, options: WatchOptions) {
        if let Some(mut session) = self.session() {
            session.watch(None, WatchSource::new(weights, String::new(), options));
        }
    }

    /// Looks at the model that the optimizer with this [name](Self::optimizer_named) trains, at the
    /// steps of that one. Its layers are named `<name>.<layer>`.
    pub fn watch_named(&self, name: &str, weights: &VarMap, options: WatchOptions) {
        if let Some(mut session) = self.session() {
            session.watch(Some(name), WatchSource::new(weights, format!("{name}."), options));
        }
    }
}
