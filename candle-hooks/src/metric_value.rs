//! What can be the value of a metric.

use candle_core::Tensor;

/// A value for [`Hooks::metric`](crate::Hooks::metric): a number, or a tensor with one element.
///
/// A tensor on a GPU is not waited for; a number is logged as it is.
#[derive(Debug, Clone, Copy)]
pub enum MetricValue<'a> {
    /// A number on the host.
    Number(f64),
    /// A tensor with one element, of any shape and type, on any device.
    Tensor(&'a Tensor),
}

impl<'a> From<&'a Tensor> for MetricValue<'a> {
    fn from(tensor: &'a Tensor) -> Self {
        Self::Tensor(tensor)
    }
}

impl<'a> From<&&'a Tensor> for MetricValue<'a> {
    fn from(tensor: &&'a Tensor) -> Self {
        Self::Tensor(tensor)
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl From<$number> for MetricValue<'_> {
            #[allow(clippy::cast_lossless, reason = "not all of these types have `From`")]
            fn from(number: $number) -> Self {
                Self::Number(number as f64)
            }
        }
    )*};
}
numbers!(f32, f64, u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);

impl From<bool> for MetricValue<'_> {
    fn from(truth: bool) -> Self {
        Self::Number(f64::from(u8::from(truth)))
    }
}
