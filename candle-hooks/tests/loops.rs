//! Loops as people write them, with the same weights as without hooks.

mod common;

use candle_hooks::{
    Hooks,
    candle_core::{Result, Tensor},
    candle_nn::{AdamW, Optimizer, ParamsAdamW, SGD},
    tracker_core::NoopTracker,
};
use common::{Digits, Network, hooks, steps, tracked, values};

/// A trainer that knows no more of its optimizer than that it is one.
fn train_with<O: Optimizer>(
    optimizer: &mut O,
    network: &Network,
    batches: impl IntoIterator<Item = (Tensor, Tensor)>,
) -> Result<()> {
    for (images, labels) in batches {
        optimizer.backward_step(&network.loss(&images, &labels)?.0)?;
    }
    Ok(())
}

#[test]
fn generic_trainer_takes_a_tracked_optimizer_as_any_other() -> Result<()> {
    let batches = Digits::new(200).batches(30);
    let (bare, hooked) = (Network::new(), Network::new());
    let adamw = |of: &Network| AdamW::new(of.variables.clone(), ParamsAdamW::default());
    train_with(&mut adamw(&bare)?, &bare, batches.clone())?;
    let (hooks, tracker) = tracked();
    let mut optimizer = hooks.optimizer(adamw(&hooked)?);
    train_with(&mut optimizer, &hooked, hooks.batches(batches))?;
    assert_eq!(bare.bits(), hooked.bits());
    assert_eq!(steps(&tracker, "batch/train/loss"), (0..7).collect::<Vec<_>>());
    assert_eq!(values(&tracker, "batch/train/items"), [30., 30., 30., 30., 30., 30., 20.]);
    Ok(())
}

/// All images at once, as in the linear model of candle's own example.
fn full_batch(hooks: &Hooks) -> Result<Vec<u32>> {
    let (network, digits) = (Network::new(), Digits::new(200));
    let mut optimizer = hooks.optimizer(SGD::new(network.variables.clone(), 0.5)?);
    for _ in hooks.epochs(1..=5) {
        let (loss, logits) = network.loss(&digits.images, &digits.labels)?;
        hooks.accuracy(&logits, &digits.labels)?;
        optimizer.backward_step(&loss)?;
        let logits = network.logits(&digits.images)?;
        hooks.valid(|valid| valid.accuracy(&logits, &digits.labels))?;
    }
    Ok(network.bits())
}

#[test]
fn full_batch_loop_has_a_step_an_epoch() -> Result<()> {
    let (hooks_of_test, tracker) = tracked();
    let bits = full_batch(&hooks_of_test)?;
    assert_eq!(bits, full_batch(&hooks(NoopTracker::new()))?);
    for metric in ["batch/train/loss", "train/loss", "train/accuracy", "valid/accuracy", "epoch"] {
        assert_eq!(steps(&tracker, metric), [0, 1, 2, 3, 4], "{metric}");
    }
    assert_eq!(values(&tracker, "batch/train/loss"), values(&tracker, "train/loss"));
    let losses = values(&tracker, "train/loss");
    assert!(losses[4] < losses[0], "{losses:?}");
    Ok(())
}
