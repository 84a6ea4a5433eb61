//! A tensor in numbers.

/// The statistics of one tensor.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Statistics {
    /// The least and the greatest finite value; 0 if there is none.
    pub limits: (f64, f64),
    /// The square root of the sum of squares; NaN or infinite if one of the values is.
    pub norm: f64,
    /// How many values are NaN.
    pub nan: u64,
    /// How many values are infinite.
    pub infinite: u64,
    /// How many finite values are in each of the bins, which are of equal width between the limits.
    /// If all finite values are the same, they share the first bin.
    pub counts: Vec<u64>,
}
