//! The normal distribution.

use std::f64::consts::{PI, SQRT_2};

use fastrand::Rng;
use libm::{cos, erfc, exp, log};

/// ln √(2π).
pub(super) const LN_ROOT_TAU: f64 = 0.918_938_533_204_672_8;

/// The density at `x`.
pub(super) fn density(x: f64) -> f64 {
    exp(-0.5 * x * x - LN_ROOT_TAU)
}

/// The probability of what is below `x`.
pub(super) fn below(x: f64) -> f64 {
    0.5 * erfc(-x / SQRT_2)
}

/// The probability of what is between two values; of the tail where both lie in it, since 1 − 1 would leave nothing.
pub(super) fn between(from: f64, to: f64) -> f64 {
    if from > 0.0 { below(-from) - below(-to) } else { below(to) - below(from) }
}

/// A draw (Box and Muller 1958).
pub(super) fn draw(draws: &mut Rng) -> f64 {
    let distance = (-2.0 * log(1.0 - draws.f64())).sqrt();
    distance * cos(2.0 * PI * draws.f64())
}

/// A draw around `mean` that lies in an interval, which holds the mean.
pub(super) fn draw_within(mean: f64, deviation: f64, from: f64, to: f64, draws: &mut Rng) -> f64 {
    // At least a third of the draws lie within, if the deviation is at most the interval's width.
    let drawn = (0..64).map(|_| mean + deviation * draw(draws));
    let mut within = drawn.filter(|value| (from..=to).contains(value));
    within.next().unwrap_or(mean).clamp(from, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_keep_their_digits() {
        assert!((below(1.96) - 0.975_002_104_851_779_5).abs() < 1e-12);
        let (up, down) = (between(10.0, 11.0), between(-11.0, -10.0));
        assert!(up > 0.0 && (up - down).abs() < 1e-12 * down, "{up} {down}");
        assert!((between(-1.0, 2.0) - (below(2.0) - below(-1.0))).abs() < 1e-15);
    }

    #[test]
    fn draws_have_the_mean_and_the_deviation_and_stay_within() {
        let mut draws = Rng::with_seed(1);
        let drawn: Vec<f64> = (0..20_000).map(|_| draw(&mut draws)).collect();
        let mean = drawn.iter().sum::<f64>() / 20_000.0;
        let variance = drawn.iter().map(|x| x * x).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
        for _ in 0..1_000 {
            assert!((0.0..=1.0).contains(&draw_within(0.0, 1.0, 0.0, 1.0, &mut draws)));
        }
        assert_eq!(draw_within(0.5, 0.0, 0.0, 1.0, &mut draws), 0.5);
    }
}
