//! The numbers of a tensor on the CPU, read where they are.

use candle_core::{CpuStorage, DType, Layout, Result, Storage, Tensor, bail};

/// The elements of a tensor on the CPU.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Values<'a> {
    Single(&'a [f32]),
    Double(&'a [f64]),
}

/// Gives the elements of a tensor on the CPU to one of two functions, by type.
///
/// F32 and F64 that lie side by side are read in place; strided tensors are copied, and other types
/// become f32, which holds all values of F16 and BF16.
///
/// # Errors
/// If the tensor is on another device.
pub(crate) fn read<T>(
    tensor: &Tensor,
    single: impl FnOnce(&[f32]) -> T,
    double: impl FnOnce(&[f64]) -> T,
) -> Result<T> {
    let tensor = side_by_side(tensor)?;
    let (storage, layout) = tensor.storage_and_layout();
    let Some((start, end)) = layout.contiguous_offsets() else { bail!("a copy is strided") };
    match &*storage {
        Storage::Cpu(CpuStorage::F32(values)) => Ok(single(&values[start..end])),
        Storage::Cpu(CpuStorage::F64(values)) => Ok(double(&values[start..end])),
        _ => bail!("a tensor of {:?} on {:?} is not read", tensor.dtype(), tensor.device()),
    }
}

/// As [`read`], for what does not depend on the order of the elements: a transposed tensor is not copied.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_in_any_order<T>(
    tensor: &Tensor,
    mut look: impl FnMut(Values<'_>) -> T,
) -> Result<T> {
    let (storage, layout) = tensor.storage_and_layout();
    let start = layout.start_offset();
    let end = start + tensor.elem_count();
    if fills_its_place(layout) {
        match &*storage {
            Storage::Cpu(CpuStorage::F32(values)) if values.len() >= end => {
                return Ok(look(Values::Single(&values[start..end])));
            }
            Storage::Cpu(CpuStorage::F64(values)) if values.len() >= end => {
                return Ok(look(Values::Double(&values[start..end])));
            }
            _ => {}
        }
    }
    drop(storage);
    let look = std::cell::RefCell::new(look);
    read(
        tensor,
        |values| look.borrow_mut()(Values::Single(values)),
        |values| look.borrow_mut()(Values::Double(values)),
    )
}

/// Whether the elements lie side by side, in whatever order.
fn fills_its_place(layout: &Layout) -> bool {
    if layout.is_contiguous() {
        return true;
    }
    let mut strides: Vec<(usize, usize)> =
        layout.stride().iter().copied().zip(layout.dims().iter().copied()).collect();
    strides.retain(|(_, length)| *length != 1);
    strides.sort_unstable();
    let mut next = 1;
    strides.into_iter().all(|(stride, length)| {
        let fits = stride == next;
        next *= length;
        fits
    })
}

/// As [`read`], for two tensors of one type and shape.
///
/// # Errors
/// If their types differ, or one of them is on another device.
pub(crate) fn read_both<T>(
    (first, second): (&Tensor, &Tensor),
    single: impl FnOnce(&[f32], &[f32]) -> T,
    double: impl FnOnce(&[f64], &[f64]) -> T,
) -> Result<T> {
    let second = side_by_side(second)?;
    read(
        first,
        |values| read(&second, |others| Some(single(values, others)), |_| None),
        |values| read(&second, |_| None, |others| Some(double(values, others))),
    )??
    .ok_or_else(|| candle_core::Error::msg("two tensors of different types"))
}

fn side_by_side(tensor: &Tensor) -> Result<Tensor> {
    // Detached, so that a copy is no part of a graph.
    let tensor = tensor.detach();
    match tensor.dtype() {
        DType::F32 | DType::F64 => tensor.contiguous(),
        _ => tensor.to_dtype(DType::F32)?.contiguous(),
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn in_any_order_each_element_is_read_once() -> Result<()> {
        let tensor = Tensor::arange(0_f32, 24.0, &Device::Cpu)?.reshape((2, 3, 4))?;
        let expected: Vec<f32> = (0..24_u8).map(f32::from).collect();
        let read = |tensor: &Tensor| {
            read_in_any_order(tensor, |values| match values {
                Values::Single(values) => values.to_vec(),
                Values::Double(_) => Vec::new(),
            })
        };
        for view in [tensor.clone(), tensor.permute((2, 0, 1))?, tensor.t()?] {
            let mut read = read(&view)?;
            read.sort_by(f32::total_cmp);
            assert_eq!(read, expected);
        }
        let part = tensor.narrow(2, 1, 2)?;
        let mut elements = read(&part)?;
        elements.sort_by(f32::total_cmp);
        assert_eq!(elements[..4], [1.0, 2.0, 5.0, 6.0]);
        assert_eq!(elements.len(), 12);
        let same = Tensor::new(7_f32, &Device::Cpu)?.broadcast_as((2, 2))?;
        assert_eq!(read(&same)?, [7.0; 4]);
        Ok(())
    }

    #[test]
    fn views_and_other_types_are_read_by_value() -> Result<()> {
        let values = |tensor: &Tensor| {
            read(
                tensor,
                |values| values.iter().map(|value| f64::from(*value)).collect(),
                <[f64]>::to_vec,
            )
        };
        let tensor = Tensor::new(&[[1_f32, 2.0, 3.0], [4.0, 5.0, 6.0]], &Device::Cpu)?;
        assert_eq!(values(&tensor.t()?)?, [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        assert_eq!(values(&tensor.narrow(0, 1, 1)?)?, [4.0, 5.0, 6.0]);
        assert_eq!(values(&tensor.narrow(1, 1, 1)?)?, [2.0, 5.0]);
        assert_eq!(values(&tensor.narrow(1, 1, 0)?)?, [0.0; 0]);
        for dtype in [DType::F16, DType::BF16, DType::F64] {
            assert_eq!(values(&tensor.to_dtype(dtype)?)?, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        }
        let broadcast = Tensor::new(7_f32, &Device::Cpu)?.broadcast_as((2, 2))?;
        assert_eq!(values(&broadcast)?, [7.0; 4]);
        Ok(())
    }
}
