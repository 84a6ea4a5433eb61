//! The columns of a part, decoded as far as they are asked for.

use std::{ops::Range, sync::Arc};

use parquet::{
    column::reader::ColumnReaderImpl,
    data_type::{DataType, DoubleType, Int64Type},
    errors::{ParquetError, Result},
    file::serialized_reader::SerializedPageReader,
};

use crate::{
    Step, Timestamp, Writer,
    format::block::{BLOCK_ROWS, Block, BlockEnd, ValueCounts},
    read::{
        Row,
        page_bytes::PageBytes,
        part_data::{ColumnName, PartData},
    },
};

/// How many rows are decoded at once, so that they stay in the processor's cache.
pub(crate) const CHUNK_ROWS: usize = 4 * BLOCK_ROWS;

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
    /// Empty where times are not asked for.
    times: Vec<i64>,
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

    /// The points as rows of a writer. There are none where times were not asked for.
    pub(crate) fn rows(&self, writer: Writer) -> impl Iterator<Item = Row> {
        self.times.iter().enumerate().map(move |(index, time)| {
            let PartPoint { step, seq, value } = self.point(index);
            Row { step: Step(step), time: Timestamp(*time), value, writer, seq }
        })
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

/// The points of a row group, read forwards.
pub(crate) struct Scan {
    /// The row group.
    pub(crate) group: usize,
    /// The row that is read next.
    pub(crate) next: usize,
    steps: Column<Int64Type>,
    seqs: Column<Int64Type>,
    values: Column<DoubleType>,
    /// `None` where times are not asked for.
    times: Option<Column<Int64Type>>,
}

impl Scan {
    /// Goes to a row of a row group.
    pub(crate) fn open(data: &PartData, group: usize, row: usize, timed: bool) -> Result<Self> {
        let times = || Column::open(data, group, ColumnName::Time, row);
        Ok(Self {
            group,
            next: row,
            steps: Column::open(data, group, ColumnName::Step, row)?,
            seqs: Column::open(data, group, ColumnName::Seq, row)?,
            values: Column::open(data, group, ColumnName::Value, row)?,
            times: timed.then(times).transpose()?,
        })
    }

    /// Leaves out all rows before `row`, which must not be behind.
    pub(crate) fn skip_to(&mut self, row: usize) -> Result<()> {
        let count = row.saturating_sub(self.next);
        if count > 0 {
            self.steps.skip(count)?;
            self.seqs.skip(count)?;
            self.values.skip(count)?;
            self.times.as_mut().map_or(Ok(()), |times| times.skip(count))?;
            self.next += count;
        }
        Ok(())
    }

    /// Puts the next points, at most `count`, in place of what `points` holds. None when there
    /// are no more.
    pub(crate) fn read(&mut self, points: &mut Points, count: usize) -> Result<()> {
        self.steps.read(&mut points.steps, count)?;
        self.seqs.read(&mut points.seqs, count)?;
        self.values.read(&mut points.values, count)?;
        points.times.clear();
        if let Some(times) = &mut self.times {
            times.read(&mut points.times, count)?;
        }
        self.next += points.len();
        Ok(())
    }
}

/// The rows of a column in a row group, read forwards.
pub(crate) struct Column<T: DataType> {
    column: ColumnReaderImpl<T>,
    left: usize,
}

impl<T: DataType> Column<T> {
    /// Goes to a row. Pages before it are skipped.
    pub(crate) fn open(
        data: &PartData,
        group: usize,
        column: ColumnName,
        row: usize,
    ) -> Result<Self> {
        let chunk = data.column(group, column)?;
        let descriptor = chunk.meta.column_descr_ptr();
        if descriptor.physical_type() != T::get_physical_type() {
            let name = descriptor.name();
            return Err(ParquetError::General(format!("the column `{name}` is of another type")));
        }
        let rows = data.rows(group);
        let pages = chunk.pages.clone();
        let file = PageBytes { file: Arc::clone(&data.file), are_located: pages.is_some() };
        let pages = SerializedPageReader::new(Arc::new(file), &chunk.meta, rows, pages)?;
        let column = ColumnReaderImpl::new(descriptor, Box::new(pages));
        let mut column = Self { column, left: rows };
        column.skip(row)?;
        Ok(column)
    }

    fn skip(&mut self, count: usize) -> Result<()> {
        if count > self.left || self.column.skip_records(count)? < count {
            return Err(too_short());
        }
        self.left -= count;
        Ok(())
    }

    /// Puts the next rows, at most `count`, in place of what `values` holds.
    pub(crate) fn read(&mut self, values: &mut Vec<T::T>, count: usize) -> Result<()> {
        values.clear();
        let wanted = count.min(self.left);
        while values.len() < wanted {
            let missing = wanted - values.len();
            let (records, ..) = self.column.read_records(missing, None, None, values)?;
            if records == 0 {
                return Err(too_short());
            }
        }
        self.left -= wanted;
        Ok(())
    }
}

fn too_short() -> ParquetError {
    ParquetError::EOF("a column has fewer rows than its group".into())
}
