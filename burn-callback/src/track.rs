//! The one call that makes a training log itself.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use burn::train::{LearnerModel, SupervisedTraining, logger::FileMetricLogger};
use tracker_core::{Event, Problem, Tracker};

use crate::{
    bars::Bars, logger::RunMetricLogger, panics, probe::Probe, progress::RunProgress,
    session::Session, terminal,
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
/// Call it once, as the last of the builder's calls, with an [`Interrupter`] of your own set
/// before it. What it takes up and leaves to you:
///
/// | the builder's | what becomes of it |
/// |---|---|
/// | metric loggers | Burn's file logger, which `.summary()` needs, and tracker's are added; yours stay and are asked first |
/// | metrics | yours stay; one is added that knows the step |
/// | progress logger | tracker's; Burn has room for one |
/// | renderer | Burn's dashboard stays; in place of its line a batch come progress bars (`TRACKER_PROGRESS=off` for none). Set your own after `track` |
/// | early stopping, checkpoints, interrupter, training strategy | untouched |
///
/// With tracking disabled the training is returned as it was.
///
/// [`Interrupter`]: burn::train::Interrupter
pub trait Track: Sized {
    /// Logs this training to `tracker`, most often `&run`.
    ///
    /// The training's folder must be the run's: `SupervisedTraining::new(run.dir(), ..)`. If it
    /// is another one, the report says so, and [`track_in`](Self::track_in) is the call to make.
    #[must_use]
    fn track(self, tracker: impl Into<Arc<dyn Tracker>>) -> Self;

    /// Logs this training to `tracker`, where `directory` is what `SupervisedTraining::new` was
    /// given. For trainings that keep their files in a folder of their own.
    #[must_use]
    fn track_in(self, tracker: impl Into<Arc<dyn Tracker>>, directory: impl AsRef<Path>) -> Self;
}

impl<M: LearnerModel> Track for SupervisedTraining<M> {
    fn track(self, tracker: impl Into<Arc<dyn Tracker>>) -> Self {
        let tracker = tracker.into();
        let directory = tracker.directory().map(Path::to_path_buf);
        install(self, tracker, directory.clone(), directory)
    }

    fn track_in(self, tracker: impl Into<Arc<dyn Tracker>>, directory: impl AsRef<Path>) -> Self {
        install(self, tracker.into(), Some(directory.as_ref().to_path_buf()), None)
    }
}

fn install<M: LearnerModel>(
    training: SupervisedTraining<M>,
    tracker: Arc<dyn Tracker>,
    directory: Option<PathBuf>,
    expected: Option<PathBuf>,
) -> SupervisedTraining<M> {
    if !tracker.enabled() {
        return training;
    }
    let session = Arc::new(Session::new(Arc::clone(&tracker), training.interrupter()));
    if let Some(directory) = &directory {
        session.follow_checkpoints(&tracker, directory);
    }
    let training = with_files(training, &*tracker, directory);
    drop(tracker);
    panics::release_on_panic(&session);
    let training = training
        .with_metric_logger(RunMetricLogger::new(Arc::clone(&session)))
        .metric_train(Probe::train(Arc::clone(&session)))
        .metric_valid(Probe::valid(Arc::clone(&session)))
        .with_progress_logger(RunProgress::new(session, expected));
    if terminal::belongs_to_burn() { training } else { training.renderer(Box::new(Bars::new())) }
}

/// Burn drops its own file logger as soon as there is another logger, and with it what
/// `.summary()` reads. So it comes back, before ours: Burn's reads are answered by the first.
fn with_files<M: LearnerModel>(
    training: SupervisedTraining<M>,
    tracker: &dyn Tracker,
    directory: Option<PathBuf>,
) -> SupervisedTraining<M> {
    if let Some(directory) = directory {
        return training.with_metric_logger(FileMetricLogger::new(directory));
    }
    tracker.record(Event::Problem(Problem::new(
        "no-folder-for-burn",
        "the tracker has no folder, so Burn's metric files are not written",
        "call `.track_in(tracker, folder)` with the folder that `SupervisedTraining::new` got; \
         otherwise `.summary()` finds no values",
    )));
    training
}
