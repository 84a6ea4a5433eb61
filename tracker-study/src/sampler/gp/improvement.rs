//! How much a point is expected to be better than the best.

use libm::log;

use crate::sampler::normal::{LN_ROOT_TAU, below, density};

/// The logarithm of the expected improvement on `best`, of a loss that is normal with this mean and deviation (Jones,
/// Schonlau and Welch 1998). The logarithm tells points apart where the improvement itself is 0 in a float (Ament and others
/// 2023, "Unexpected Improvements to Expected Improvement").
pub(super) fn log_expected(mean: f64, deviation: f64, best: f64) -> f64 {
    let z = (best - mean) / deviation;
    if z > -6.0 {
        log(deviation) + log((z * below(z) + density(z)).max(f64::MIN_POSITIVE))
    } else {
        // The first terms of its series far from the best: what is subtracted above is nearly equal there.
        let square = z * z;
        let series = 1.0 - 3.0 / square + 15.0 / (square * square);
        log(deviation) - 0.5 * square - LN_ROOT_TAU - log(square) + log(series)
    }
}
