//! A picture as a training has it: rows of pixels.

use std::{fmt, sync::Arc};

use crate::{
    Error, Result,
    error::excerpt,
    media::limits::{MAX_PIXELS, MAX_TEXT},
};

/// A picture. Cheap to clone: clones share the pixels.
///
/// Pixels are bytes, row by row from the top, each row from the left. It becomes a PNG on a thread of
/// its own, so that making and logging one costs no more than the vector.
///
/// ```
/// use tracker_core::Image;
///
/// # fn main() -> tracker_core::Result<()> {
/// let (width, height) = (28, 28);
/// let digit = Image::gray8(width, height, vec![0; 28 * 28])?.caption("7 → 1");
/// assert_eq!((digit.width(), digit.height()), (28, 28));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    width: u32,
    height: u32,
    format: PixelFormat,
    pixels: Arc<Vec<u8>>,
    caption: Option<String>,
}

/// What the bytes of a pixel are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PixelFormat {
    Gray8,
    Rgb8,
    Rgba8,
}

impl PixelFormat {
    fn bytes(self) -> u64 {
        match self {
            Self::Gray8 => 1,
            Self::Rgb8 => 3,
            Self::Rgba8 => 4,
        }
    }
}

impl Image {
    /// A picture with one byte a pixel: 0 is black, 255 is white.
    ///
    /// # Errors
    /// If a side is zero, there are other than `width * height` bytes, or more than 16 Mi pixels.
    pub fn gray8(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self> {
        Self::new(width, height, PixelFormat::Gray8, pixels)
    }

    /// A picture with three bytes a pixel: red, green, blue.
    ///
    /// # Errors
    /// If a side is zero, there are other than `3 * width * height` bytes, or more than 16 Mi pixels.
    pub fn rgb8(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self> {
        Self::new(width, height, PixelFormat::Rgb8, pixels)
    }

    /// A picture with four bytes a pixel: red, green, blue, and how opaque it is.
    ///
    /// # Errors
    /// If a side is zero, there are other than `4 * width * height` bytes, or more than 16 Mi pixels.
    pub fn rgba8(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self> {
        Self::new(width, height, PixelFormat::Rgba8, pixels)
    }

    fn new(width: u32, height: u32, format: PixelFormat, pixels: Vec<u8>) -> Result<Self> {
        let count = u64::from(width) * u64::from(height);
        let (wanted, found) = (count.saturating_mul(format.bytes()), pixels.len() as u64);
        let refused = |reason: String, hint: &str| {
            Err(Error::Media { what: "picture", reason, hint: hint.to_owned() })
        };
        if count == 0 {
            return refused(format!("it is {width} × {height} pixels"), "give both sides a length");
        }
        if count > MAX_PIXELS {
            return refused(
                format!("it is {width} × {height} pixels, and {MAX_PIXELS} is the most"),
                "scale it down, or log parts of it",
            );
        }
        if wanted != found {
            let bytes = format.bytes();
            return refused(
                format!("{width} × {height} pixels of {bytes} bytes are {wanted}, not {found}"),
                "give width before height, and the pixels row by row with their channels together",
            );
        }
        Ok(Self { width, height, format, pixels: Arc::new(pixels), caption: None })
    }

    /// Says what is to be seen, for people.
    #[must_use]
    pub fn caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = Some(short(caption.into()));
        self
    }

    /// How many pixels a row has.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// How many rows it has.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Its bytes as they were given.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// What is to be seen, if that was said.
    pub fn caption_text(&self) -> Option<&str> {
        self.caption.as_deref()
    }

    pub(crate) fn format(&self) -> PixelFormat {
        self.format
    }
}

/// A text that is not longer than one may be.
pub(crate) fn short(mut text: String) -> String {
    if text.len() > MAX_TEXT {
        let end = (0..=MAX_TEXT).rev().find(|end| text.is_char_boundary(*end));
        text.truncate(end.unwrap_or_default());
    }
    text
}

/// Without the pixels, which nobody reads.
impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { width, height, format, caption, .. } = self;
        write!(f, "Image({width} × {height} {format:?}")?;
        if let Some(caption) = caption {
            write!(f, " `{}`", excerpt(caption))?;
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_as_many_bytes_as_its_size_says() {
        assert!(Image::gray8(2, 3, vec![0; 6]).is_ok());
        assert!(Image::rgb8(2, 3, vec![0; 18]).is_ok());
        assert!(Image::rgba8(2, 3, vec![0; 24]).is_ok());
        for bad in [
            Image::gray8(0, 3, Vec::new()),
            Image::gray8(3, 0, Vec::new()),
            Image::gray8(2, 3, vec![0; 5]),
            Image::rgb8(2, 3, vec![0; 6]),
            Image::rgba8(u32::MAX, u32::MAX, Vec::new()),
            Image::gray8(1 << 13, (1 << 11) + 1, vec![0; (1 << 13) * ((1 << 11) + 1)]),
        ] {
            let error = bad.unwrap_err().to_string();
            assert!(error.contains("picture") && error.contains("hint: "), "{error}");
        }
    }

    #[test]
    fn a_caption_without_end_is_cut_between_letters() {
        let image = Image::gray8(1, 1, vec![0]).unwrap().caption("é".repeat(MAX_TEXT));
        assert_eq!(image.caption_text().unwrap().len(), MAX_TEXT);
    }
}
