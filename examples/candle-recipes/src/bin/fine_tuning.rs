//! A network that has learned is frozen, and a small part that is added to it learns something new: low-rank
//! adaptation (E. J. Hu and others, 2021). Only the small part is clipped, watched and saved.
//!
//! ```text
//! cargo run --release -p candle-recipes --bin fine_tuning
//! ```

use candle_hooks::{
    candle_core::{DType, Module, Result, Tensor, Var},
    candle_nn::{AdamW, Init, ParamsAdamW, VarBuilder, VarMap, loss},
    prelude::*,
};
use candle_recipes::{DEVICE, Digits, Network};

/// How many numbers the small part squeezes a digit's features into.
const RANK: usize = 4;

fn main() -> anyhow::Result<()> {
    let ((), report) = init("fine-tuning").run(train)?;
    println!("{report}");
    Ok(())
}

fn train(run: &Run) -> anyhow::Result<()> {
    let digits = Digits::first(2_000)?;
    let body = pretrained(&digits)?;
    let adapter = Adapter::new()?;

    let hooks = Hooks::new(run);
    let variables: Vec<Var> = adapter.weights.all_vars();
    let adamw = AdamW::new(variables.clone(), ParamsAdamW { lr: 1e-2, ..Default::default() })?;
    // What is clipped are the gradients of the part that learns: the body has some too.
    let mut optimizer = hooks.optimizer(adamw).variables(&variables).clip_grad_norm(1.0);
    hooks.watch(&adapter.weights);
    hooks.checkpoint(&adapter.weights);
    // Something new: whether a digit is even.
    let even = (digits.labels.to_dtype(DType::F32)? / 2.0)?;
    let even = even.eq(&even.floor()?)?.to_dtype(DType::U32)?;
    let order = hooks.order(Order::shuffled(digits.len(), 1));
    for epoch in hooks.epochs(1..=3) {
        for places in hooks.batches(order.batches(epoch, 50)) {
            let (images, wanted) = {
                let batch =
                    Digits { images: digits.images.clone(), labels: even.clone() }.at(&places)?;
                (batch.images, batch.labels)
            };
            let logits = adapter.forward(&body.features(&images)?)?;
            hooks.accuracy(&logits, &wanted)?;
            optimizer.backward_step(&loss::cross_entropy(&logits, &wanted)?)?;
        }
    }
    Ok(())
}

/// The small part: from a digit's features to an answer, through a few numbers.
struct Adapter {
    weights: VarMap,
    down: Tensor,
    up: Tensor,
}

impl Adapter {
    fn new() -> Result<Self> {
        let weights = VarMap::new();
        let builder = VarBuilder::from_varmap(&weights, DType::F32, &DEVICE).pp("adapter");
        // One part begins at random, the other one with nothing: so the whole begins with nothing.
        let random = Init::Randn { mean: 0.0, stdev: 0.2 };
        let down = builder.get_with_hints((32, RANK), "down", random)?;
        let up = builder.get((RANK, 2), "up")?;
        Ok(Self { weights, down, up })
    }
}

impl Module for Adapter {
    fn forward(&self, features: &Tensor) -> Result<Tensor> {
        features.matmul(&self.down)?.matmul(&self.up)
    }
}

/// A network that knows digits, trained without hooks.
fn pretrained(digits: &Digits) -> anyhow::Result<Network> {
    let network = Network::new()?;
    let params = ParamsAdamW { lr: 3e-3, ..Default::default() };
    let mut optimizer = AdamW::new(network.weights.all_vars(), params)?;
    for places in Order::shuffled(digits.len(), 7).batches(1, 50) {
        optimizer.backward_step(&network.loss(&digits.at(&places)?)?.0)?;
    }
    Ok(network)
}

#[cfg(test)]
mod tests {
    use candle_hooks::tracker_core::read::Store;

    use super::*;

    #[test]
    fn the_small_part_learns_and_it_alone_is_saved_and_watched() -> anyhow::Result<()> {
        let store = tempfile::tempdir()?;
        let run = init("fine-tuning").dir(store.path()).signals(false).start()?;
        train(&run)?;
        assert_eq!(run.finish()?.problems(), []);
        let run = Store::open(store.path())?.runs()?.runs.remove(0);
        let accuracy: Vec<f64> =
            run.series("train/accuracy")?.iter().map(|row| row.value).collect();
        assert!(accuracy[2] > 0.75, "{accuracy:?}");
        let watched = run.metrics()?;
        assert!(watched.iter().any(|name| name == "parameters/adapter.up/norm"), "{watched:?}");
        assert!(!watched.iter().any(|name| name.contains("hidden")), "{watched:?}");
        let best = run.best_checkpoint("model")?.expect("a checkpoint");
        assert!(std::fs::metadata(best)?.len() < 4_096);
        Ok(())
    }
}
