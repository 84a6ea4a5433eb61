//! Burn's learner.

mod deciding;
mod settings;

use std::{path::Path, sync::Arc};

use burn::{
    prelude::*,
    train::{
        Interrupter, Learner, SupervisedTraining,
        logger::InMemoryMetricLogger,
        metric::{AccuracyMetric, LearningRateMetric, LossMetric},
    },
};
use burn_callback::{Track as _, TrackOptions, Watch as _, WatchOptions};

pub(crate) use self::settings::LearnerTraining;
use self::{
    deciding::{Keeping, Notes, Stopping, Told},
    settings::{Entry, Loggers},
};
use crate::{
    burn_model::{Classifier, Mlp, interrupt},
    ending::Ending,
    quiet::Quiet,
    trackers::{Kind, Tracking},
    training::Training,
};

/// Parts of a training that the builder takes, or the options of its tracking.
struct Parts {
    stopping: Option<Stopping>,
    keeping: Option<Keeping>,
    interrupter: Interrupter,
}

impl Parts {
    fn into_builder<M: Classifier>(self, training: SupervisedTraining<M>) -> SupervisedTraining<M> {
        let training = training.with_interrupter(self.interrupter);
        let training = match self.stopping {
            Some(stopping) => training.early_stopping(stopping),
            None => training,
        };
        match self.keeping {
            Some(keeping) => training.with_checkpointing_strategy(keeping),
            None => training,
        }
    }

    fn into_options(self, options: TrackOptions) -> TrackOptions {
        let options = options.interrupter(self.interrupter);
        let options = match self.stopping {
            Some(stopping) => options.early_stopping(stopping),
            None => options,
        };
        match self.keeping {
            Some(keeping) => options.checkpointing_strategy(keeping),
            None => options,
        }
    }
}

impl LearnerTraining {
    /// Trains, and once more from the last checkpoint if that is asked for.
    fn train<M: Classifier>(
        &self,
        folder: &Path,
        model: impl Fn(&Device) -> M,
        launch: impl Fn(SupervisedTraining<M>, Parts, Learner<M>) -> M,
    ) -> Ending {
        let (notes, mut ending) = (Notes::default(), Ending::default());
        let mut stage = |epochs: usize, checkpoint: Option<usize>| {
            let device = self.model.device();
            let mut training = self.training(folder, &device).num_epochs(epochs);
            if let Some(epoch) = checkpoint {
                training = training.checkpoint(epoch);
            }
            let learner = Learner::new(model(&device), self.model.optimizer(), self.schedule());
            let parts = self.parts(&notes);
            interrupt(&parts.interrupter, self.interrupted);
            let interrupter = parts.interrupter.clone();
            let model = launch(training, parts, learner);
            interrupt(&interrupter, None);
            model.mlp().weigh(&mut ending);
            let interruption = (interrupter.should_stop(), interrupter.get_message());
            ending.decide(format!("interrupted: {interruption:?}"));
            if interrupter.should_stop() {
                ending.marks.insert("interrupted");
            }
            !interrupter.should_stop()
        };
        let is_whole = stage(self.epochs, None);
        // From the last one. Beyond an earlier one there are files of epochs that are trained again: without
        // tracking Burn reads them as if these were over, with tracking nobody does.
        let last = if self.stops.is_some() { notes.last_epoch() } else { self.epochs };
        let saved = folder.join(format!("checkpoint/model-{last}.bpk"));
        if is_whole && self.goes_on_for > 0 && saved.exists() {
            stage(last + self.goes_on_for, Some(last));
            ending.marks.insert("went on from a checkpoint");
        }
        notes.tell(&mut ending);
        let files =
            if self.loggers == Loggers::Burns { folder } else { &folder.join("checkpoint") };
        if files.exists() {
            ending.keep_files(files, "Tracker_Step.log");
        }
        if self.accumulation.is_some_and(|batches| batches > self.model.batches()) {
            ending.marks.insert("accumulated over more than an epoch");
        }
        ending
    }

    fn parts(&self, notes: &Notes) -> Parts {
        Parts {
            stopping: self.stops.as_ref().map(|stops| stops.strategy(self.asked(), notes)),
            keeping: self.keeps.strategy(notes),
            interrupter: Interrupter::new(),
        }
    }

