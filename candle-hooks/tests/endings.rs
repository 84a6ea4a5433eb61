//! How epochs and trainings end, and what is odd on the way.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};

use candle_hooks::{
    Hooks,
    candle_core::{DType, Error, Result, Tensor},
    candle_nn::{Optimizer, SGD},
    tracker_core::{MemoryTracker, NoopTracker, Requests, Stop},
};
use common::{DEVICE, Digits, Network, close, hooks, problems, steps, tracked, values};

/// Ten batches an epoch for two epochs; `each` may end it before the step of any batch.
fn train(hooks: &Hooks, mut each: impl FnMut(u64, u64) -> Result<bool>) -> Result<u64> {
    let network = Network::new();
    let batches = Digits::new(100).batches(10);
    let mut optimizer = hooks.optimizer(SGD::new(network.variables.clone(), 0.1)?);
    let mut taken = 0;
    for epoch in hooks.epochs(1..=2_u64) {
        for (batch, (images, labels)) in hooks.batches(&batches).enumerate() {
            let (loss, logits) = network.loss(images, labels)?;
            hooks.accuracy(&logits, labels)?;
            if !each(epoch, batch as u64)? {
                break;
            }
            optimizer.backward_step(&loss)?;
            taken += 1;
        }
    }
    Ok(taken)
}

/// The first epoch was cut short after three of its batches: they are logged, and it has no means.
fn assert_cut_short_after_three(tracker: &MemoryTracker) {
    assert_eq!(steps(tracker, "batch/train/loss"), [0, 1, 2]);
    for metric in ["train/loss", "train/accuracy", "epoch", "epoch_seconds"] {
        assert!(tracker.series(metric).is_empty(), "{metric}");
    }
    assert_logged_whole(tracker);
}

fn assert_logged_whole(tracker: &MemoryTracker) {
    // The batch that had no step is not logged.
    assert_eq!(steps(tracker, "batch/train/accuracy")[..3], [0, 1, 2]);
    assert_eq!(
        steps(tracker, "batch/train/loss").len(),
        values(tracker, "batch/train/items").len()
    );
}

#[test]
fn batches_left_by_break_make_a_short_epoch_and_the_next_one_goes_on() -> Result<()> {
    let (hooks, tracker) = tracked();
    assert_eq!(train(&hooks, |epoch, batch| Ok(epoch == 2 || batch < 3))?, 13);
    assert_logged_whole(&tracker);
    let losses = &values(&tracker, "batch/train/loss")[..3];
    assert!(close(values(&tracker, "train/loss")[0], losses.iter().sum::<f64>() / 3.0));
    assert_eq!(steps(&tracker, "batch/train/accuracy"), (0..13).collect::<Vec<_>>());
    assert_eq!(steps(&tracker, "train/loss"), [2, 12]);
    assert_eq!(tracker.problems(), []);
    Ok(())
}

#[test]
fn an_epoch_cut_short_by_an_error_has_no_means() {
    let (hooks, tracker) = tracked();
    let end = |_, batch| if batch < 3 { Ok(true) } else { Err(Error::msg("no more data")) };
    assert!(train(&hooks, end).is_err());
    assert_cut_short_after_three(&tracker);
}

#[test]
fn an_epoch_cut_short_by_a_panic_has_no_means() {
    let (hooks, tracker) = tracked();
    let end = |_, batch| {
        assert!(batch < 3, "out of luck");
        Ok(true)
    };
    assert!(catch_unwind(AssertUnwindSafe(|| train(&hooks, end))).is_err());
    assert_cut_short_after_three(&tracker);
}

#[test]
fn an_epoch_left_with_its_batches_has_no_means() -> Result<()> {
    let (hooks, tracker) = tracked();
    let network = Network::new();
    let digits = Digits::new(50);
    let mut optimizer = hooks.optimizer(SGD::new(network.variables.clone(), 0.1)?);
    'training: for _ in hooks.epochs(7..) {
        for (index, (images, labels)) in hooks.batches(digits.batches(10)).enumerate() {
            optimizer.backward_step(&network.loss(&images, &labels)?.0)?;
            if index == 2 {
                break 'training;
            }
        }
    }
    assert_eq!(steps(&tracker, "batch/train/loss"), [0, 1, 2]);
    assert!(tracker.series("epoch").is_empty() && tracker.series("train/loss").is_empty());
    Ok(())
}

