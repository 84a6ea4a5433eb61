//! One training, told to each way of hooking up a loop: plain numbers, Candle, Burn's loops and learner.
//!
//! A [`Script`] is a training by its numbers. [`rows`] tells it to a [`Way`] and gives all points that
//! were logged but for those that are times. `tests/same_rows.rs` compares them.

#![allow(clippy::unwrap_used, reason = "these are helpers of tests")]

mod burn_loop;
mod candle;
mod learner;
mod plain;

use std::{collections::BTreeMap, ops::ControlFlow};

use tracker_core::{MemoryTracker, Tracker as _};

pub use burn_loop::Burn;
pub use candle::Candle;
pub use learner::Learner;
pub use plain::Plain;

/// What a training loop tells, in numbers.
pub trait Way {
    /// Goes over epochs until `epoch` breaks.
    fn epochs(&self, epochs: u64, epoch: &mut dyn FnMut(u64) -> ControlFlow<()>);
    /// Goes over `items` in batches of `size` until `batch` breaks.
    fn batches(&self, items: usize, size: usize, batch: &mut dyn FnMut(usize) -> ControlFlow<()>);
    /// The mean loss of a batch.
    fn loss(&self, loss: f64);
    /// Right answers, and all.
    fn accuracy(&self, correct: u32, total: u32);
    /// Any other value.
    fn metric(&self, name: &str, value: f64);
    /// The size of a batch, where [`batches`](Self::batches) does not tell it.
    fn batch_size(&self, items: usize);
    /// The loop says that it took a step.
    fn step(&self);
    /// The loop says that it will.
    fn counts_steps(&self);
    /// An episode is over.
    fn episode(&self, reward: f64, length: u64);
    /// Evaluates.
    fn evaluate(&self, name: &str, evaluate: &mut dyn FnMut(&dyn Evaluating));
    /// Logs all so far.
    fn flush(&self);
    /// The training is told to its end.
    fn end(&self) {}
}

/// The sizes of the batches of so many items.
fn sizes(items: usize, size: usize) -> Vec<usize> {
    (0..items.div_ceil(size)).map(|index| size.min(items - index * size)).collect()
}

/// What an evaluation tells.
pub trait Evaluating {
    /// A batch of `items`: its mean loss and its right answers.
    fn batch(&self, items: u32, loss: f64, correct: u32);
    /// Any other value.
    fn metric(&self, name: &str, value: f64);
}

/// A training by its numbers.
pub type Script = fn(&dyn Way, &MemoryTracker);

/// Points by metric: step and value, as bits so that NaN is equal to itself.
pub type Rows = BTreeMap<String, Vec<(u64, u64)>>;

/// How the names of metrics end that are times, which differ.
const TIMES: [&str; 3] = ["seconds", "per_second", "data_wait"];

/// All points that a way logs of a training, but for times and speeds.
pub fn rows<W: Way>(hook: fn(&MemoryTracker) -> W, script: Script) -> Rows {
    let tracker = MemoryTracker::new();
    let way = hook(&tracker);
    script(&way, &tracker);
    way.end();
    let _ = tracker.finish(tracker_core::Outcome::Finished);
    drop(way);
    let mut rows = Rows::new();
    for metric in tracker.names() {
        if TIMES.iter().any(|time| metric.ends_with(time)) {
            continue;
        }
        let points = tracker.series(&metric);
        rows.insert(metric, points.iter().map(|(step, value)| (step.0, value.to_bits())).collect());
    }
    rows
}
