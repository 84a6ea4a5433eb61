//! The value of an epoch, from its batches.

/// The batches of one metric in one split, on their way to the epoch's value. All sums are f64.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mean {
    sum: f64,
    /// Of the values without their signs: how great their sum could be.
    magnitude: f64,
    batches: u64,
    weighted_sum: f64,
    items: f64,
    counted_sum: f64,
    count: f64,
    knows_sizes: bool,
}

impl Default for Mean {
    fn default() -> Self {
        Self {
            sum: 0.0,
            magnitude: 0.0,
            batches: 0,
            weighted_sum: 0.0,
            items: 0.0,
            counted_sum: 0.0,
            count: 0.0,
            knows_sizes: false,
        }
    }
}

impl Mean {
    /// Adds a batch of `items` items whose value Burn counts as the mean of `count`.
    pub(crate) fn add(&mut self, value: f64, count: usize, items: f64) {
        self.sum += value;
        self.magnitude += value.abs();
        self.batches += 1;
        self.weighted_sum += value * items;
        self.items += items;
        self.knows_sizes |= count != 1;
        // A value of nothing, such as of a batch of padding only, is no number and adds nothing.
        if count > 0 {
            self.counted_sum += value * count as f64;
            self.count += count as f64;
        }
    }

    /// The value of all batches where Burn makes none: weighted by what Burn counts, or by the
    /// sizes of the batches for a metric that counts 1 a batch. `None` without a batch.
    pub(crate) fn value(&self) -> Option<f64> {
        if self.batches == 0 {
            return None;
        }
        let weighted = if self.knows_sizes {
            self.counted_sum / self.count
        } else {
            self.weighted_sum / self.items
        };
        Some(weighted)
    }

    /// The epoch's value, where Burn says `burn`.
    ///
    /// Burn's own value is kept for every metric that knows how to make one: an accuracy that
    /// counts its items, a perplexity, an area under a curve. Only where Burn took the plain mean
    /// of the batches, because the metric does not know their sizes, is each batch weighted by
    /// its size. `Loss` is such a metric: it counts 1 a batch, so a last batch of 8 items would
    /// weigh as much as one of 64.
    pub(crate) fn epoch_value(&self, burn: f64) -> f64 {
        let plain = self.sum / self.batches as f64;
        // As exact as sums of such values are, however small or great they are.
        let is_plain = (burn - plain).abs() <= 1e-9 * self.magnitude / self.batches as f64;
        if self.knows_sizes || !is_plain || self.items <= 0.0 {
            return burn;
        }
        self.weighted_sum / self.items
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(batches: &[(f64, usize, f64)]) -> Mean {
        let mut mean = Mean::default();
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
