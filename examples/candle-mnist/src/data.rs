//! Images as tensors, batch by batch.

use candle_hooks::candle_core::{DType, Device, Result, Tensor};
use mnist_data::Images;
use rand::{Rng, seq::SliceRandom as _};

/// The images and labels of one part of the data set, on a device.
#[derive(Debug)]
pub(crate) struct Split {
    /// Of shape `(count, 1, 28, 28)`, from 0 to 1.
    images: Tensor,
    /// Of shape `(count)`, U32.
    labels: Tensor,
}

impl Split {
    pub(crate) fn new(part: &Images, device: &Device) -> Result<Self> {
        let shape = (part.len(), 1, part.height, part.width);
        let images = Tensor::from_slice(&part.pixels, shape, device)?;
        let labels = Tensor::from_slice(&part.labels, part.len(), device)?;
        Ok(Self {
            images: (images.to_dtype(DType::F32)? / 255.0)?,
            labels: labels.to_dtype(DType::U32)?,
        })
    }

    /// All images, with their labels.
    pub(crate) fn all(&self) -> (&Tensor, &Tensor) {
        (&self.images, &self.labels)
    }

    /// Where the images are, in the order of the files.
    pub(crate) fn indices(&self) -> Vec<u32> {
        (0..).take(self.labels.elem_count()).collect()
    }

    /// The same in an order that `random` makes.
    pub(crate) fn shuffled(&self, random: &mut impl Rng) -> Vec<u32> {
        let mut indices = self.indices();
        indices.shuffle(random);
        indices
    }

    /// The images at these places, with their labels.
    pub(crate) fn batch(&self, indices: &[u32]) -> Result<(Tensor, Tensor)> {
        let indices = Tensor::new(indices, self.images.device())?;
        Ok((self.images.index_select(&indices, 0)?, self.labels.index_select(&indices, 0)?))
    }
}
