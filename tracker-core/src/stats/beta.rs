//! The incomplete beta function.

use crate::stats::gamma::ln_gamma;

/// What stands for zero where the fraction would divide by it.
const TINY: f64 = 1e-300;

/// More steps than any fraction of up to a million runs needs.
const MOST_STEPS: u32 = 10_000;

/// The regularized incomplete beta function `I_x(a, b)`, for a and b of at least ½ and x from 0 to 1. `rest` is
/// 1 − x, which the caller knows without losing its digits.
///
/// By the continued fraction of the NIST Digital Library of Mathematical Functions, 8.17.22, which converges
/// quickly below (a + 1) / (a + b + 2); above, by the symmetry of 8.17.4.
pub(crate) fn regularized_beta(a: f64, b: f64, x: f64, rest: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if rest <= 0.0 {
        return 1.0;
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - by_fraction(b, a, rest, x);
    }
    by_fraction(a, b, x, rest)
}

fn by_fraction(a: f64, b: f64, x: f64, rest: f64) -> f64 {
    let ln_beta = ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    let front = (a * x.ln() + b * rest.ln() - ln_beta).exp() / a;
    front * fraction(a, b, x)
}

/// 1 / (1 + d₁ / (1 + d₂ / …)), by the method of Lentz.
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut numerator = 1.0;
    let mut denominator = 1.0 / apart_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut value = denominator;
    for step in 1..=MOST_STEPS {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            denominator = 1.0 / apart_from_zero(1.0 + term * denominator);
            numerator = apart_from_zero(1.0 + term / numerator);
            change = denominator * numerator;
            value *= change;
        }
        if (change - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    value
}

fn apart_from_zero(value: f64) -> f64 {
    if value.abs() < TINY { TINY } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_power_where_one_of_the_two_is_one() {
        for x in [0.001, 0.2, 0.5, 0.9, 0.999] {
            for a in [0.5, 1.0, 3.0, 40.0_f64] {
                let power = regularized_beta(a, 1.0, x, 1.0 - x);
                assert!((power - x.powf(a)).abs() < 1e-13, "{a} {x}");
            }
        }
        assert_eq!(regularized_beta(2.0, 0.5, 0.0, 1.0), 0.0);
        assert_eq!(regularized_beta(2.0, 0.5, 1.0, 0.0), 1.0);
    }
}
