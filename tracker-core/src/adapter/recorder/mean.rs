//! Weighted means in f64.

use serde::{Deserialize, Serialize};

use crate::adapter::recorder::loop_state::bits;

/// A weighted mean that grows value by value.
///
/// The sums are f64 whatever the tensors are: a sum of 1,000 ones in BF16 is 256. A NaN makes the
/// mean NaN: averaging it away would hide a model that is dead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Mean {
    #[serde(with = "bits")]
    sum: f64,
    #[serde(with = "bits")]
    weight: f64,
}

impl Mean {
    /// Takes a value that stands for `weight` items. One that stands for none is left out.
    pub fn add(&mut self, value: f64, weight: f64) {
        if weight > 0.0 {
            self.sum += value * weight;
            self.weight += weight;
        }
    }

    /// Takes a sum that was made elsewhere, such as the number of right answers among `weight`.
    pub fn add_sum(&mut self, sum: f64, weight: u64) {
        if weight > 0 {
            self.sum += sum;
            self.weight += weight as f64;
        }
    }

    /// Takes over all that another mean took.
    pub fn merge(&mut self, other: Self) {
        self.sum += other.sum;
        self.weight += other.weight;
    }

    /// The mean; `None` before the first value.
    pub fn value(self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }
}

#[cfg(test)]
mod tests {
    use super::Mean;

    #[test]
    fn weights_count_and_nothing_has_no_mean() {
        let mut mean = Mean::default();
        assert_eq!(mean.value(), None);
        mean.add(1.0, 3.0);
        mean.add(f64::NAN, 0.0);
        mean.add(5.0, 1.0);
        assert_eq!(mean.value(), Some(2.0));
    }

    #[test]
    fn nan_stays() {
        let mut mean = Mean::default();
        mean.add(f64::NAN, 1.0);
        mean.add(1.0, 1_000.0);
        assert!(mean.value().unwrap().is_nan());
    }

    #[test]
    fn parts_give_the_same_mean_as_the_whole() {
        let (mut whole, mut one, mut two) = (Mean::default(), Mean::default(), Mean::default());
        for (value, weight) in [(0.5, 64.0), (0.25, 64.0), (0.125, 8.0)] {
            whole.add(value, weight);
        }
        one.add(0.5, 64.0);
        two.add_sum(0.25 * 64.0, 64);
        two.add(0.125, 8.0);
        one.merge(two);
        assert_eq!(one, whole);
    }
}
