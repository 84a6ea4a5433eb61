//! What stands in one place of a table.

use crate::{Image, media::image::short};

/// What stands in one place of a table: a number, a text, yes or no, a picture, or nothing.
///
/// ```
/// use tracker_core::Cell;
///
/// let row: [Cell; 4] = [7.into(), "seven".into(), true.into(), Cell::Null];
/// assert_eq!(row[0], Cell::Number(7.0));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Cell {
    /// Nothing.
    Null,
    /// A number. Whole ones are exact up to 2^53.
    Number(f64),
    /// A text. Of one of more than 64 KiB, the beginning is kept.
    Text(String),
    /// Yes or no.
    Bool(bool),
    /// A picture.
    Image(Image),
}

impl Cell {
    /// About how many bytes it takes in memory.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Text(text) => text.len(),
                Self::Image(image) => image.pixels().len(),
                Self::Null | Self::Number(_) | Self::Bool(_) => 0,
            }
    }
}

macro_rules! number {
    ($($number:ty),*) => {$(
        impl From<$number> for Cell {
            #[allow(clippy::cast_lossless, reason = "one line for all types of numbers")]
            fn from(number: $number) -> Self {
                Self::Number(number as f64)
            }
        }
    )*};
}

number!(f32, f64, i8, i16, i32, i64, isize, u8, u16, u32, u64, usize);

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(short(text))
    }
}

impl From<bool> for Cell {
    fn from(is: bool) -> Self {
        Self::Bool(is)
    }
}

impl From<Image> for Cell {
    fn from(image: Image) -> Self {
        Self::Image(image)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(cell: Option<T>) -> Self {
        cell.map_or(Self::Null, Into::into)
    }
}
