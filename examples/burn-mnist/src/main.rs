//! Trains a small convolutional network on MNIST with Burn, as Burn's guide does. The lines marked
//! `tracked` are what tracking adds or changes.
//!
//! ```text
//! cargo run --release -p burn-mnist -- --epochs 3
//! ```

mod data;
mod model;

use std::path::PathBuf;

use burn::{
    module::Module,
    optim::AdamConfig,
    tensor::Device,
    train::{
        Learner, SupervisedTraining,
        metric::{AccuracyMetric, LossMetric},
    },
};
use burn_callback::prelude::*;
use clap::Parser;
use serde::Serialize;

use crate::model::Model;

/// Trains a small network on handwritten digits.
#[derive(Debug, Parser, Serialize)]
struct Args {
    /// How often to go through the training images
    #[arg(long, default_value_t = 3)]
    epochs: usize,

    /// Decides the first weights and the order of the images: the same seed, the same model
    #[arg(long, default_value_t = 42)]
    seed: u64,

    /// The learning rate
    #[arg(long, default_value_t = 2e-3)]
    lr: f64,

    /// Images in one step
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u64).range(1..))]
    batch_size: u64,

    /// The folder with the four MNIST files, gzipped or not; without it, a bundled part of them
    #[arg(long)]
    data: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let mnist = mnist_data::load(args.data.as_deref())?;
    let batch_size = usize::try_from(args.batch_size)?;
    let train = data::loader(&mnist.train, batch_size, Some(args.seed));
    let valid = data::loader(&mnist.test, batch_size, None);

    let device = Device::flex().autodiff();
    device.seed(args.seed);
    let learner = Learner::new(Model::new(&device), AdamConfig::new().init(), args.lr);

    let run = init("mnist").config(&args).start()?; // tracked
    let result = SupervisedTraining::new(run.dir(), train, valid) // tracked: the run's folder
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .num_epochs(args.epochs)
        .track(&run) // tracked
        .launch(learner);
    if let Some(error) = result.error {
        run.finish_as(Outcome::Failed(error.to_string()))?; // tracked
        anyhow::bail!("training ended by an error: {error}");
    }

    if let Err(error) = result.model.save_file(run.dir().join("model.bpk")) {
        run.finish_as(Outcome::Failed(error.to_string()))?; // tracked
        anyhow::bail!("the model could not be saved: {error}");
    }
    let report = run.finish()?; // tracked
    println!("{report}");
    Ok(())
}