#[test]
fn an_epoch_that_is_left_after_its_batches_is_whole() -> Result<()> {
    let (hooks, tracker) = tracked();
    let network = Network::new();
    let digits = Digits::new(50);
    let mut optimizer = hooks.optimizer(SGD::new(network.variables.clone(), 0.1)?);
    for epoch in hooks.epochs(7..) {
        for (images, labels) in hooks.batches(digits.batches(10)) {
            optimizer.backward_step(&network.loss(&images, &labels)?.0)?;
        }
        hooks.valid(|valid| valid.accuracy(&network.logits(&digits.images)?, &digits.labels))?;
        // As people write early stopping by hand.
        if epoch == 8 {
            break;
        }
    }
    assert_eq!(tracker.series("epoch"), [(4.into(), 7.0), (9.into(), 8.0)]);
    assert_eq!(steps(&tracker, "train/loss"), [4, 9]);
    assert_eq!(steps(&tracker, "valid/accuracy"), [4, 9]);
    Ok(())
}

#[test]
fn request_to_stop_now_ends_both_loops_within_a_batch() -> Result<()> {
    let (hooks, tracker) = tracked();
    let taken = train(&hooks, |_, batch| {
        if batch == 4 {
            tracker.request(Requests::stop(Stop::Now));
        }
        Ok(true)
    })?;
    assert_eq!(taken, 5);
    assert_eq!(steps(&tracker, "batch/train/loss"), [0, 1, 2, 3, 4]);
    assert!(tracker.series("epoch").is_empty());
    assert_eq!(tracker.problems(), []);
    Ok(())
}

#[test]
fn request_to_stop_after_the_epoch_lets_it_end() -> Result<()> {
    let (hooks, tracker) = tracked();
    let taken = train(&hooks, |_, batch| {
        if batch == 4 {
            tracker.request(Requests::stop(Stop::AfterEpoch));
        }
        Ok(true)
    })?;
    assert_eq!(taken, 10);
    assert_eq!(steps(&tracker, "epoch"), [9]);
    Ok(())
}

#[test]
fn request_before_the_first_batch_is_no_empty_epoch() {
    let (hooks, tracker) = tracked();
    for _ in hooks.epochs(1..=3) {
        tracker.request(Requests::stop(Stop::Now));
        assert_eq!(hooks.batches(0..3).count(), 0);
    }
    assert_eq!(tracker.points(), []);
    assert_eq!(tracker.problems(), []);
}

#[test]
fn empty_epoch_is_a_problem_and_logs_nothing() -> Result<()> {
    let (hooks, tracker) = tracked();
    let network = Network::new();
    // Made outside of the epochs: the second one finds it used up.
    let mut batches = Digits::new(100).batches(50).into_iter();
    let mut optimizer = hooks.optimizer(SGD::new(network.variables.clone(), 0.1)?);
    for _ in hooks.epochs(1..=2) {
        for (images, labels) in hooks.batches(&mut batches) {
            optimizer.backward_step(&network.loss(&images, &labels)?.0)?;
        }
    }
    assert_eq!(tracker.series("epoch"), [(1.into(), 1.0)]);
    assert_eq!(problems(&tracker)["empty-epoch"], 1);
    assert!(tracker.problems()[0].message.contains("epoch 2 had no batch"));
    Ok(())
}

/// As candle's `Batcher`: gives `Result`s and may fail midway.
struct Batcher {
    batches: std::vec::IntoIter<(Tensor, Tensor)>,
    fails_at: usize,
}

impl Iterator for Batcher {
    type Item = Result<(Tensor, Tensor)>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.batches.next()?;
        let fails = self.batches.len() == self.fails_at;
        Some(if fails { Err(Error::msg("cannot read the file")) } else { Ok(batch) })
    }
}

