//! A small training that every test can afford: 100 points in two classes, 16 a batch.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use std::{
    path::Path,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use burn::{
    data::{
        dataloader::{DataLoader, DataLoaderBuilder, batcher::Batcher},
        dataset::InMemDataset,
    },
    lr_scheduler::module_lr_scheduler::ModuleLrScheduler,
    module::Param,
    nn::{Linear, LinearConfig, Relu, loss::CrossEntropyLossConfig},
    optim::AdamConfig,
    prelude::*,
    tensor::TensorReadError,
    train::{
        ClassificationOutput, InferenceStep, Learner, SupervisedTraining, TrainOutput, TrainStep,
        metric::{AccuracyMetric, LossMetric, Metric, MetricMetadata, MetricName, SerializedEntry},
    },
};
use burn_callback::prelude::*;

/// The version of Burn, and what it says of how far a split has come. `burn-callback/next` is built on
/// the next one.
#[cfg(not(feature = "burn-0-23"))]
pub const BURN: &str = "0.22.1";
#[cfg(not(feature = "burn-0-23"))]
pub type Items<'a> = usize;
#[cfg(feature = "burn-0-23")]
pub const BURN: &str = "0.23.0-pre.1";
#[cfg(feature = "burn-0-23")]
pub type Items<'a> = &'a burn::data::dataloader::Progress;

pub const ITEMS: usize = 100;
pub const BATCH: usize = 16;
pub const BATCHES: u64 = 7;

#[derive(Module, Debug)]
pub struct Mlp {
    hidden: Linear,
    activation: Relu,
    output: Linear,
}

impl Mlp {
    pub fn new(device: &Device) -> Self {
        Self {
            hidden: LinearConfig::new(2, 8).init(device),
            activation: Relu::new(),
            output: LinearConfig::new(8, 2).init(device),
        }
    }

    fn classify(&self, batch: Points) -> ClassificationOutput {
        let hidden = self.activation.forward(self.hidden.forward(batch.inputs));
        let output = self.output.forward(hidden);
        let loss = CrossEntropyLossConfig::new()
            .init(&output.device())
            .forward(output.clone(), batch.classes.clone());
        ClassificationOutput::new(loss, output, batch.classes)
    }

    /// All weights, to compare bit by bit.
    pub fn weights(&self) -> Vec<f32> {
        let mut tensors = Vec::new();
        for layer in [&self.hidden, &self.output] {
            tensors.push(layer.weight.val().flatten::<1>(0, 1));
            tensors.extend(layer.bias.as_ref().map(Param::val));
        }
        let values =
            tensors.into_iter().map(|tensor| tensor.into_data().try_to_vec::<f32>().unwrap());
        values.flatten().collect()
    }
}

#[derive(Debug, Clone)]
pub struct Points {
    pub inputs: Tensor<2>,
    pub classes: Tensor<1, Int>,
}

impl TrainStep for Mlp {
    type Input = Points;
    type Output = ClassificationOutput;

