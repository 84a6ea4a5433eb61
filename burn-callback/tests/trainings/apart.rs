//! Devices that train apart, each in a thread of its own: what Burn's `ExecutionStrategy::ddp` tells, and
//! what counts as a step.
//!
//! Only GPUs share gradients. Here Burn's own strategy runs on two CPU devices, with a model that shares
//! none, but waits for its copy in each step as if it did.

use std::{
    any::type_name,
    fmt,
    path::Path,
    sync::{Arc, Barrier, Mutex},
};

use crate::common::{ITEMS, Mlp, Points, loader_of, memory, model, steps, values};
use burn::{
    lr_scheduler::{
        exponential::ExponentialLrSchedulerConfig,
        module_lr_scheduler::{ModuleLearningRate, ModuleLrScheduler},
    },
    module::{Devices, Module, ModuleMapper, ModuleVisitor},
    optim::AdamConfig,
    tensor::{
        Device, TensorReadError,
        distributed::{DistributedConfig, DistributedContext, ReduceOperation},
    },
    train::{
        ClassificationOutput, ExecutionStrategy, InferenceStep, Learner, SupervisedTraining,
        TrainOutput, TrainStep,
        metric::{AccuracyMetric, LossMetric, Metric, MetricMetadata, MetricName, SerializedEntry},
    },
};
use burn_callback::prelude::*;

/// A model whose two copies train without each other's gradients, step by step.
#[derive(Debug, Clone)]
struct Alone {
    model: Mlp,
    step: Arc<Barrier>,
}

impl Alone {
    fn map_inner(self, change: impl FnOnce(Mlp) -> Mlp) -> Self {
        Self { model: change(self.model), ..self }
    }
}

impl Module for Alone {
    fn collect_devices(&self, devices: Devices) -> Devices {
        self.model.collect_devices(devices)
    }

    fn fork(self, device: &Device) -> Self {
        self.map_inner(|model| model.fork(device))
    }

    fn to_device(self, device: &Device) -> Self {
        self.map_inner(|model| model.to_device(device))
    }

    fn train(self) -> Self {
        self.map_inner(Mlp::train)
    }

    fn valid(&self) -> Self {
        self.clone().map_inner(|model| model.valid())
    }

    fn materialize(self) -> Self {
        self.map_inner(Mlp::materialize)
    }

    fn visit<V: ModuleVisitor>(&self, visitor: &mut V) {
        self.model.visit(visitor);
    }

    /// Without what marks the parameters of devices that share their gradients.
    fn map<P: ModuleMapper>(self, mapper: &mut P) -> Self {
        let shares = type_name::<P>().ends_with("ModuleSharder");
        if shares { self } else { self.map_inner(|model| model.map(mapper)) }
    }
}

impl fmt::Display for Alone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.model.fmt(f)
    }
}

impl TrainStep for Alone {
    type Input = Points;
    type Output = ClassificationOutput;

    fn step(&self, batch: Points) -> TrainOutput<ClassificationOutput> {
        self.step.wait();
        TrainStep::step(&self.model, batch)
    }
}

impl InferenceStep for Alone {
    type Input = Points;
    type Output = ClassificationOutput;

    fn step(&self, batch: Points) -> ClassificationOutput {
        InferenceStep::step(&self.model, batch)
    }
}

fn learner(schedule: impl Into<ModuleLrScheduler>) -> Learner<Alone> {
    let model = Alone { model: model(), step: Arc::new(Barrier::new(2)) };
    Learner::new(model, AdamConfig::new().init(), schedule)
}

/// Two devices, under Burn's own strategy.
fn strategy() -> ExecutionStrategy {
    let config = DistributedConfig { all_reduce_op: ReduceOperation::Mean };
    ExecutionStrategy::DistributedDataParallel {
        devices: vec![Device::flex().autodiff(); 2],
        context: DistributedContext::init(Vec::new(), config),
    }
}

/// A training on two devices.
fn training(directory: impl AsRef<Path>, batch: usize) -> SupervisedTraining<Alone> {
    SupervisedTraining::new(directory, loader_of(batch), loader_of(batch))
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .with_application_logger(None)
        .num_epochs(EPOCHS)
}

/// Tracks a training on two devices. Burn 0.22 shows them, Burn 0.23 does not.
fn tracked(
    training: SupervisedTraining<Alone>,
    tracker: Arc<dyn Tracker>,
    directory: impl AsRef<Path>,
) -> SupervisedTraining<Alone> {
    #[cfg(not(feature = "burn-0-23"))]
    return training.with_training_strategy(strategy().into()).track_in(tracker, directory);
    #[cfg(feature = "burn-0-23")]
    return training.track_with(
        tracker,
        TrackOptions::new().directory(directory).training_strategy(strategy()),
    );
}

const EPOCHS: usize = 3;

/// Each step once, with the values and items of both devices.
fn assert_steps(seen: &MemoryTracker, per_epoch: u64) {
    let all: Vec<u64> = (0..EPOCHS as u64 * per_epoch).collect();
    for metric in ["batch/train/loss", "batch/train/accuracy"] {
        assert_eq!(steps(seen, metric), all, "{metric}");
    }
    let items = values(seen, "batch/train/items");
    for epoch in items.chunks(per_epoch as usize) {
        assert_eq!(epoch.iter().sum::<f64>(), ITEMS as f64, "{items:?}");
    }
    let ends: Vec<u64> = (1..=EPOCHS as u64).map(|epoch| epoch * per_epoch - 1).collect();
    for metric in ["epoch", "train/loss", "valid/loss", "epoch_seconds"] {
        assert_eq!(steps(seen, metric), ends, "{metric}");
    }
    assert_eq!(seen.problems(), []);
}

