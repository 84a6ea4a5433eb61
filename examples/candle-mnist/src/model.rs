//! The network, and its first weights.

use candle_hooks::{
    candle_core::{DType, Device, Error, Module as _, Result, Tensor},
    candle_nn::{Conv2d, Conv2dConfig, Linear, VarBuilder, VarMap, conv2d, linear},
};
use rand::Rng;

/// Two convolutions and a linear layer.
#[derive(Debug)]
pub(crate) struct Cnn {
    first: Conv2d,
    second: Conv2d,
    output: Linear,
}

impl Cnn {
    /// A network whose weights are in `weights`, taken from there if there are some.
    pub(crate) fn new(weights: &VarMap, dtype: DType, device: &Device) -> Result<Self> {
        let builder = VarBuilder::from_varmap(weights, dtype, device);
        Ok(Self {
            first: conv2d(1, 8, 5, Conv2dConfig::default(), builder.pp("first"))?,
            second: conv2d(8, 16, 5, Conv2dConfig::default(), builder.pp("second"))?,
            output: linear(16 * 4 * 4, 10, builder.pp("output"))?,
        })
    }

    /// Logits of shape `(batch, 10)` for images of shape `(batch, 1, 28, 28)`.
    pub(crate) fn forward(&self, images: &Tensor) -> Result<Tensor> {
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
