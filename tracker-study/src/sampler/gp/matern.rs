//! How alike two points are.

use libm::exp;

/// Matérn's covariance with ν = 5/2 (GPML, 4.17), and its slope, at a squared distance in units of the length scale.
#[derive(Debug, Clone, Copy)]
pub(super) struct Matern {
    pub(super) value: f64,
    /// By the squared distance.
    pub(super) slope: f64,
}

impl Matern {
    pub(super) fn at(square: f64) -> Self {
        let root = (5.0 * square).sqrt();
        let decay = exp(-root);
        Self {
            value: (1.0 + root + 5.0 / 3.0 * square) * decay,
            slope: -5.0 / 6.0 * (1.0 + root) * decay,
        }
    }
}
