//! Pictures in a tensor.

use std::sync::Arc;

use candle_core::{DType, Tensor, bail};
use tracker_core::{
    Error, Event, IntoMedia, Media, MediaSource, Result, Step, Tracker,
    adapter::{pictures, recorder::LoopHandle},
};

use crate::Hooks;

/// The pictures in a tensor of shape `(batch, channels, height, width)` or `(channels, height, width)`. Floating
/// point values go from 0 to 1, whole numbers from 0 to 255; one channel is gray, three are red, green and blue.
///
/// ```no_run
/// # use candle_hooks::{Hooks, Images, candle_core::{Result, Tensor}, tracker_core::Run};
/// # fn log(run: &Run, hooks: &Hooks, made: &Tensor) -> Result<()> {
/// hooks.log_media("samples", Images::of(made)?.grid(8)); // at the step of the training
/// run.log_media("samples", 100_u64, Images::of(made)?); // at one of your own
/// # Ok(())
/// # }
/// ```
///
/// The tensor is copied on its device. It is read and becomes pictures on a thread of tracker's own, so that the
/// training does not wait for the device.
#[derive(Debug, Clone)]
pub struct Images {
    tensor: Tensor,
    columns: Option<usize>,
}

impl Images {
    /// The pictures in this tensor, each one by itself: 64 at most for one call of `log_media`.
    ///
    /// # Errors
    /// If it has neither three nor four dimensions, or cannot be copied.
    pub fn of(tensor: &Tensor) -> candle_core::Result<Self> {
        let tensor = match tensor.rank() {
            3 => tensor.unsqueeze(0)?,
            4 => tensor.clone(),
            _ => bail!(
                "a tensor of shape {:?} has no pictures\nhint: reshape it to (batch, channels, height, width)",
                tensor.shape()
            ),
        };
        // What is trained changes in place.
        Ok(Self { tensor: tensor.detach().force_contiguous()?, columns: None })
    }

    /// All of them as one picture, side by side in rows of so many.
    #[must_use]
    pub fn grid(mut self, columns: usize) -> Self {
        self.columns = Some(columns);
        self
    }

    fn read(&self) -> candle_core::Result<([usize; 4], Vec<f32>)> {
        let (batch, channels, height, width) = self.tensor.dims4()?;
        let values = self.tensor.flatten_all()?.to_dtype(DType::F32)?.to_vec1()?;
        Ok(([batch, channels, height, width], values))
    }
}

impl MediaSource for Images {
    fn bytes(&self) -> usize {
        self.tensor.elem_count() * self.tensor.dtype().size_in_bytes()
    }

    fn make(&self) -> Result<Vec<Media>> {
        let (shape, mut values) = self.read().map_err(|error| Error::Media {
            what: "tensor of pictures",
            reason: error.to_string(),
            hint: "look whether its device still works".to_owned(),
        })?;
        if self.tensor.dtype().is_int() {
            for value in &mut values {
                *value /= 255.0;
            }
        }
        Ok(pictures(shape, &values, self.columns)?.into_iter().map(Media::from).collect())
    }
}

impl IntoMedia for Images {
    fn into_media(self) -> Vec<Media> {
        vec![Media::Later(Arc::new(self))]
    }
}

/// What is to be looked at.
impl Hooks {
    /// Logs pictures, tables, plots or files at the last step of the training, as
    /// [`Run::log_media`](tracker_core::Run::log_media) does at one of your own.
    pub fn log_media(&self, name: impl Into<String>, media: impl IntoMedia) {
        let Some(step) = self.record(|recorder| recorder.last_step()) else { return };
        let (name, step, items) = (name.into(), Step(step), media.into_media());
        self.tracker().record(Event::Media { name, step, items });
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    #[test]
    fn media_stand_at_the_last_step_of_the_training() {
        let run = tracker_core::MemoryTracker::new();
        let hooks = Hooks::new(&run);
        for _ in hooks.epochs(1..=2) {
            for _ in hooks.batches(0..3) {
                hooks.loss(0.5);
                hooks.step();
            }
            hooks.log_media("seen", tracker_core::ConfusionMatrix::new(["a", "b"]).add(0, 1));
        }
        let steps: Vec<u64> = run.media("seen").iter().map(|(step, _)| step.0).collect();
        assert_eq!(steps, [2, 5]);
    }

    fn pixels(images: &Images) -> Vec<(u32, u32)> {
        let media = images.make().unwrap();
        let sizes = media.iter().map(|media| match media {
            Media::Image(image) => (image.width(), image.height()),
            other => panic!("{other:?}"),
        });
        sizes.collect()
    }

    #[test]
    fn a_tensor_is_a_picture_each_or_one_grid() {
        let tensor = Tensor::zeros((6, 1, 4, 5), DType::F32, &Device::Cpu).unwrap();
        assert_eq!(pixels(&Images::of(&tensor).unwrap()), [(5, 4); 6]);
        assert_eq!(pixels(&Images::of(&tensor).unwrap().grid(3)), [(19, 10)]);
        let alone = Tensor::zeros((3, 4, 5), DType::U8, &Device::Cpu).unwrap();
        assert_eq!(pixels(&Images::of(&alone).unwrap()), [(5, 4)]);
        assert!(Images::of(&alone.flatten_all().unwrap()).is_err());
    }

    #[test]
    fn whole_numbers_are_bytes_and_what_is_trained_is_copied() {
        let bytes = Tensor::new(&[[[0_u8, 51, 255]]], &Device::Cpu).unwrap();
        let var = Var::from_tensor(&bytes.to_dtype(DType::F32).unwrap()).unwrap();
        let images =
            [Images::of(&bytes).unwrap(), Images::of(&(var.as_tensor() / 255.0).unwrap()).unwrap()];
        let of_var = Images::of(var.as_tensor()).unwrap();
        var.set(&var.zeros_like().unwrap()).unwrap();
        for images in &images {
            let [Media::Image(image)] = &images.make().unwrap()[..] else { panic!() };
            assert_eq!(image.pixels(), [0, 51, 255]);
        }
        assert_eq!(of_var.read().unwrap().1, [0.0, 51.0, 255.0]);
    }
}
