//! What `.track_with` takes beside the tracker.

use std::path::{Path, PathBuf};

use burn::train::{
    EarlyStoppingStrategy, ExecutionStrategy, Interrupter, checkpoint::CheckpointingStrategy,
    logger::TrainingProgressLogger, renderer::MetricsRenderer,
};

use crate::stopping::ClonedStopping;

/// The user's progress logger, as Burn's builder takes one.
pub(crate) struct UsersProgress(pub(crate) Box<dyn TrainingProgressLogger>);

/// Parts of a training that Burn's builder has one place for, to be used beside tracker's.
///
/// ```
/// use burn_callback::prelude::*;
/// # use burn_callback::burn::train::Interrupter;
///
/// let interrupter = Interrupter::new();
/// let options = TrackOptions::new().interrupter(interrupter).grads_accumulation(4);
/// ```
#[derive(Default)]
#[must_use]
pub struct TrackOptions {
    pub(crate) directory: Option<PathBuf>,
    pub(crate) interrupter: Option<Interrupter>,
    pub(crate) progress_logger: Option<UsersProgress>,
    pub(crate) early_stopping: Option<Box<dyn ClonedStopping>>,
    pub(crate) checkpointing: Option<Box<dyn CheckpointingStrategy>>,
    pub(crate) renderer: Option<Box<dyn MetricsRenderer>>,
    pub(crate) global_batches_per_step: Option<usize>,
    /// Only Burn 0.23 needs to be asked for it; see `compat`.
    pub(crate) training_strategy: Option<ExecutionStrategy>,
}

impl TrackOptions {
    /// No options: as [`track`](crate::Track::track).
    pub fn new() -> Self {
        Self::default()
    }

    /// The folder that `SupervisedTraining::new` was given, where it is not `run.dir()`.
    pub fn directory(mut self, directory: impl AsRef<Path>) -> Self {
        self.directory = Some(directory.as_ref().to_path_buf());
        self
    }

    /// An interrupter of your own; in place of the builder's `with_interrupter`.
    pub fn interrupter(mut self, interrupter: Interrupter) -> Self {
        self.interrupter = Some(interrupter);
        self
    }

    /// A progress logger of your own, as the builder's `with_progress_logger` takes it: tracker
    /// needs no place there.
    pub fn progress_logger(mut self, logger: impl TrainingProgressLogger + 'static) -> Self {
        self.progress_logger = Some(UsersProgress(Box::new(logger)));
        self
    }

    /// An early stopping of your own; in place of the builder's `early_stopping`.
    ///
    /// With [`resume`](crate::Track::resume) it is first shown the epochs before the checkpoint,
    /// so that it decides as if training had never been interrupted: Burn's own strategies forget
    /// the best epoch with the process.
    pub fn early_stopping<S>(mut self, strategy: S) -> Self
    where
        S: EarlyStoppingStrategy + Clone + Send + Sync + 'static,
    {
        self.early_stopping = Some(Box::new(strategy));
        self
    }

    /// A checkpointing strategy of your own; in place of the builder's
    /// `with_checkpointing_strategy`. With [`resume`](crate::Track::resume) it is first shown the
    /// epochs before the checkpoint, as early stopping is.
    pub fn checkpointing_strategy(
        mut self,
        strategy: impl CheckpointingStrategy + 'static,
    ) -> Self {
        self.checkpointing = Some(Box::new(strategy));
        self
    }

    /// A renderer of your own, in place of tracker's bars; evaluation that is handed
    /// `result.renderer` is still logged.
    pub fn renderer(mut self, renderer: Box<dyn MetricsRenderer>) -> Self {
        self.renderer = Some(renderer);
        self
    }

    /// How many batches the optimizer gathers gradients over, as the builder's
    /// `grads_accumulation` was told. Only needed where the learning rate begins at 0 and an epoch
    /// has few batches: else it is seen from the learning rates.
    pub fn grads_accumulation(mut self, batches: usize) -> Self {
        self.global_batches_per_step = Some(batches);
        self
    }
}

impl std::fmt::Debug for TrackOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrackOptions")
            .field("directory", &self.directory)
            .field("interrupter", &self.interrupter.is_some())
            .field("progress_logger", &self.progress_logger.is_some())
            .field("early_stopping", &self.early_stopping.is_some())
            .field("checkpointing_strategy", &self.checkpointing.is_some())
            .field("renderer", &self.renderer.is_some())
            .field("grads_accumulation", &self.global_batches_per_step)
            .field("training_strategy", &self.training_strategy.is_some())
            .finish()
    }
}