fn train_from(batcher: Batcher, hooks: &Hooks) -> Result<()> {
    let network = Network::new();
    let mut optimizer = hooks.optimizer(SGD::new(network.variables.clone(), 0.1)?);
    let mut batcher = Some(batcher);
    for _ in hooks.epochs(1..=1) {
        for batch in hooks.batches(batcher.take().into_iter().flatten()) {
            let (images, labels) = batch?;
            optimizer.backward_step(&network.loss(&images, &labels)?.0)?;
        }
    }
    Ok(())
}

#[test]
fn batcher_of_results_is_passed_through() -> Result<()> {
    let batches = || Digits::new(100).batches(30).into_iter();
    let (hooks, tracker) = tracked();
    train_from(Batcher { batches: batches(), fails_at: usize::MAX }, &hooks)?;
    assert_eq!(values(&tracker, "batch/train/items"), [30.0, 30.0, 30.0, 10.0]);
    assert_eq!(steps(&tracker, "train/loss"), [3]);

    let (hooks, tracker) = tracked();
    assert!(train_from(Batcher { batches: batches(), fails_at: 1 }, &hooks).is_err());
    assert_eq!(steps(&tracker, "batch/train/loss"), [0, 1]);
    assert!(values(&tracker, "train/loss").is_empty());
    Ok(())
}

#[test]
fn labels_of_all_kinds_give_the_same_accuracy() -> Result<()> {
    let digits = Digits::new(100);
    let network = Network::new();
    let logits = network.logits(&digits.images)?;
    let classes = Tensor::arange(0_u8, 10, &DEVICE)?.unsqueeze(0)?;
    let one_hot = digits.labels.unsqueeze(1)?.broadcast_eq(&classes)?.to_dtype(DType::F32)?;
    let mut of_kinds = vec![one_hot];
    for dtype in [DType::U8, DType::U32, DType::I64] {
        of_kinds.push(digits.labels.to_dtype(dtype)?);
    }
    let (hooks, tracker) = tracked();
    for labels in hooks.batches(&of_kinds) {
        hooks.accuracy(&logits, labels)?;
    }
    let accuracies = values(&tracker, "batch/train/accuracy");
    assert_eq!(accuracies.len(), 4);
    assert!(accuracies.iter().all(|value| value.to_bits() == accuracies[0].to_bits()));
    assert!(accuracies[0] > 0.0);
    Ok(())
}

#[test]
fn labels_that_do_not_fit_are_an_error_of_the_call() -> Result<()> {
    let (hooks, _) = tracked();
    let digits = Digits::new(20);
    let logits = Network::new().logits(&digits.images)?;
    assert!(hooks.accuracy(&logits, &digits.labels.narrow(0, 0, 5)?).is_err());
    Ok(())
}

#[test]
fn losses_of_one_element_are_taken_in_any_shape_and_type() -> Result<()> {
    let (hooks, tracker) = tracked();
    let loss = Tensor::new(0.5_f32, &DEVICE)?;
    let losses = [
        loss.reshape(1)?,
        loss.reshape((1, 1))?,
        loss.to_dtype(DType::F64)?,
        loss.to_dtype(DType::BF16)?,
        loss.to_dtype(DType::F16)?.reshape(1)?,
    ];
    for loss in hooks.batches(&losses) {
        hooks.loss(loss);
    }
    assert_eq!(values(&tracker, "batch/train/loss"), [0.5; 5]);
    assert_eq!(tracker.problems(), []);
    Ok(())
}

#[test]
fn nan_is_kept_and_its_first_step_told() -> Result<()> {
    let (hooks, tracker) = tracked();
    let losses = Tensor::new(&[0.5_f32, f32::NAN, 0.25, f32::NAN], &DEVICE)?;
    for _ in hooks.epochs(1..=1) {
        for loss in hooks.batches(losses.chunk(4, 0)?) {
            hooks.loss(&loss);
        }
    }
    let rows = values(&tracker, "batch/train/loss");
    assert!(rows[1].is_nan() && rows[3].is_nan() && close(rows[2], 0.25));
    assert!(values(&tracker, "train/loss")[0].is_nan());
    let problem = &tracker.problems()[0];
    assert_eq!((problem.kind.as_str(), problem.count), ("loss-not-finite", 2));
    assert_eq!(problem.message, "`batch/train/loss` is NaN at step 1");
    Ok(())
}

