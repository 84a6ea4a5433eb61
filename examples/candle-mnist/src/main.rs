//! Trains a small convolutional network on MNIST. Nothing in the loop logs by hand: the hooks see
//! the epochs, the batches, the optimizer and the logits.
//!
//! ```text
//! cargo run --release -p candle-mnist -- --epochs 3
//! ```

mod data;
mod model;

use std::path::PathBuf;

use candle_hooks::{
    candle_core::{DType, Device},
    candle_nn::{AdamW, ParamsAdamW, VarMap, loss},
    prelude::*,
};
use clap::Parser;
use mnist_data::Mnist;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::{data::Split, model::Cnn};

/// Trains a small convolutional network on MNIST.
#[derive(Debug, Parser, Serialize)]
struct Args {
    /// How often to go over the training images.
    #[arg(long, default_value_t = 3)]
    epochs: u64,
    /// What the first weights and the order of the batches are made from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The learning rate.
    #[arg(long, default_value_t = 0.005)]
    lr: f64,
    /// How many images make a batch.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..))]
    batch_size: u64,
    /// The folder with the four MNIST files; without it, a part of them that is built in.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let mnist = mnist_data::load(args.data.as_deref())?;
    // An error of the training ends the run as failed, with the error's text.
    let ((), report) = init("mnist").config(&args).run(|run| train(run, &args, &mnist))?;
    println!("{report}");
    Ok(())
}

fn train(run: &Run, args: &Args, mnist: &Mnist) -> anyhow::Result<()> {
    let device = Device::Cpu;
    let train = Split::new(&mnist.train, &device)?;
    let valid = Split::new(&mnist.test, &device)?;
    let batch_size = usize::try_from(args.batch_size)?;
    let hooks = Hooks::new(run);

    // Candle's generator on the CPU cannot be seeded, so this one makes the weights too.
    let mut random = ChaCha8Rng::seed_from_u64(args.seed);
    let weights = VarMap::new();
    let model = Cnn::new(&weights, DType::F32, &device)?;
    model::initialize(&weights, &mut random)?;
    let params = ParamsAdamW { lr: args.lr, ..ParamsAdamW::default() };
    let mut optimizer = hooks.optimizer(AdamW::new(weights.all_vars(), params)?);

    for _ in hooks.epochs(1..=args.epochs) {
        let order = train.shuffled(&mut random);
        for indices in hooks.batches(order.chunks(batch_size)) {
            let (images, labels) = train.batch(indices)?;
            let logits = model.forward(&images)?;
            hooks.accuracy(&logits, &labels)?;
            optimizer.backward_step(&loss::cross_entropy(&logits, &labels)?)?;
        }
        hooks.valid(|scope| {
            for indices in valid.indices().chunks(batch_size) {
                let (images, labels) = valid.batch(indices)?;
                let logits = model.forward(&images)?;
                scope.loss(&loss::cross_entropy(&logits, &labels)?);
                scope.accuracy(&logits, &labels)?;
            }
            anyhow::Ok(())
        })?;
    }

    weights.save(run.dir().join("model.safetensors"))?;
    Ok(())
}
