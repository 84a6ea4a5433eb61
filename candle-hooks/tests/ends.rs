//! Where a training ends: early stopping, and what `finish` still takes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use candle_hooks::{
    EarlyStopping, Hooks,
    candle_core::Result,
    candle_nn::{Optimizer, SGD},
    tracker_core::{NoopTracker, init},
};
use common::{Digits, Network, hooks, tracked};

/// Trains at a rate at which the loss soon gets no better; gives the epochs begun and the weights.
fn train_until_no_better(hooks: &Hooks) -> Result<(u64, Vec<u32>)> {
    let (network, digits) = (Network::new(), Digits::new(60));
    let mut optimizer = hooks.optimizer(SGD::new(network.variables.clone(), 4.0)?);
    let mut begun = 0;
    for epoch in hooks.epochs(1..=60_u64) {
        begun = epoch;
        for (images, labels) in hooks.batches(digits.batches(20)) {
            optimizer.backward_step(&network.loss(&images, &labels)?.0)?;
        }
        hooks.valid(|valid| {
            valid.loss(&network.loss(&digits.images, &digits.labels)?.0);
            Ok::<_, candle_hooks::candle_core::Error>(())
        })?;
    }
    Ok((begun, network.bits()))
}

#[test]
fn early_stopping_ends_a_training_at_the_same_epoch_where_nothing_is_tracked() -> Result<()> {
    let stopping = || EarlyStopping::new("valid/loss").patience(2);
    let tracked = train_until_no_better(&tracked().0.early_stopping(stopping()))?;
    let bare = train_until_no_better(&hooks(NoopTracker::new()).early_stopping(stopping()))?;
    assert_eq!(tracked, bare);
    assert!(tracked.0 < 60, "it ended early");
    Ok(())
}

#[test]
fn finish_takes_the_evaluation_that_the_hooks_still_hold() -> Result<()> {
    let store = tempfile::tempdir()?;
    let run = init("digits").name("last").dir(store.path()).start().unwrap();
    let hooks = hooks(&run);
    let (network, digits) = (Network::new(), Digits::new(40));
    let mut optimizer = hooks.optimizer(SGD::new(network.variables.clone(), 0.1)?);
    for (images, labels) in digits.batches(20) {
        optimizer.backward_step(&network.loss(&images, &labels)?.0)?;
    }
    hooks.valid(|valid| valid.accuracy(&network.logits(&digits.images)?, &digits.labels))?;
    run.finish().unwrap();
    let steps = |metric: &str| -> Vec<u64> {
        run.reader().unwrap().series(metric).unwrap().iter().map(|row| row.step.0).collect()
    };
    assert_eq!(steps("valid/accuracy"), [1]);
    assert_eq!(steps("batch/train/loss"), [0, 1]);
    Ok(())
}
