//! The value of an epoch, from its batches.

use tracker_core::adapter::recorder::Mean;

/// The batches of one metric in one split, on their way to the epoch's value.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct BatchMeans {
    /// Each batch alike.
    plain: Mean,
    /// Of the values without their signs: how great their mean could be.
    magnitude: Mean,
    /// By the sizes of the batches.
    by_items: Mean,
    /// By what Burn counts. A value of nothing, such as of a batch of padding only, adds nothing.
    by_count: Mean,
    knows_sizes: bool,
}

impl BatchMeans {
    /// Adds a batch of `items` items whose value Burn counts as the mean of `count`.
    pub(crate) fn add(&mut self, value: f64, count: usize, items: f64) {
        self.plain.add(value, 1.0);
        self.magnitude.add(value.abs(), 1.0);
        self.by_items.add(value, items);
        self.by_count.add(value, count as f64);
        self.knows_sizes |= count != 1;
    }

    /// The value of all batches where Burn makes none: weighted by what Burn counts, or by the
    /// sizes of the batches for a metric that counts 1 a batch. `None` without a batch.
    pub(crate) fn value(&self) -> Option<f64> {
        if self.knows_sizes { self.by_count.value() } else { self.by_items.value() }
    }

    /// The epoch's value, where Burn says `burn`.
    ///
    /// Burn's own value is kept for every metric that knows how to make one: an accuracy that
    /// counts its items, a perplexity, an area under a curve. Only where Burn took the plain mean
    /// of the batches, because the metric does not know their sizes, is each batch weighted by
    /// its size. `Loss` is such a metric: it counts 1 a batch, so a last batch of 8 items would
    /// weigh as much as one of 64.
    pub(crate) fn epoch_value(&self, burn: f64) -> f64 {
        let (Some(plain), Some(magnitude), Some(by_items)) =
            (self.plain.value(), self.magnitude.value(), self.by_items.value())
        else {
            return burn;
        };
        // As exact as sums of such values are, however small or great they are.
        let is_plain = (burn - plain).abs() <= 1e-9 * magnitude;
        if self.knows_sizes || !is_plain { burn } else { by_items }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(batches: &[(f64, usize, f64)]) -> BatchMeans {
        let mut mean = BatchMeans::default();
        for (value, count, items) in batches {
            mean.add(*value, *count, *items);
        }
        mean
    }

    #[test]
    fn values_of_any_size_are_weighted_alike() {
        for size in [1e-30, 1e-12, 1.0, 1e20] {
            let loss = mean(&[(size, 1, 64.0), (3.0 * size, 1, 8.0)]);
            let value = loss.epoch_value(2.0 * size);
            let expected = (64.0 + 3.0 * 8.0) * size / 72.0;
            assert!((value / expected - 1.0).abs() < 1e-12, "{size}: {value}");
            // A metric that makes its own value of the batches keeps it.
            assert_eq!(loss.epoch_value(1.5 * size), 1.5 * size);
        }
    }

    #[test]
    fn a_plain_mean_of_batches_is_weighted_by_their_sizes() {
        let loss = mean(&[(1.0, 1, 64.0), (3.0, 1, 64.0), (8.0, 1, 16.0)]);
        assert!((loss.epoch_value(4.0) - (64.0 + 192.0 + 128.0) / 144.0).abs() < 1e-12);
    }

    #[test]
    fn a_metric_that_knows_its_sizes_is_left_alone() {
        let accuracy = mean(&[(50.0, 64, 64.0), (100.0, 8, 8.0)]);
        let burn = (50.0 * 64.0 + 100.0 * 8.0) / 72.0;
        assert_eq!(accuracy.epoch_value(burn).to_bits(), burn.to_bits());
    }

    #[test]
    fn a_metric_that_is_no_mean_is_left_alone() {
        let perplexity = mean(&[(10.0, 1, 4.0), (20.0, 1, 4.0)]);
        assert_eq!(perplexity.epoch_value(14.1).to_bits(), 14.1_f64.to_bits());
    }

    #[test]
    fn without_a_value_of_burn_batches_are_weighted_by_what_burn_counts() {
        let accuracy = mean(&[(50.0, 64, 1.0), (100.0, 8, 1.0), (f64::NAN, 0, 1.0)]);
        assert_eq!(accuracy.value(), Some((50.0 * 64.0 + 100.0 * 8.0) / 72.0));
        let loss = mean(&[(1.0, 1, 64.0), (3.0, 1, 16.0)]);
        assert_eq!(loss.value(), Some((64.0 + 48.0) / 80.0));
        assert_eq!(mean(&[]).value(), None);
    }

    #[test]
    fn a_value_that_is_not_a_number_stays_one() {
        assert!(mean(&[(f64::NAN, 1, 4.0)]).epoch_value(f64::NAN).is_nan());
    }
}
