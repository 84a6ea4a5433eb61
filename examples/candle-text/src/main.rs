//! Trains a small language model, character by character, on the documents of this repository.
//! There are no epochs: a plain loop over steps that evaluates now and then. Lines that the hooks
//! add are marked `// +`; the optimizer is wrapped.
//!
//! A loss is in nats a character; one that guesses among all 90 has 4.5. Beside it, the perplexity
//! says among how many characters the model is still in doubt.
//!
//! ```text
//! cargo run --release -p candle-text -- --steps 1000
//! ```

mod model;
mod text;

use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use candle_hooks::{
    candle_core::{DType, Device, Module, Result, Tensor},
    candle_nn::{AdamW, ParamsAdamW, VarBuilder, VarMap, loss, ops},
    prelude::*,
};
use clap::Parser;
use model::{CONTEXT, Transformer, initialize};
use rand::{Rng, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use text::{Alphabet, DOCUMENTS, batch, in_order};

/// Trains a small language model on a text.
#[derive(Debug, Parser, Serialize)]
struct Args {
    /// How many steps to train.
    #[arg(long, default_value_t = 300)]
    steps: u64,
    /// After how many steps to evaluate.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    evaluate_every: u64,
    /// What the first weights and the places in the text are made from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The learning rate.
    #[arg(long, default_value_t = 0.003)]
    lr: f64,
    /// How many parts of the text make a batch.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u64).range(1..))]
    batch_size: u64,
    /// A text to train on; without it, the documents of this repository.
    #[arg(long, value_name = "FILE")]
    text: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let (sample, report) = init("text").config(&args).run(|run| train(run, &args))?; // +
    println!("{report}\n{sample}"); // +
    Ok(())
}

/// Trains, and gives a sample of what the model writes.
fn train(run: &Run, args: &Args) -> anyhow::Result<String> {
    let text = match &args.text {
        Some(path) => std::fs::read_to_string(path)
            .with_context(|| format!("failed to read {}", path.display()))?,
        None => DOCUMENTS.to_owned(),
    };
    let alphabet = Alphabet::of(&text);
    let numbers = alphabet.numbers(&text);
    // The last tenth is what the model never trains on.
    let (train, valid) = numbers.split_at(numbers.len() / 10 * 9);
    ensure!(valid.len() > CONTEXT, "the text is too short\nhint: take one of 10 kB or more");
    let (valid_text, valid_next) = in_order(valid, CONTEXT)?;

    let mut random = ChaCha8Rng::seed_from_u64(args.seed);
    let weights = VarMap::new();
    let builder = VarBuilder::from_varmap(&weights, DType::F32, &Device::Cpu);
    let model = Transformer::new(alphabet.len(), &builder)?;
    initialize(&weights, &mut random)?;

    let hooks = Hooks::new(run).tokens().perplexity(); // +
    let params = ParamsAdamW { lr: args.lr, ..ParamsAdamW::default() };
    let mut optimizer = hooks.optimizer(AdamW::new(weights.all_vars(), params)?);
    let batch_size = usize::try_from(args.batch_size)?;
    for step in 1..=args.steps {
        let (text, next) = batch(train, batch_size, CONTEXT, &mut random)?;
        let logits = model.forward(&text)?;
        hooks.accuracy(&logits, &next)?; // +
        optimizer.backward_step(&mean_loss(&logits, &next)?)?;

        if step % args.evaluate_every == 0 || step == args.steps {
            hooks.valid(|scope| {
                let logits = model.forward(&valid_text)?.detach();
                scope.loss(&mean_loss(&logits, &valid_next)?); // +
                scope.accuracy(&logits, &valid_next) // +
            })?;
        }
        if hooks.should_stop() {
            break; // + `tracker stop` ends the training here
        }
    }
    weights.save(run.dir().join("model.safetensors"))?;
    let start = alphabet.numbers("The run ");
    Ok(alphabet.text(&written(&model, start, 300, &mut random)?))
}

/// The mean of `-ln p` over all characters.
fn mean_loss(logits: &Tensor, next: &Tensor) -> Result<Tensor> {
    loss::cross_entropy(&logits.flatten_to(1)?, &next.flatten_all()?)
}

/// What the model goes on with, drawn by its probabilities.
fn written(
    model: &Transformer,
    start: Vec<u32>,
    count: usize,
    random: &mut impl Rng,
) -> Result<Vec<u32>> {
    let mut text = if start.is_empty() { vec![0] } else { start };
    for _ in 0..count {
        let seen = text.get(text.len().saturating_sub(CONTEXT)..).unwrap_or_default();
        let logits = model.forward(&Tensor::new(seen, &Device::Cpu)?.unsqueeze(0)?)?;
        let last = logits.get(0)?.get(seen.len() - 1)?;
        // Sharper than the model is, so that fewer characters are odd.
        let chances: Vec<f32> = ops::softmax(&(last / 0.7)?, 0)?.to_vec1()?;
        let mut left: f32 = random.random();
        let drawn = chances.iter().position(|chance| {
            left -= chance;
            left <= 0.0
        });
        text.push(drawn.unwrap_or(0) as u32);
    }
    Ok(text)
}
