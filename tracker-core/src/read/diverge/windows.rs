//! How the steps of a metric are cut, so that its rows are decoded some at a time.

use std::ops::RangeInclusive;

use crate::format::block::Block;

/// About how many rows of both runs are in memory at once.
const ROWS: u64 = 1 << 17;

/// All steps in windows that follow one another, cut where blocks end, with about as many rows in each.
pub(crate) fn windows(blocks: [&[Block]; 2]) -> Vec<RangeInclusive<u64>> {
    let mut ends: Vec<(u64, u64)> = blocks
        .into_iter()
        .flatten()
        .map(|block| (block.last.step, u64::from(block.rows)))
        .collect();
    ends.sort_unstable();
    let mut windows = Vec::new();
    let (mut start, mut rows) = (0, 0);
    for (end, more) in ends {
        rows += more;
        if rows >= ROWS && end >= start && end < u64::MAX {
            windows.push(start..=end);
            (start, rows) = (end + 1, 0);
        }
    }
    windows.push(start..=u64::MAX);
    windows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::block::{BlockEnd, ValueCounts};

    #[test]
    fn windows_cover_all_steps_and_end_where_blocks_do() {
        let end = |step| BlockEnd { step, seq: 0, value: 0.0 };
        let block = |at: u64| Block {
            rows: 40_000,
            first: end(at * 10),
            last: end(at * 10 + 9),
            values: ValueCounts::default(),
        };
        let blocks: Vec<Block> = (0..5).map(block).collect();
        assert_eq!(windows([&blocks, &blocks]), [0..=19, 20..=39, 40..=u64::MAX]);
        assert_eq!(windows([&[], &[]]), [0..=u64::MAX]);
    }
}
