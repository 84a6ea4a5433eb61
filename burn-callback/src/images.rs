//! Pictures in a tensor.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use burn::tensor::Tensor;
use tracker_core::{
    Error, Event, IntoMedia, Media, MediaSource, Result, Step,
    adapter::{pictures, recorder::LoopHandle},
};

use crate::Loop;

/// The pictures in a tensor of shape `[batch, channels, height, width]`. Values go from 0 to 1; one channel is gray, three
/// are red, green and blue.
///
/// ```no_run
/// # use burn_callback::{Images, Loop, burn::tensor::Tensor, tracker_core::Run};
/// # fn log(run: &Run, hooks: &Loop, made: Tensor<4>) {
/// hooks.log_media("samples", Images::of(&made).grid(8)); // at the step of the training
/// run.log_media("samples", 100_u64, Images::of(&made)); // at one of your own
/// # }
/// ```
///
/// The tensor is read and becomes pictures on a thread of tracker's own, so that the training does not wait for the
/// device.
pub struct Images {
    tensor: Mutex<Tensor<4>>,
    columns: Option<usize>,
}

impl Images {
    /// The pictures in this tensor, each one by itself: 64 at most for one call of `log_media`.
    pub fn of(tensor: &Tensor<4>) -> Self {
        Self { tensor: Mutex::new(tensor.clone().detach()), columns: None }
    }

    /// All of them as one picture, side by side in rows of so many.
    #[must_use]
    pub fn grid(mut self, columns: usize) -> Self {
        self.columns = Some(columns);
        self
    }

    fn tensor(&self) -> Tensor<4> {
        self.tensor.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for Images {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tensor: _, columns } = self;
        f.debug_struct("Images")
            .field("tensor", &self.tensor().dims())
            .field("columns", columns)
            .finish()
    }
}

impl MediaSource for Images {
    fn bytes(&self) -> usize {
        self.tensor().dims().iter().product::<usize>() * size_of::<f32>()
    }

    fn make(&self) -> Result<Vec<Media>> {
        let tensor = self.tensor();
        let shape = tensor.dims();
        let values = tensor.into_data().convert::<f32>().try_to_vec::<f32>();
        let values = values.map_err(|error| Error::Media {
            what: "tensor of pictures",
            reason: format!("{error:?}"),
            hint: "look whether its device still works".to_owned(),
        })?;
        Ok(pictures(shape, &values, self.columns)?.into_iter().map(Media::from).collect())
    }
}

impl IntoMedia for Images {
    fn into_media(self) -> Vec<Media> {
        vec![Media::Later(Arc::new(self))]
    }
}

/// What is to be looked at.
impl Loop {
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
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn media_stand_at_the_last_step_of_the_training() {
        let run = tracker_core::MemoryTracker::new();
        let hooks = Loop::new(&run);
        for _ in hooks.epochs(1..=2) {
            for _ in hooks.iterate(0..3) {
                hooks.metric("loss", 0.5);
            }
            hooks.log_media("seen", tracker_core::ConfusionMatrix::new(["a", "b"]).add(0, 1));
        }
        let steps: Vec<u64> = run.media("seen").iter().map(|(step, _)| step.0).collect();
        assert_eq!(steps, [2, 5]);
    }

    #[test]
    fn a_tensor_is_a_picture_each_or_one_grid() {
        let device = Device::flex();
        let tensor = Tensor::<4>::ones([6, 3, 4, 5], &device);
        let sizes = |images: &Images| -> Vec<(u32, u32)> {
            let media = images.make().unwrap();
            let size = |media: &Media| match media {
                Media::Image(image) => (image.width(), image.height()),
                other => panic!("{other:?}"),
            };
            media.iter().map(size).collect()
        };
        assert_eq!(sizes(&Images::of(&tensor)), [(5, 4); 6]);
        assert_eq!(sizes(&Images::of(&tensor).grid(3)), [(19, 10)]);
        let broken = Tensor::<4>::ones([1, 1, 1, 2], &device) / 0.0;
        assert!(Images::of(&broken).make().unwrap_err().to_string().contains("not finite"));
    }
}
