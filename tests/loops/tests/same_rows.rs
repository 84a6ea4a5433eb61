//! The same training, told in several ways, gives the same rows.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::ops::ControlFlow::{Break, Continue};

use loop_tests::{Burn, Candle, Learner, Plain, Rows, Script, Way, rows};
use tracker_core::{MemoryTracker, Requests, Stop};

/// Tells a training in each way, and gives the rows that all of them logged.
fn same(script: Script) -> Rows {
    let plain = rows(Plain::hook, script);
    assert_eq!(rows(Candle::hook, script), plain, "Candle beside plain numbers");
    assert_eq!(rows(Burn::hook, script), plain, "Burn beside plain numbers");
    plain
}

fn series(rows: &Rows, metric: &str) -> Vec<(u64, f64)> {
    let points = rows.get(metric).map(Vec::as_slice).unwrap_or_default();
    points.iter().map(|(step, bits)| (*step, f64::from_bits(*bits))).collect()
}

/// A step over a batch: a loss that is half of that before, and one right answer more. All numbers are
/// exact in f32, in which Burn computes.
fn batch(way: &dyn Way, index: usize, items: u32) {
    way.loss(1.0 / f64::from(1 << index));
    way.accuracy((index as u32 + 1).min(items), items);
}

fn by_epochs(way: &dyn Way, _: &MemoryTracker) {
    way.epochs(3, &mut |_| {
        way.batches(20, 8, &mut |index| {
            batch(way, index, if index == 2 { 4 } else { 8 });
            way.metric("margin", index as f64);
            Continue(())
        });
        way.evaluate("valid", &mut |valid| {
            valid.batch(8, 0.5, 4);
            valid.batch(2, 1.0, 2);
            valid.metric("margin", 0.25);
        });
        Continue(())
    });
}

#[test]
fn epochs_of_batches_of_several_sizes_with_an_evaluation() {
    let rows = same(by_epochs);
    let loss = series(&rows, "train/loss");
    assert_eq!(loss.iter().map(|(step, _)| *step).collect::<Vec<_>>(), [2, 5, 8]);
    assert_eq!(loss[0].1, (8.0 + 0.5 * 8.0 + 0.25 * 4.0) / 20.0);
    assert_eq!(series(&rows, "valid/loss"), [(2, 0.6), (5, 0.6), (8, 0.6)]);
    assert_eq!(series(&rows, "batch/train/items")[..3], [(0, 8.0), (1, 8.0), (2, 4.0)]);
    assert_eq!(series(&rows, "train/margin")[0].1, (8.0 + 2.0 * 4.0) / 20.0);
    assert_eq!(series(&rows, "epoch"), [(2, 1.0), (5, 2.0), (8, 3.0)]);
}

fn classified(way: &dyn Way, _: &MemoryTracker) {
    way.epochs(3, &mut |_| {
        way.batches(20, 8, &mut |index| {
            batch(way, index, if index == 2 { 4 } else { 8 });
            Continue(())
        });
        way.evaluate("valid", &mut |valid| {
            valid.batch(8, 0.5, 4);
            valid.batch(2, 1.0, 2);
        });
        Continue(())
    });
}

/// A learner's own metrics are Burn's. It has learning rates, which the script tells nothing of, and keeps
/// hidden what Burn itself said.
#[test]
fn a_learner_logs_what_a_loop_does() {
    let loops = same(classified);
    let mut learner = rows(Learner::hook, classified);
    assert_eq!(series(&learner, "learning_rate"), [(0, 0.5), (2, 0.5), (5, 0.5), (8, 0.5)]);
    learner.retain(|metric, _| !metric.starts_with("burn/") && metric != "learning_rate");
    assert_eq!(learner, loops);
}

fn left_by_break_after_a_step(way: &dyn Way, _: &MemoryTracker) {
    way.epochs(10, &mut |epoch| {
        way.loss(1.0 / f64::from(1 << epoch));
        if epoch == 3 { Break(()) } else { Continue(()) }
    });
}

#[test]
fn a_full_batch_loop_that_converges_keeps_its_last_epoch() {
    let rows = same(left_by_break_after_a_step);
    assert_eq!(series(&rows, "train/loss"), [(0, 0.5), (1, 0.25), (2, 0.125)]);
}

fn left_in_a_batch(way: &dyn Way, _: &MemoryTracker) {
    way.epochs(10, &mut |epoch| {
        let mut is_left = false;
        way.batches(16, 8, &mut |index| {
            batch(way, index, 8);
            is_left = epoch == 2;
            if is_left { Break(()) } else { Continue(()) }
        });
        if is_left { Break(()) } else { Continue(()) }
    });
}

#[test]
fn an_epoch_that_is_left_among_its_batches_has_rows_and_no_means() {
    let rows = same(left_in_a_batch);
    assert_eq!(series(&rows, "epoch"), [(1, 1.0)]);
    assert_eq!(series(&rows, "batch/train/loss").len(), 3);
}

