//! A small transformer that sees characters and tells the next one.

use candle_hooks::{
    candle_core::{D, DType, Device, Error, Module, Result, Tensor},
    candle_nn::{
        Embedding, LayerNorm, Linear, VarBuilder, VarMap, embedding, layer_norm_no_bias, linear,
        linear_no_bias, ops,
    },
};
use rand::Rng;

/// How many characters the model sees at once.
pub(crate) const CONTEXT: usize = 64;
const WIDTH: usize = 64;
const HEADS: usize = 4;
const BLOCKS: usize = 2;

/// Embeddings, blocks, and a layer that tells the next character.
#[derive(Debug)]
pub(crate) struct Transformer {
    characters: Embedding,
    positions: Embedding,
    blocks: Vec<Block>,
    norm: LayerNorm,
    output: Linear,
}

impl Transformer {
    pub(crate) fn new(characters: usize, builder: &VarBuilder<'_>) -> Result<Self> {
        let block = |index| Block::new(&builder.pp(format!("block.{index}")));
        Ok(Self {
            characters: embedding(characters, WIDTH, builder.pp("characters"))?,
            positions: embedding(CONTEXT, WIDTH, builder.pp("positions"))?,
            blocks: (0..BLOCKS).map(block).collect::<Result<_>>()?,
            norm: norm(&builder.pp("norm"))?,
            output: linear(WIDTH, characters, builder.pp("output"))?,
        })
    }
}

impl Module for Transformer {
    /// Logits of shape `(batch, length, characters)` for characters of shape `(batch, length)`.
    fn forward(&self, text: &Tensor) -> Result<Tensor> {
        let places = Tensor::arange(0, text.dim(1)? as u32, text.device())?;
        let places = self.positions.forward(&places)?;
        let mut hidden = self.characters.forward(text)?.broadcast_add(&places)?;
        for block in &self.blocks {
            hidden = block.forward(&hidden)?;
        }
        self.output.forward(&self.norm.forward(&hidden)?)
    }
}

/// Attention to what came before, then two layers for each place alone.
#[derive(Debug)]
struct Block {
    attention_norm: LayerNorm,
    queries: Linear,
    keys: Linear,
    values: Linear,
    together: Linear,
    layers_norm: LayerNorm,
    wide: Linear,
    narrow: Linear,
}

impl Block {
    fn new(builder: &VarBuilder<'_>) -> Result<Self> {
        let square = |name| linear_no_bias(WIDTH, WIDTH, builder.pp(name));
        Ok(Self {
            attention_norm: norm(&builder.pp("attention_norm"))?,
            queries: square("queries")?,
            keys: square("keys")?,
            values: square("values")?,
            together: square("together")?,
            layers_norm: norm(&builder.pp("layers_norm"))?,
            wide: linear(WIDTH, 4 * WIDTH, builder.pp("wide"))?,
            narrow: linear(4 * WIDTH, WIDTH, builder.pp("narrow"))?,
        })
    }

    fn attend(&self, hidden: &Tensor) -> Result<Tensor> {
        let (batch, length, _) = hidden.dims3()?;
        let heads = |layer: &Linear| {
            let split = layer.forward(hidden)?.reshape((batch, length, HEADS, WIDTH / HEADS))?;
            split.transpose(1, 2)?.contiguous()
        };
        let (queries, keys, values) =
            (heads(&self.queries)?, heads(&self.keys)?, heads(&self.values)?);
        let scale = ((WIDTH / HEADS) as f64).sqrt();
        let scores = (queries.matmul(&keys.t()?.contiguous()?)? / scale)?;
        let scores = scores.broadcast_add(&causal_mask(length, hidden.device())?)?;
        // `softmax_last_dim` is faster, but has no gradient.
        let mixed = ops::softmax(&scores, D::Minus1)?.matmul(&values)?;
        self.together.forward(&mixed.transpose(1, 2)?.reshape((batch, length, WIDTH))?)
    }
}

impl Module for Block {
    fn forward(&self, hidden: &Tensor) -> Result<Tensor> {
        let hidden = (hidden + self.attend(&self.attention_norm.forward(hidden)?)?)?;
        let normal = self.layers_norm.forward(&hidden)?;
        &hidden + self.narrow.forward(&self.wide.forward(&normal)?.relu()?)?
    }
}

/// Without a bias: with one, Candle takes a faster way that has no gradient.
fn norm(builder: &VarBuilder<'_>) -> Result<LayerNorm> {
    layer_norm_no_bias(WIDTH, 1e-5, builder.clone())
}

/// 0 for what a place may look at, and minus infinity for what comes after it.
fn causal_mask(length: usize, device: &Device) -> Result<Tensor> {
    let places = Tensor::arange(0, length as u32, device)?;
    let later = places.unsqueeze(0)?.broadcast_gt(&places.unsqueeze(1)?)?;
    let never = Tensor::full(f32::NEG_INFINITY, (length, length), device)?;
    later.where_cond(&never, &Tensor::zeros((length, length), DType::F32, device)?)
}

/// Uniform first weights from a generator that can be seeded, which Candle's on the CPU cannot.
/// What has one dimension stays as it is: 1 for norms, and biases become 0.
pub(crate) fn initialize(weights: &VarMap, random: &mut impl Rng) -> Result<()> {
    let weights = weights.data().lock().map_err(|_| Error::msg("the weights are locked"))?;
    // A map has no order of its own, and the values depend on it.
    let mut weights: Vec<_> = weights.iter().collect();
    weights.sort_by_key(|(name, _)| *name);
    for (name, weight) in weights {
        if weight.rank() > 1 {
            let inputs = *weight.dims().last().unwrap_or(&1);
            let bound = (1.0 / inputs as f32).sqrt();
            let values = (0..weight.elem_count()).map(|_| random.random_range(-bound..=bound));
            let values: Vec<f32> = values.collect();
            weight.set(&Tensor::from_vec(values, weight.shape(), weight.device())?)?;
        } else if name.ends_with("bias") {
            weight.set(&weight.zeros_like()?)?;
        }
    }
    Ok(())
}
