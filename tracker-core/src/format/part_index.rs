//! The footer entry [`PAGES_KEY`](crate::format::part_schema::PAGES_KEY): where the rows of each
//! metric are in a part, and what each [`Block`] of them holds. A chart of many points is drawn
//! from it alone.
//!
//! ```text
//! version u8 | spans | check u64, over all before                  base64 without padding
//! span:  length of the name, name | writer | row group | first row in it | rows | blocks
//! block: flags u8 | first step after the last block's last | last step after the first
//!        | first seq and last seq likewise | values f64 | counts
//! ```
//!
//! Integers are LEB128, differences of them wrap and are zigzag; floats are their bits, little
//! endian. All blocks of a span but the last have [`BLOCK_ROWS`] rows. The flags say which values
//! and counts follow: first, last, and least and greatest finite one, or only one where all are
//! the same; then how many are NaN, +∞ and −∞.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

use crate::{
    Writer,
    format::block::{BLOCK_ROWS, Block, BlockEnd, ValueCounts},
    value::hash::fnv1a,
};

const VERSION: u8 = 1;
const CHECK_BYTES: usize = 8;

const SAME: u8 = 1;
const FINITE: u8 = 2;
const NAN: u8 = 4;
const POS_INFINITE: u8 = 8;
const NEG_INFINITE: u8 = 16;

/// Consecutive rows of one metric and writer in one row group.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Span {
    pub(crate) metric: String,
    pub(crate) writer: Writer,
    /// The row group.
    pub(crate) group: usize,
    /// The first row, counted within the group.
    pub(crate) first_row: usize,
    pub(crate) blocks: Vec<Block>,
}

impl Span {
    pub(crate) fn rows(&self) -> usize {
        self.blocks.iter().map(|block| block.rows as usize).sum()
    }
}

/// The spans as the footer holds them. Their blocks must be as [`BLOCK_ROWS`] divides them.
pub(crate) fn encode(spans: &[Span]) -> String {
    let mut bytes = vec![VERSION];
    put(&mut bytes, spans.len() as u64);
    for span in spans {
        put(&mut bytes, span.metric.len() as u64);
        bytes.extend_from_slice(span.metric.as_bytes());
        put(&mut bytes, span.writer.number().into());
        put(&mut bytes, span.group as u64);
        put(&mut bytes, span.first_row as u64);
        put(&mut bytes, span.rows() as u64);
        let mut before = (0, 0);
        for block in &span.blocks {
            put_block(&mut bytes, block, before);
            before = (block.last.step, block.last.seq);
        }
    }
    let check = fnv1a(&bytes);
    bytes.extend_from_slice(&check.to_le_bytes());
    STANDARD_NO_PAD.encode(&bytes)
}

fn put_block(bytes: &mut Vec<u8>, block: &Block, before: (u64, u64)) {
    let Block { first, last, values, .. } = block;
    let ends = [first.value, last.value];
    let extremes = values.finite.map(|(min, max)| [min, max]);
    let bits = first.value.to_bits();
    let same = ends.iter().chain(extremes.iter().flatten()).all(|value| value.to_bits() == bits);
    let counts = [
        (NAN, values.nan),
        (POS_INFINITE, values.pos_infinite),
        (NEG_INFINITE, values.neg_infinite),
    ];
    let mut flags = if same { SAME } else { 0 } | if extremes.is_some() { FINITE } else { 0 };
    for (flag, count) in counts {
        flags |= if count > 0 { flag } else { 0 };
    }
    bytes.push(flags);
    put_difference(bytes, before.0, first.step);
    put_difference(bytes, first.step, last.step);
    put_difference(bytes, before.1, first.seq);
    put_difference(bytes, first.seq, last.seq);
    let all = ends.iter().chain(extremes.iter().flatten());
    for value in all.take(if same { 1 } else { 4 }) {
        bytes.extend_from_slice(&value.to_bits().to_le_bytes());
    }
    for (_, count) in counts.iter().filter(|(_, count)| *count > 0) {
        put(bytes, *count);
    }
}

