//! What the recipes share: some digits and a small network. Each recipe is a program of its own in
//! `src/bin`.
//!
//! | program | what it shows |
//! |---|---|
//! | `fine_tuning` | a frozen network learns something new by a small part that is added to it (low-rank adaptation) |
//! | `k_fold` | one run a fold, in a group |
//! | `lbfgs` | an optimizer that Candle does not know: the loop counts its steps |
//! | `two_phases` | one loop over epochs after another, in one run |
//! | `several_models` | two networks in one checkpoint, and the best of them at the end |
//! | `short_runs` | twenty short runs in one process |
//! | `study` | the best learning rate and size of a layer, found by trying; bad trials end early |
//!
//! Steps without epochs are those of `candle-text`, episodes those of `candle-cartpole`.
//!
//! ```text
//! cargo run --release -p candle-recipes --bin k_fold
//! ```

use std::fmt;

use candle_hooks::{
    candle_core::{DType, Device, Module, Result, Tensor},
    candle_nn::{Linear, VarBuilder, VarMap, linear, loss},
};

/// All recipes compute on the CPU.
pub const DEVICE: Device = Device::Cpu;

/// Images of shape (count, 784) with numbers from 0 to 1, and the digits they show, of type u32.
#[derive(Debug, Clone)]
pub struct Digits {
    /// The images.
    pub images: Tensor,
    /// The digits.
    pub labels: Tensor,
}

impl Digits {
    /// The first `count` of MNIST's training images, 6,000 at most.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn first(count: usize) -> anyhow::Result<Self> {
        let mnist = mnist_data::load(None)?.train;
        let pixels: Vec<f32> =
            mnist.pixels.iter().take(count * 784).map(|pixel| f32::from(*pixel) / 255.0).collect();
        let labels: Vec<u32> = mnist.labels.iter().take(count).map(|of| u32::from(*of)).collect();
        Ok(Self {
            images: Tensor::from_vec(pixels, (count, 784), &DEVICE)?,
            labels: Tensor::from_vec(labels, count, &DEVICE)?,
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.labels.elem_count()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Those at these places.
    ///
    /// # Errors
    /// If one is out of bounds.
    pub fn at(&self, places: &[usize]) -> Result<Self> {
        let places: Vec<u32> = places.iter().map(|place| *place as u32).collect();
        let places = Tensor::new(places, &DEVICE)?;
        Ok(Self {
            images: self.images.index_select(&places, 0)?,
            labels: self.labels.index_select(&places, 0)?,
        })
    }
}

/// A network of two linear layers, 784-32-10.
pub struct Network {
    /// Its variables.
    pub weights: VarMap,
    hidden: Linear,
    output: Linear,
}

impl Network {
    /// A new one.
    ///
    /// # Errors
    /// If there is no memory for it.
    pub fn new() -> Result<Self> {
        let weights = VarMap::new();
        let builder = VarBuilder::from_varmap(&weights, DType::F32, &DEVICE);
        let hidden = linear(784, 32, builder.pp("hidden"))?;
        let output = linear(32, 10, builder.pp("output"))?;
        Ok(Self { weights, hidden, output })
    }

    /// What the output layer sees, of shape (batch, 32).
    ///
    /// # Errors
    /// If the images have another shape.
    pub fn features(&self, images: &Tensor) -> Result<Tensor> {
        self.hidden.forward(images)?.relu()
    }

    /// The mean loss of a batch, and its logits.
    ///
    /// # Errors
    /// If the images have another shape.
    pub fn loss(&self, batch: &Digits) -> Result<(Tensor, Tensor)> {
        let logits = self.forward(&batch.images)?;
        Ok((loss::cross_entropy(&logits, &batch.labels)?, logits))
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network").finish_non_exhaustive()
    }
}

impl Module for Network {
    fn forward(&self, images: &Tensor) -> Result<Tensor> {
        self.output.forward(&self.features(images)?)
    }
}
