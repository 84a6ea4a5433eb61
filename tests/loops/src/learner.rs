//! A training that Burn's learner runs.

use std::{cell::RefCell, ops::ControlFlow, sync::Arc};

use burn::{
    data::{
        dataloader::{DataLoader, DataLoaderBuilder, batcher::Batcher},
        dataset::InMemDataset,
    },
    module::Param,
    optim::SgdConfig,
    prelude::*,
    train::{
        ClassificationOutput, InferenceStep, Learner as BurnLearner, SupervisedTraining,
        TrainOutput, TrainStep,
        metric::{AccuracyMetric, LossMetric},
    },
};
use burn_callback::{Track as _, TrackOptions};
use tracker_core::MemoryTracker;

use crate::{Evaluating, Way, burn_loop::answers};

/// Hooked with `.track`. The learner owns its loop, so this keeps what the script tells, and then has it
/// trained. It takes epochs that are all alike, of losses and right answers.
#[derive(Debug)]
pub struct Learner {
    tracker: MemoryTracker,
    told: RefCell<Told>,
}

#[derive(Debug, Default)]
struct Told {
    epochs: Vec<Epoch>,
    sizes: (usize, usize),
}

#[derive(Debug, Default, Clone, PartialEq)]
struct Epoch {
    batches: Vec<Answers>,
    valid: Vec<Answers>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq)]
struct Answers {
    loss: f64,
    correct: u32,
    total: u32,
}

impl Learner {
    /// Logs to this tracker.
    pub fn hook(tracker: &MemoryTracker) -> Self {
        Self { tracker: tracker.clone(), told: RefCell::default() }
    }

    fn last_batch(&self, tell: impl FnOnce(&mut Answers)) {
        let mut told = self.told.borrow_mut();
        tell(told.epochs.last_mut().unwrap().batches.last_mut().unwrap());
    }
}

impl Way for Learner {
    fn epochs(&self, epochs: u64, epoch: &mut dyn FnMut(u64) -> ControlFlow<()>) {
        for number in 1..=epochs {
            self.told.borrow_mut().epochs.push(Epoch::default());
            assert!(epoch(number).is_continue(), "a learner is not left");
        }
    }

    fn batches(&self, items: usize, size: usize, batch: &mut dyn FnMut(usize) -> ControlFlow<()>) {
        self.told.borrow_mut().sizes.0 = size;
        for index in 0..items.div_ceil(size) {
            self.told.borrow_mut().epochs.last_mut().unwrap().batches.push(Answers::default());
            assert!(batch(index).is_continue(), "a learner is not left");
        }
    }

    fn loss(&self, loss: f64) {
        self.last_batch(|batch| batch.loss = loss);
    }

    fn accuracy(&self, correct: u32, total: u32) {
        self.last_batch(|batch| (batch.correct, batch.total) = (correct, total));
    }

    fn metric(&self, name: &str, _: f64) {
        unimplemented!("{name}: a learner has metrics of its own");
    }

    fn batch_size(&self, _: usize) {}

    fn step(&self) {
        unimplemented!("a learner counts its steps");
    }

    fn counts_steps(&self) {
        unimplemented!("a learner counts its steps");
    }

    fn episode(&self, _: f64, _: u64) {
        unimplemented!("a learner has no episodes");
    }

    fn evaluate(&self, name: &str, evaluate: &mut dyn FnMut(&dyn Evaluating)) {
        assert_eq!(name, "valid");
        evaluate(self);
    }

    fn flush(&self) {}

    fn end(&self) {
        let told = self.told.take();
        let first = told.epochs[0].clone();
        assert!(told.epochs.iter().all(|epoch| *epoch == first), "a learner's epochs are alike");
        let directory = std::env::temp_dir().join(format!("loop-tests-{}", std::process::id()));
        let train = loader(&first.batches, told.sizes.0);
        let valid = loader(&first.valid, told.sizes.1);
        let device = Device::flex().autodiff();
        SupervisedTraining::new(&directory, train, valid)
            .metrics((AccuracyMetric::new(), LossMetric::new()))
            .with_application_logger(None)
            .num_epochs(told.epochs.len())
            .track_with(self.tracker.clone(), TrackOptions::new().directory(&directory))
            .launch(BurnLearner::new(Model::new(&device), SgdConfig::new().init(), 0.5));
        std::fs::remove_dir_all(directory).unwrap();
    }
}

impl Evaluating for Learner {
    fn batch(&self, items: u32, loss: f64, correct: u32) {
        let mut told = self.told.borrow_mut();
        told.sizes.1 = told.sizes.1.max(items as usize);
        let epoch = told.epochs.last_mut().unwrap();
        epoch.valid.push(Answers { loss, correct, total: items });
    }

    fn metric(&self, name: &str, _: f64) {
        unimplemented!("{name}: a learner has metrics of its own");
    }
}

/// Batches that are told as these.
fn loader(batches: &[Answers], size: usize) -> Arc<dyn DataLoader<Answers>> {
    let items = batches.iter().flat_map(|batch| vec![*batch; batch.total as usize]).collect();
    DataLoaderBuilder::new(First).batch_size(size).build(InMemDataset::new(items))
}

/// All items of a batch say what it is told as.
#[derive(Clone)]
struct First;

impl Batcher<Answers, Answers> for First {
    fn batch(&self, items: Vec<Answers>, _: &Device) -> Answers {
        assert_eq!(items.len(), items[0].total as usize);
        items[0]
    }
}

/// Its loss and its answers are those of the script.
#[derive(Module, Debug)]
struct Model {
    weight: Param<Tensor<1>>,
}

impl Model {
    fn new(device: &Device) -> Self {
        Self { weight: Param::from_tensor(Tensor::zeros([1], device)) }
    }

    fn answer(&self, batch: Answers) -> ClassificationOutput {
        let loss = self.weight.val() * 0.0 + batch.loss as f32;
        let (logits, labels) = answers(batch.correct, batch.total);
        ClassificationOutput::new(loss, logits, labels)
    }
}

impl TrainStep for Model {
    type Input = Answers;
    type Output = ClassificationOutput;

    fn step(&self, batch: Answers) -> TrainOutput<ClassificationOutput> {
        let output = self.answer(batch);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl InferenceStep for Model {
    type Input = Answers;
    type Output = ClassificationOutput;

    fn step(&self, batch: Answers) -> ClassificationOutput {
        self.answer(batch)
    }
}
