//! One run a fold, all of them in a group: `tracker ls` and the page show the group's mean and spread.
//!
//! ```text
//! cargo run --release -p candle-recipes --bin k_fold
//! ```

use std::collections::BTreeMap;

use candle_hooks::{
    candle_nn::{AdamW, ParamsAdamW},
    prelude::*,
};
use candle_recipes::{Digits, Network};

const FOLDS: usize = 5;

fn main() -> anyhow::Result<()> {
    let digits = Digits::first(2_000)?;
    for fold in 0..FOLDS {
        let run = init("folds")
            .name(format!("fold-{fold}"))
            .group("five-folds")
            .config(&BTreeMap::from([("fold", fold)]));
        run.run(|run| train(run, &digits, fold))?;
    }
    println!("look at them with: tracker ls folds");
    Ok(())
}

/// Trains on all folds but this one, which it validates on.
fn train(run: &Run, digits: &Digits, fold: usize) -> anyhow::Result<()> {
    let all: Vec<usize> = (0..digits.len()).collect();
    let (held_out, rest): (Vec<usize>, Vec<usize>) =
        all.into_iter().partition(|place| place % FOLDS == fold);
    let valid = digits.at(&held_out)?;

    let network = Network::new()?;
    let hooks = Hooks::new(run);
    let adamw =
        AdamW::new(network.weights.all_vars(), ParamsAdamW { lr: 3e-3, ..Default::default() })?;
    let mut optimizer = hooks.optimizer(adamw);
    let order = hooks.order(Order::shuffled(rest.len(), fold as u64));
    for epoch in hooks.epochs(1..=3) {
        for places in hooks.batches(order.batches(epoch, 50)) {
            let places: Vec<usize> = places.iter().map(|place| rest[*place]).collect();
            let batch = digits.at(&places)?;
            let (loss, logits) = network.loss(&batch)?;
            hooks.accuracy(&logits, &batch.labels)?;
            optimizer.backward_step(&loss)?;
        }
        let (loss, logits) = network.loss(&valid)?;
        hooks.valid(|valid_hooks| {
            valid_hooks.loss(&loss);
            valid_hooks.accuracy(&logits, &valid.labels)
        })?;
    }
    Ok(())
}
