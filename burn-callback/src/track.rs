//! The one call that makes a training log itself.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use burn::train::{
    Learner, LearnerModel, LearningResult, SupervisedTraining, checkpoint::CheckpointingStrategy,
    logger::FileMetricLogger,
};
use tracker_core::{Event, Problem, Run, Tracker};

use crate::{
    ResumeError, TrackOptions,
    checkpoints::Checkpoints,
    compat::Devices,
    epochs::EpochLog,
    files::Files,
    launch,
    logger::RunMetricLogger,
    progress::RunProgress,
    renderer::RunRenderer,
    resume::{self, Resumed},
    session::Session,
    step_metric::StepMetric,
    stopping::{ClonedStopping, RunCheckpointing, RunStopping},
    trainings,
};

/// Makes a [`SupervisedTraining`] log itself.
///
/// ```no_run
/// use burn_callback::prelude::*;
/// # use burn_callback::{burn, tracker_core};
/// use burn::train::{Learner, SupervisedTraining, metric::{AccuracyMetric, LossMetric}};
/// # use burn::train::{ClassificationOutput, InferenceStep, LearnerModel, TrainStep};
/// # fn train<I, M>(
/// #     train: std::sync::Arc<dyn burn::data::dataloader::DataLoader<I>>,
/// #     valid: std::sync::Arc<dyn burn::data::dataloader::DataLoader<I>>,
/// #     learner: Learner<M>,
/// # ) -> Result<(), tracker_core::Error>
/// # where
/// #     I: Send + 'static,
/// #     M: LearnerModel
/// #         + TrainStep<Input = I, Output = ClassificationOutput>
/// #         + InferenceStep<Input = I, Output = ClassificationOutput>,
/// # {
///
/// let run = init("mnist").start()?;
/// let result = SupervisedTraining::new(run.dir(), train, valid)
///     .metrics((AccuracyMetric::new(), LossMetric::new()))
///     .num_epochs(10)
///     .track(&run)
///     .launch(learner);
/// println!("{}", run.finish()?);
/// # Ok(())
/// # }
/// ```
///
/// Call it once, as the last of the builder's calls before `launch`. What it takes up and leaves
/// to you:
///
/// | the builder's | what becomes of it |
/// |---|---|
/// | metric loggers | tracker's is added, and Burn's file logger, which `.summary()` needs, behind it; yours stay and are asked first |
/// | metrics | yours stay; one is added that knows the step |
/// | progress logger | untouched |
/// | renderer | tracker's bars, or Burn's dashboard where Burn would show it. Burn has room for one, and does not say whether you have set yours before: give it to [`TrackOptions`] |
/// | interrupter | the builder's, so set yours before, or give it to [`TrackOptions`] |
/// | early stopping, checkpointing strategy | untouched; those given to [`TrackOptions`] also survive [`resume`](Self::resume) |
/// | checkpointers, training strategy | untouched |
///
/// With tracking disabled the training is returned as it was, but for what the options hold.
pub trait Track<M: LearnerModel>: Sized {
    /// Logs this training to `tracker`, most often `&run`.
    ///
    /// The training's folder must be the run's: `SupervisedTraining::new(run.dir(), ..)`. If it
    /// is another one, the report says so, and [`track_in`](Self::track_in) is the call to make.
    #[must_use]
    fn track(self, tracker: impl Into<Arc<dyn Tracker>>) -> Self {
        self.track_with(tracker, TrackOptions::new())
    }

    /// Logs this training to `tracker`, where `directory` is what `SupervisedTraining::new` was
    /// given. For trainings that keep their files in a folder of their own.
    #[must_use]
    fn track_in(self, tracker: impl Into<Arc<dyn Tracker>>, directory: impl AsRef<Path>) -> Self {
        self.track_with(tracker, TrackOptions::new().directory(directory))
    }

    /// Logs this training to `tracker`, together with parts of your own.
    #[must_use]
    fn track_with(self, tracker: impl Into<Arc<dyn Tracker>>, options: TrackOptions) -> Self;

    /// Logs this training to `run`, and, if the run was resumed, goes on from its last checkpoint:
    /// with the next epoch and step, curves without a seam, and what early stopping and the choice
    /// of the best checkpoint need to know of the epochs before.
    ///
    /// A run that was not resumed is [tracked](Self::track), so a program can always call this. So
    /// is a second training in the same process. The builder must have checkpointers: without them,
    /// Burn goes on with the next epoch, but with the learner's own weights.
    ///
    /// ```no_run
    /// use burn_callback::prelude::*;
    /// # use burn_callback::{ResumeError, burn::train::{Learner, LearnerModel, SupervisedTraining}};
    /// # fn train<M: LearnerModel>(
    /// #     training: impl Fn(&std::path::Path) -> SupervisedTraining<M>,
    /// #     learner: Learner<M>,
    /// #     resume: Option<String>,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// let run = match resume {
    ///     Some(run) => init("mnist").resume(run).start()?, // such as `calm-otter-27`
    ///     None => init("mnist").start()?,
    /// };
    /// let result = training(run.dir()) // with `.with_default_checkpointers()`
    ///     .resume(&run)?
    ///     .launch(learner);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the run was resumed and has no whole checkpoint: the error says what is missing. To begin
    /// the training anew in the same run, call [`track`](Self::track).
    fn resume(self, run: &Run) -> Result<Self, ResumeError> {
        self.resume_with(run, TrackOptions::new())
    }

    /// As [`resume`](Self::resume), together with parts of your own.
    ///
    /// # Errors
    /// As [`resume`](Self::resume).
    fn resume_with(self, run: &Run, options: TrackOptions) -> Result<Self, ResumeError>;

