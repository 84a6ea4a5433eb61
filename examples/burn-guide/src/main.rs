//! A training in the shape of Burn's guide: a config, checkpoints, early stopping, a summary and
//! an evaluation. The lines marked `tracked`, here and in `training.rs`, are what tracking adds or
//! changes.
//!
//! ```text
//! cargo run --release -p burn-guide
//! cargo run --release -p burn-guide -- --epochs 6 --resume @latest
//! ```

mod data;
mod model;
mod training;

use std::path::PathBuf;

use burn::{optim::AdamConfig, tensor::Device};
use burn_callback::prelude::*; // tracked
use clap::Parser;

use crate::{model::ModelConfig, training::TrainingConfig};

/// Trains a small network on handwritten digits, as Burn's guide does.
#[derive(Debug, Parser)]
struct Args {
    /// How often to go through the training images
    #[arg(long, default_value_t = 3)]
    epochs: usize,

    /// The run to go on with: its name, its id, or @latest
    #[arg(long, value_name = "RUN")]
    resume: Option<String>,

    /// The folder with the four MNIST files, gzipped or not; without it, a bundled part of them
    #[arg(long)]
    data: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let mnist = mnist_data::load(args.data.as_deref())?;
    let config = TrainingConfig::new(ModelConfig::new(10, 128), AdamConfig::new())
        .with_num_epochs(args.epochs);
    let device = Device::flex().autodiff();

    // tracked: all of the following, in the place of a call of `train`
    let builder = init("mnist").config(&config);
    let builder = match args.resume {
        Some(run) => builder.resume(run),
        None => builder,
    };
    let ((), report) = builder.run(|run| training::train(run, &config, &mnist, &device))?;
    println!("{report}");
    Ok(())
}
