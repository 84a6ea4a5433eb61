//! Pictures as PNG files.

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError};

use crate::{Image, media::image::PixelFormat};

/// Up to so many bytes of pixels, a picture is made as small as possible, since a run has many of them. It
/// costs six times as much or more: beyond this, milliseconds of a core that the training needs.
const SMALL: usize = 16 << 10;

/// The bytes of a picture's file.
pub(super) fn encode(image: &Image) -> Result<Vec<u8>, EncodingError> {
    let mut bytes = Vec::with_capacity(image.pixels().len() / 2 + 128);
    let mut encoder = Encoder::new(&mut bytes, image.width(), image.height());
    encoder.set_depth(BitDepth::Eight);
    encoder.set_color(match image.format() {
        PixelFormat::Gray8 => ColorType::Grayscale,
        PixelFormat::Rgb8 => ColorType::Rgb,
        PixelFormat::Rgba8 => ColorType::Rgba,
    });
    let is_small = image.pixels().len() <= SMALL;
    encoder.set_compression(if is_small { Compression::Balanced } else { Compression::Fast });
    let mut writer = encoder.write_header()?;
    writer.write_image_data(image.pixels())?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn every_pixel_is_in_the_file_whatever_its_format() {
        for (channels, side) in [(1_u32, 5_u32), (3, 7), (4, 300), (1, 300)] {
            let pixels: Vec<u8> =
                (0..side * side * channels).map(|n| (n * 31 % 251) as u8).collect();
            let image = match channels {
                1 => Image::gray8(side, side, pixels.clone()),
                3 => Image::rgb8(side, side, pixels.clone()),
                _ => Image::rgba8(side, side, pixels.clone()),
            };
            let bytes = encode(&image.unwrap()).unwrap();
            let mut reader = png::Decoder::new(Cursor::new(bytes)).read_info().unwrap();
            let mut read = vec![0; reader.output_buffer_size().unwrap()];
            let info = reader.next_frame(&mut read).unwrap();
            assert_eq!((info.width, info.height), (side, side));
            assert_eq!(read, pixels);
        }
    }
}