    /// Launches this training, and logs what its learner knows: the model's structure and number
    /// of parameters, the devices, Burn's version, and the learning rate of each parameter group.
    ///
    /// A training that was not given to `tracker` yet is [tracked](Self::track) first.
    fn launch_tracked(
        self,
        tracker: impl Into<Arc<dyn Tracker>>,
        learner: Learner<M>,
    ) -> LearningResult<M>;
}

impl<M: LearnerModel> Track<M> for SupervisedTraining<M> {
    fn track_with(self, tracker: impl Into<Arc<dyn Tracker>>, options: TrackOptions) -> Self {
        install(self, tracker.into(), options, None)
    }

    fn resume_with(self, run: &Run, options: TrackOptions) -> Result<Self, ResumeError> {
        // A second training of this process begins where the first one has ended.
        if !run.is_resumed() || run.position().is_some() {
            return Ok(self.track_with(run, options));
        }
        let folder = options.directory.clone().unwrap_or_else(|| run.dir().to_owned());
        let resumed = resume::from_last_checkpoint(run, &folder)?;
        let training = self.checkpoint(resumed.epoch);
        Ok(install(training, run.into(), options, Some(resumed)))
    }

    fn launch_tracked(
        self,
        tracker: impl Into<Arc<dyn Tracker>>,
        learner: Learner<M>,
    ) -> LearningResult<M> {
        let tracker = tracker.into();
        if !tracker.enabled() {
            return self.launch(learner);
        }
        let is_ready = trainings::ready_on_this_thread(&tracker).is_some();
        let training = if is_ready { self } else { self.track(Arc::clone(&tracker)) };
        let session = trainings::ready_on_this_thread(&tracker);
        if let Some(session) = session {
            session.guarded("launch", |tracker| launch::describe(&session, tracker, &learner));
        }
        training.launch(learner)
    }
}

/// Puts tracker's parts, and the user's beside them, into the builder.
fn install<M: LearnerModel>(
    training: SupervisedTraining<M>,
    tracker: Arc<dyn Tracker>,
    mut options: TrackOptions,
    resumed: Option<Resumed>,
) -> SupervisedTraining<M> {
    let mut training = training;
    if let Some(interrupter) = options.interrupter.clone() {
        training = training.with_interrupter(interrupter);
    }
    let devices = Devices::of(options.training_strategy.as_ref());
    if let Some(strategy) = options.training_strategy.take() {
        training = training.with_training_strategy(strategy.into());
    }
    if !tracker.enabled() {
        return untracked(training, options);
    }
    let folder = Folder::of(&*tracker, options.directory);
    let checkpoints = folder.burns.as_ref().map(|folder| Checkpoints::watch(&tracker, folder));
    let session = Arc::new(Session::new(tracker, training.interrupter()));
    if let Some(resumed) = resumed {
        session.set_resumed(resumed);
    }
    trainings::add(&session);
    if folder.burns.is_none() {
        session.guarded("track", tell_of_no_folder);
    }
    let epochs = Arc::new(EpochLog::new(checkpoints));
    let logger = RunMetricLogger::new(
        Arc::clone(&session),
        Files::new(folder.burns.map(FileMetricLogger::new)),
        Arc::clone(&epochs),
        options.global_batches_per_step,
    );
    let progress = RunProgress::new(Arc::clone(&session), epochs, folder.expected);
    if let Some(users) = options.progress_logger {
        training = training.with_progress_logger(users);
    }
    with_strategies(training, &session, options.early_stopping, options.checkpointing)
        .with_metric_logger(logger)
        .metric_train(StepMetric::train(Arc::clone(&session)).on(devices))
        .metric_valid(StepMetric::valid(Arc::clone(&session)))
        .renderer(Box::new(RunRenderer::new(session, progress, options.renderer)))
}

/// With tracking disabled, only the user's own parts are put in.
fn untracked<M: LearnerModel>(
    mut training: SupervisedTraining<M>,
    options: TrackOptions,
) -> SupervisedTraining<M> {
    let session = Arc::new(Session::disabled(training.interrupter()));
    if let Some(users) = options.progress_logger {
        training = training.with_progress_logger(users);
    }
    if let Some(renderer) = options.renderer {
        training = training.renderer(renderer);
    }
    with_strategies(training, &session, options.early_stopping, options.checkpointing)
}

fn with_strategies<M: LearnerModel>(
    mut training: SupervisedTraining<M>,
    session: &Arc<Session>,
    early_stopping: Option<Box<dyn ClonedStopping>>,
    checkpointing: Option<Box<dyn CheckpointingStrategy>>,
) -> SupervisedTraining<M> {
    if let Some(users) = early_stopping {
        training = training.early_stopping(RunStopping::new(Arc::clone(session), users));
    }
    if let Some(users) = checkpointing {
        let strategy = RunCheckpointing::new(Arc::clone(session), users);
        training = training.with_checkpointing_strategy(strategy);
    }
    training
}

/// Where Burn's files are.
struct Folder {
    /// Where Burn's file logger writes; `None` if nobody knows.
    burns: Option<PathBuf>,
    /// The run's folder, if Burn's files should be in it.
    expected: Option<PathBuf>,
}

impl Folder {
    fn of(tracker: &dyn Tracker, users: Option<PathBuf>) -> Self {
        if let Some(folder) = users {
            return Self { burns: Some(folder), expected: None };
        }
        let folder = tracker.directory().map(Path::to_path_buf);
        Self { burns: folder.clone(), expected: folder }
    }
}

fn tell_of_no_folder(tracker: &dyn Tracker) {
    tracker.record(Event::Problem(Problem::new(
        "no-folder-for-burn",
        "the tracker has no folder, so Burn's metric files are not written",
        "call `.track_in(tracker, folder)` with the folder that `SupervisedTraining::new` got; \
         otherwise `.summary()` finds no values",
    )));
}
