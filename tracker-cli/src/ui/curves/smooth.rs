//! The debiased exponential moving average.

/// An average that leans on what was last. Its beginning counts no more than it should: the sum is
/// divided by the weights that it holds, as in Adam (<https://arxiv.org/abs/1412.6980>, section 3).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Smooth {
    weight: f64,
    sum: f64,
    /// The weight to the power of the number of values.
    power: f64,
}

impl Smooth {
    pub(crate) fn new(weight: f64) -> Self {
        Self { weight, sum: 0.0, power: 1.0 }
    }

    /// The average with one more value. One that is not finite is left out.
    pub(crate) fn add(&mut self, value: f64) -> f64 {
        if value.is_finite() {
            self.sum = self.sum * self.weight + (1.0 - self.weight) * value;
            self.power *= self.weight;
        }
        if self.power == 1.0 { f64::NAN } else { self.sum / (1.0 - self.power) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_is_its_own_average() {
        assert!((Smooth::new(0.9).add(3.0) - 3.0).abs() < 1e-12);
    }

    #[test]
    fn values_count_less_the_longer_ago_they_were() {
        let mut smooth = Smooth::new(0.5);
        smooth.add(1.0);
        assert!((smooth.add(4.0) - 3.0).abs() < 1e-12);
    }

    #[test]
    fn values_that_are_not_finite_are_left_out() {
        let mut smooth = Smooth::new(0.5);
        assert!(smooth.add(f64::NAN).is_nan());
        smooth.add(1.0);
        smooth.add(f64::INFINITY);
        assert!((smooth.add(4.0) - 3.0).abs() < 1e-12);
    }
}
