//! The columns of a part, decoded as far as they are asked for.

use std::ops::Range;

use parquet::{
    column::reader::ColumnReaderImpl,
    data_type::{ByteArrayType, DataType, DoubleType, Int32Type, Int64Type},
    errors::{ParquetError, Result},
    file::{reader::FileReader, serialized_reader::SerializedFileReader},
    schema::types::SchemaDescriptor,
};

use crate::{
    Writer,
    format::{
        block::{BLOCK_ROWS, Block, BlockEnd, ValueCounts},
        part_index::Span,
        part_schema::COLUMNS,
    },
    read::part_file::PartFile,
};

/// How many rows are decoded at once.
pub(crate) const CHUNK_ROWS: usize = 16 * BLOCK_ROWS;

/// Where each of the columns stands, found by name.
#[derive(Debug)]
pub(crate) struct Columns {
    key: usize,
    step: usize,
    time: usize,
    value: usize,
    writer: usize,
    seq: usize,
}

/// One point of a known metric and writer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PartPoint {
    pub(crate) step: u64,
    pub(crate) seq: u64,
    pub(crate) value: f64,
}

/// Some points of one metric and writer, column by column and as many in each.
#[derive(Debug, Default)]
pub(crate) struct Points {
    steps: Vec<i64>,
    seqs: Vec<i64>,
    values: Vec<f64>,
}

impl Points {
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    pub(crate) fn step(&self, index: usize) -> u64 {
        self.steps[index].cast_unsigned()
    }

