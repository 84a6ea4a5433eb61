//! Trains a small network on MNIST with a loop of its own, as in Burn's custom-training-loop
//! example. The lines marked `tracked` are what tracking adds or changes.
//!
//! ```text
//! cargo run --release -p burn-custom-loop -- --epochs 2
//! ```

mod data;
mod model;

use std::{path::PathBuf, sync::Arc};

use burn::{
    data::dataloader::DataLoader,
    module::Module,
    nn::loss::CrossEntropyLossConfig,
    optim::{AdamConfig, GradientsParams},
    tensor::Device,
};
use burn_callback::prelude::*;
use clap::Parser;
use serde::Serialize;

use crate::{data::Batch, model::Model};

/// Trains a small network on handwritten digits.
#[derive(Debug, Parser, Serialize)]
struct Args {
    /// How often to go through the training images
    #[arg(long, default_value_t = 2)]
    epochs: usize,

    /// Decides the first weights and the order of the images: the same seed, the same model
    #[arg(long, default_value_t = 42)]
    seed: u64,

    /// The learning rate of the first epoch; each epoch halves it
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
    let device = Device::flex();
    let training_device = device.clone().autodiff();
    let train = data::loader(&mnist.train, batch_size, Some(args.seed)).to_device(&training_device);
    let valid = data::loader(&mnist.test, batch_size, None).to_device(&device);

    training_device.seed(args.seed);
    let mut model = Model::new(&training_device);
    let mut optimizer = AdamConfig::new().init();
    let loss_of = CrossEntropyLossConfig::new().init(&training_device);
    let mut lr = args.lr;

    let run = init("mnist").config(&args).start()?; // tracked
    let hooks = Loop::new(&run); // tracked
    // tracked: the hooks go around the range of epochs and around the loader
    for _epoch in hooks.epochs(1..=args.epochs) {
        for batch in hooks.batches(&train) {
            let batch = batch?;
            let logits = model.forward(batch.images);
            let loss = loss_of.forward(logits.clone(), batch.labels.clone());
            hooks.loss(&loss); // tracked
            hooks.accuracy(&logits, &batch.labels); // tracked
            hooks.learning_rate(lr); // tracked

            let gradients = GradientsParams::from_grads(loss.backward(), &model);
            hooks.observe(&model, &gradients); // tracked
            model = optimizer.step(lr, model, gradients);
        }
        lr /= 2.0;
        validate(&hooks, &model.valid(), &valid)?;
    }

    if let Err(error) = model.save_file(run.dir().join("model.bpk")) {
        run.finish_as(Outcome::Failed(error.to_string()))?; // tracked
        anyhow::bail!("the model could not be saved: {error}");
    }
    let report = run.finish()?; // tracked
    println!("{report}");
    Ok(())
}

/// Goes over the test images with a model that does not train.
fn validate(hooks: &Loop, model: &Model, valid: &Arc<dyn DataLoader<Batch>>) -> anyhow::Result<()> {
    let loss_of = CrossEntropyLossConfig::new().init(&Device::flex());
    // tracked: what the closure measures is logged as `valid/loss` and `valid/accuracy`
    hooks.valid(|| {
        for batch in hooks.batches(valid) {
            let batch = batch?;
            let logits = model.forward(batch.images);
            hooks.loss(&loss_of.forward(logits.clone(), batch.labels.clone())); // tracked
            hooks.accuracy(&logits, &batch.labels); // tracked
        }
        Ok(())
    })
}
