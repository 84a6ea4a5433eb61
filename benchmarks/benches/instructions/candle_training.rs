//! The training of `examples/candle-mnist`, with tracker and without: its network of two layers, in batches as
//! its convolutions are trained. Their step takes thirty times as long, so tracker is a thirtieth of this there.

#[path = "../../../examples/candle-mnist/src/data.rs"]
#[allow(dead_code, reason = "the example uses all of it")]
mod data;
#[path = "../../../examples/candle-mnist/src/model.rs"]
#[allow(dead_code, reason = "the example has other models, too")]
mod model;

use std::path::Path;

use candle_hooks::{
    candle_core::{D, DType, Device, Module, Result, Tensor},
    candle_nn::{AdamW, Optimizer as _, ParamsAdamW, VarBuilder, VarMap, loss},
    prelude::*,
};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use crate::way::{STEPS, VALID, Way};
use data::Split;
use model::Mlp;

const BATCH_SIZE: usize = 64;
const SEED: u64 = 1;

/// What all ways train.
struct Training {
    model: Mlp,
    weights: VarMap,
    optimizer: AdamW,
    train: Split,
    valid: Split,
    random: ChaCha8Rng,
}

/// Trains for some epochs. A run lies in `store`.
pub(crate) fn train(way: Way, epochs: u64, store: &Path) -> Result<()> {
    let training = Training::new()?;
    if way == Way::Bare {
        return bare(training, epochs);
    }
    let run = init("mnist").dir(store).start().unwrap();
    let hooks = Hooks::new(&run);
    if way == Way::Watched {
        hooks.watch(&training.weights);
    }
    hooked(training, &hooks, epochs)?;
    run.finish().unwrap();
    Ok(())
}

impl Training {
    fn new() -> Result<Self> {
        let (mnist, device) = (mnist_data::load(None).unwrap(), Device::Cpu);
        let mut random = ChaCha8Rng::seed_from_u64(SEED);
        let weights = VarMap::new();
        let model = Mlp::new(&VarBuilder::from_varmap(&weights, DType::F32, &device))?;
        model::initialize(&weights, &mut random)?;
        let params = ParamsAdamW { lr: 0.005, ..ParamsAdamW::default() };
        let optimizer = AdamW::new(weights.all_vars(), params)?;
        let train = Split::new(&mnist.train, &device)?;
        let valid = Split::new(&mnist.test, &device)?;
        Ok(Self { model, weights, optimizer, train, valid, random })
    }
}

/// The loop as people write it, with the means of each epoch.
fn bare(mut training: Training, epochs: u64) -> Result<()> {
    for _ in 0..epochs {
        let mut sums = Sums::default();
        let order = training.train.shuffled(&mut training.random);
        for indices in order.chunks(BATCH_SIZE).take(STEPS) {
            let (images, labels) = training.train.batch(indices)?;
            let logits = training.model.forward(&images)?;
            let loss = loss::cross_entropy(&logits, &labels)?;
            training.optimizer.backward_step(&loss)?;
            sums.add(&loss, &logits, &labels)?;
        }
        std::hint::black_box(sums);
        let mut sums = Sums::default();
        for indices in training.valid.indices().chunks(BATCH_SIZE).take(VALID) {
            let (images, labels) = training.valid.batch(indices)?;
            let logits = training.model.forward(&images)?;
            sums.add(&loss::cross_entropy(&logits, &labels)?, &logits, &labels)?;
        }
        std::hint::black_box(sums);
    }
    Ok(())
}

/// The loop of the example.
fn hooked(training: Training, hooks: &Hooks, epochs: u64) -> Result<()> {
    let Training { model, optimizer, train, valid, mut random, .. } = training;
    let mut optimizer = hooks.optimizer(optimizer);
    for _ in hooks.epochs(1..=epochs) {
        let order = train.shuffled(&mut random);
        for indices in hooks.batches(order.chunks(BATCH_SIZE).take(STEPS)) {
            hooks.samples(indices.iter().copied().map(u64::from));
            let (images, labels) = train.batch(indices)?;
            let logits = model.forward(&images)?;
            hooks.accuracy(&logits, &labels)?;
            optimizer.backward_step(&loss::cross_entropy(&logits, &labels)?)?;
        }
        hooks.valid(|scope| {
            for indices in valid.indices().chunks(BATCH_SIZE).take(VALID) {
                let (images, labels) = valid.batch(indices)?;
                let logits = model.forward(&images)?;
                scope.loss(&loss::cross_entropy(&logits, &labels)?);
                scope.accuracy(&logits, &labels)?;
            }
            Ok::<_, candle_hooks::candle_core::Error>(())
        })?;
    }
    Ok(())
}

/// What people add up over an epoch.
#[derive(Default)]
struct Sums {
    loss: f32,
    right: f32,
}

impl Sums {
    fn add(&mut self, loss: &Tensor, logits: &Tensor, labels: &Tensor) -> Result<()> {
        let right = logits.argmax(D::Minus1)?.eq(labels)?.to_dtype(DType::F32)?;
        self.right += right.sum_all()?.to_scalar::<f32>()?;
        self.loss += loss.to_scalar::<f32>()?;
        Ok(())
    }
}