#[test]
fn loss_of_many_elements_is_counted_and_training_goes_on() -> Result<()> {
    let (hooks, tracker) = tracked();
    let network = Network::new();
    let digits = Digits::new(60);
    let mut optimizer = hooks.optimizer(SGD::new(network.variables.clone(), 0.01)?);
    for _ in hooks.epochs(1..=1) {
        for (images, _) in hooks.batches(digits.batches(20)) {
            // Backward works from any shape, so this trains; there is just no loss to log.
            optimizer.backward_step(&network.logits(&images)?.sqr()?)?;
        }
    }
    assert_eq!(problems(&tracker)["loss-not-scalar"], 3);
    assert!(tracker.problems()[0].message.contains("[20, 10] at step 0"));
    assert!(values(&tracker, "batch/train/loss").is_empty());
    assert_eq!(tracker.series("epoch"), [(2.into(), 1.0)]);
    assert_ne!(network.bits(), Network::new().bits());
    Ok(())
}

#[test]
fn nothing_is_checked_or_computed_where_nothing_is_tracked() -> Result<()> {
    let hooks = hooks(NoopTracker::new());
    let digits = Digits::new(20);
    // Shapes that would be an error are not even looked at.
    hooks.accuracy(&digits.images, &digits.images.narrow(0, 0, 3)?)?;
    hooks.loss(&digits.images);
    assert_eq!(train(&hooks, |_, _| Ok(true))?, 20);
    Ok(())
}

#[test]
fn evaluations_of_one_step_make_one_mean() -> Result<()> {
    let (hooks, tracker) = tracked();
    let network = Network::new();
    let digits = Digits::new(100);
    let batches = digits.batches(30);
    let mut optimizer = hooks.optimizer(SGD::new(network.variables.clone(), 0.1)?);
    for _ in hooks.epochs(1..=2) {
        for (images, labels) in hooks.batches(&batches) {
            optimizer.backward_step(&network.loss(images, labels)?.0)?;
        }
        // A scope for each batch, and batches within: neither counts steps.
        for (images, labels) in hooks.batches(&batches) {
            hooks.valid(|valid| valid.accuracy(&network.logits(images)?, labels))?;
        }
        hooks.evaluate("test", |test| {
            for (images, labels) in hooks.batches(&batches) {
                test.accuracy(&network.logits(images)?, labels)?;
            }
            Ok::<_, Error>(())
        })?;
    }
    assert_eq!(steps(&tracker, "batch/train/loss"), (0..8).collect::<Vec<_>>());
    assert_eq!(steps(&tracker, "valid/accuracy"), [3, 7]);
    assert_eq!(tracker.series("valid/accuracy"), tracker.series("test/accuracy"));
    Ok(())
}

#[test]
fn panic_within_an_evaluation_logs_nothing_of_it() -> Result<()> {
    let (hooks, tracker) = tracked();
    let digits = Digits::new(10);
    let logits = Network::new().logits(&digits.images)?;
    let evaluation = || {
        hooks
            .valid(|valid| valid.accuracy(&logits, &digits.labels).map(|()| panic!("in the model")))
    };
    let result: std::thread::Result<Result<()>> = catch_unwind(AssertUnwindSafe(evaluation));
    assert!(result.is_err());
    for () in hooks.batches([()]) {
        hooks.accuracy(&logits, &digits.labels)?;
    }
    hooks.flush();
    assert!(values(&tracker, "valid/accuracy").is_empty());
    assert_eq!(steps(&tracker, "batch/train/accuracy"), [0]);
    Ok(())
}

#[test]
fn hooks_are_shared_between_threads() {
    fn shared<T: Clone + Send + Sync>() {}
    shared::<Hooks>();
}