#[test]
fn a_step_is_one_batch_of_each_device() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    let halving = ExponentialLrSchedulerConfig::new(1.0, 0.5).init().unwrap();
    tracked(training(&directory, 16), tracker, &directory).launch(learner(halving));

    // 50 items on each device make four batches, the last of two items.
    assert_steps(&seen, 4);
    assert_eq!(values(&seen, "batch/train/items")[..4], [32.0, 32.0, 32.0, 4.0]);
    let halved: Vec<f64> = (0..12).map(|step| 0.5_f64.powi(step)).collect();
    assert_eq!(values(&seen, "learning_rate"), halved);
}

#[test]
fn devices_apart_may_gather_gradients() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    let halving = ExponentialLrSchedulerConfig::new(1.0, 0.5).init().unwrap();
    tracked(training(&directory, 4).grads_accumulation(3), tracker, &directory)
        .launch(learner(halving));

    // Of 13 batches on each device, the last one makes a step alone.
    assert_steps(&seen, 5);
    assert_eq!(values(&seen, "batch/train/items")[..5], [24.0, 24.0, 24.0, 24.0, 4.0]);
    // Burn 0.23 does not tell the rate of the last step: no batch comes after it.
    let told = if cfg!(feature = "burn-0-23") { 14 } else { 15 };
    let halved: Vec<f64> = (0..told).map(|step| 0.5_f64.powi(step)).collect();
    assert_eq!(values(&seen, "learning_rate"), halved);
}

/// Burn's builder keeps the strategy to itself; the rates may tell.
#[cfg(feature = "burn-0-23")]
#[test]
fn devices_apart_that_nobody_told_of_are_a_problem() {
    let directory = tempfile::tempdir().unwrap();
    let (seen, tracker) = memory();
    let halving = ExponentialLrSchedulerConfig::new(1.0, 0.5).init().unwrap();
    training(&directory, 16)
        .with_training_strategy(strategy().into())
        .track_in(tracker, &directory)
        .launch(learner(halving));
    let problems = seen.problems();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].kind, "devices-not-known");
}

/// The number of each batch, what was processed with it, and its learning rate.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<(usize, usize, f64)>>>);

impl Metric for Seen {
    type Input = ();

    fn name(&self) -> MetricName {
        MetricName::new("Seen".to_owned())
    }

    fn update(
        &mut self,
        (): &(),
        metadata: &MetricMetadata,
    ) -> Result<SerializedEntry, TensorReadError> {
        let rate = metadata.lr.as_ref().map_or(f64::NAN, ModuleLearningRate::base);
        let number = metadata.iteration.unwrap();
        self.0.lock().unwrap().push((number, metadata.progress.items_processed, rate));
        Ok(SerializedEntry::not_available(None))
    }

    fn compute(&mut self) -> Result<SerializedEntry, TensorReadError> {
        Ok(SerializedEntry::not_available(None))
    }

    fn clear(&mut self) {}
}

/// What a metric sees of the batches of two devices.
fn recorded(gathered: usize) -> Vec<(usize, usize, f64)> {
    let directory = tempfile::tempdir().unwrap();
    let seen = Seen::default();
    let halving = ExponentialLrSchedulerConfig::new(1.0, 0.5).init().unwrap();
    training(&directory, 16)
        .num_epochs(2)
        .metric_train(seen.clone())
        .grads_accumulation(gathered)
        .with_training_strategy(strategy().into())
        .launch(learner(halving));
    seen.0.lock().unwrap().clone()
}

/// Rounds of batches, one of each device: numbers and progress go on with each batch, and the rate is the
/// round's.
#[cfg(feature = "burn-0-23")]
#[test]
fn burn_tells_of_devices_apart_as_of_one() {
    let processed = [16, 32, 48, 64, 80, 96, 98, 100];
    let expected: Vec<_> = (0..16)
        .map(|batch| (batch % 8 + 1, processed[batch % 8], 0.5_f64.powi(batch as i32 / 2)))
        .collect();
    assert_eq!(recorded(1), expected);
}

/// With gathered gradients, the last step of an epoch comes after its batches: the rate stays behind.
#[cfg(feature = "burn-0-23")]
#[test]
fn burn_takes_the_last_step_of_an_epoch_after_its_batches() {
    let rates: Vec<f64> = recorded(3).into_iter().map(|(.., rate)| rate).collect();
    let [zero, first, second, third] = [[0.0; 4], [1.0; 4], [0.5; 4], [0.25; 4]];
    assert_eq!(rates, [zero, first, second, third].concat());
}

/// Each device counts its own batches by the number of devices, in any order.
#[cfg(not(feature = "burn-0-23"))]
#[test]
fn burn_tells_of_devices_apart_in_any_order() {
    let mut seen: Vec<_> =
        recorded(1).into_iter().map(|(number, items, _)| (number, items)).collect();
    seen.sort_unstable();
    let expected = [(2, 32), (4, 64), (6, 96), (8, 100)];
    assert_eq!(seen, expected.map(|of| [of; 4]).concat());
}
