//! The IDX format: a magic number, big-endian sizes, then the bytes.

/// The magic number of unsigned bytes in three dimensions: images, rows, columns.
const IMAGES: u32 = 0x0803;
/// The magic number of unsigned bytes in one dimension: labels.
const LABELS: u32 = 0x0801;

/// Images with their labels, in the order of the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    /// Columns of each image: 28.
    pub width: usize,
    /// Rows of each image: 28.
    pub height: usize,
    /// The grey values of all images, row by row: 0 is background, 255 is ink.
    pub pixels: Vec<u8>,
    /// The digit of each image, 0 to 9.
    pub labels: Vec<u8>,
}

impl Images {
    /// How many images there are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no image.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The grey values of one image, `width * height` bytes; empty if there is no such image.
    pub fn image(&self, index: usize) -> &[u8] {
        let size = self.width * self.height;
        let start = index.saturating_mul(size);
        self.pixels.get(start..start.saturating_add(size)).unwrap_or_default()
    }
}

/// The width and the height of MNIST's images.
const SIDE: usize = 28;

/// Pixels as an image file holds them.
#[derive(Debug)]
pub(crate) struct Pixels {
    pub(crate) count: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) bytes: Vec<u8>,
}

/// Reads an unpacked image file; the error is what is wrong with it.
pub(crate) fn images(file: &[u8]) -> Result<Pixels, String> {
    let ([count, height, width], bytes) = header(file, IMAGES)?;
    if count == 0 {
        return Err("it holds no image".to_owned());
    }
    if (width, height) != (SIDE, SIDE) {
        return Err(format!("its images are {width}×{height}, those of MNIST are {SIDE}×{SIDE}"));
    }
    Ok(Pixels { count, width, height, bytes: bytes.to_vec() })
}

/// Reads an unpacked label file; the error is what is wrong with it.
pub(crate) fn labels(file: &[u8]) -> Result<Vec<u8>, String> {
    let ([_], bytes) = header(file, LABELS)?;
    match bytes.iter().find(|label| **label > 9) {
        Some(label) => Err(format!("a label is {label}, but digits are 0 to 9")),
        None => Ok(bytes.to_vec()),
    }
}

/// The sizes of the dimensions and the bytes after them, whose number fits the sizes.
fn header<const N: usize>(file: &[u8], magic: u32) -> Result<([usize; N], &[u8]), String> {
    let short = || format!("it ends after {} bytes, within its header", file.len());
    let (found, mut rest) = big_endian(file).ok_or_else(short)?;
    if found != magic {
        return Err(format!("it begins with {found:#06x}, not with {magic:#06x}"));
    }
    let mut sizes = [0; N];
    for size in &mut sizes {
        let (value, after) = big_endian(rest).ok_or_else(short)?;
        *size = value as usize;
        rest = after;
    }
    let expected = sizes.iter().try_fold(1_usize, |product, size| product.checked_mul(*size));
    match expected {
        Some(expected) if expected == rest.len() => Ok((sizes, rest)),
        Some(expected) => {
            Err(format!("it announces {expected} bytes of data and holds {}", rest.len()))
        }
        None => Err("it announces more data than memory can hold".to_owned()),
    }
}

fn big_endian(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u32::from_be_bytes(*number), rest))
}
