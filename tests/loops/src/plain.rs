//! Plain numbers.

use std::ops::ControlFlow;

use tracker_core::{Loop, LoopEvaluation, MemoryTracker, progress::ProgressMode};

use crate::{Evaluating, Way, sizes};

/// Hooked with [`Loop`].
#[derive(Debug)]
pub struct Plain(Loop);

impl Plain {
    /// Logs to this tracker.
    pub fn hook(tracker: &MemoryTracker) -> Self {
        Self(Loop::new(tracker).progress(ProgressMode::Off))
    }
}

impl Way for Plain {
    fn epochs(&self, epochs: u64, epoch: &mut dyn FnMut(u64) -> ControlFlow<()>) {
        for number in self.0.epochs(1..=epochs) {
            if epoch(number).is_break() {
                break;
            }
        }
    }

    fn batches(&self, items: usize, size: usize, batch: &mut dyn FnMut(usize) -> ControlFlow<()>) {
        for (index, size) in self.0.batches(sizes(items, size).into_iter().enumerate()) {
            self.0.batch_size(size);
            if batch(index).is_break() {
                break;
            }
        }
    }

    fn loss(&self, loss: f64) {
        self.0.loss(loss);
    }

    fn accuracy(&self, correct: u32, total: u32) {
        self.0.accuracy(correct.into(), total.into());
    }

    fn metric(&self, name: &str, value: f64) {
        self.0.metric(name, value);
    }

    fn batch_size(&self, items: usize) {
        self.0.batch_size(items);
    }

    fn step(&self) {
        self.0.step();
    }

    fn counts_steps(&self) {
        let _ = self.0.clone().counts_steps();
    }

    fn episode(&self, reward: f64, length: u64) {
        self.0.episode(reward, length);
    }

    fn evaluate(&self, name: &str, evaluate: &mut dyn FnMut(&dyn Evaluating)) {
        self.0.evaluate(name, |scope| evaluate(scope));
    }

    fn flush(&self) {
        self.0.flush();
    }
}

impl Evaluating for LoopEvaluation<'_> {
    fn batch(&self, items: u32, loss: f64, correct: u32) {
        self.loss(loss);
        self.accuracy(correct.into(), items.into());
    }

    fn metric(&self, name: &str, value: f64) {
        self.metric(name, value);
    }
}
