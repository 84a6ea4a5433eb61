//! From bytes to batches of tensors.

use burn::{
    data::{dataloader::batcher::Batcher, dataset::InMemDataset},
    prelude::*,
};
use mnist_data::Images;

/// One handwritten digit.
#[derive(Debug, Clone)]
pub(crate) struct Digit {
    pixels: Vec<u8>,
    label: u8,
}

/// What the model takes: images `[batch, height, width]` and labels `[batch]`.
#[derive(Debug, Clone)]
pub(crate) struct MnistBatch {
    pub(crate) images: Tensor<3>,
    pub(crate) targets: Tensor<1, Int>,
}

/// How the images of a test differ from those that the model has learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    None,
    /// A few pixels to the right.
    Shifted,
    /// A third as bright.
    Faint,
}

const SHIFT: usize = 3;

impl Change {
    fn of(self, pixels: &[u8], width: usize) -> Vec<u8> {
        match self {
            Self::None => pixels.to_vec(),
            Self::Shifted => pixels.chunks(width).flat_map(shifted).collect(),
            Self::Faint => pixels.iter().map(|pixel| pixel / 3).collect(),
        }
    }
}

fn shifted(row: &[u8]) -> Vec<u8> {
    let kept = row.len().saturating_sub(SHIFT);
    std::iter::repeat_n(0, row.len() - kept).chain(row.iter().copied().take(kept)).collect()
}

/// The images whose index is in `range`.
pub(crate) fn dataset(
    images: &Images,
    range: std::ops::Range<usize>,
    change: Change,
) -> InMemDataset<Digit> {
    let digit = |index: usize| Digit {
        pixels: change.of(images.image(index), images.width),
        label: images.labels[index],
    };
    InMemDataset::new(range.map(digit).collect())
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct MnistBatcher {
    pub(crate) height: usize,
    pub(crate) width: usize,
}

impl Batcher<Digit, MnistBatch> for MnistBatcher {
    fn batch(&self, digits: Vec<Digit>, device: &Device) -> MnistBatch {
        let shape = [digits.len(), self.height, self.width];
        let pixels: Vec<f32> =
            digits.iter().flat_map(|digit| &digit.pixels).map(|pixel| f32::from(*pixel)).collect();
        let labels: Vec<i64> = digits.iter().map(|digit| i64::from(digit.label)).collect();

        // Mean and standard deviation of MNIST, as everybody uses them.
        let images = Tensor::<1>::from_floats(&pixels[..], device).reshape(shape);
        let images = (images / 255.0 - 0.1307) / 0.3081;
        MnistBatch { images, targets: Tensor::from_ints(&labels[..], device) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shifted_image_keeps_its_size_and_loses_its_right_edge() {
        let image: Vec<u8> = (1..=8).collect();
        assert_eq!(Change::Shifted.of(&image, 4), [0, 0, 0, 1, 0, 0, 0, 5]);
        assert_eq!(Change::Faint.of(&[0, 9, 255], 3), [0, 3, 85]);
        assert_eq!(Change::None.of(&image, 4), image);
    }
}
