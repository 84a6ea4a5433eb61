//! The gamma function, as a logarithm.

/// Lanczos' series for g = 7 with nine terms, to 1e-15. C. Lanczos, "A precision approximation of the gamma
/// function", SIAM J. Numer. Anal. 1 (1964); the terms are P. Godfrey's (2001).
const TERMS: [f64; 8] = [
    676.520_368_121_885_1,
    -1_259.139_216_722_402_8,
    771.323_428_777_653_1,
    -176.615_029_162_140_6,
    12.507_343_278_686_905,
    -0.138_571_095_265_720_12,
    9.984_369_578_019_572e-6,
    1.505_632_735_149_311_6e-7,
];
const FIRST_TERM: f64 = 0.999_999_999_999_809_9;
const G: f64 = 7.0;

/// The natural logarithm of Γ(x), for x of at least ½.
pub(crate) fn ln_gamma(x: f64) -> f64 {
    let x = x - 1.0;
    let terms = TERMS.iter().zip(1_u8..);
    let sum = terms.fold(FIRST_TERM, |sum, (term, n)| sum + term / (x + f64::from(n)));
    let base = x + G + 0.5;
    0.5 * std::f64::consts::TAU.ln() + (x + 0.5) * base.ln() - base + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_factorial_of_whole_numbers_and_the_root_of_pi_at_a_half() {
        let mut factorial = 1.0_f64;
        for n in 1..30_u8 {
            let wanted = factorial.ln();
            assert!((ln_gamma(f64::from(n)) - wanted).abs() <= 1e-13 * wanted.max(1.0), "{n}");
            factorial *= f64::from(n);
        }
        let root = std::f64::consts::PI.sqrt().ln();
        assert!((ln_gamma(0.5) - root).abs() < 1e-14);
    }
}
