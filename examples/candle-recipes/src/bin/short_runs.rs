//! Twenty short runs in one process, one after the other: a search by hand. Ctrl-C ends the one that goes on,
//! and the program asks before it begins the next.
//!
//! ```text
//! cargo run --release -p candle-recipes --bin short_runs
//! ```

use std::collections::BTreeMap;

use candle_hooks::{candle_nn::SGD, prelude::*, tracker_core::Stop};
use candle_recipes::{Digits, Network};

fn main() -> anyhow::Result<()> {
    let digits = Digits::first(500)?;
    for number in 0..20_u32 {
        let rate = 0.02 * f64::from(number + 1);
        let run =
            init("short-runs").group("rates").config(&BTreeMap::from([("rate", rate)])).start()?;
        let loss = train(&run, &digits, rate)?;
        let is_stopped = run.requests().stop > Stop::No;
        run.finish()?;
        println!("rate {rate:.2}: loss {loss:.3}");
        if is_stopped {
            break;
        }
    }
    Ok(())
}

/// Trains for an epoch; gives the loss of its last batch.
fn train(run: &Run, digits: &Digits, rate: f64) -> anyhow::Result<f32> {
    let (network, hooks) = (Network::new()?, Hooks::new(run));
    let mut optimizer = hooks.optimizer(SGD::new(network.weights.all_vars(), rate)?);
    let mut last = f32::NAN;
    for epoch in hooks.epochs(1..=1) {
        for places in hooks.batches(Order::shuffled(digits.len(), 1).batches(epoch, 25)) {
            let (loss, _) = network.loss(&digits.at(&places)?)?;
            optimizer.backward_step(&loss)?;
            last = loss.to_scalar()?;
        }
    }
    Ok(last)
}
