//! Student's t distribution.

use crate::stats::beta::regularized_beta;

/// Halvings after which no float lies between the ends: 1,074 lead from 1 to the least float.
const MOST_HALVINGS: u32 = 1_100;

/// Student's t distribution: how a mean of few values, measured in its standard error, scatters around the truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StudentT {
    degrees: f64,
}

impl StudentT {
    /// The distribution of so many degrees of freedom, whole or not; `None` unless they are at least 1 and finite.
    ///
    /// ```
    /// use tracker_core::stats::StudentT;
    ///
    /// // The 95 % interval of the mean of five values reaches 2.776 standard errors to both sides.
    /// let reach = StudentT::new(4.0).unwrap().quantile(0.975);
    /// assert!((reach - 2.7764451051977934).abs() < 1e-9);
    /// ```
    pub fn new(degrees: f64) -> Option<Self> {
        (degrees.is_finite() && degrees >= 1.0).then_some(Self { degrees })
    }

    /// How likely a value of at most `t` is.
    pub fn cdf(&self, t: f64) -> f64 {
        if t > 0.0 { 1.0 - self.tail(t) } else { self.tail(-t) }
    }

    /// How likely a value above `t` is; exact also where this is next to nothing.
    ///
    /// For t of at least 0 it is half of `I_x(n/2, ½)` with x = n / (n + t²), for n degrees: M. Abramowitz, I. Stegun,
    /// "Handbook of Mathematical Functions" (1964), 26.7.1 with 26.5.27.
    pub fn tail(&self, t: f64) -> f64 {
        if t.is_nan() {
            return f64::NAN;
        }
        if t < 0.0 {
            return 1.0 - self.tail(-t);
        }
        let ratio = t / self.degrees.sqrt();
        let square = ratio * ratio;
        // Beyond 1, in these forms, so that nothing overflows and no digit is lost.
        let (x, rest) = if ratio > 1.0 {
            let inverse = ratio.recip() * ratio.recip();
            (inverse / (1.0 + inverse), (1.0 + inverse).recip())
        } else {
            ((1.0 + square).recip(), square / (1.0 + square))
        };
        0.5 * regularized_beta(0.5 * self.degrees, 0.5, x, rest)
    }

    /// The value below which a share of `p` lies. Of 0 and 1, it is infinite; of what is no share, NaN.
    pub fn quantile(&self, p: f64) -> f64 {
        if p.is_nan() || !(0.0..=1.0).contains(&p) {
            f64::NAN
        } else if p < 0.5 {
            -self.beyond(p)
        } else {
            self.beyond(1.0 - p)
        }
    }

    /// The value above which a share of at most ½ lies. The tail falls all the way, so halving finds it.
    fn beyond(self, tail: f64) -> f64 {
        if tail >= 0.5 {
            return 0.0;
        }
        if tail <= 0.0 {
            return f64::INFINITY;
        }
        let (mut low, mut high) = (0.0, 1.0);
        while self.tail(high) > tail {
            low = high;
            high *= 2.0;
            if high.is_infinite() {
                return high;
            }
        }
        for _ in 0..MOST_HALVINGS {
            let middle = f64::midpoint(low, high);
            if middle <= low || middle >= high {
                break;
            }
            if self.tail(middle) > tail { low = middle } else { high = middle }
        }
        f64::midpoint(low, high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn student(degrees: f64) -> StudentT {
        StudentT::new(degrees).unwrap()
    }

    #[track_caller]
    fn assert_close(found: f64, wanted: f64, what: (f64, f64)) {
        assert!(
            (found - wanted).abs() <= 1e-9 * wanted.abs(),
            "{what:?}: {found:e} for {wanted:e}"
        );
    }

    #[test]
    fn probabilities_are_those_of_scipy() {
        // scipy.stats.t.cdf(t, degrees), SciPy 1.17.1
        let cases = [
            (1.0, 0.5, 0.647_583_617_650_433_3),
            (1.0, -3.0, 0.102_416_382_349_566_72),
            (2.0, 1.0, 0.788_675_134_594_812_9),
            (3.0, 2.5, 0.956_146_676_495_967_2),
            (4.0, -2.776_445_105_197_798_7, 0.024_999_999_999_999_883),
            (4.7, 1.3, 0.873_151_352_067_694_9),
            (7.25, 0.01, 0.503_854_540_520_453_8),
            (9.0, 12.0, 0.999_999_615_005_688_9),
            (30.0, 1.96, 0.970_328_843_551_974_8),
            (200.5, -0.7, 0.242_369_353_211_305_7),
            (5000.0, 2.2, 0.986_073_758_766_736_7),
        ];
        for (degrees, t, wanted) in cases {
            assert_close(student(degrees).cdf(t), wanted, (degrees, t));
        }
    }

    #[test]
    fn far_tails_are_those_of_scipy() {
        // scipy.stats.t.sf(t, degrees)
        let cases = [
            (4.0, 30.0, 3.676_428_048_830_659_5e-6),
            (9.0, 12.0, 3.849_943_111_492_826_5e-7),
            (2.5, 1e4, 7.193_397_015_992_212e-11),
            (30.0, 20.0, 3.374_541_832_885_644_7e-19),
        ];
        for (degrees, t, wanted) in cases {
            assert_close(student(degrees).tail(t), wanted, (degrees, t));
        }
    }

    #[test]
    fn quantiles_are_those_of_scipy() {
        // scipy.stats.t.ppf(p, degrees)
        let cases = [
            (1.0, 0.975, 12.706_204_736_174_694),
            (2.0, 0.975, 4.302_652_729_749_462),
            (4.0, 0.975, 2.776_445_105_197_793_4),
            (4.0, 0.9875, 3.495_405_932_516_441_7),
            (4.0, 0.025, -2.776_445_105_197_794_3),
            (8.0, 0.995, 3.355_387_331_333_395),
            (3.37, 0.6, 0.274_052_253_812_284_7),
            (12.5, 0.999_999, 8.280_937_397_199_231),
            (2.0, 1e-9, -22_360.679_741_456_875),
            (1000.0, 0.95, 1.646_378_817_285_464_3),
            (9.0, 0.5, 0.0),
        ];
        for (degrees, p, wanted) in cases {
            assert_close(student(degrees).quantile(p), wanted, (degrees, p));
        }
    }

    #[test]
    fn what_is_no_share_has_no_quantile_and_no_distribution_has_no_degrees() {
        assert!(student(4.0).quantile(1.5).is_nan() && student(4.0).quantile(f64::NAN).is_nan());
        assert_eq!(student(4.0).quantile(1.0), f64::INFINITY);
        assert_eq!(student(4.0).cdf(f64::NEG_INFINITY), 0.0);
        assert_eq!(student(4.0).cdf(f64::INFINITY), 1.0);
        assert!(
            [0.0, -1.0, f64::NAN, f64::INFINITY].map(StudentT::new).iter().all(Option::is_none)
        );
    }
}
