//! The networks, and their first weights.

use candle_hooks::{
    candle_core::{Error, Module, Result, Tensor},
    candle_nn::{self, Conv2d, Conv2dConfig, VarBuilder, VarMap, conv2d, linear},
};
use rand::Rng;

/// One linear layer: a picture of each digit.
#[derive(Debug)]
pub(crate) struct Linear {
    output: candle_nn::Linear,
}

impl Linear {
    /// A network whose weights are in the builder's map, taken from there if there are some.
    pub(crate) fn new(builder: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self { output: linear(28 * 28, 10, builder.pp("output"))? })
    }
}

impl Module for Linear {
    /// Logits of shape `(batch, 10)` for images of shape `(batch, 1, 28, 28)`.
    fn forward(&self, images: &Tensor) -> Result<Tensor> {
        self.output.forward(&images.flatten_from(1)?)
    }
}

/// Two linear layers.
#[derive(Debug)]
pub(crate) struct Mlp {
    hidden: candle_nn::Linear,
    output: candle_nn::Linear,
}

impl Mlp {
    /// A network whose weights are in the builder's map, taken from there if there are some.
    pub(crate) fn new(builder: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            hidden: linear(28 * 28, 100, builder.pp("hidden"))?,
            output: linear(100, 10, builder.pp("output"))?,
        })
    }
}

impl Module for Mlp {
    /// Logits of shape `(batch, 10)` for images of shape `(batch, 1, 28, 28)`.
    fn forward(&self, images: &Tensor) -> Result<Tensor> {
        self.output.forward(&self.hidden.forward(&images.flatten_from(1)?)?.relu()?)
    }
}

/// Two convolutions and a linear layer.
#[derive(Debug)]
pub(crate) struct Cnn {
    first: Conv2d,
    second: Conv2d,
    output: candle_nn::Linear,
}

impl Cnn {
    /// A network whose weights are in the builder's map, taken from there if there are some.
    pub(crate) fn new(builder: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            first: conv2d(1, 8, 5, Conv2dConfig::default(), builder.pp("first"))?,
            second: conv2d(8, 16, 5, Conv2dConfig::default(), builder.pp("second"))?,
            output: linear(16 * 4 * 4, 10, builder.pp("output"))?,
        })
    }
}

impl Module for Cnn {
    /// Logits of shape `(batch, 10)` for images of shape `(batch, 1, 28, 28)`.
    fn forward(&self, images: &Tensor) -> Result<Tensor> {
        let hidden = self.first.forward(images)?.max_pool2d(2)?.relu()?;
        let hidden = self.second.forward(&hidden)?.max_pool2d(2)?.relu()?;
        self.output.forward(&hidden.flatten_from(1)?.contiguous()?)
    }
}

/// Gives all weights the values with which a network of rectified units starts well (He et al.,
/// 2015): uniform, wider for fewer inputs. Biases become 0.
pub(crate) fn initialize(weights: &VarMap, random: &mut impl Rng) -> Result<()> {
    let weights = weights.data().lock().map_err(|_| Error::msg("the weights are locked"))?;
    // A map has no order of its own, and the values depend on it.
    let mut weights: Vec<_> = weights.iter().collect();
    weights.sort_by_key(|(name, _)| *name);
    for (_, weight) in weights {
        let inputs: usize = weight.dims().iter().skip(1).product();
        let bound = if weight.rank() > 1 { (6.0 / inputs as f32).sqrt() } else { 0.0 };
        let values = (0..weight.elem_count()).map(|_| random.random_range(-bound..=bound));
        let values: Vec<f32> = values.collect();
        weight.set(&Tensor::from_vec(values, weight.shape(), weight.device())?)?;
    }
    Ok(())
}
