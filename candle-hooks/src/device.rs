//! Numbers of tensors on a device, computed there: nothing is read back, and nothing is waited for.

use candle_core::{DType, Device, Result, Tensor};

/// The type in which a tensor's numbers are computed: f32, or f64 for f64, which Metal lacks.
pub(crate) fn computed_type(dtype: DType) -> DType {
    if dtype == DType::F64 { DType::F64 } else { DType::F32 }
}

/// A scalar, made on the device: operations with numbers of the host copy them over each time.
pub(crate) fn constant(value: f64, dtype: DType, device: &Device) -> Result<Tensor> {
    match dtype {
        DType::F64 => Tensor::full(value, (), device),
        DType::F32 => Tensor::full(value as f32, (), device),
        other => Tensor::full(value as f32, (), device)?.to_dtype(other),
    }
}

/// The greatest finite number of f32 or f64.
pub(crate) fn greatest_of(dtype: DType) -> f64 {
    if dtype == DType::F64 { f64::MAX } else { f64::from(f32::MAX) }
}

/// The square root of the sum of squares of a vector of f32 or f64, as a scalar of its type. It is
/// NaN or infinite if one of the values is.
///
/// Values are divided by the greatest magnitude before they are squared, so that neither those of
/// 1e-25 vanish nor those of 1e25 overflow.
pub(crate) fn norm(values: &Tensor) -> Result<Tensor> {
    let (dtype, device) = (values.dtype(), values.device());
    let least = constant(f64::from(f32::MIN_POSITIVE), dtype, device)?;
    let most = constant(greatest_of(dtype), dtype, device)?;
    // Within these limits, an infinite value stays infinite when it is divided, a NaN stays NaN.
    let magnitude = values.abs()?.max(0)?.maximum(&least)?.minimum(&most)?;
    let squares = values.broadcast_div(&magnitude)?.sqr()?.sum_all()?;
    squares.sqrt()? * magnitude
}
