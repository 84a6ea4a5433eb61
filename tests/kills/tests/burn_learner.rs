//! Burn's learner, which saves after epochs: what is trained again after a kill is the same. Each training
//! is this program, started again as a process of its own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use burn::{
    data::{
        dataloader::{DataLoader, DataLoaderBuilder, batcher::Batcher},
        dataset::InMemDataset,
    },
    nn::{Linear, LinearConfig, Relu, loss::CrossEntropyLossConfig},
    optim::AdamConfig,
    prelude::*,
    train::{
        ClassificationOutput, InferenceStep, Learner, SupervisedTraining, TrainOutput, TrainStep,
        metric::{AccuracyMetric, LossMetric},
    },
};
use burn_callback::{ResumableLoader, ResumeError, prelude::*};
use kill_tests::{Attempt, compare, moments};

/// How many digits the training sees, in batches of how many, and how often.
const DIGITS: usize = 150;
const BATCH: usize = 25;
const EPOCHS: usize = 4;

#[derive(Module, Debug)]
struct Model {
    hidden: Linear,
    activation: Relu,
    output: Linear,
}

#[derive(Debug, Clone)]
struct Digits {
    images: Tensor<2>,
    labels: Tensor<1, Int>,
}

impl Model {
    fn new(device: &Device) -> Self {
        Self {
            hidden: LinearConfig::new(784, 8).init(device),
            activation: Relu::new(),
            output: LinearConfig::new(8, 10).init(device),
        }
    }

    fn classify(&self, batch: Digits) -> ClassificationOutput {
        let hidden = self.activation.forward(self.hidden.forward(batch.images));
        let output = self.output.forward(hidden);
        let loss = CrossEntropyLossConfig::new()
            .init(&output.device())
            .forward(output.clone(), batch.labels.clone());
        ClassificationOutput::new(loss, output, batch.labels)
    }

    /// The bits of all weights, as text.
    fn bits(&self) -> String {
        let weights = [&self.hidden, &self.output].map(|layer| {
            let values = layer.weight.val().into_data().try_to_vec::<f32>().unwrap();
            values.into_iter().map(f32::to_bits).collect::<Vec<_>>()
        });
        format!("{weights:?}")
    }
}

thread_local! {
    /// What the process of a test is asked for, on the thread that trains.
    static ATTEMPT: std::cell::OnceCell<Attempt> = const { std::cell::OnceCell::new() };
}

fn moment() {
    ATTEMPT.with(|attempt| attempt.get().into_iter().for_each(Attempt::moment));
}

impl TrainStep for Model {
    type Input = Digits;
    type Output = ClassificationOutput;

    fn step(&self, batch: Digits) -> TrainOutput<ClassificationOutput> {
        moment();
        let output = self.classify(batch);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl InferenceStep for Model {
    type Input = Digits;
    type Output = ClassificationOutput;

    fn step(&self, batch: Digits) -> ClassificationOutput {
        moment();
        self.classify(batch)
    }
}

#[derive(Clone)]
struct DigitBatcher;

impl Batcher<(Vec<f32>, i64), Digits> for DigitBatcher {
    fn batch(&self, items: Vec<(Vec<f32>, i64)>, device: &Device) -> Digits {
        let pixels: Vec<f32> = items.iter().flat_map(|(pixels, _)| pixels).copied().collect();
        let labels: Vec<i64> = items.iter().map(|(_, label)| *label).collect();
        let images = Tensor::<1>::from_floats(&pixels[..], device);
        Digits {
            images: images.reshape([items.len(), 784]),
            labels: Tensor::from_ints(&labels[..], device),
        }
    }
}

fn digits() -> InMemDataset<(Vec<f32>, i64)> {
    let mnist = mnist_data::load(None).unwrap().train;
    let digit = |at: usize| {
        let pixels = mnist.image(at).iter().map(|pixel| f32::from(*pixel) / 255.0).collect();
        (pixels, i64::from(mnist.labels[at]))
    };
    InMemDataset::new((0..DIGITS).map(digit).collect())
}

/// Trains from where the run stands to the end, unless it is killed before.
#[test]
#[ignore = "started by the other tests as a process of its own"]
fn process() {
    let Some(attempt) = Attempt::asked() else { return };
    let run = attempt.run();
    ATTEMPT.with(|place| place.set(attempt).unwrap());
    let device = Device::flex().autodiff();
    device.seed(5);
    let batches = |dataset| DataLoaderBuilder::new(DigitBatcher).batch_size(BATCH).build(dataset);
    let train = ResumableLoader::shuffled(&run, digits(), 3, batches);
    let valid: Arc<dyn DataLoader<Digits>> =
        DataLoaderBuilder::new(DigitBatcher).batch_size(50).build(digits());
    let training = SupervisedTraining::new(run.dir(), train, valid)
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .num_epochs(EPOCHS)
        .with_default_checkpointers();
    let training = if run.is_resumed() {
        match training.resume(&run) {
            Err(ResumeError::NoCheckpoint { .. } | ResumeError::Incomplete { .. }) => {
                ATTEMPT.with(|attempt| attempt.get().unwrap().has_nothing_to_go_on_from())
            }
            training => training.unwrap(),
        }
    } else {
        training.track(&run)
    };
    let learner = Learner::new(Model::new(&device), AdamConfig::new().init(), 1e-2);
    let model = training.launch(learner).model;
    ATTEMPT.with(|attempt| attempt.get().unwrap().finish(&run, &model.bits()));
}

#[test]
fn a_learner_that_is_killed_goes_on_after_its_last_epoch_in_the_same_order() {
    compare("learner", &moments(6, 6, 3, 18));
}
