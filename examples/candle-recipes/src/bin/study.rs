//! The best learning rate and width of a layer, found by trying. After 1, 3, 9, … epochs only the best third of the
//! trainings goes on. The same command goes on where it was stopped.
//!
//! ```text
//! cargo run --release -p candle-recipes --bin study
//! ```

use candle_hooks::{
    candle_core::{DType, Module},
    candle_nn::{Linear, SGD, VarBuilder, VarMap, linear, loss},
    prelude::*,
};
use candle_recipes::{DEVICE, Digits};

const EPOCHS: usize = 9;

fn main() -> anyhow::Result<()> {
    let digits = Digits::first(500)?;
    let results = Study::new("layers")
        .project("recipes")
        .seed(1)
        .float("lr", 1e-4..=1.0)
        .log()
        .int("hidden", 8..=64)
        .log()
        .minimize("train/loss")
        .prune(Asha::new())
        .run(20, |trial| train(trial, &digits))?;
    println!("{results}");
    Ok(())
}

fn train(trial: &TrialHandle<'_>, digits: &Digits) -> anyhow::Result<()> {
    let hidden = usize::try_from(trial.int("hidden")?)?;
    let weights = VarMap::new();
    let builder = VarBuilder::from_varmap(&weights, DType::F32, &DEVICE);
    let layers: [Linear; 2] =
        [linear(784, hidden, builder.pp("hidden"))?, linear(hidden, 10, builder.pp("output"))?];

    let run = trial.init("recipes").config(trial.values()).start()?;
    let hooks = Hooks::new(&run);
    let mut optimizer = hooks.optimizer(SGD::new(weights.all_vars(), trial.float("lr")?)?);
    for epoch in hooks.epochs(1..=EPOCHS) {
        for places in hooks.batches(Order::shuffled(digits.len(), 1).batches(epoch, 25)) {
            let batch = digits.at(&places)?;
            let logits = layers[1].forward(&layers[0].forward(&batch.images)?.relu()?)?;
            optimizer.backward_step(&loss::cross_entropy(&logits, &batch.labels)?)?;
        }
    }
    run.finish()?;
    Ok(())
}
