//! Burn's tensors and data loaders, in a loop by hand.

use std::{ops::ControlFlow, sync::Arc};

use burn::{
    data::{
        dataloader::{DataLoader, DataLoaderBuilder, batcher::Batcher},
        dataset::InMemDataset,
    },
    tensor::{Device, Int, Tensor},
};
use burn_callback::Loop;
use tracker_core::{MemoryTracker, progress::ProgressMode};

use crate::{Evaluating, Way};

/// Hooked with Burn's [`Loop`].
#[derive(Debug)]
pub struct Burn(Loop);

impl Burn {
    /// Logs to this tracker.
    pub fn hook(tracker: &MemoryTracker) -> Self {
        Self(Loop::new(tracker).progress(ProgressMode::Off))
    }
}

/// Batches of which only the size matters.
#[derive(Clone)]
struct Sizes;

impl Batcher<u8, usize> for Sizes {
    fn batch(&self, items: Vec<u8>, _: &Device) -> usize {
        items.len()
    }
}

fn loader(items: usize, size: usize) -> Arc<dyn DataLoader<usize>> {
    DataLoaderBuilder::new(Sizes).batch_size(size).build(InMemDataset::new(vec![0; items]))
}

/// Burn computes in f32, so a value must be one.
fn scalar(value: f64) -> Tensor<1> {
    Tensor::from_floats([value as f32], &Device::flex())
}

pub(crate) fn answers(correct: u32, total: u32) -> (Tensor<2>, Tensor<1, Int>) {
    let device = Device::flex();
    let logits: Vec<f32> = (0..total).flat_map(|_| [1.0, 0.0]).collect();
    let labels: Vec<i64> = (0..total).map(|index| i64::from(index >= correct)).collect();
    let logits = Tensor::<1>::from_floats(&logits[..], &device).reshape([total as usize, 2]);
    (logits, Tensor::from_ints(&labels[..], &device))
}

impl Way for Burn {
    fn epochs(&self, epochs: u64, epoch: &mut dyn FnMut(u64) -> ControlFlow<()>) {
        for number in self.0.epochs(1..=epochs) {
            if epoch(number).is_break() {
                break;
            }
        }
    }

    fn batches(&self, items: usize, size: usize, batch: &mut dyn FnMut(usize) -> ControlFlow<()>) {
        let loader = loader(items, size);
        for (index, of) in self.0.batches(&loader).enumerate() {
            of.unwrap();
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
        self.0.accuracy(&logits, &labels);
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
        self.0.evaluate(name, || evaluate(self));
    }

    fn flush(&self) {
        self.0.flush();
    }
}

impl Evaluating for Burn {
    fn batch(&self, items: u32, loss: f64, correct: u32) {
        self.0.loss(&scalar(loss));
        let (logits, labels) = answers(correct, items);
        self.0.accuracy(&logits, &labels);
    }

    fn metric(&self, name: &str, value: f64) {
        self.0.metric(name, value);
    }
}
