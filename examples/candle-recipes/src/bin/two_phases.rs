//! Two loops over epochs in one run: first the output layer alone, then all of the network. Steps go on,
//! epochs are counted anew, and each phase stops early by itself.
//!
//! ```text
//! cargo run --release -p candle-recipes --bin two_phases
//! ```

use candle_hooks::{
    candle_core::Var,
    candle_nn::{AdamW, ParamsAdamW},
    prelude::*,
};
use candle_recipes::{Digits, Network};

fn main() -> anyhow::Result<()> {
    let ((), report) = init("two-phases").run(train)?;
    println!("{report}");
    Ok(())
}

fn train(run: &Run) -> anyhow::Result<()> {
    let (digits, network) = (Digits::first(1_000)?, Network::new()?);
    let hooks = Hooks::new(run).early_stopping(EarlyStopping::new("train/loss").patience(2));
    hooks.checkpoint(&network.weights);
    let output: Vec<Var> = network.weights.data().lock().map_or_else(
        |_| Vec::new(),
        |all| {
            all.iter()
                .filter(|(name, _)| name.starts_with("output"))
                .map(|(_, v)| v.clone())
                .collect()
        },
    );
    for (phase, variables, rate) in [(0, output, 1e-2), (1, network.weights.all_vars(), 1e-3)] {
        let adamw = AdamW::new(variables, ParamsAdamW { lr: rate, ..Default::default() })?;
        let mut optimizer = hooks.optimizer(adamw);
        let order = Order::shuffled(digits.len(), phase);
        for epoch in hooks.epochs(1..=3) {
            for places in hooks.batches(order.batches(epoch, 50)) {
                optimizer.backward_step(&network.loss(&digits.at(&places)?)?.0)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use candle_hooks::tracker_core::read::Store;

    use super::*;

    #[test]
    fn epochs_are_counted_anew_and_steps_go_on() -> anyhow::Result<()> {
        let store = tempfile::tempdir()?;
        let run = init("two-phases").dir(store.path()).signals(false).start()?;
        train(&run)?;
        assert_eq!(run.finish()?.problems(), [], "candle's AdamW is never restored here");
        let run = Store::open(store.path())?.runs()?.runs.remove(0);
        let of = |metric: &str| -> anyhow::Result<Vec<(u64, f64)>> {
            Ok(run.series(metric)?.iter().map(|row| (row.step.0, row.value)).collect())
        };
        let ends = [(19, 1.0), (39, 2.0), (59, 3.0), (79, 1.0), (99, 2.0), (119, 3.0)];
        assert_eq!(of("epoch")?, ends);
        assert_eq!(of("batch/train/loss")?.len(), 120);
        Ok(())
    }
}