    pub(crate) fn point(&self, index: usize) -> PartPoint {
        PartPoint {
            step: self.step(index),
            seq: self.seqs[index].cast_unsigned(),
            value: self.values[index],
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = PartPoint> {
        (0..self.len()).map(|index| self.point(index))
    }

    /// What some of the points are, as one block; `None` without any. They may be in any order of
    /// steps.
    pub(crate) fn block(&self, range: Range<usize>) -> Option<Block> {
        let order = |index: &usize| (self.step(*index), self.seqs[*index].cast_unsigned());
        let end = |index: usize| {
            let PartPoint { step, seq, value } = self.point(index);
            BlockEnd { step, seq, value }
        };
        let (first, last) = if range.clone().is_sorted_by_key(|index| order(&index)) {
            (range.start, range.end.checked_sub(1)?)
        } else {
            (range.clone().min_by_key(order)?, range.clone().max_by_key(order)?)
        };
        let values = self.values.get(range.clone()).filter(|values| !values.is_empty())?;
        Some(Block {
            rows: range.len() as u32,
            first: end(first),
            last: end(last),
            values: ValueCounts::of(values),
        })
    }
}

type Reader = SerializedFileReader<PartFile>;

impl Columns {
    pub(crate) fn find(schema: &SchemaDescriptor) -> Result<Self> {
        let find = |name: &str| {
            let found = schema.columns().iter().position(|column| column.name() == name);
            found.ok_or_else(|| ParquetError::General(format!("there is no column `{name}`")))
        };
        let [_, key, step, time, value, writer, seq] = COLUMNS;
        Ok(Self {
            key: find(key)?,
            step: find(step)?,
            time: find(time)?,
            value: find(value)?,
            writer: find(writer)?,
            seq: find(seq)?,
        })
    }

    /// Some rows of a span, counted within it, a chunk at a time.
    pub(crate) fn points(
        &self,
        reader: &Reader,
        span: &Span,
        rows: Range<usize>,
    ) -> Result<PointReader> {
        let rows = rows.start + span.first_row..rows.end + span.first_row;
        Ok(PointReader {
            steps: Column::open(reader, span.group, self.step, &rows)?,
            seqs: Column::open(reader, span.group, self.seq, &rows)?,
            values: Column::open(reader, span.group, self.value, &rows)?,
        })
    }

    /// The times of the same rows.
    pub(crate) fn times(
        &self,
        reader: &Reader,
        span: &Span,
        rows: &Range<usize>,
    ) -> Result<Column<Int64Type>> {
        let rows = rows.start + span.first_row..rows.end + span.first_row;
        Column::open(reader, span.group, self.time, &rows)
    }

    /// Finds out by decoding where the rows of each metric and writer are and what they hold.
    pub(crate) fn spans(&self, reader: &Reader) -> Result<Vec<Span>> {
        let mut spans = Vec::new();
        for group in 0..reader.num_row_groups() {
            let count = reader.metadata().row_group(group).num_rows();
            let rows = 0..usize::try_from(count).unwrap_or(0);
            let keys = Column::<ByteArrayType>::open(reader, group, self.key, &rows)?.read_all()?;
            let writers =
                Column::<Int32Type>::open(reader, group, self.writer, &rows)?.read_all()?;
            let mut first_row = 0;
            let owners: Vec<_> = keys.iter().zip(&writers).collect();
            for owned in owners.chunk_by(|a, b| a == b) {
                let Some((key, writer)) = owned.first() else { continue };
                let mut span = Span {
                    metric: key.as_utf8()?.to_owned(),
                    writer: Writer::from_number(writer.cast_unsigned()),
                    group,
                    first_row,
                    blocks: Vec::new(),
                };
                span.blocks = self.blocks(reader, &span, owned.len())?;
                first_row += owned.len();
                spans.push(span);
            }
        }
        Ok(spans)
    }

    fn blocks(&self, reader: &Reader, span: &Span, rows: usize) -> Result<Vec<Block>> {
        let mut blocks = Vec::new();
        let mut points = Points::default();
        let mut reader = self.points(reader, span, 0..rows)?;
        loop {
            reader.read(&mut points)?;
            if points.len() == 0 {
                return Ok(blocks);
            }
            for start in (0..points.len()).step_by(BLOCK_ROWS) {
                blocks.extend(points.block(start..points.len().min(start + BLOCK_ROWS)));
            }
        }
    }
}

/// Reads points in chunks that stay in the processor's cache.
pub(crate) struct PointReader {
    steps: Column<Int64Type>,
    seqs: Column<Int64Type>,
    values: Column<DoubleType>,
}

impl PointReader {
    /// Puts the next chunk in place of what `points` holds. No points when there are no more.
    pub(crate) fn read(&mut self, points: &mut Points) -> Result<()> {
        self.steps.read(&mut points.steps, CHUNK_ROWS)?;
        self.seqs.read(&mut points.seqs, CHUNK_ROWS)?;
        self.values.read(&mut points.values, CHUNK_ROWS)
    }
}

/// Some rows of a column.
pub(crate) struct Column<T: DataType> {
    column: ColumnReaderImpl<T>,
    left: usize,
}

impl<T: DataType> Column<T> {
    /// Goes to some rows, counted within a row group. Pages before them are skipped.
    fn open(reader: &Reader, group: usize, column: usize, rows: &Range<usize>) -> Result<Self> {
        let group = reader.get_row_group(group)?;
        let descriptor = group.metadata().schema_descr().column(column);
        if descriptor.physical_type() != T::get_physical_type() {
            let name = descriptor.name();
            return Err(ParquetError::General(format!("the column `{name}` is of another type")));
        }
        let pages = group.get_column_page_reader(column)?;
        let mut column = ColumnReaderImpl::new(descriptor, pages);
        column.skip_records(rows.start)?;
        Ok(Self { column, left: rows.len() })
    }

    /// Puts the next rows, at most `count`, in place of what `values` holds.
    pub(crate) fn read(&mut self, values: &mut Vec<T::T>, count: usize) -> Result<()> {
        values.clear();
        let wanted = count.min(self.left);
        while values.len() < wanted {
            let missing = wanted - values.len();
            let (records, ..) = self.column.read_records(missing, None, None, values)?;
            if records == 0 {
                return Err(ParquetError::EOF("a column has fewer rows than its group".into()));
            }
        }
        self.left -= wanted;
        Ok(())
    }

    fn read_all(mut self) -> Result<Vec<T::T>> {
        // A damaged footer may claim more rows than memory holds.
        let mut values = Vec::with_capacity(self.left.min(CHUNK_ROWS));
        let mut chunk = Vec::new();
        while self.left > 0 {
            self.read(&mut chunk, CHUNK_ROWS)?;
            values.append(&mut chunk);
        }
        Ok(values)
    }
}
