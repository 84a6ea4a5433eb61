//! The example's training, in each of the ways that are compared.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use burn::{
    data::dataloader::DataLoader,
    optim::AdamConfig,
    tensor::Device,
    train::{
        ClassificationOutput, InferenceStep, Learner, LearnerModel, SupervisedTraining, TrainStep,
        metric::{AccuracyMetric, LossMetric},
    },
};
use burn_callback::prelude::*;
use mnist_data::Images;
use rustix::time::{ClockId, clock_gettime};

use crate::{
    data::{self, Batch},
    model::Model,
    quiet::Quiet,
};

pub(crate) const BATCH_SIZE: usize = 32;
const SEED: u64 = 42;

/// How a model is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Bare,
    BareAgain,
    Track,
    Watch,
}

pub(crate) const WAYS: [Way; 4] = [Way::Bare, Way::BareAgain, Way::Track, Way::Watch];

impl Way {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::BareAgain => "bare again",
            Self::Track => "track",
            Self::Watch => "track and watch",
        }
    }

    /// How many percent it may cost.
    pub(crate) fn goal(self) -> Option<f64> {
        match self {
            Self::Bare | Self::BareAgain => None,
            Self::Track => Some(0.5),
            Self::Watch => Some(3.0),
        }
    }
}

/// What a training took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    pub(crate) seconds: f64,
    /// Of all threads of this process.
    pub(crate) cpu_seconds: f64,
}

/// The data, how often to go over them, and where runs are stored.
pub(crate) struct Bench {
    train: Arc<dyn DataLoader<Batch>>,
    valid: Arc<dyn DataLoader<Batch>>,
    epochs: usize,
    root: PathBuf,
}

impl Bench {
    pub(crate) fn new(root: &Path, epochs: usize) -> Self {
        Self::of(root, epochs, [usize::MAX; 2])
    }

    /// On the first images alone: so many to train on, so many to validate.
    pub(crate) fn of(root: &Path, epochs: usize, [train, valid]: [usize; 2]) -> Self {
        let mnist = mnist_data::load(None).unwrap();
        Self {
            train: data::loader(&first(mnist.train, train), BATCH_SIZE, Some(SEED)),
            valid: data::loader(&first(mnist.test, valid), BATCH_SIZE, None),
            epochs,
            root: root.to_owned(),
        }
    }

    /// What an epoch goes over.
    pub(crate) fn size(&self) -> String {
        let (train, valid) = (self.train.num_items(), self.valid.num_items());
        format!("{train} images to train on, {valid} to validate, {BATCH_SIZE} a batch")
    }

    /// Trains. The same weights begin each time.
    pub(crate) fn train(&self, way: Way) -> Taken {
        let device = Device::flex().autodiff();
        device.seed(SEED);
        let model = Model::new(&device);
        if matches!(way, Way::Bare | Way::BareAgain) {
            let folder = tempfile::tempdir_in(&self.root).unwrap();
            return timed(self.training(folder.path()), model);
        }
        let run = init("overhead").dir(self.root.join("store")).start().unwrap();
        let taken = if way == Way::Track {
            timed(self.training(run.dir()).track_in(&run, run.dir()), model)
        } else {
            timed(self.training(run.dir()).track_in(&run, run.dir()), run.watch(model))
        };
        run.finish().unwrap();
        taken
    }

    /// Without Burn's application log: a process has one of them, so only the first training
    /// would write it.
    fn training<M: Classifier>(&self, folder: &Path) -> SupervisedTraining<M> {
        SupervisedTraining::new(folder, Arc::clone(&self.train), Arc::clone(&self.valid))
            .metrics((AccuracyMetric::new(), LossMetric::new()))
            .with_application_logger(None)
            .num_epochs(self.epochs)
    }
}

fn first(mut images: Images, count: usize) -> Images {
    images.pixels.truncate(count.saturating_mul(images.width * images.height));
    images.labels.truncate(count);
    images
}

fn timed<M: LearnerModel>(training: SupervisedTraining<M>, model: M) -> Taken {
    let learner = Learner::new(model, AdamConfig::new().init(), 2e-3);
    let training = training.renderer(Box::new(Quiet));
    let (begun, cpu) = (Instant::now(), cpu_seconds());
    training.launch(learner);
    Taken { seconds: begun.elapsed().as_secs_f64(), cpu_seconds: cpu_seconds() - cpu }
}

pub(crate) fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// A model that the example's data fit.
trait Classifier:
    LearnerModel
    + TrainStep<Input = Batch, Output = ClassificationOutput>
    + InferenceStep<Input = Batch, Output = ClassificationOutput>
{
}

impl<M> Classifier for M where
    M: LearnerModel
        + TrainStep<Input = Batch, Output = ClassificationOutput>
        + InferenceStep<Input = Batch, Output = ClassificationOutput>
{
}
