//! Burn's loops. Each training is this program, started again as a process of its own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use burn::{
    nn::{Linear, LinearConfig, Relu, loss::CrossEntropyLossConfig},
    optim::{AdamConfig, GradientsParams},
    prelude::*,
};
use burn_callback::tracker_core::progress::ProgressMode;
use burn_callback::{CheckpointOptions, Order, ResumeError, prelude::*};
use kill_tests::{Attempt, compare, moments};

/// How many digits the training sees, in batches of how many, and how often.
const DIGITS: usize = 150;
const BATCH: usize = 25;
const EPOCHS: u64 = 3;

#[derive(Module, Debug)]
struct Model {
    hidden: Linear,
    activation: Relu,
    output: Linear,
}

impl Model {
    fn new(device: &Device) -> Self {
        Self {
            hidden: LinearConfig::new(784, 8).init(device),
            activation: Relu::new(),
            output: LinearConfig::new(8, 10).init(device),
        }
    }

    fn forward(&self, images: Tensor<2>) -> Tensor<2> {
        self.output.forward(self.activation.forward(self.hidden.forward(images)))
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

struct Digits {
    pixels: Vec<f32>,
    labels: Vec<i64>,
}

impl Digits {
    fn new() -> Self {
        let mnist = mnist_data::load(None).unwrap().train;
        let pixels = mnist.pixels[..DIGITS * 784].iter();
        Self {
            pixels: pixels.map(|pixel| f32::from(*pixel) / 255.0).collect(),
            labels: mnist.labels[..DIGITS].iter().map(|label| i64::from(*label)).collect(),
        }
    }

    fn batch(&self, indices: &[usize], device: &Device) -> (Tensor<2>, Tensor<1, Int>) {
        let pixels: Vec<f32> =
            indices.iter().flat_map(|at| &self.pixels[at * 784..(at + 1) * 784]).copied().collect();
        let labels: Vec<i64> = indices.iter().map(|at| self.labels[*at]).collect();
        let images = Tensor::<1>::from_floats(&pixels[..], device);
        (images.reshape([indices.len(), 784]), Tensor::from_ints(&labels[..], device))
    }
}

/// Trains from where the run stands to the end, unless it is killed before.
#[test]
#[ignore = "started by the other tests as a process of its own"]
fn process() {
    let Some(attempt) = Attempt::asked() else { return };
    let (run, digits) = (attempt.run(), Digits::new());
    let device = Device::flex().autodiff();
    device.seed(5);
    let (mut model, mut optimizer) = (Model::new(&device), AdamConfig::new().init());
    let loss_of = CrossEntropyLossConfig::new().init(&device);
    let hooks = Loop::new(&run).progress(ProgressMode::Off);
    let hooks = hooks.early_stopping(EarlyStopping::new("valid/loss").patience(3));
    let hooks = hooks.checkpoints(CheckpointOptions::new().every_steps(2));
    match hooks.restore(&mut model, &mut optimizer) {
        Err(ResumeError::NoCheckpoint { .. }) => attempt.has_nothing_to_go_on_from(),
        restored => restored.unwrap(),
    };
    let order = hooks.order(Order::shuffled(DIGITS, 3));
    for epoch in hooks.epochs(1..=EPOCHS) {
        let load = |indices: Vec<usize>| digits.batch(&indices, &device);
        for (images, labels) in hooks.iterate(order.batches(epoch, BATCH).load(load)) {
            let logits = model.forward(images);
            let loss = loss_of.forward(logits.clone(), labels.clone());
            hooks.loss(&loss);
            hooks.accuracy(&logits, &labels);
            hooks.metric("doubled", &(loss.clone() * 2.0));
            attempt.moment();
            let gradients = GradientsParams::from_grads(loss.backward(), &model);
            let rate = 1e-2 / epoch as f64;
            hooks.learning_rate(rate);
            model = optimizer.step(rate, model, gradients);
            hooks.checkpoint(&model, &optimizer);
            attempt.moment();
        }
        hooks.valid(|| {
            let all: Vec<usize> = (0..DIGITS).collect();
            let (images, labels) = digits.batch(&all, &device);
            let logits = model.forward(images);
            hooks.loss(&loss_of.forward(logits.clone(), labels.clone()));
            hooks.accuracy(&logits, &labels);
        });
        hooks.checkpoint(&model, &optimizer);
        attempt.moment();
    }
    hooks.evaluate("test", || {
        let (images, labels) = digits.batch(&[0, 1, 2, 3], &device);
        hooks.loss(&loss_of.forward(model.forward(images), labels));
    });
    attempt.moment();
    attempt.finish(&run, &model.bits());
}

#[test]
fn a_loop_that_is_killed_goes_on_with_the_next_batch() {
    compare("loop", &moments(5, 10, 5, 20));
}
