//! Tracking draws no random number: a training that does, in whatever way, ends the same.
//!
//! A file of its own, with one test: the generator is the process's.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

mod common;

use burn::{
    lr_scheduler::{
        exponential::ExponentialLrSchedulerConfig, module_lr_scheduler::ModuleLrSchedulerConfig,
    },
    module::{Module, Param, ParamGroup},
    nn::{Dropout, DropoutConfig, Linear, LinearConfig, loss::CrossEntropyLossConfig},
    optim::AdamConfig,
    prelude::*,
    train::{
        ClassificationOutput, InferenceStep, Learner, LearnerModel, SupervisedTraining,
        TrainOutput, TrainStep,
        metric::{AccuracyMetric, LossMetric},
    },
};
use burn_callback::{Watched, prelude::*};
use common::{Points, loader, memory};

/// Its weights are drawn when they are first read, its dropout draws in each batch, its body is
/// frozen, and each of its steps looks at the model without gradients first.
#[derive(Module, Debug)]
struct Odd {
    body: Linear,
    dropout: Dropout,
    head: Linear,
}

impl Odd {
    fn new(device: &Device) -> Self {
        Self {
            body: LinearConfig::new(2, 8).init(device).no_grad(),
            dropout: DropoutConfig::new(0.4).init(),
            head: LinearConfig::new(8, 2).init(device),
        }
    }

    fn classify(&self, batch: Points) -> ClassificationOutput {
        let hidden = self.dropout.forward(self.body.forward(batch.inputs).tanh());
        let output = self.head.forward(hidden);
        let loss = CrossEntropyLossConfig::new()
            .init(&output.device())
            .forward(output.clone(), batch.classes.clone());
        ClassificationOutput::new(loss, output, batch.classes)
    }

    fn bits(&self) -> Vec<u32> {
        let mut tensors = Vec::new();
        for layer in [&self.body, &self.head] {
            tensors.push(layer.weight.val().flatten::<1>(0, 1));
            tensors.extend(layer.bias.as_ref().map(Param::val));
        }
        let values = tensors.into_iter().map(|of| of.into_data().try_to_vec::<f32>().unwrap());
        values.flatten().map(f32::to_bits).collect()
    }
}

impl TrainStep for Odd {
    type Input = Points;
    type Output = ClassificationOutput;

    fn step(&self, batch: Points) -> TrainOutput<ClassificationOutput> {
        let inner = Points { inputs: batch.inputs.clone().inner(), classes: batch.classes.clone() };
        let inner = Points { classes: inner.classes.inner(), ..inner };
        let before = InferenceStep::step(&self.valid(), inner).loss;
        let output = self.classify(batch);
        // What it sees makes a difference.
        let scale = before.into_scalar::<f32>() + 0.5;
        TrainOutput::new(self, (output.loss.clone() * scale).backward(), output)
    }
}

impl InferenceStep for Odd {
    type Input = Points;
    type Output = ClassificationOutput;

    fn step(&self, batch: Points) -> ClassificationOutput {
        self.classify(batch)
    }
}

fn seeded() -> Odd {
    let device = Device::flex().autodiff();
    device.seed(11);
    Odd::new(&device)
}

fn learner<M: LearnerModel>(model: M) -> Learner<M> {
    let schedule = ModuleLrSchedulerConfig::new(0.05.into())
        .with_group(ParamGroup::from_predicate("head"), ExponentialLrSchedulerConfig::new(0.1, 0.9))
        .init()
        .unwrap();
    Learner::new(model, AdamConfig::new().init(), schedule)
}

fn training<M>(directory: &tempfile::TempDir) -> SupervisedTraining<M>
where
    M: LearnerModel
        + TrainStep<Input = Points, Output = ClassificationOutput>
        + InferenceStep<Input = Points, Output = ClassificationOutput>,
{
    SupervisedTraining::new(directory, loader(), loader())
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .with_application_logger(None)
        .with_default_checkpointers()
        .grads_accumulation(2)
        .num_epochs(3)
}

#[test]
fn a_training_that_draws_random_numbers_ends_with_the_same_weights() {
    let directory = || tempfile::tempdir().unwrap();
    let bare = training::<Odd>(&directory()).launch(learner(seeded())).model.bits();
    assert_eq!(bare, training::<Odd>(&directory()).launch(learner(seeded())).model.bits());

    let folder = directory();
    let tracked = training::<Odd>(&folder).track_in(memory().1, &folder);
    assert_eq!(tracked.launch(learner(seeded())).model.bits(), bare, "tracked");

    let (folder, (_, tracker)) = (directory(), memory());
    let told = training::<Odd>(&folder).track_in(tracker.clone(), &folder);
    assert_eq!(told.launch_tracked(tracker, learner(seeded())).model.bits(), bare, "described");

    let (folder, (seen, tracker)) = (directory(), memory());
    let watched = tracker.watch_with(seeded(), WatchOptions::new().every(1));
    let training = training::<Watched<Odd>>(&folder).track_in(tracker.clone(), &folder);
    let model = training.launch_tracked(tracker, learner(watched)).model;
    assert_eq!(model.inner().bits(), bare, "watched");
    assert!(seen.names().iter().any(|name| name == "gradients/head.weight/norm"));
}
