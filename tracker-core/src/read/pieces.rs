//! A metric's rows in one part, cut into pieces that follow one another in the order of rows, so that
//! they can be given in order without all of them in memory.

use std::{collections::VecDeque, ops::Range};

use crate::{
    Writer,
    format::{block::BlockEnd, part_index::Span},
    read::{part_columns::CHUNK_ROWS, row::Place},
};

/// The most rows of a part that are put in order in memory. Those of ours are in order.
const MAX_ROWS_OUT_OF_ORDER: usize = 1 << 21;

/// Rows of a part that come before all rows of the pieces behind it. Within, they may be in any
/// order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// The place of the first row.
    pub(crate) first: Place,
    last: Place,
    /// The index of a span, and rows counted within it.
    pub(crate) ranges: Vec<(usize, Range<usize>)>,
    rows: usize,
}

/// The pieces of a metric's spans in a part. Blocks that begin beyond the step that `last_step`
/// gives for their writer are left out.
///
/// `None` if too many rows are out of order.
pub(crate) fn pieces(
    spans: &[Span],
    last_step: impl Fn(Writer) -> Option<u64>,
) -> Option<VecDeque<Piece>> {
    let mut blocks: Vec<Piece> = Vec::new();
    for (index, span) in spans.iter().enumerate() {
        let place = |end: BlockEnd| Place::new(end.step, span.writer, end.seq);
        let last_step = last_step(span.writer);
        let mut start = 0;
        for block in &span.blocks {
            let rows = block.rows as usize;
            let range = start..start + rows;
            start = range.end;
            if last_step.is_none_or(|last| block.first.step <= last) {
                let (first, last) = (place(block.first), place(block.last));
                blocks.push(Piece { first, last, ranges: vec![(index, range)], rows });
            }
        }
    }
    blocks.sort_by_key(|block| block.first);
    let mut pieces: VecDeque<Piece> = VecDeque::new();
    for block in blocks {
        match pieces.back_mut() {
            Some(last) if last.last >= block.first => {
                last.take(block);
                if last.rows > MAX_ROWS_OUT_OF_ORDER {
                    return None;
                }
            }
            Some(last) if last.goes_on_with(&block) => last.take(block),
            _ => pieces.push_back(block),
        }
    }
    Some(pieces)
}

impl Piece {
    fn take(&mut self, other: Self) {
        self.last = self.last.max(other.last);
        self.rows += other.rows;
        for (index, range) in other.ranges {
            match self.ranges.last_mut() {
                Some((last, known)) if *last == index && known.end == range.start => {
                    known.end = range.end;
                }
                _ => self.ranges.push((index, range)),
            }
        }
    }

    /// Whether a block follows in the file, and may be decoded together with this piece.
    fn goes_on_with(&self, block: &Self) -> bool {
        let ends = self.ranges.last().map(|(index, range)| (*index, range.end));
        let begins = block.ranges.first().map(|(index, range)| (*index, range.start));
        ends == begins && self.rows + block.rows <= CHUNK_ROWS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::block::{BLOCK_ROWS, Block, ValueCounts};

    const WRITER: Writer = Writer { rank: 0, attempt: 1 };

    fn span(blocks: &[(u64, u64)]) -> Span {
        let block = |(seq, (first, last)): (u64, &(u64, u64))| Block {
            rows: BLOCK_ROWS as u32,
            first: BlockEnd { step: *first, seq: 2 * seq, value: 0.0 },
            last: BlockEnd { step: *last, seq: 2 * seq + 1, value: 0.0 },
            values: ValueCounts::default(),
        };
        let blocks = (0..).zip(blocks).map(block).collect();
        Span { metric: "loss".into(), writer: WRITER, group: 0, first_row: 0, blocks }
    }

    fn ranges(spans: &[Span], last_step: Option<u64>) -> Vec<Vec<(usize, Range<usize>)>> {
        let pieces = pieces(spans, |_| last_step).unwrap();
        pieces.into_iter().map(|piece| piece.ranges).collect()
    }

    #[test]
    fn blocks_in_order_are_pieces_of_a_chunk() {
        let span = span(&[(0, 9), (10, 19), (20, 29), (30, 39), (40, 49)]);
        assert_eq!(ranges(&[span], None), [[(0, 0..4_096)], [(0, 4_096..5_120)]]);
    }

    #[test]
    fn blocks_that_overlap_are_one_piece() {
        let first = span(&[(10, 20), (25, 30)]);
        let second = span(&[(0, 5), (18, 26), (40, 50)]);
        let expected: [Vec<(usize, Range<usize>)>; 3] = [
            vec![(1, 0..1_024)],
            vec![(0, 0..1_024), (1, 1_024..2_048), (0, 1_024..2_048)],
            vec![(1, 2_048..3_072)],
        ];
        assert_eq!(ranges(&[first, second], None), expected);
    }

    #[test]
    fn what_was_taken_back_is_not_decoded() {
        let span = span(&[(0, 9), (10, 19), (20, 29)]);
        assert_eq!(ranges(&[span], Some(15)), [[(0, 0..2_048)]]);
    }

    #[test]
    fn too_many_rows_in_no_order_are_refused() {
        let blocks = vec![(0, 9); MAX_ROWS_OUT_OF_ORDER / BLOCK_ROWS + 1];
        assert_eq!(pieces(&[span(&blocks)], |_| None), None);
    }
}
