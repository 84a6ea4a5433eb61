//! Where the rows of each metric are in a part whose footer does not say so: found out by decoding
//! all of it once.

use std::ops::Range;

use parquet::{
    data_type::{ByteArray, ByteArrayType, Int32Type},
    errors::{ParquetError, Result},
};

use crate::{
    MAX_METRIC_NAME, Writer,
    format::{
        block::{BLOCK_ROWS, Block},
        part_index::Span,
    },
    read::{
        part_columns::{CHUNK_ROWS, Column, Points, Scan},
        part_data::{ColumnName, PartData},
    },
};

/// The most stretches of rows of one metric and writer. A part that has more is in another order
/// than that of its metrics, and to know where all of them are would take too much memory.
const MAX_SPANS: usize = 1 << 18;

/// The spans of all rows, in the order of the rows.
///
/// # Errors
/// If a column cannot be decoded, or metrics are longer or more than a part may have.
pub(crate) fn spans(data: &PartData) -> Result<Vec<Span>> {
    let mut spans = Vec::new();
    for group in 0..data.groups() {
        Group { number: group, spans: &mut spans, is_begun: false }.read(data)?;
    }
    Ok(spans)
}

/// The spans of one row group while they are found.
struct Group<'a> {
    number: usize,
    spans: &'a mut Vec<Span>,
    /// Whether the last of the spans is of this group, and may go on.
    is_begun: bool,
}

impl Group<'_> {
    fn read(&mut self, data: &PartData) -> Result<()> {
        let mut keys = Column::<ByteArrayType>::open(data, self.number, ColumnName::Key, 0)?;
        let mut writers = Column::<Int32Type>::open(data, self.number, ColumnName::Writer, 0)?;
        let mut scan = Scan::open(data, self.number, 0, false)?;
        let (mut key_chunk, mut writer_chunk) = (Vec::new(), Vec::new());
        let mut points = Points::default();
        loop {
            let first_row = scan.next;
            keys.read(&mut key_chunk, CHUNK_ROWS)?;
            writers.read(&mut writer_chunk, CHUNK_ROWS)?;
            scan.read(&mut points, CHUNK_ROWS)?;
            if points.len() == 0 {
                return Ok(());
            }
            if key_chunk.iter().any(|key| key.len() > MAX_METRIC_NAME) {
                let reason = format!("a metric's name is longer than {MAX_METRIC_NAME} bytes");
                return Err(ParquetError::General(reason));
            }
            let owners: Vec<(&ByteArray, &i32)> = key_chunk.iter().zip(&writer_chunk).collect();
            let mut start = 0;
            for owned in owners.chunk_by(|a, b| a == b) {
                let Some((key, writer)) = owned.first() else { continue };
                let writer = Writer::from_number(writer.cast_unsigned());
                self.go_on(key.as_utf8()?, writer, first_row + start)?;
                self.add(&points, start..start + owned.len());
                start += owned.len();
            }
        }
    }

    /// Begins a span, unless the last one is of the same metric and writer.
    fn go_on(&mut self, metric: &str, writer: Writer, first_row: usize) -> Result<()> {
        let last = self.spans.last().filter(|_| self.is_begun);
        if last.is_some_and(|last| last.metric == metric && last.writer == writer) {
            return Ok(());
        }
        if self.spans.len() == MAX_SPANS {
            let reason = format!("its rows change more than {MAX_SPANS} times between metrics");
            return Err(ParquetError::General(reason));
        }
        let (metric, group) = (metric.to_owned(), self.number);
        self.spans.push(Span { metric, writer, group, first_row, blocks: Vec::new() });
        self.is_begun = true;
        Ok(())
    }

    /// Adds points to the blocks of the last span, of which all but the last are full.
    fn add(&mut self, points: &Points, mut range: Range<usize>) {
        let Some(span) = self.spans.last_mut() else { return };
        while !range.is_empty() {
            let open = span.blocks.last_mut().filter(|last| (last.rows as usize) < BLOCK_ROWS);
            let room = BLOCK_ROWS - open.as_ref().map_or(0, |open| open.rows as usize);
            let end = range.end.min(range.start + room);
            let Some(more) = points.block(range.start..end) else { return };
            match open {
                Some(open) => open.merge(&more),
                None => span.blocks.push(more),
            }
            range.start = end;
        }
    }
}

impl Block {
    /// Makes this the block of its rows and those of another one.
    fn merge(&mut self, other: &Self) {
        if (other.first.step, other.first.seq) < (self.first.step, self.first.seq) {
            self.first = other.first;
        }
        if (other.last.step, other.last.seq) > (self.last.step, self.last.seq) {
            self.last = other.last;
        }
        self.rows += other.rows;
        self.values.merge(&other.values);
    }
}
