//! Finds a learning rate for the training of `burn-mnist` by trying: those that are worse than others end early.
//!
//! ```text
//! cargo run --release -p burn-study
//! ```

#[path = "../../burn-mnist/src/data.rs"]
mod data;
#[path = "../../burn-mnist/src/model.rs"]
mod model;

use std::{collections::BTreeMap, path::PathBuf};

use burn::{
    optim::AdamConfig,
    tensor::Device,
    train::{
        Learner, SupervisedTraining,
        metric::{AccuracyMetric, LossMetric},
    },
};
use burn_callback::prelude::*;
use clap::Parser;
use mnist_data::{Images, Mnist};
use serde::{Deserialize, Serialize};

use crate::model::Model;

/// Finds a learning rate for a small network that knows handwritten digits.
#[derive(Debug, Parser, Serialize, Deserialize)]
struct Args {
    /// How many trainings there are
    #[arg(long, default_value_t = 20)]
    trials: u64,

    /// How often the best of them go through the training images
    #[arg(long, default_value_t = 4)]
    epochs: usize,

    /// Decides the values that are tried, the first weights and the order of the images
    #[arg(long, default_value_t = 42)]
    seed: u64,

    /// The learning rate that is tried first
    #[arg(long, default_value_t = 2e-3)]
    lr: f64,

    /// Images in one step
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u64).range(1..))]
    batch_size: u64,

    /// How many images are trained with, and a fifth as many validated with; all, unless it is given
    #[arg(long)]
    images: Option<usize>,

    /// The folder with the four MNIST files, gzipped or not; without it, a bundled part of them
    #[arg(long)]
    data: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let mut mnist = mnist_data::load(args.data.as_deref())?;
    if let Some(images) = args.images {
        keep(&mut mnist.train, images);
        keep(&mut mnist.test, images.div_ceil(5));
    }
    let results = Study::new("learning-rate")
        .project("mnist")
        .seed(args.seed)
        .float("lr", 1e-5..=1e-1)
        .log()
        .minimize("valid/loss")
        .prune(Asha::new().eta(2)) // after 1, 2, 4, … epochs, the better half goes on
        .enqueue(BTreeMap::from([("lr", args.lr)]))
        .run(args.trials, |trial| train(trial, &trial.config(&args)?, &mnist))?;
    println!("{results}");
    Ok(())
}

/// The training of `burn-mnist`.
fn train(trial: &TrialHandle<'_>, args: &Args, mnist: &Mnist) -> anyhow::Result<()> {
    let batch_size = usize::try_from(args.batch_size)?;
    let train = data::loader(&mnist.train, batch_size, Some(args.seed));
    let valid = data::loader(&mnist.test, batch_size, None);
    let device = Device::flex().autodiff();
    device.seed(args.seed);
    let learner = Learner::new(Model::new(&device), AdamConfig::new().init(), args.lr);

    let run = trial.init("mnist").config(args).start()?; // in place of `init("mnist")`
    let result = SupervisedTraining::new(run.dir(), train, valid)
        .metrics((AccuracyMetric::new(), LossMetric::new()))
        .num_epochs(args.epochs)
        .track(&run)
        .launch(learner);
    if let Some(error) = result.error {
        run.finish_as(Outcome::Failed(error.to_string()))?;
        anyhow::bail!("training ended by an error: {error}");
    }
    run.finish()?;
    Ok(())
}

/// The first images.
fn keep(images: &mut Images, count: usize) {
    images.labels.truncate(count);
    images.pixels.truncate(count * images.width * images.height);
}
