//! The two networks, and their first weights.

use candle_hooks::{
    candle_core::{Error, Module, Result, Tensor},
    candle_nn::{Linear, VarBuilder, VarMap, linear, ops},
};
use rand::Rng;

/// How many numbers a digit is made from.
pub(crate) const NOISE: usize = 64;

/// Makes images of noise.
#[derive(Debug)]
pub(crate) struct Generator {
    hidden: Linear,
    output: Linear,
}

impl Generator {
    pub(crate) fn new(builder: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            hidden: linear(NOISE, 256, builder.pp("hidden"))?,
            output: linear(256, 28 * 28, builder.pp("output"))?,
        })
    }
}

impl Module for Generator {
    /// Images of shape `(batch, 784)`, from 0 to 1, of noise of shape `(batch, NOISE)`.
    fn forward(&self, noise: &Tensor) -> Result<Tensor> {
        ops::sigmoid(&self.output.forward(&self.hidden.forward(noise)?.relu()?)?)
    }
}

/// Tells images of the data from those of the generator.
#[derive(Debug)]
pub(crate) struct Discriminator {
    hidden: Linear,
    output: Linear,
}

impl Discriminator {
    pub(crate) fn new(builder: &VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            hidden: linear(28 * 28, 256, builder.pp("hidden"))?,
            output: linear(256, 1, builder.pp("output"))?,
        })
    }
}

impl Module for Discriminator {
    /// Logits of shape `(batch, 1)`: above 0 for what looks like data.
    fn forward(&self, images: &Tensor) -> Result<Tensor> {
        self.output.forward(&ops::leaky_relu(&self.hidden.forward(images)?, 0.2)?)
    }
}

/// The mean of `ln(1 + exp(x))`: how wrong it is that logits `x` are not below 0. Written so that
/// no logit is too large for it; a loss that takes the logarithm of a sigmoid is NaN from 17 on.
pub(crate) fn mean_softplus(logits: &Tensor) -> Result<Tensor> {
    let rest = (logits.abs()?.neg()?.exp()? + 1.0)?.log()?;
    (logits.relu()? + rest)?.mean_all()
}

/// Uniform first weights from a generator that can be seeded, which Candle's on the CPU cannot.
pub(crate) fn initialize(weights: &VarMap, random: &mut impl Rng) -> Result<()> {
    let weights = weights.data().lock().map_err(|_| Error::msg("the weights are locked"))?;
    // A map has no order of its own, and the values depend on it.
    let mut weights: Vec<_> = weights.iter().collect();
    weights.sort_by_key(|(name, _)| *name);
    for (_, weight) in weights {
        let inputs: usize = weight.dims().iter().skip(1).product();
        let bound = if weight.rank() > 1 { (3.0 / inputs as f32).sqrt() } else { 0.0 };
        let values = (0..weight.elem_count()).map(|_| random.random_range(-bound..=bound));
        let values: Vec<f32> = values.collect();
        weight.set(&Tensor::from_vec(values, weight.shape(), weight.device())?)?;
    }
    Ok(())
}
