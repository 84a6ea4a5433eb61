//! Loops as people write them, with the same weights as without hooks.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use candle_hooks::{
    EarlyStopping, Hooks,
    candle_core::{Result, Tensor},
    candle_nn::{AdamW, Optimizer, ParamsAdamW, SGD},
    tracker_core::{NoopTracker, Outcome, Tracker as _},
};
use common::{Digits, Network, hooks, problems, steps, tracked, values};

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

#[test]
fn the_loss_that_the_user_gives_is_the_truth_whatever_backward_saw() -> Result<()> {
    let (hooks, tracker) = tracked();
    let (network, digits) = (Network::new(), Digits::new(40));
    let mut optimizer = hooks.optimizer(SGD::new(network.variables.clone(), 0.1)?);
    let mut losses = Vec::new();
    for (images, labels) in hooks.batches(digits.batches(20)) {
        let loss = network.loss(&images, &labels)?.0;
        losses.push(f64::from(loss.to_scalar::<f32>()?));
        hooks.loss(&loss);
        optimizer.backward_step(&(&loss * 1024.0)?)?;
    }
    assert_eq!(values(&tracker, "batch/train/loss"), losses);
    Ok(())
}

#[test]
fn numbers_are_taken_as_tensors_are() {
    let (hooks, tracker) = tracked();
    for _ in hooks.epochs(0..2) {
        for loss in hooks.batches([0.5, 0.25]) {
            hooks.batch_size(10);
            hooks.loss(loss);
            hooks.metric("accuracy", loss);
        }
        hooks.valid(|valid| {
            valid.loss(0.75);
            valid.metric("f1", 0.5);
        });
    }
    assert_eq!(values(&tracker, "train/loss"), [0.375, 0.375]);
    assert_eq!(values(&tracker, "train/accuracy"), [0.375, 0.375]);
    assert_eq!(values(&tracker, "valid/loss"), [0.75, 0.75]);
    assert_eq!(values(&tracker, "valid/f1"), [0.5, 0.5]);
}

#[test]
fn an_epoch_that_was_left_is_whole_where_the_run_is_finished_and_cut_short_where_it_failed() {
    for (outcome, epochs) in
        [(Outcome::Finished, vec![1.0, 2.0]), (Outcome::Failed("no data".into()), vec![1.0])]
    {
        let (hooks, tracker) = tracked();
        for epoch in hooks.epochs(1..=9) {
            hooks.loss(0.5);
            if epoch == 2 {
                break;
            }
        }
        tracker.finish(outcome.clone()).unwrap();
        assert_eq!(values(&tracker, "epoch"), epochs, "{outcome:?}");
        assert_eq!(values(&tracker, "batch/train/loss").len(), 2);
    }
}

#[test]
fn a_step_by_hand_where_an_optimizer_counts_is_told_and_counts_nothing() -> Result<()> {
    let (hooks, tracker) = tracked();
    let network = Network::new();
    let mut optimizer = hooks.optimizer(SGD::new(network.variables.clone(), 0.1)?);
    for (images, labels) in hooks.batches(Digits::new(40).batches(20)) {
        optimizer.backward_step(&network.loss(&images, &labels)?.0)?;
        hooks.step();
    }
    assert_eq!(steps(&tracker, "batch/train/loss"), [0, 1]);
    assert_eq!(problems(&tracker)["step-counted-twice"], 2);
    Ok(())
}

#[test]
fn a_loop_that_says_too_late_that_it_counts_is_told() {
    let (hooks, tracker) = tracked();
    for batch in hooks.batches(0..4) {
        hooks.loss(f64::from(batch));
        if batch % 2 == 1 {
            hooks.step();
        }
    }
    assert_eq!(problems(&tracker)["batches-taken-for-steps"], 1);
    assert_eq!(values(&tracker, "batch/train/loss"), [0.0, 1.0, 2.5]);
}

#[test]
fn an_early_stop_ends_its_own_phase_and_not_the_next() {
    let (hooks, tracker) = tracked();
    let hooks = hooks.early_stopping(EarlyStopping::new("train/loss").patience(2));
    for _ in 0..2 {
        for _ in hooks.epochs(1..=9) {
            hooks.loss(0.5);
        }
    }
    assert_eq!(values(&tracker, "epoch"), [1.0, 2.0, 3.0, 1.0, 2.0, 3.0]);
}

#[test]
fn loops_that_count_on_are_one_phase() {
    let (hooks, tracker) = tracked();
    let hooks = hooks.early_stopping(EarlyStopping::new("train/loss").patience(2));
    for epoch in 1..=9 {
        for _ in hooks.epochs([epoch]) {
            hooks.loss(0.5);
        }
    }
    assert_eq!(values(&tracker, "epoch"), [1.0, 2.0, 3.0]);
}
