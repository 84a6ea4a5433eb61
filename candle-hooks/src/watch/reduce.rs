//! All that is said of one tensor, computed on the tensor's own device by tensor operations.
//!
//! Nothing is read back on the way: the limits of the histogram are tensors too. What comes out is
//! a short row of numbers, laid out as [`Reduced`] says.

use candle_core::{DType, Device, Result, Tensor};
use tracker_core::adapter::Reduced;

use crate::device::{constant, greatest_of};

/// How many elements are worked on at a time. It bounds the memory that a large tensor takes
/// besides its own, and keeps all counts exact in f32.
const PIECE: usize = 1 << 22;

/// How many elements share a row of counters, which one thread of a device adds to.
const COLUMNS: usize = 256;

/// Reduces vectors of one type on one device. The scalars that it needs are made once.
#[derive(Debug)]
pub(super) struct Reducer {
    row: Reduced,
    zero: Tensor,
    one: Tensor,
    /// The least magnitude that values are divided by.
    tiny: Tensor,
    greatest: Tensor,
    lowest: Tensor,
    /// The numbers of some counters.
    last_bin: Tensor,
    infinite: Tensor,
    nan: Tensor,
}

/// Some elements of a tensor, and which of them are numbers.
struct Piece {
    values: Tensor,
    is_nan: Tensor,
    is_finite: Tensor,
}

/// What values are measured with.
struct Scale {
    /// The greatest magnitude.
    magnitude: Tensor,
    /// The least value as a share of the magnitude.
    least: Tensor,
    /// Bins per magnitude.
    density: Tensor,
}

impl Reducer {
    /// For vectors of f32 or f64.
    pub(super) fn new(row: Reduced, dtype: DType, device: &Device) -> Result<Self> {
        let constant = |value: f64| constant(value, dtype, device);
        Ok(Self {
            row,
            zero: constant(0.0)?,
            one: constant(1.0)?,
            tiny: constant(f64::from(f32::MIN_POSITIVE))?,
            greatest: constant(greatest_of(dtype))?,
            lowest: constant(-greatest_of(dtype))?,
            last_bin: constant((row.bins() - 1) as f64)?,
            infinite: constant(row.infinite() as f64)?,
            nan: constant(row.nan() as f64)?,
        })
    }

    /// The length of the row of a vector with so many elements.
    pub(super) fn row_len(&self, elements: usize) -> usize {
        self.row.len(elements.div_ceil(PIECE))
    }

    /// Reduces a vector, detached and not empty, to the parts of its row.
    pub(super) fn reduce(&self, values: &Tensor) -> Result<Vec<Tensor>> {
        let elements = values.elem_count();
        let piece = |start| values.narrow(0, start, PIECE.min(elements - start));
        let starts = (0..elements).step_by(PIECE);
        let pieces = starts.map(|start| self.piece(piece(start)?)).collect::<Result<Vec<_>>>()?;

        let least = pieces.iter().map(|piece| self.least(piece)).collect::<Result<Vec<_>>>()?;
        let greatest =
            pieces.iter().map(|piece| self.greatest(piece)).collect::<Result<Vec<_>>>()?;
        let least = Tensor::cat(&least, 0)?.min_keepdim(0)?;
        let greatest = Tensor::cat(&greatest, 0)?.max_keepdim(0)?;
        let scale = self.scale(&least, &greatest)?;
        let mut row = vec![least, greatest];
        for piece in pieces {
            row.extend(self.sums(&piece, &scale)?);
        }
        Ok(row)
    }

    fn piece(&self, values: Tensor) -> Result<Piece> {
        let is_nan = values.ne(&values)?;
        let is_finite = values.abs()?.le(&self.greatest.broadcast_as(values.shape())?)?;
        Ok(Piece { values, is_nan, is_finite })
    }

    /// The least number `[1]`.
    fn least(&self, piece: &Piece) -> Result<Tensor> {
        numbers_or(piece, &self.greatest)?.min_keepdim(0)
    }

