//! What can be logged as media: one of them, or several.

use std::sync::Arc;

use crate::{ConfusionMatrix, Image, Media, MediaFile, MediaSource, PrCurve, RocCurve, Table};

/// What can be logged as media: one of them, a vector or an array.
pub trait IntoMedia {
    /// The items, in their order.
    fn into_media(self) -> Vec<Media>;
}

impl<T: Into<Media>> IntoMedia for Vec<T> {
    fn into_media(self) -> Vec<Media> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<T: Into<Media>, const N: usize> IntoMedia for [T; N] {
    fn into_media(self) -> Vec<Media> {
        self.into_iter().map(Into::into).collect()
    }
}

impl IntoMedia for Media {
    fn into_media(self) -> Vec<Media> {
        vec![self]
    }
}

macro_rules! one {
    ($($kind:ident: $media:ty),* $(,)?) => {$(
        impl From<$media> for Media {
            fn from(media: $media) -> Self {
                Self::$kind(media)
            }
        }

        impl IntoMedia for $media {
            fn into_media(self) -> Vec<Media> {
                vec![self.into()]
            }
        }
    )*};
}

one! {
    Image: Image,
    Table: Table,
    ConfusionMatrix: ConfusionMatrix,
    PrCurve: PrCurve,
    RocCurve: RocCurve,
    File: MediaFile,
    Later: Arc<dyn MediaSource>,
}
