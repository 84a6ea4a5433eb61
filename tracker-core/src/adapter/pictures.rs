//! Pictures from the numbers of a tensor.

use crate::{Error, Image, Result};

/// Pixels between the pictures of a grid.
const GAP: usize = 2;

/// Makes pictures of the numbers of a tensor of shape `[batch, channels, height, width]`, row by row. Values go from 0 to
/// 1, what is beyond is cut; one channel is gray, three are red, green and blue, and a fourth says how opaque.
///
/// With `columns`, all of them become one picture, side by side in rows of so many.
///
/// # Errors
/// If there are other than 1, 3 or 4 channels, a side is 0, a picture has more than 16 Mi pixels, or a value is not
/// finite.
pub fn pictures(shape: [usize; 4], values: &[f32], columns: Option<usize>) -> Result<Vec<Image>> {
    let [batch, channels, height, width] = shape;
    let broken = values.iter().filter(|value| !value.is_finite()).count();
    if broken > 0 {
        let reason = format!("{broken} of {} values are not finite", values.len());
        return Err(refused(reason, "look at what makes them; a picture has no colour for NaN"));
    }
    if values.len() != shape.iter().product::<usize>() {
        let reason = format!("{} values do not make up {shape:?}", values.len());
        return Err(refused(reason, "give as many as the shape says"));
    }
    let of_one = channels * height * width;
    if of_one == 0 || batch == 0 {
        return Err(refused(format!("a tensor of {shape:?} has no pixels"), "give at least one"));
    }
    let tiles = values.chunks_exact(of_one).map(|values| interleaved(values, channels));
    match columns {
        None => tiles.map(|pixels| image([channels, height, width], pixels)).collect(),
        Some(columns) => {
            let tiles: Vec<_> = tiles.collect();
            let grid = Grid { columns: columns.clamp(1, batch), shape: [channels, height, width] };
            Ok(vec![grid.of(&tiles)?])
        }
    }
}

/// From one plane a channel to the bytes of one pixel after another.
fn interleaved(values: &[f32], channels: usize) -> Vec<u8> {
    let pixels = values.len() / channels;
    #[expect(clippy::cast_sign_loss, reason = "clamped to 0 and above")]
    let byte = |value: f32| (value.clamp(0.0, 1.0) * 255.0).round() as u8;
    let of_pixel = |pixel| (0..channels).map(move |channel| channel * pixels + pixel);
    let order = (0..pixels).flat_map(of_pixel);
    order.map(|at| values.get(at).copied().map_or(0, byte)).collect()
}

fn image([channels, height, width]: [usize; 3], pixels: Vec<u8>) -> Result<Image> {
    let side = |side| u32::try_from(side).unwrap_or(u32::MAX);
    let (width, height) = (side(width), side(height));
    match channels {
        1 => Image::gray8(width, height, pixels),
        3 => Image::rgb8(width, height, pixels),
        4 => Image::rgba8(width, height, pixels),
        _ => Err(refused(
            format!("a picture of {channels} channels"),
            "give 1 for gray, 3 for colours, 4 with how opaque they are",
        )),
    }
}

/// Pictures of one size side by side.
struct Grid {
    columns: usize,
    shape: [usize; 3],
}

impl Grid {
    fn of(&self, tiles: &[Vec<u8>]) -> Result<Image> {
        let [channels, height, width] = self.shape;
        let rows = tiles.len().div_ceil(self.columns);
        let whole_width = self.columns * (width + GAP) - GAP;
        let whole_height = rows * (height + GAP) - GAP;
        let mut whole = vec![0; whole_width * whole_height * channels];
        for (index, tile) in tiles.iter().enumerate() {
            let top = index / self.columns * (height + GAP);
            let left = index % self.columns * (width + GAP);
            for (line, row) in tile.chunks_exact(width * channels).enumerate() {
                let start = ((top + line) * whole_width + left) * channels;
                if let Some(place) = whole.get_mut(start..start + row.len()) {
                    place.copy_from_slice(row);
                }
            }
        }
        image([channels, whole_height, whole_width], whole)
    }
}

fn refused(reason: String, hint: &str) -> Error {
    Error::Media { what: "picture", reason, hint: hint.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_becomes_a_picture_each_with_its_channels_together() {
        let values = [0.0, 1.0, 0.5, 2.0, -1.0, 0.25];
        let colours = pictures([1, 3, 1, 2], &values, None).unwrap();
        assert_eq!(colours[0].pixels(), [0, 128, 0, 255, 255, 64]);
        let gray = pictures([2, 1, 1, 3], &values, None).unwrap();
        assert_eq!((gray.len(), gray[1].pixels()), (2, &[255, 0, 64][..]));
    }

    #[test]
    fn a_grid_has_all_of_them_side_by_side_and_black_between() {
        let grid = pictures([3, 1, 1, 2], &[1.0; 6], Some(2)).unwrap();
        let [grid] = &grid[..] else { panic!("{grid:?}") };
        assert_eq!((grid.width(), grid.height()), (6, 4));
        let rows: Vec<&[u8]> = grid.pixels().chunks(6).collect();
        assert_eq!(rows[0], [255, 255, 0, 0, 255, 255]);
        assert_eq!(rows[1], [0; 6]);
        assert_eq!(rows[3], [255, 255, 0, 0, 0, 0]);
        assert_eq!(pictures([2, 1, 1, 1], &[1.0; 2], Some(9)).unwrap()[0].width(), 4);
    }

    #[test]
    fn what_is_no_picture_is_refused_with_a_way_out() {
        for (shape, values) in [
            ([1, 2, 1, 1], vec![0.5; 2]),
            ([1, 1, 0, 9], vec![]),
            ([0, 1, 2, 2], vec![]),
            ([1, 1, 2, 2], vec![0.5; 3]),
            ([1, 1, 1, 2], vec![f32::NAN, 0.5]),
            ([1, 1, 1, 2], vec![f32::INFINITY, 0.5]),
        ] {
            let error = pictures(shape, &values, None).unwrap_err().to_string();
            assert!(error.contains("hint: "), "{error}");
        }
    }
}
