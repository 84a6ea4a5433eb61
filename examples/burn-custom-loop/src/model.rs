//! A small network of linear layers.

use burn::{
    nn::{Linear, LinearConfig, Relu},
    prelude::*,
};

/// Two linear layers: 101,770 weights.
#[derive(Module, Debug)]
pub(crate) struct Model {
    hidden: Linear,
    output: Linear,
    activation: Relu,
}

impl Model {
    pub(crate) fn new(device: &Device) -> Self {
        Self {
            hidden: LinearConfig::new(28 * 28, 128).init(device),
            output: LinearConfig::new(128, 10).init(device),
            activation: Relu::new(),
        }
    }

    /// Images `[batch, 1, 28, 28]` to logits `[batch, 10]`.
    pub(crate) fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let x = self.hidden.forward(images.flatten(1, 3));
        self.output.forward(self.activation.forward(x))
    }
}
