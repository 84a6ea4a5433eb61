//! Candle's loops. Each training is this program, started again as a process of its own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;

use candle_hooks::{
    CheckpointOptions, EarlyStopping, Hooks, Order, RestoreError, ResumableAdamW, Schedule,
    TrackedOptimizer, Weights,
    candle_core::{DType, Device, Module as _, Result, Tensor},
    candle_nn::{Linear, Optimizer, ParamsAdamW, VarBuilder, VarMap, linear, loss},
    tracker_core::progress::ProgressMode,
};
use kill_tests::{Attempt, compare, moments};

const DEVICE: Device = Device::Cpu;

/// How many digits the training sees, in batches of how many, and how often. The batches are even in
/// number: what is accumulated for a step beyond the end of an epoch is not in its checkpoint.
const DIGITS: usize = 200;
const BATCH: usize = 25;
const EPOCHS: u64 = 4;

/// How the loop is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Accumulating,
    TwoLoops,
    EvaluatingWithin,
    TwoOptimizers,
}

impl Kind {
    const ALL: [Self; 5] = [
        Self::Plain,
        Self::Accumulating,
        Self::TwoLoops,
        Self::EvaluatingWithin,
        Self::TwoOptimizers,
    ];

    fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|kind| format!("{kind:?}") == name).unwrap()
    }
}

struct Model {
    weights: VarMap,
    first: Linear,
    second: Linear,
}

impl Model {
    /// The same weights each time.
    fn new() -> Self {
        let weights = VarMap::new();
        let builder = VarBuilder::from_varmap(&weights, DType::F32, &DEVICE);
        let first = linear(784, 8, builder.pp("first")).unwrap();
        let second = linear(8, 10, builder.pp("second")).unwrap();
        for (name, variable) in weights.data().lock().unwrap().iter() {
            let value = |index: usize| ((index * 7 + name.len()) as f32).sin() * 0.1;
            let values: Vec<f32> = (0..variable.elem_count()).map(value).collect();
            variable.set(&Tensor::from_vec(values, variable.shape(), &DEVICE).unwrap()).unwrap();
        }
        Self { weights, first, second }
    }

    fn loss(&self, images: &Tensor, labels: &Tensor) -> Result<(Tensor, Tensor)> {
        let logits = self.second.forward(&self.first.forward(images)?.relu()?)?;
        Ok((loss::cross_entropy(&logits, &labels.to_dtype(DType::U32)?)?, logits))
    }

    /// The bits of all weights, as text.
    fn bits(&self) -> String {
        let weights = self.weights.data().lock().unwrap();
        let variables: BTreeMap<&String, Vec<u32>> = weights
            .iter()
            .map(|(name, variable)| {
                let values = variable.flatten_all().unwrap().to_vec1::<f32>().unwrap();
                (name, values.into_iter().map(f32::to_bits).collect())
            })
            .collect();
        format!("{variables:?}")
    }
}

/// Optimizers of the training: its own, and that of a second model.
struct Optimizers {
    own: TrackedOptimizer<ResumableAdamW>,
    other: TrackedOptimizer<ResumableAdamW>,
}

struct Training<'a> {
    kind: Kind,
    hooks: Hooks,
    model: &'a Model,
    other: &'a Model,
    images: Tensor,
    labels: Tensor,
    order: Order,
    attempt: &'a Attempt,
}

