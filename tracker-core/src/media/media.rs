//! One thing to look at or to listen to.

use std::{fmt, sync::Arc};

use crate::{ConfusionMatrix, Image, MediaFile, PrCurve, Result, RocCurve, Table};

/// One thing to look at or to listen to, such as a picture.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Media {
    /// A picture.
    Image(Image),
    /// A table.
    Table(Table),
    /// Which classes a model takes for which.
    ConfusionMatrix(ConfusionMatrix),
    /// Precision over recall.
    PrCurve(PrCurve),
    /// What is found over false alarms.
    RocCurve(RocCurve),
    /// A file that is kept as it is.
    File(MediaFile),
    /// What is made where no training waits for it.
    Later(Arc<dyn MediaSource>),
}

/// Makes media on the thread that stores them, for what costs too much to make in a training step,
/// such as reading pictures back from a device.
///
/// It is called once, or not at all where no place was left for it. It may block, though all media of
/// the process wait meanwhile. Its errors, and its panics, are counted as problems of the run.
pub trait MediaSource: Send + Sync + fmt::Debug {
    /// How many bytes it keeps in memory, about.
    fn bytes(&self) -> usize;

    /// Makes the media, none of which is made [later](Media::Later) still.
    ///
    /// # Errors
    /// If that cannot be done.
    fn make(&self) -> Result<Vec<Media>>;
}

impl Media {
    /// About how many bytes it takes in memory.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Image(image) => image.pixels().len(),
            Self::Table(table) => table.bytes(),
            Self::ConfusionMatrix(matrix) => matrix.counts.len() * size_of::<u64>(),
            Self::PrCurve(PrCurve { points, .. }) | Self::RocCurve(RocCurve { points, .. }) => {
                size_of_val(points.as_slice())
            }
            Self::File(file) => file.bytes_in_memory(),
            Self::Later(source) => source.bytes(),
        }
    }
}

/// What is made later is the same if it is the same source.
impl PartialEq for Media {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Image(one), Self::Image(other)) => one == other,
            (Self::Table(one), Self::Table(other)) => one == other,
            (Self::ConfusionMatrix(one), Self::ConfusionMatrix(other)) => one == other,
            (Self::PrCurve(one), Self::PrCurve(other)) => one == other,
            (Self::RocCurve(one), Self::RocCurve(other)) => one == other,
            (Self::File(one), Self::File(other)) => one == other,
            (Self::Later(one), Self::Later(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}
