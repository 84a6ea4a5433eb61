//! A block: what is known of some consecutive rows of one metric without decoding them.

use crate::{Writer, value::summary::Accumulator};

/// Rows of one block. Finer than a page of Parquet, so that a chart of 1,500 buckets over 10^7
/// points finds several blocks for each bucket.
pub(crate) const BLOCK_ROWS: usize = 1_024;

/// A row at an end of a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct BlockEnd {
    pub(crate) step: u64,
    pub(crate) seq: u64,
    pub(crate) value: f64,
}

/// The rows of one writer and metric between two ends, both included, in short.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Block {
    pub(crate) rows: u32,
    pub(crate) first: BlockEnd,
    pub(crate) last: BlockEnd,
    pub(crate) values: ValueCounts,
}

/// The points of a span of which nothing but its blocks is known, `last` being the last row of the
/// greatest step; `None` if there are none.
pub(crate) fn sum_of(blocks: &[Block], writer: Writer) -> Option<Accumulator> {
    let of_block = |block: &Block| Accumulator {
        last: block.last.value,
        step: block.last.step,
        writer: writer.number(),
        seq: block.last.seq,
        min: block.values.finite.map(|(min, _)| min),
        max: block.values.finite.map(|(_, max)| max),
        count: block.rows.into(),
    };
    blocks.iter().map(of_block).reduce(|mut sum, block| {
        sum.merge(&block);
        sum
    })
}

/// Extremes and counts of some values.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct ValueCounts {
    /// The least and the greatest finite value; `None` if there is none.
    pub(crate) finite: Option<(f64, f64)>,
    pub(crate) nan: u64,
    pub(crate) pos_infinite: u64,
    pub(crate) neg_infinite: u64,
}

impl ValueCounts {
    pub(crate) fn of(values: &[f64]) -> Self {
        let mut counts = Self::default();
        if values.iter().all(|value| value.is_finite()) {
            counts.finite = extremes(values);
        } else {
            for value in values {
                counts.add(*value);
            }
        }
        counts
    }

    pub(crate) fn add(&mut self, value: f64) {
        if value.is_finite() {
            self.widen(value, value);
        } else if value.is_nan() {
            self.nan += 1;
        } else if value > 0.0 {
            self.pos_infinite += 1;
        } else {
            self.neg_infinite += 1;
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        if let Some((min, max)) = other.finite {
            self.widen(min, max);
        }
        self.nan += other.nan;
        self.pos_infinite += other.pos_infinite;
        self.neg_infinite += other.neg_infinite;
    }

    /// −0.0 counts as less than 0.0, so that the order of rows does not matter.
    fn widen(&mut self, min: f64, max: f64) {
        let (least, greatest) = self.finite.unwrap_or((min, max));
        let min = if min.total_cmp(&least).is_lt() { min } else { least };
        let max = if max.total_cmp(&greatest).is_gt() { max } else { greatest };
        self.finite = Some((min, max));
    }
}

/// The least and greatest of finite values.
fn extremes(values: &[f64]) -> Option<(f64, f64)> {
    let orders = values.iter().map(|value| total_order(value.to_bits().cast_signed()));
    let (least, greatest) = orders.fold((i64::MAX, i64::MIN), |(least, greatest), order| {
        (least.min(order), greatest.max(order))
    });
    let value = |order| f64::from_bits(total_order(order).cast_unsigned());
    (!values.is_empty()).then(|| (value(least), value(greatest)))
}

/// The bits of a float as an integer of the same order, and back, as in [`f64::total_cmp`]:
/// integers are compared many at a time.
fn total_order(bits: i64) -> i64 {
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn many_values_at_once_count_as_one_by_one(
            bits in prop::collection::vec(any::<u64>(), 0..40), finite: bool
        ) {
            let zeros = [0.0, -0.0];
            let values = bits.iter().map(|bits| f64::from_bits(*bits)).chain(zeros);
            let values: Vec<f64> = values.filter(|value| !finite || value.is_finite()).collect();
            let mut counts = ValueCounts::default();
            for value in &values {
                counts.add(*value);
            }
            prop_assert_eq!(format!("{:?}", ValueCounts::of(&values)), format!("{counts:?}"));
        }
    }

    #[test]
    fn of_no_values_nothing_is_known() {
        assert_eq!(ValueCounts::of(&[]), ValueCounts::default());
    }
}