/// LEB128: seven bits a byte, the least first.
fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn put_difference(bytes: &mut Vec<u8>, from: u64, to: u64) {
    let difference = to.wrapping_sub(from).cast_signed();
    put(bytes, (difference << 1 ^ difference >> 63).cast_unsigned());
}

/// The spans in a footer's entry; `None` if it is damaged or of a version unknown here, which
/// costs no row: all that it says can be found by decoding.
pub(crate) fn decode(text: &str) -> Option<Vec<Span>> {
    let bytes = STANDARD_NO_PAD.decode(text).ok()?;
    let (body, check) = bytes.split_at_checked(bytes.len().checked_sub(CHECK_BYTES)?)?;
    if fnv1a(body).to_le_bytes() != check {
        return None;
    }
    decode_body(body)
}

fn decode_body(body: &[u8]) -> Option<Vec<Span>> {
    let mut rest = Rest(body.strip_prefix(&[VERSION])?);
    let count = rest.number()?;
    let spans = (0..count).map(|_| rest.span()).collect::<Option<_>>()?;
    rest.0.is_empty().then_some(spans)
}

/// What has not been read yet. Every length is checked against it before memory is taken.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn span(&mut self) -> Option<Span> {
        let length = self.size()?;
        let (name, after) = self.0.split_at_checked(length)?;
        self.0 = after;
        let metric = str::from_utf8(name).ok()?.to_owned();
        let writer = Writer::from_number(u32::try_from(self.number()?).ok()?);
        let (group, first_row, mut rows) = (self.size()?, self.size()?, self.size()?);
        first_row.checked_add(rows)?;
        let mut blocks: Vec<Block> = Vec::new();
        let mut before = (0, 0);
        while rows > 0 {
            let block = self.block(rows.min(BLOCK_ROWS), before)?;
            before = (block.last.step, block.last.seq);
            rows -= block.rows as usize;
            blocks.push(block);
        }
        Some(Span { metric, writer, group, first_row, blocks })
    }

    fn block(&mut self, rows: usize, before: (u64, u64)) -> Option<Block> {
        let flags = self.byte()?;
        let first_step = self.difference(before.0)?;
        let last_step = self.difference(first_step).filter(|last| *last >= first_step)?;
        let first_seq = self.difference(before.1)?;
        let last_seq = self.difference(first_seq)?;
        let first = self.float()?;
        let mut next = || if flags & SAME == 0 { self.float() } else { Some(first) };
        let last = next()?;
        let finite = if flags & FINITE == 0 { None } else { Some((next()?, next()?)) };
        let mut count = |flag| if flags & flag == 0 { Some(0) } else { self.number() };
        let values = ValueCounts {
            finite,
            nan: count(NAN)?,
            pos_infinite: count(POS_INFINITE)?,
            neg_infinite: count(NEG_INFINITE)?,
        };
        Some(Block {
            rows: rows as u32,
            first: BlockEnd { step: first_step, seq: first_seq, value: first },
            last: BlockEnd { step: last_step, seq: last_seq, value: last },
            values,
        })
    }

    fn byte(&mut self) -> Option<u8> {
        let (byte, after) = self.0.split_first()?;
        self.0 = after;
        Some(*byte)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return None;
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn size(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    fn difference(&mut self, from: u64) -> Option<u64> {
        let number = self.number()?;
        let difference = (number >> 1) ^ (number & 1).wrapping_neg();
        Some(from.wrapping_add(difference))
    }

    fn float(&mut self) -> Option<f64> {
        let (bits, after) = self.0.split_first_chunk()?;
        self.0 = after;
        Some(f64::from_bits(u64::from_le_bytes(*bits)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn floats() -> impl Strategy<Value = f64> {
        prop_oneof![
            any::<u64>().prop_map(f64::from_bits),
            Just(-0.0),
            Just(f64::INFINITY),
            Just(0.5)
        ]
    }

    fn ends() -> impl Strategy<Value = BlockEnd> {
        let numbers = || prop_oneof![any::<u64>(), Just(u64::MAX), 0_u64..100];
        (numbers(), numbers(), floats()).prop_map(|(step, seq, value)| BlockEnd {
            step,
            seq,
            value,
        })
    }

    fn blocks() -> impl Strategy<Value = Block> {
        let values = (proptest::option::of((floats(), floats())), 0_u64..9, 0_u64..9, 0_u64..9);
        (ends(), ends(), values).prop_map(|(first, last, values)| {
            let (first, last) = if first.step <= last.step { (first, last) } else { (last, first) };
            let (finite, nan, pos_infinite, neg_infinite) = values;
            let values = ValueCounts { finite, nan, pos_infinite, neg_infinite };
            Block { rows: BLOCK_ROWS as u32, first, last, values }
        })
    }

    fn spans() -> impl Strategy<Value = Span> {
        let blocks = prop::collection::vec(blocks(), 1..5);
        (".{0,20}", any::<u32>(), 0_usize..9, 0_usize..1_000_000, blocks, 1..=BLOCK_ROWS as u32)
            .prop_map(|(metric, writer, group, first_row, mut blocks, rest)| {
                if let Some(last) = blocks.last_mut() {
                    last.rows = rest;
                }
                Span { metric, writer: Writer::from_number(writer), group, first_row, blocks }
            })
    }

    /// NaN equals itself here: every bit counts.
    fn same(a: &[Span], b: &[Span]) -> bool {
        let bits = |span: &Span| {
            let of_block = |block: &Block| {
                let finite = block.values.finite.map(|(min, max)| (min.to_bits(), max.to_bits()));
                (block.first.value.to_bits(), block.last.value.to_bits(), finite)
            };
            span.blocks.iter().map(of_block).collect::<Vec<_>>()
        };
        let rest = |span: &Span| {
            let mut span = span.clone();
            for block in &mut span.blocks {
                (block.first.value, block.last.value) = (0.0, 0.0);
                block.values.finite = None;
            }
            span
        };
        a.iter().map(bits).eq(b.iter().map(bits)) && a.iter().map(rest).eq(b.iter().map(rest))
    }

    proptest! {
        #[test]
        fn indexes_read_back_bit_for_bit(spans in prop::collection::vec(spans(), 0..4)) {
            let decoded = decode(&encode(&spans)).unwrap();
            prop_assert!(same(&decoded, &spans), "{decoded:?}");
        }

        #[test]
        fn any_bytes_are_refused_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&STANDARD_NO_PAD.encode(&bytes));
            let mut body = vec![VERSION];
            body.extend_from_slice(&bytes);
            let _ = decode_body(&body);
        }

        #[test]
        fn a_flipped_bit_is_noticed(span in spans(), bit in any::<prop::sample::Index>()) {
            let mut bytes = STANDARD_NO_PAD.decode(encode(&[span])).unwrap();
            let bit = bit.index(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(decode(&STANDARD_NO_PAD.encode(&bytes)), None);
        }
    }

    #[test]
    fn a_newer_version_is_refused() {
        let mut bytes = vec![VERSION + 1, 0];
        let check = fnv1a(&bytes);
        bytes.extend_from_slice(&check.to_le_bytes());
        assert_eq!(decode(&STANDARD_NO_PAD.encode(&bytes)), None);
    }

    #[test]
    fn a_constant_block_is_small() {
        let end = BlockEnd { step: 5, seq: 9, value: 1e-3 };
        let values = ValueCounts { finite: Some((1e-3, 1e-3)), ..ValueCounts::default() };
        let block = Block { rows: BLOCK_ROWS as u32, first: end, last: end, values };
        let mut bytes = Vec::new();
        put_block(&mut bytes, &block, (4, 8));
        assert_eq!(bytes.len(), 1 + 4 + 8);
    }
}