impl Training<'_> {
    fn run(&self, optimizers: &mut Optimizers) -> Result<()> {
        self.evaluate("start")?;
        for epoch in self.hooks.epochs(1..=EPOCHS) {
            self.go_over_batches(epoch, optimizers)?;
            if self.kind == Kind::TwoLoops {
                self.go_over_batches(epoch + 100, optimizers)?;
            }
            self.evaluate("valid")?;
            self.attempt.moment();
        }
        self.evaluate("test")?;
        self.attempt.moment();
        Ok(())
    }

    fn go_over_batches(&self, order: u64, optimizers: &mut Optimizers) -> Result<()> {
        let load = |indices: Vec<usize>| self.load(&indices);
        let batches = self.order.batches(order, BATCH).load(load);
        for (at, batch) in self.hooks.batches(batches.enumerate()) {
            let (images, labels) = batch?;
            let (loss, logits) = self.model.loss(&images, &labels)?;
            self.hooks.accuracy(&logits, &labels)?;
            self.attempt.moment();
            optimizers.own.backward_step(&loss)?;
            self.hooks.metric("doubled", &(&loss * 2.0)?);
            self.attempt.moment();
            if self.kind == Kind::EvaluatingWithin && at % 3 == 1 {
                self.evaluate("valid")?;
            }
            if self.kind == Kind::TwoOptimizers {
                let (of_other, _) = self.other.loss(&images, &labels)?;
                optimizers.other.backward_step(&of_other)?;
                self.attempt.moment();
                optimizers.own.backward_step(&self.model.loss(&images, &labels)?.0)?;
            }
        }
        Ok(())
    }

    fn load(&self, indices: &[usize]) -> Result<(Tensor, Tensor)> {
        let indices: Vec<u32> = indices.iter().map(|index| *index as u32).collect();
        let indices = Tensor::new(indices, &DEVICE)?;
        let of = |tensor: &Tensor| tensor.index_select(&indices, 0);
        Ok((of(&self.images)?, of(&self.labels)?))
    }

    fn evaluate(&self, name: &str) -> Result<()> {
        let (loss, logits) = self.model.loss(&self.images, &self.labels)?;
        self.hooks.evaluate(name, |valid| {
            valid.loss(&loss);
            self.attempt.moment();
            valid.accuracy(&logits, &self.labels)
        })
    }
}

/// Images of shape (count, 784), and their digits.
fn digits() -> Result<(Tensor, Tensor)> {
    let mnist = mnist_data::load(None).unwrap().train;
    let images = Tensor::from_vec(mnist.pixels[..DIGITS * 784].to_vec(), (DIGITS, 784), &DEVICE)?;
    let labels = Tensor::from_vec(mnist.labels[..DIGITS].to_vec(), DIGITS, &DEVICE)?;
    Ok(((images.to_dtype(DType::F32)? / 255.0)?, labels))
}

/// Trains from where the run stands to the end, unless it is killed before.
#[test]
#[ignore = "started by the other tests as a process of its own"]
fn process() {
    let Some(attempt) = Attempt::asked() else { return };
    let (run, model, kind) = (attempt.run(), Model::new(), Kind::named(&attempt.kind));
    let hooks = Hooks::new(&run)
        .progress(ProgressMode::Off)
        .early_stopping(EarlyStopping::new("valid/loss").patience(3));
    let other = Model::new();
    let adamw =
        |of: &Model| ResumableAdamW::from_var_map(&of.weights, ParamsAdamW::default()).unwrap();
    let schedule = Schedule::cosine(0.01, 50).warm_up(5);
    let own = hooks.optimizer(adamw(&model)).with_state().variables(&model.weights.all_vars());
    let mut own = own.schedule(schedule).clip_grad_norm(2.0);
    if kind == Kind::Accumulating {
        own = own.accumulate(2);
    }
    let of_other = hooks.optimizer_named("other", adamw(&other)).with_state();
    let mut optimizers = Optimizers { own, other: of_other };
    let weights = Weights::from([("own", &model.weights), ("other", &other.weights)]);
    hooks.checkpoint_with(&weights, CheckpointOptions::new().every_steps(2));
    match hooks.restore(&weights) {
        Err(RestoreError::NoCheckpoint { .. }) => attempt.has_nothing_to_go_on_from(),
        restored => restored.unwrap(),
    };
    let order = hooks.order(Order::shuffled(DIGITS, 3));
    let (images, labels) = digits().unwrap();
    let (model, other, attempt) = (&model, &other, &attempt);
    let training = Training { kind, hooks, model, other, images, labels, order, attempt };
    training.run(&mut optimizers).unwrap();
    attempt.finish(&run, &(model.bits() + &other.bits()));
}

#[test]
fn a_training_that_is_killed_goes_on_with_the_next_batch() {
    compare("Plain", &moments(1, 3, 5, 20));
}

#[test]
fn one_that_accumulates_gradients_goes_on_with_the_first_batch_of_a_step() {
    compare("Accumulating", &moments(2, 3, 4, 20));
}

#[test]
fn one_with_two_loops_an_epoch_goes_on_in_either() {
    compare("TwoLoops", &moments(3, 3, 4, 20));
}

#[test]
fn one_that_evaluates_within_epochs_evaluates_nothing_twice() {
    compare("EvaluatingWithin", &moments(4, 3, 4, 20));
}

#[test]
fn one_of_several_steps_a_batch_goes_on_between_batches() {
    compare("TwoOptimizers", &moments(5, 3, 4, 20));
}
