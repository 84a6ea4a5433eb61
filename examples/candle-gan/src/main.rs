//! Trains two networks against each other: one makes digits, the other tells them from MNIST's.
//! The hooks wrap epochs, batches and both optimizers; lines that they add are marked `// +`.
//!
//! The losses of a GAN do not fall, so they do not show whether it learns. What does: `samples/ink`
//! comes near that of the data, 0.13, and `samples/distance`, which is how far the mean image is
//! from that of the data, falls, while `samples/variety`, how much images differ from each other,
//! does not go to 0.
//!
//! ```text
//! cargo run --release -p candle-gan -- --epochs 20
//! ```

mod model;

use candle_hooks::{
    candle_core::{DType, Device, Module, Result, Tensor},
    candle_nn::{AdamW, ParamsAdamW, VarBuilder, VarMap},
    prelude::*,
};
use clap::Parser;
use model::{Discriminator, Generator, NOISE, initialize, mean_softplus};
use rand::{Rng, SeedableRng as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

/// Trains a network that makes digits.
#[derive(Debug, Parser, Serialize)]
struct Args {
    /// How often to go over the images.
    #[arg(long, default_value_t = 20)]
    epochs: u64,
    /// What the first weights, the noise and the order of the images are made from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The learning rate of both networks.
    #[arg(long, default_value_t = 0.0005)]
    lr: f64,
    /// How many images make a batch.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..))]
    batch_size: u64,
    /// How many of the 6,000 images to train on.
    #[arg(long, default_value_t = 6_000, value_parser = clap::value_parser!(u64).range(1..=6_000))]
    images: u64,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let (digit, report) = init("mnist-gan").config(&args).run(|run| train(run, &args))?; // +
    println!("{report}\n{}", drawn(&digit)); // +
    Ok(())
}

/// How many of the digits that are made are shown.
const SHOWN: usize = 64;

/// Trains, and gives the pixels of a digit that was made.
fn train(run: &Run, args: &Args) -> anyhow::Result<Vec<f32>> {
    let mut random = ChaCha8Rng::seed_from_u64(args.seed);
    let batch_size = usize::try_from(args.batch_size)?;
    let data = images(usize::try_from(args.images)?)?;
    let (generator_weights, discriminator_weights) = (VarMap::new(), VarMap::new());
    let generator = Generator::new(&builder(&generator_weights))?;
    let discriminator = Discriminator::new(&builder(&discriminator_weights))?;
    initialize(&generator_weights, &mut random)?;
    initialize(&discriminator_weights, &mut random)?;
    let fixed_noise = noise(256, &mut random)?;

    let hooks = Hooks::new(run); // +
    let params =
        ParamsAdamW { lr: args.lr, beta1: 0.5, weight_decay: 0.0, ..ParamsAdamW::default() };
    // The loss of the generator goes through the discriminator, so its own variables are named.
    let generator_vars = generator_weights.all_vars();
    let adamw = AdamW::new(generator_vars.clone(), params.clone())?;
    let mut generator_optimizer = hooks.optimizer(adamw).variables(&generator_vars);
    let adamw = AdamW::new(discriminator_weights.all_vars(), params)?;
    let mut discriminator_optimizer = hooks.optimizer_named("discriminator", adamw);

    let mut order: Vec<u32> = (0..).take(data.dim(0)?).collect();
    for _ in hooks.epochs(1..=args.epochs) {
        order.shuffle(&mut random);
        for indices in hooks.batches(order.chunks(batch_size)) {
            let real = data.index_select(&Tensor::new(indices, data.device())?, 0)?;
            let made = generator.forward(&noise(indices.len(), &mut random)?)?;

            // The discriminator learns to say yes to the data and no to what was made.
            let on_real = discriminator.forward(&real)?;
            let on_made = discriminator.forward(&made.detach())?;
            let loss = (mean_softplus(&on_real.neg()?)? + mean_softplus(&on_made)?)?;
            discriminator_optimizer.backward_step(&loss)?;

            // The generator learns to make what it says yes to.
            let loss = mean_softplus(&discriminator.forward(&made)?.neg()?)?;
            generator_optimizer.backward_step(&loss)?;
        }
        let made = generator.forward(&fixed_noise)?;
        hooks.evaluate("samples", |samples| {
            samples.metric("ink", &made.mean_all()?); // +
            samples.metric("distance", &distance(&made, &data)?); // +
            samples.metric("variety", &variety(&made)?); // +
            Result::Ok(())
        })?;
        let digits = made.narrow(0, 0, SHOWN)?.reshape((SHOWN, 1, 28, 28))?;
        hooks.log_media("digits", Images::of(&digits)?.grid(8)); // +
    }
    generator_weights.save(run.dir().join("generator.safetensors"))?;
    Ok(generator.forward(&fixed_noise.narrow(0, 0, 1)?)?.flatten_all()?.to_vec1()?)
}

fn builder(weights: &VarMap) -> VarBuilder<'_> {
    VarBuilder::from_varmap(weights, DType::F32, &Device::Cpu)
}

/// The first images of MNIST, of shape `(count, 784)`, from 0 to 1.
fn images(count: usize) -> anyhow::Result<Tensor> {
    let train = mnist_data::load(None)?.train;
    let all = Tensor::from_slice(&train.pixels, (train.len(), 28 * 28), &Device::Cpu)?;
    Ok((all.narrow(0, 0, count.min(train.len()))?.to_dtype(DType::F32)? / 255.0)?)
}

fn noise(count: usize, random: &mut impl Rng) -> Result<Tensor> {
    let values: Vec<f32> = (0..count * NOISE).map(|_| random.random_range(-1.0..=1.0)).collect();
    Tensor::from_vec(values, (count, NOISE), &Device::Cpu)
}

/// The root of the mean squared difference between the mean images.
fn distance(made: &Tensor, data: &Tensor) -> Result<Tensor> {
    (made.mean(0)? - data.mean(0)?)?.sqr()?.mean_all()?.sqrt()
}

/// How far images are from their mean, as the root of the mean square.
fn variety(made: &Tensor) -> Result<Tensor> {
    made.broadcast_sub(&made.mean_keepdim(0)?)?.sqr()?.mean_all()?.sqrt()
}

/// A digit in characters, two for each pixel across.
fn drawn(pixels: &[f32]) -> String {
    let ink = |pixel: &f32| match pixel {
        0.75.. => "██",
        0.5.. => "▓▓",
        0.25.. => "░░",
        _ => "  ",
    };
    let row = |row: &[f32]| row.iter().map(ink).collect::<String>();
    pixels.chunks(28).map(row).collect::<Vec<_>>().join("\n")
}
