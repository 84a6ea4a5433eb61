//! Which values of a tensor are looked at.

use std::ops::Range;

/// How many values lie side by side: enough that to sum them costs more than to find them.
const BLOCK: usize = 1_024;

/// Blocks of 1,024 values, spread evenly over a tensor, the same ones each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocks {
    elements: usize,
    seen: usize,
}

impl Blocks {
    /// One block in so many of a tensor, one at least.
    pub(super) fn one_in(elements: usize, many: usize) -> Self {
        let seen = elements.div_ceil(BLOCK).div_ceil(many.max(1)).max(1);
        Self { elements, seen }
    }

    /// All values of a tensor.
    pub fn all(elements: usize) -> Self {
        Self { elements, seen: elements.div_ceil(BLOCK) }
    }

    /// Where the blocks lie, in order.
    pub fn ranges(self) -> impl Iterator<Item = Range<usize>> {
        let Self { elements, seen } = self;
        let all = elements.div_ceil(BLOCK);
        (0..seen.min(all)).map(move |index| {
            let start = index * all / seen * BLOCK;
            start..(start + BLOCK).min(elements)
        })
    }

    /// How many values the tensor has.
    pub fn elements(self) -> usize {
        self.elements
    }

    /// How many values there are in them.
    pub fn values(self) -> usize {
        self.ranges().map(|range| range.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_spread_in_order_and_within_the_tensor() {
        for elements in [0, 1, 1_023, 1_024, 1_025, 79_510, 1_000_003] {
            for many in [0, 1, 3, 4, 1_000, usize::MAX] {
                let blocks = Blocks::one_in(elements, many);
                let ranges: Vec<_> = blocks.ranges().collect();
                assert!(ranges.windows(2).all(|pair| pair[0].end <= pair[1].start));
                assert!(ranges.iter().all(|range| range.end <= elements && !range.is_empty()));
                assert_eq!(ranges.is_empty(), elements == 0);
                if many <= 1 {
                    assert_eq!(blocks.values(), elements);
                }
            }
        }
    }
}