    fn step(&self, batch: Points) -> TrainOutput<ClassificationOutput> {
        if let Some(step) = PANIC_AT.get() {
            assert!(TRAINED.get() < step, "the user's model gave up");
        }
        TRAINED.set(TRAINED.get() + 1);
        let output = self.classify(batch);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl InferenceStep for Mlp {
    type Input = Points;
    type Output = ClassificationOutput;

    fn step(&self, batch: Points) -> ClassificationOutput {
        self.classify(batch)
    }
}

thread_local! {
    /// How many batches this thread has trained on.
    pub static TRAINED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    /// The batch at which the model panics.
    pub static PANIC_AT: std::cell::Cell<Option<usize>> = const { std::cell::Cell::new(None) };
}

#[derive(Clone)]
pub struct PointBatcher;

impl Batcher<([f32; 2], i64), Points> for PointBatcher {
    fn batch(&self, items: Vec<([f32; 2], i64)>, device: &Device) -> Points {
        let inputs: Vec<f32> = items.iter().flat_map(|(point, _)| *point).collect();
        let classes: Vec<i64> = items.iter().map(|(_, class)| *class).collect();
        Points {
            inputs: Tensor::<1>::from_floats(&inputs[..], device).reshape([items.len(), 2]),
            classes: Tensor::from_ints(&classes[..], device),
        }
    }
}

/// Points around two centers that overlap a little, always the same ones.
pub fn points() -> InMemDataset<([f32; 2], i64)> {
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32 * 3.0 - 1.5
    };
    let point = |index: usize| {
        let class = i64::from(index % 2 == 1);
        let center = if class == 1 { 0.6 } else { -0.6 };
        ([center + noise(), center + noise()], class)
    };
    InMemDataset::new((0..ITEMS).map(point).collect())
}

pub fn loader() -> Arc<dyn DataLoader<Points>> {
    DataLoaderBuilder::new(PointBatcher).batch_size(BATCH).shuffle(3).build(points())
}

/// Batches in the same order in each epoch, so that an epoch does not depend on how many there
/// were before it in the same process.
pub fn ordered_loader() -> Arc<dyn DataLoader<Points>> {
    loader_of(BATCH)
}

/// The same with batches of another size.
pub fn loader_of(batch: usize) -> Arc<dyn DataLoader<Points>> {
    DataLoaderBuilder::new(PointBatcher).batch_size(batch).build(points())
}

pub fn training(directory: impl AsRef<Path>, epochs: usize) -> SupervisedTraining<Mlp> {
    training_on(loader(), directory, epochs)
}

pub fn training_on(
    loader: Arc<dyn DataLoader<Points>>,
    directory: impl AsRef<Path>,
    epochs: usize,
) -> SupervisedTraining<Mlp> {
    SupervisedTraining::new(directory, Arc::clone(&loader), loader)
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .with_application_logger(None)
        .num_epochs(epochs)
}

/// Always the same weights to start from.
pub fn model() -> Mlp {
    seeded_model(7)
}

/// The generator is the process's, and weights are drawn when they are first read.
fn seeded_model(seed: u64) -> Mlp {
    static GENERATOR: Mutex<()> = Mutex::new(());
    let _one_at_a_time = GENERATOR.lock().unwrap();
    let device = Device::flex().autodiff();
    device.seed(seed);
    let model = Mlp::new(&device);
    model.weights();
    model
}

/// Always the same weights to start from.
pub fn learner(learning_rate: f64) -> Learner<Mlp> {
    scheduled_learner(7, learning_rate)
}

/// The same for weights of your own and any schedule of the learning rate.
pub fn scheduled_learner(seed: u64, schedule: impl Into<ModuleLrScheduler>) -> Learner<Mlp> {
    Learner::new(seeded_model(seed), AdamConfig::new().init(), schedule)
}

/// A tracker to look into, and the form in which `track` takes it.
pub fn memory() -> (MemoryTracker, Arc<dyn Tracker>) {
    let memory = MemoryTracker::new();
    let tracker: Arc<dyn Tracker> = Arc::new(memory.clone());
    (memory, tracker)
}

pub fn values(tracker: &MemoryTracker, metric: &str) -> Vec<f64> {
    tracker.series(metric).into_iter().map(|(_, value)| value).collect()
}

pub fn steps(tracker: &MemoryTracker, metric: &str) -> Vec<u64> {
    tracker.series(metric).into_iter().map(|(step, _)| step.0).collect()
}

/// Each step of three epochs was logged once, and each epoch at its last step.
pub fn assert_three_epochs(seen: &MemoryTracker) {
    let all: Vec<u64> = (0..3 * BATCHES).collect();
    for metric in ["batch/train/loss", "batch/train/accuracy", "batch/train/items"] {
        assert_eq!(steps(seen, metric), all, "{metric}");
    }
    let ends = [BATCHES - 1, 2 * BATCHES - 1, 3 * BATCHES - 1];
    for metric in ["train/loss", "train/accuracy", "valid/loss", "valid/accuracy", "epoch"] {
        assert_eq!(steps(seen, metric), ends, "{metric}");
    }
    assert_eq!(values(seen, "epoch"), [1.0, 2.0, 3.0]);
}

/// A metric that makes each batch take its time, so that somebody else can act in between.
#[derive(Clone)]
pub struct Slow(pub Duration);

impl Metric for Slow {
    type Input = ();

    fn name(&self) -> MetricName {
        MetricName::new("Slow".to_owned())
    }

    fn update(&mut self, (): &(), _: &MetricMetadata) -> Result<SerializedEntry, TensorReadError> {
        thread::sleep(self.0);
        Ok(SerializedEntry::not_available(None))
    }

    fn compute(&mut self) -> Result<SerializedEntry, TensorReadError> {
        Ok(SerializedEntry::not_available(None))
    }

    fn clear(&mut self) {}
}
