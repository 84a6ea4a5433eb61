//! A small network, real images and a tracker to look into.
#![allow(dead_code, reason = "not every test file uses all of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{collections::HashMap, sync::Arc};

use candle_hooks::{
    Hooks,
    candle_core::{DType, Device, Module, Result, Tensor, Var},
    candle_nn::{Linear, loss, ops},
    tracker_core::{MemoryTracker, Tracker, progress::ProgressMode},
};

pub(crate) const DEVICE: Device = Device::Cpu;

/// Hooks with the memory that they log to.
pub(crate) fn tracked() -> (Hooks, MemoryTracker) {
    let tracker = MemoryTracker::new();
    (hooks(&tracker), tracker)
}

pub(crate) fn hooks(tracker: impl Into<Arc<dyn Tracker>>) -> Hooks {
    Hooks::new(tracker).progress(ProgressMode::Off)
}

/// The values of a metric, without their steps.
pub(crate) fn values(tracker: &MemoryTracker, metric: &str) -> Vec<f64> {
    tracker.series(metric).into_iter().map(|(_, value)| value).collect()
}

/// The steps of a metric.
pub(crate) fn steps(tracker: &MemoryTracker, metric: &str) -> Vec<u64> {
    tracker.series(metric).into_iter().map(|(step, _)| step.0).collect()
}

/// The kinds of all problems with their counts.
pub(crate) fn problems(tracker: &MemoryTracker) -> HashMap<String, u64> {
    tracker.problems().into_iter().map(|problem| (problem.kind, problem.count)).collect()
}

pub(crate) fn close(one: f64, two: f64) -> bool {
    (one - two).abs() < 1e-6
}

/// Images from 0 to 1 of shape (count, 784), and their digits.
pub(crate) struct Digits {
    pub(crate) images: Tensor,
    pub(crate) labels: Tensor,
}

impl Digits {
    /// The first `count` training images.
    pub(crate) fn new(count: usize) -> Self {
        let mnist = mnist_data::load(None).unwrap().train;
        let pixels = mnist.pixels[..count * 784].to_vec();
        let images = Tensor::from_vec(pixels, (count, 784), &DEVICE).unwrap();
        let labels = Tensor::from_vec(mnist.labels[..count].to_vec(), count, &DEVICE).unwrap();
        Self { images: (images.to_dtype(DType::F32).unwrap() / 255.0).unwrap(), labels }
    }

    /// Batches in their order; the last one may be smaller.
    pub(crate) fn batches(&self, size: usize) -> Vec<(Tensor, Tensor)> {
        let count = self.labels.elem_count();
        let batch = |start: usize| {
            let size = size.min(count - start);
            let part = |tensor: &Tensor| tensor.narrow(0, start, size).unwrap();
            (part(&self.images), part(&self.labels))
        };
        (0..count).step_by(size).map(batch).collect()
    }
}

/// 784-32-10, with the same weights each time it is made.
pub(crate) struct Network {
    first: Linear,
    second: Linear,
    pub(crate) variables: Vec<Var>,
}

impl Network {
    pub(crate) fn new() -> Self {
        let variables = vec![weights(32, 784), weights(10, 32)];
        let [first, second] = [0, 1].map(|index| {
            let weight: &Var = &variables[index];
            Linear::new(weight.as_tensor().clone(), None)
        });
        Self { first, second, variables }
    }

    pub(crate) fn logits(&self, images: &Tensor) -> Result<Tensor> {
        self.second.forward(&self.first.forward(images)?.relu()?)
    }

    /// The mean loss of a batch and its logits.
    pub(crate) fn loss(&self, images: &Tensor, labels: &Tensor) -> Result<(Tensor, Tensor)> {
        let logits = self.logits(images)?;
        let log_probabilities = ops::log_softmax(&logits, 1)?;
        Ok((loss::nll(&log_probabilities, &labels.to_dtype(DType::U32)?)?, logits))
    }

    /// The bits of all weights.
    pub(crate) fn bits(&self) -> Vec<u32> {
        let bits = |variable: &Var| {
            let values = variable.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            values.into_iter().map(f32::to_bits)
        };
        self.variables.iter().flat_map(bits).collect()
    }
}

/// Weights from -0.05 to 0.05 from a small fixed generator, as the CPU's cannot be seeded.
fn weights(outputs: usize, inputs: usize) -> Var {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / 16_777_216.0 - 0.5
    };
    let values: Vec<f32> = (0..outputs * inputs).map(|_| next() * 0.1).collect();
    Var::from_vec(values, (outputs, inputs), &DEVICE).unwrap()
}