    /// The greatest number `[1]`.
    fn greatest(&self, piece: &Piece) -> Result<Tensor> {
        numbers_or(piece, &self.lowest)?.max_keepdim(0)
    }

    fn scale(&self, least: &Tensor, greatest: &Tensor) -> Result<Scale> {
        let (one, zero) = (self.one.reshape(1)?, self.zero.reshape(1)?);
        let magnitude = least.abs()?.maximum(&greatest.abs()?)?.maximum(&self.tiny.reshape(1)?)?;
        let least = least.div(&magnitude)?;
        let width = greatest.div(&magnitude)?.sub(&least)?;
        // All values are the same, or none is finite: everything goes into the first bin.
        let width = width.gt(&zero)?.where_cond(&width, &one)?;
        let density = width.recip()?.affine(self.row.bins() as f64, 0.0)?;
        Ok(Scale { magnitude, least, density })
    }

    /// The sum of squares `[1]` and the counters `[counters]`.
    fn sums(&self, piece: &Piece, scale: &Scale) -> Result<[Tensor; 2]> {
        let shape = piece.values.shape();
        let shares = numbers_or(piece, &self.zero)?.broadcast_div(&scale.magnitude)?;
        let squares = shares.sqr()?.sum_keepdim(0)?;
        let position = shares.broadcast_sub(&scale.least)?.broadcast_mul(&scale.density)?;
        // Only the greatest value comes out beyond the last bin, of which it is a part.
        let counter = position.minimum(&self.last_bin.broadcast_as(shape)?)?;
        let counter = piece.is_finite.where_cond(&counter, &self.infinite.broadcast_as(shape)?)?;
        let counter = piece.is_nan.where_cond(&self.nan.broadcast_as(shape)?, &counter)?;
        Ok([squares, self.count(&counter.to_dtype(DType::U32)?)?])
    }

    /// How often each counter is named in `counters`.
    fn count(&self, counters: &Tensor) -> Result<Tensor> {
        let (device, elements) = (counters.device(), counters.elem_count());
        let columns = elements.min(COLUMNS);
        let rows = elements.div_ceil(columns);
        let filler = rows * columns - elements;
        let counters = if filler == 0 {
            counters.clone()
        } else {
            let filler = Tensor::full(self.row.filler() as u32, filler, device)?;
            Tensor::cat(&[counters, &filler], 0)?
        };
        let dtype = self.zero.dtype();
        let ones = Tensor::ones((rows, columns), dtype, device)?;
        let zeros = Tensor::zeros((rows, self.row.counters()), dtype, device)?;
        zeros.scatter_add(&counters.reshape((rows, columns))?, &ones, 1)?.sum(0)
    }
}

/// The values, with `other` in the place of those that are no numbers.
fn numbers_or(piece: &Piece, other: &Tensor) -> Result<Tensor> {
    piece.is_finite.where_cond(&piece.values, &other.broadcast_as(piece.values.shape())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_of_a_large_tensor_counts_once() -> Result<()> {
        let row = Reduced::new(10);
        let reducer = Reducer::new(row, DType::F32, &Device::Cpu)?;
        for elements in [1, 255, 256, 257, 1_000, PIECE + 3] {
            let values: Vec<f32> = (0..elements).map(|index| (index % 10) as f32).collect();
            let reduced = reducer.reduce(&Tensor::new(&values[..], &Device::Cpu)?)?;
            let reduced = Tensor::cat(&reduced, 0)?.to_vec1::<f32>()?;
            assert_eq!(reduced.len(), reducer.row_len(elements));
            let found = row.read(&reduced).unwrap();
            let expected: Vec<u64> =
                (0..10).map(|digit| (elements.saturating_sub(digit)).div_ceil(10) as u64).collect();
            assert_eq!(found.counts, expected, "{elements}");
            assert_eq!((found.nan, found.infinite), (0, 0));
        }
        Ok(())
    }
}
