//! Saving the weights, and going on from them.

use tracker_core::adapter::recorder::LoopHandle as _;

use super::Hooks;
use crate::{CheckpointOptions, Order, RestoreError, Restored, Weights};

/// Checkpoints.
impl Hooks {
    /// Saves the weights after each epoch, and keeps the last two and the best: that with the
    /// lowest `valid/loss`, else the highest `valid/accuracy`, else the lowest `train/loss`.
    ///
    /// They are safetensors files in the folder `checkpoint` of `run.dir()`, which
    /// [`VarMap::load`](candle_nn::VarMap::load) and Python read, with run, step, epoch and values in their metadata. The
    /// run lists them with their hash as `checkpoint/model`. The training waits until the weights
    /// are copied in memory, on their device; a thread writes them, whole or not at all. Where two
    /// copies wait for a slow disk already, it waits half a minute at most for one of them.
    ///
    /// One is saved too after the step in which somebody asks for it, by `tracker checkpoint RUN`.
    ///
    /// What the optimizer remembers is saved with them if it
    /// [can give it](crate::TrackedOptimizer::with_state).
    ///
    /// Nothing is saved where nothing is tracked, and of several processes only the first saves.
    pub fn checkpoint(&self, weights: impl Into<Weights>) {
        self.checkpoint_with(weights, CheckpointOptions::new());
    }

    /// Keeps with each checkpoint in which order the data come, and gives it back: a resumed training
    /// whose data come in another order is told so.
    ///
    /// With batches of it, a training that is killed in epoch 7 after batch 912 goes on with batch 913
    /// of the same epoch. Where the loop counts its batches, count before they are left out:
    /// `hooks.batches(batches.enumerate())`.
    ///
    /// ```
    /// # use candle_hooks::{Hooks, Order};
    /// # let hooks = Hooks::disabled();
    /// # let (seed, load) = (7, |indices: Vec<usize>| indices);
    /// let order = hooks.order(Order::shuffled(60_000, seed));
    /// for epoch in hooks.epochs(1..=10) {
    ///     for batch in hooks.batches(order.batches(epoch, 64).load(load)) {
    ///         // ...
    ///     # let _ = batch;
    ///     }
    /// }
    /// ```
    pub fn order(&self, order: Order) -> Order {
        self.record(|recorder| recorder.set_order(order));
        order
    }

    /// Saves the weights as [`checkpoint`](Self::checkpoint) does, with options: how often, how
    /// many are kept, what makes one the best.
    ///
    /// ```
    /// # use candle_hooks::{CheckpointOptions, Hooks, candle_nn::VarMap};
    /// # let (hooks, varmap) = (Hooks::disabled(), VarMap::new());
    /// let options = CheckpointOptions::new().keep_last(5).best("valid/accuracy");
    /// hooks.checkpoint_with(&varmap, options);
    /// ```
    pub fn checkpoint_with(&self, weights: impl Into<Weights>, options: CheckpointOptions) {
        if let Some(mut session) = self.session() {
            session.keep(weights.into(), options);
        }
    }

    /// Saves a checkpoint now, whether one is due or not: best between two batches, as a training that goes
    /// on from it begins with the next one. What is kept and what is best is decided
    /// as for the others.
    pub fn save_checkpoint(&self) {
        if let Some(mut session) = self.session() {
            session.save_now();
        }
    }

    /// Goes on from the newest whole checkpoint of a resumed run: sets the weights, what the
    /// optimizers remember, and their learning rates; counts steps from there, and supersedes what was
    /// logged beyond it. [`epochs`](Self::epochs) leaves out those that are over. If it was saved in the
    /// middle of one, [`batches`](Self::batches) leave out the first ones of that, as many as were over:
    /// they must come in the same order, see [`order`](Self::order). `None` in a run that is new, so
    /// that one program serves both.
    ///
    /// Call it after the optimizers are wrapped, before the loop.
    ///
    /// ```no_run
    /// # use candle_hooks::{candle_core::{DType, Device}, candle_nn::{VarBuilder, VarMap, linear}};
    /// use candle_hooks::{ResumableAdamW, candle_nn::ParamsAdamW, prelude::*};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let resumed: Option<String> = None;
    /// # let varmap = VarMap::new();
    /// # let model = linear(4, 2, VarBuilder::from_varmap(&varmap, DType::F32, &Device::Cpu))?;
    /// let mut builder = init("mnist");
    /// if let Some(run) = resumed {
    ///     builder = builder.resume(run);
    /// }
    /// let run = builder.start()?;
    /// let hooks = Hooks::new(&run);
    /// let adamw = ResumableAdamW::from_var_map(&varmap, ParamsAdamW::default())?;
    /// let mut optimizer = hooks.optimizer(adamw).with_state();
    /// hooks.checkpoint(&varmap);
    /// if let Some(restored) = hooks.restore(&varmap)? {
    ///     println!("goes on after step {}", restored.step());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # What does not come back
    ///
    /// Candle's `AdamW` keeps its moments private: it starts anew, which the report says. Nor do
    /// gradients come back that were accumulated for a step, and random states, as of dropout: Candle's
    /// generator on the CPU takes no seed. Learning rates come back; for another one, call [`set_learning_rate`](candle_nn::Optimizer::set_learning_rate) after this.
    ///
    /// # Errors
    /// If the run has no whole checkpoint, or the newest does not fit the weights: nothing is changed
    /// then. Also if a device refuses the weights, or the run's folder cannot be listed afterwards.
    pub fn restore(&self, weights: impl Into<Weights>) -> Result<Option<Restored>, RestoreError> {
        self.session().map_or(Ok(None), |mut session| session.restore(&weights.into()))
    }

    /// Sets the weights to those of the best checkpoint of the run, at the end of a training: to test
    /// the model that was best, or to save it elsewhere. Optimizers, steps and the run stay as they are.
    /// `None` where no checkpoint is the best, and where nothing is tracked.
    ///
    /// ```
    /// # use candle_hooks::{Hooks, candle_nn::VarMap};
    /// # fn main() -> candle_hooks::candle_core::Result<()> {
    /// # let (hooks, varmap) = (Hooks::disabled(), VarMap::new());
    /// if let Some(best) = hooks.load_best(&varmap)? {
    ///     println!("the model after step {}", best.step());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If its files are not as they were saved, or do not fit: nothing is changed then.
    pub fn load_best(&self, weights: impl Into<Weights>) -> Result<Option<Restored>, RestoreError> {
        self.session().map_or(Ok(None), |mut session| session.load_best(&weights.into()))
    }
}