    fn training<M: Classifier>(&self, folder: &Path, device: &Device) -> SupervisedTraining<M> {
        let (train, valid) = (self.model.loader(device), self.model.valid_loader(device));
        let mut training =
            SupervisedTraining::new(folder, train, valid).with_application_logger(None);
        if self.has_loss {
            training = training.metrics((LossMetric::new(),));
        }
        if self.has_others {
            training = training
                .metric_train_numeric(AccuracyMetric::new())
                .metric_valid_numeric(AccuracyMetric::new())
                .metric_train_numeric(LearningRateMetric::new());
        }
        for odd in &self.odd {
            training = odd.register(training);
        }
        if let Some(batches) = self.accumulation {
            training = training.grads_accumulation(batches);
        }
        if self.keeps.saves() {
            training = training.with_default_checkpointers();
        }
        match self.loggers {
            Loggers::Burns => training,
            Loggers::InMemory => training.with_metric_logger(InMemoryMetricLogger::new()),
            Loggers::Users => training.with_metric_logger(Told::default()),
        }
    }

    fn launch_tracked<M: Classifier>(
        &self,
        tracking: &Tracking,
        folder: &Path,
        training: SupervisedTraining<M>,
        parts: Parts,
        learner: Learner<M>,
    ) -> M {
        let tracker = Arc::clone(&tracking.tracker);
        let mut options = TrackOptions::new();
        if self.tracking.is_quiet {
            options = options.renderer(Box::new(Quiet));
        }
        if let Some(batches) = self.accumulation.filter(|_| self.tracking.tells_accumulation) {
            options = options.grads_accumulation(batches);
        }
        let training = if self.tracking.gives_parts {
            options = parts.into_options(options);
            training
        } else {
            parts.into_builder(training)
        };
        let is_own_folder = tracking.run.as_ref().is_none_or(|run| folder != run.dir());
        if is_own_folder {
            options = options.directory(folder);
        }
        let tracked = match (self.tracking.entry, &tracking.run) {
            (Entry::Resume, Some(run)) => training.resume_with(run, options).unwrap(),
            (Entry::Twice, _) => {
                let first = training.track_in(Arc::clone(&tracker), folder);
                first.track_with(Arc::clone(&tracker), options)
            }
            _ => training.track_with(Arc::clone(&tracker), options),
        };
        match self.tracking.entry {
            Entry::LaunchTracked => tracked.launch_tracked(tracker, learner).model,
            _ => tracked.launch(learner).model,
        }
    }

    fn train_tracked(&self, tracking: Tracking) -> Ending {
        let folder = match &tracking.run {
            Some(run) if self.tracking.in_runs_folder && self.tracking.tracker == Kind::Run => {
                run.dir().to_owned()
            }
            _ => tracking.own_folder(),
        };
        let ending = match self.tracking.watches_every {
            Some(every) => self.train(
                &folder,
                |device| {
                    let options = WatchOptions::new().every(every).histogram_bins(4);
                    tracking.tracker.watch_with(self.model.model(device), options)
                },
                |training, parts, learner| {
                    self.launch_tracked(&tracking, &folder, training, parts, learner)
                },
            ),
            None => self.train::<Mlp>(
                &folder,
                |device| self.model.model(device),
                |training, parts, learner| {
                    self.launch_tracked(&tracking, &folder, training, parts, learner)
                },
            ),
        };
        tracking.finish();
        ending
    }
}

impl Training for LearnerTraining {
    fn loop_name(&self) -> &'static str {
        "burn's learner"
    }

    fn bare(&self) -> Ending {
        let folder = tempfile::tempdir().unwrap();
        self.train::<Mlp>(
            folder.path(),
            |device| self.model.model(device),
            |training, parts, learner| {
                parts.into_builder(training).renderer(Box::new(Quiet)).launch(learner).model
            },
        )
    }

    fn tracked(&self) -> Vec<(&'static str, Ending)> {
        let mut endings =
            vec![("tracked", self.train_tracked(Tracking::start(self.tracking.tracker)))];
        if self.tracking.also_disabled {
            endings.push(("with tracking disabled", self.train_tracked(Tracking::disabled())));
        }
        endings
    }
}
