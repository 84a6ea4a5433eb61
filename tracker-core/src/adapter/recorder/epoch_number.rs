//! What a loop may count its epochs by.

/// What tells the number of an epoch: an integer, or a tuple that begins with one, such as the
/// items of `zip` and `enumerate`.
///
/// ```
/// use tracker_core::adapter::EpochNumber;
///
/// assert_eq!((3_usize, "warm-up").epoch_number(), 3.0);
/// ```
pub trait EpochNumber {
    /// The number that is logged as `epoch`.
    fn epoch_number(&self) -> f64;
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl EpochNumber for $number {
            #[allow(clippy::cast_lossless, reason = "not all of these types have `From`")]
            fn epoch_number(&self) -> f64 {
                *self as f64
            }
        }
    )*};
}
numbers!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);

impl<T: EpochNumber + ?Sized> EpochNumber for &T {
    fn epoch_number(&self) -> f64 {
        (**self).epoch_number()
    }
}

impl<T: EpochNumber, U> EpochNumber for (T, U) {
    fn epoch_number(&self) -> f64 {
        self.0.epoch_number()
    }
}
