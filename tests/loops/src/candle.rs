//! Candle's tensors.

use std::ops::ControlFlow;

use candle_core::{Device, Tensor};
use candle_hooks::{Hooks, Scope};
use tracker_core::{MemoryTracker, progress::ProgressMode};

use crate::{Evaluating, Way, sizes};

/// Hooked with [`Hooks`].
#[derive(Debug)]
pub struct Candle(Hooks);

impl Candle {
    /// Logs to this tracker.
    pub fn hook(tracker: &MemoryTracker) -> Self {
        Self(Hooks::new(tracker).progress(ProgressMode::Off))
    }
}

fn scalar(value: f64) -> Tensor {
    Tensor::new(value, &Device::Cpu).unwrap()
}

/// Logits and labels of which so many fit.
fn answers(correct: u32, total: u32) -> (Tensor, Tensor) {
    let logits = [1_f32, 0.0].repeat(total as usize);
    let labels: Vec<u32> = (0..total).map(|index| u32::from(index >= correct)).collect();
    let logits = Tensor::from_vec(logits, (total as usize, 2), &Device::Cpu).unwrap();
    (logits, Tensor::new(labels, &Device::Cpu).unwrap())
}

impl Way for Candle {
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
        self.0.loss(&scalar(loss));
    }

    fn accuracy(&self, correct: u32, total: u32) {
        let (logits, labels) = answers(correct, total);
        self.0.accuracy(&logits, &labels).unwrap();
    }

    fn metric(&self, name: &str, value: f64) {
        self.0.metric(name, &scalar(value));
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

impl Evaluating for Scope<'_> {
    fn batch(&self, items: u32, loss: f64, correct: u32) {
        self.loss(&scalar(loss));
        let (logits, labels) = answers(correct, items);
        self.accuracy(&logits, &labels).unwrap();
    }

    fn metric(&self, name: &str, value: f64) {
        self.metric(name, value);
    }
}
