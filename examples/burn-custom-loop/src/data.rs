//! From bytes to batches of tensors.

use std::sync::Arc;

use burn::{
    data::{
        dataloader::{DataLoader, DataLoaderBuilder, batcher::Batcher},
        dataset::InMemDataset,
    },
    prelude::*,
};
use mnist_data::Images;

/// One handwritten digit.
#[derive(Debug, Clone)]
pub(crate) struct Digit {
    pixels: Vec<u8>,
    label: u8,
}

/// What the model takes: images `[batch, 1, height, width]` and labels `[batch]`.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    pub(crate) images: Tensor<4>,
    pub(crate) labels: Tensor<1, Int>,
}

#[derive(Debug, Clone)]
struct MnistBatcher {
    height: usize,
    width: usize,
}

impl Batcher<Digit, Batch> for MnistBatcher {
    fn batch(&self, digits: Vec<Digit>, device: &Device) -> Batch {
        let shape = [digits.len(), 1, self.height, self.width];
        let pixels: Vec<f32> =
            digits.iter().flat_map(|digit| &digit.pixels).map(|pixel| f32::from(*pixel)).collect();
        let labels: Vec<i64> = digits.iter().map(|digit| i64::from(digit.label)).collect();

        // Mean and standard deviation of MNIST, as everybody uses them.
        let images = Tensor::<1>::from_floats(&pixels[..], device).reshape(shape);
        let images = (images / 255.0 - 0.1307) / 0.3081;
        Batch { images, labels: Tensor::from_ints(&labels[..], device) }
    }
}

/// Batches in an order that the seed alone decides; without a seed, in the order of the files.
///
/// The batches are made on the training's own thread: with several workers, their order would
/// depend on which of them is faster.
pub(crate) fn loader(
    images: &Images,
    batch_size: usize,
    seed: Option<u64>,
) -> Arc<dyn DataLoader<Batch>> {
    let digit = |(index, label): (usize, &u8)| Digit {
        pixels: images.image(index).to_vec(),
        label: *label,
    };
    let digits = images.labels.iter().enumerate().map(digit).collect();
    let batcher = MnistBatcher { height: images.height, width: images.width };
    let builder = DataLoaderBuilder::new(batcher).batch_size(batch_size);
    let builder = match seed {
        Some(seed) => builder.shuffle(seed),
        None => builder,
    };
    builder.build(InMemDataset::new(digits))
}