fn stopped(way: &dyn Way, tracker: &MemoryTracker) {
    way.epochs(10, &mut |epoch| {
        way.batches(32, 8, &mut |index| {
            batch(way, index, 8);
            if (epoch, index) == (2, 1) {
                tracker.request(Requests::stop(Stop::Now));
            }
            Continue(())
        });
        Continue(())
    });
}

#[test]
fn a_request_to_stop_ends_the_batches_and_leaves_no_means_of_a_part() {
    let rows = same(stopped);
    assert_eq!(series(&rows, "epoch"), [(3, 1.0)]);
    assert_eq!(series(&rows, "batch/train/loss").len(), 6);
}

fn nobody_counts(way: &dyn Way, _: &MemoryTracker) {
    way.epochs(4, &mut |epoch| {
        for part in 0..2 {
            way.loss((epoch * 2 + part) as f64);
        }
        way.evaluate("valid", &mut |valid| valid.batch(4, 0.5, 2));
        Continue(())
    });
}

#[test]
fn where_nobody_counts_each_loss_is_a_step_and_an_evaluation_stands_at_the_last() {
    let rows = same(nobody_counts);
    let steps: Vec<u64> = series(&rows, "batch/train/loss").iter().map(|(step, _)| *step).collect();
    assert_eq!(steps, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(
        series(&rows, "valid/loss").iter().map(|(at, _)| *at).collect::<Vec<_>>(),
        [1, 3, 5, 7]
    );
    assert_eq!(series(&rows, "train/loss")[0], (1, 2.5));
}

fn counted_by_hand(way: &dyn Way, _: &MemoryTracker) {
    way.counts_steps();
    way.epochs(2, &mut |_| {
        way.batches(24, 4, &mut |index| {
            way.loss(index as f64);
            if index % 3 == 2 {
                way.step();
            }
            Continue(())
        });
        Continue(())
    });
}

#[test]
fn a_loop_that_counts_its_steps_itself_gathers_batches() {
    let rows = same(counted_by_hand);
    assert_eq!(series(&rows, "batch/train/loss"), [(0, 1.0), (1, 4.0), (2, 1.0), (3, 4.0)]);
    assert_eq!(series(&rows, "batch/train/items")[0], (0, 12.0));
    assert_eq!(series(&rows, "train/loss"), [(1, 2.5), (3, 2.5)]);
}

fn given_twice(way: &dyn Way, _: &MemoryTracker) {
    way.epochs(1, &mut |_| {
        way.batches(16, 16, &mut |_| {
            way.loss(1.0);
            way.metric("m", 0.0);
            way.metric("m", 1.0);
            Continue(())
        });
        way.evaluate("valid", &mut |valid| {
            valid.metric("loss", 0.25);
            valid.metric("accuracy", 0.75);
            valid.metric("m", 0.5);
            valid.metric("m", 1.0);
        });
        Continue(())
    });
}

#[test]
fn a_value_given_twice_in_a_step_is_the_plain_mean_and_names_are_what_was_said() {
    let rows = same(given_twice);
    assert_eq!(series(&rows, "batch/train/m"), [(0, 0.5)]);
    assert_eq!(series(&rows, "train/m"), [(0, 0.5)]);
    assert_eq!(series(&rows, "valid/loss"), [(0, 0.25)]);
    assert_eq!(series(&rows, "valid/accuracy"), [(0, 0.75)]);
    assert_eq!(series(&rows, "valid/m"), [(0, 0.75)]);
}

fn episodes(way: &dyn Way, _: &MemoryTracker) {
    way.epochs(2, &mut |epoch| {
        for episode in 0..3 {
            way.loss(0.5);
            way.step();
            way.episode((epoch * 10 + episode) as f64, 5 + episode);
        }
        Continue(())
    });
}

#[test]
fn episodes_have_a_series_of_their_own_and_means() {
    let rows = same(episodes);
    assert_eq!(
        series(&rows, "episode"),
        (0..6).map(|at| (at, at as f64 + 1.0)).collect::<Vec<_>>()
    );
    assert_eq!(series(&rows, "episode/reward")[..2], [(0, 10.0), (1, 11.0)]);
    assert_eq!(series(&rows, "episode/length")[2], (2, 7.0));
    assert_eq!(series(&rows, "train/reward"), [(2, 11.0), (5, 21.0)]);
    assert_eq!(series(&rows, "train/episode_length"), [(2, 6.0), (5, 6.0)]);
}

fn two_loops(way: &dyn Way, tracker: &MemoryTracker) {
    by_epochs(way, tracker);
    by_epochs(way, tracker);
}

#[test]
fn a_second_loop_goes_on_with_the_steps() {
    let rows = same(two_loops);
    let steps: Vec<u64> = series(&rows, "epoch").iter().map(|(step, _)| *step).collect();
    assert_eq!(steps, [2, 5, 8, 11, 14, 17]);
}

fn without_a_step(way: &dyn Way, _: &MemoryTracker) {
    way.metric("before", 3.0);
    way.flush();
}

#[test]
fn a_value_that_no_step_follows_is_kept() {
    assert_eq!(series(&same(without_a_step), "batch/train/before"), [(0, 3.0)]);
}
