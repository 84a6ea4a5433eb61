//! Trains a network on MNIST, with the loops that one writes with Candle. The hooks wrap epochs,
//! batches and optimizer; lines that they add are marked `// +`. No number is logged by hand; at the end,
//! the confusion matrix and the worst mistakes are.
//!
//! ```text
//! cargo run --release -p candle-mnist -- --model cnn --epochs 3
//! ```

mod data;
mod look;
mod model;

use std::path::PathBuf;

use candle_hooks::{
    candle_core::{DType, Device, Module, Var},
    candle_nn::{AdamW, ParamsAdamW, SGD, VarBuilder, VarMap, loss},
    prelude::*,
};
use clap::{Parser, ValueEnum};
use mnist_data::Mnist;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::{
    data::Split,
    look::look,
    model::{Cnn, Linear, Mlp},
};

/// Trains a network on MNIST.
#[derive(Debug, Parser, Serialize)]
struct Args {
    /// What to train: `cnn` in batches, the others on all images at once.
    #[arg(long, value_enum, default_value_t = Model::Cnn)]
    model: Model,
    /// How often to go over the training images.
    #[arg(long, default_value = "3", default_value_ifs = [("model", "linear", "100"), ("model", "mlp", "100")])]
    epochs: u64,
    /// What the first weights and the order of the batches are made from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The learning rate.
    #[arg(long, default_value = "0.005", default_value_ifs = [("model", "linear", "0.5"), ("model", "mlp", "0.2")])]
    lr: f64,
    /// How many images make a batch of `cnn`.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..))]
    batch_size: u64,
    /// Look at gradients and weights as well, and keep the last steps in case that something goes wrong.
    #[arg(long)]
    watch: bool,
    /// The folder with the four MNIST files; without it, a part of them that is built in.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
enum Model {
    /// One layer: 784-10.
    Linear,
    /// Two layers: 784-100-10.
    Mlp,
    /// Two convolutions and a layer.
    Cnn,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let mnist = mnist_data::load(args.data.as_deref())?;
    // An error of the training ends the run as failed, with the error's text.
    let ((), report) = init("mnist").config(&args).run(|run| train(run, &args, &mnist))?; // +
    println!("{report}"); // +
    Ok(())
}

fn train(run: &Run, args: &Args, mnist: &Mnist) -> anyhow::Result<()> {
    let device = Device::Cpu;
    let (train, valid) = (Split::new(&mnist.train, &device)?, Split::new(&mnist.test, &device)?);

    // Candle's generator on the CPU cannot be seeded, so this one makes the weights too.
    let mut random = ChaCha8Rng::seed_from_u64(args.seed);
    let weights = VarMap::new();
    let builder = VarBuilder::from_varmap(&weights, DType::F32, &device);
    let model: Box<dyn Module> = match args.model {
        Model::Linear => Box::new(Linear::new(&builder)?),
        Model::Mlp => Box::new(Mlp::new(&builder)?),
        Model::Cnn => Box::new(Cnn::new(&builder)?),
    };
    model::initialize(&weights, &mut random)?;

    let hooks = Hooks::new(run); // +
    if args.watch {
        hooks.watch(&weights); // +
    }
    let vars = weights.all_vars();
    match args.model {
        Model::Cnn => in_batches(&hooks, args, &*model, vars, &train, &valid, &mut random)?,
        Model::Linear | Model::Mlp => all_at_once(&hooks, args, &*model, vars, &train, &valid)?,
    }
    look(&hooks, &*model, &valid)?;
    weights.save(run.dir().join("model.safetensors"))?;
    Ok(())
}

/// A step an epoch, with all images in it.
fn all_at_once(
    hooks: &Hooks,
    args: &Args,
    model: &dyn Module,
    vars: Vec<Var>,
    train: &Split,
    valid: &Split,
) -> anyhow::Result<()> {
    let mut optimizer = hooks.optimizer(SGD::new(vars, args.lr)?);
    for _ in hooks.epochs(1..=args.epochs) {
        let (images, labels) = train.all();
        let logits = model.forward(images)?;
        hooks.accuracy(&logits, labels)?; // +
        optimizer.backward_step(&loss::cross_entropy(&logits, labels)?)?;

        let (images, labels) = valid.all();
        hooks.valid(|scope| {
            let logits = model.forward(images)?;
            scope.loss(&loss::cross_entropy(&logits, labels)?); // +
            scope.accuracy(&logits, labels) // +
        })?;
    }
    Ok(())
}

/// Many steps an epoch, each with a few images.
fn in_batches(
    hooks: &Hooks,
    args: &Args,
    model: &dyn Module,
    vars: Vec<Var>,
    train: &Split,
    valid: &Split,
    random: &mut ChaCha8Rng,
) -> anyhow::Result<()> {
    let batch_size = usize::try_from(args.batch_size)?;
    let params = ParamsAdamW { lr: args.lr, ..ParamsAdamW::default() };
    let mut optimizer = hooks.optimizer(AdamW::new(vars, params)?);
    for _ in hooks.epochs(1..=args.epochs) {
        let order = train.shuffled(random);
        for indices in hooks.batches(order.chunks(batch_size)) {
            hooks.samples(indices.iter().copied().map(u64::from)); // +
            let (images, labels) = train.batch(indices)?;
            let logits = model.forward(&images)?;
            hooks.accuracy(&logits, &labels)?; // +
            optimizer.backward_step(&loss::cross_entropy(&logits, &labels)?)?;
        }
        hooks.valid(|scope| {
            for indices in valid.indices().chunks(batch_size) {
                let (images, labels) = valid.batch(indices)?;
                let logits = model.forward(&images)?;
                scope.loss(&loss::cross_entropy(&logits, &labels)?); // +
                scope.accuracy(&logits, &labels)?; // +
            }
            anyhow::Ok(())
        })?;
    }
    Ok(())
}
