//! A range of steps cut into buckets of the same width.

use std::ops::RangeInclusive;

/// Which bucket a step belongs to. Steps go up to `u64::MAX`, so widths are counted in 128 bits.
#[derive(Debug, Clone)]
pub(crate) struct StepScale {
    /// The first step of each bucket. Never empty.
    firsts: Vec<u64>,
    greatest: u64,
}

impl StepScale {
    /// Cuts `steps`, which must not be empty, into `buckets` or into one a step if those are fewer.
    pub(crate) fn new(steps: RangeInclusive<u64>, buckets: usize) -> Self {
        let (least, greatest) = steps.into_inner();
        let width = u128::from(greatest.saturating_sub(least)) + 1;
        let count = (buckets.max(1) as u128).min(width);
        let first = |bucket: u128| least + (bucket * width).div_ceil(count) as u64;
        Self { firsts: (0..count).map(first).collect(), greatest }
    }

    /// How many buckets there are.
    pub(crate) fn len(&self) -> usize {
        self.firsts.len()
    }

    /// The bucket of a step. Steps outside belong to the nearest one.
    pub(crate) fn bucket(&self, step: u64) -> usize {
        self.firsts.partition_point(|first| *first <= step).saturating_sub(1)
    }

    /// The steps of a bucket.
    pub(crate) fn steps_of(&self, bucket: usize) -> RangeInclusive<u64> {
        let first = self.firsts.get(bucket).copied().unwrap_or(self.greatest);
        let last = self.firsts.get(bucket + 1).map_or(self.greatest, |next| next - 1);
        first..=last
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_step_is_in_its_bucket(a: u64, b: u64, step: u64, buckets in 1_usize..50) {
            let (least, greatest) = (a.min(b), a.max(b));
            let scale = StepScale::new(least..=greatest, buckets);
            let step = step.clamp(least, greatest);
            for step in [least, step, greatest] {
                prop_assert!(scale.steps_of(scale.bucket(step)).contains(&step));
            }
            prop_assert_eq!(scale.bucket(least), 0);
            prop_assert_eq!(scale.bucket(greatest) + 1, scale.len());
        }
    }

    #[test]
    fn all_steps_there_are_can_be_cut() {
        let scale = StepScale::new(0..=u64::MAX, 2);
        assert_eq!(scale.steps_of(0), 0..=u64::MAX / 2);
        assert_eq!(scale.steps_of(1), u64::MAX / 2 + 1..=u64::MAX);
    }

    #[test]
    fn few_steps_are_a_bucket_each() {
        let scale = StepScale::new(5..=7, 100);
        assert_eq!((5..=7).map(|step| scale.bucket(step)).collect::<Vec<_>>(), [0, 1, 2]);
    }
}
