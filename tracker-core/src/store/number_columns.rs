//! The columns `step`, `time`, `value` and `seq` of one row group, written side by side.
//!
//! Parquet wants columns one after the other. Their pages wait in memory, compressed, so that rows
//! need not be looked up once for each column.

use bytes::Bytes;
use parquet::{
    column::writer::{ColumnCloseResult, ColumnWriterImpl},
    data_type::{DataType, DoubleType, Int64Type},
    errors::ParquetError,
    file::{
        properties::WriterPropertiesPtr,
        writer::{SerializedPageWriter, TrackedWrite},
    },
    schema::types::ColumnDescPtr,
};

use crate::{
    format::block::{Block, BlockEnd, ValueCounts},
    store::sorted_log::Row,
};

/// A column's pages, and what the footer says of them.
pub(crate) type Column = (Bytes, ColumnCloseResult);

/// Where the pages of one column go.
type Sink = TrackedWrite<Vec<u8>>;

/// The columns of a row group, in the order step, time, value, seq.
pub(crate) struct Numbers {
    columns: [ColumnDescPtr; 4],
    properties: WriterPropertiesPtr,
}

impl Numbers {
    pub(crate) fn new(columns: [ColumnDescPtr; 4], properties: &WriterPropertiesPtr) -> Self {
        Self { columns, properties: properties.clone() }
    }

    /// Encodes what `write` writes.
    pub(crate) fn encode(
        self,
        write: impl FnOnce(&mut Writers<'_>) -> Result<(), ParquetError>,
    ) -> Result<[Column; 4], ParquetError> {
        let mut sinks = [(); 4].map(|()| Sink::new(Vec::new()));
        let [step, time, value, seq] = {
            let [step, time, value, seq] = &mut sinks;
            let [step_column, time_column, value_column, seq_column] = self.columns;
            let properties = &self.properties;
            let mut writers = Writers {
                step: writer(step_column, properties, step),
                time: writer(time_column, properties, time),
                value: writer(value_column, properties, value),
                seq: writer(seq_column, properties, seq),
            };
            write(&mut writers)?;
            writers.close()?
        };
        let [step_pages, time_pages, value_pages, seq_pages] = sinks;
        Ok([
            (step_pages.into_inner()?.into(), step),
            (time_pages.into_inner()?.into(), time),
            (value_pages.into_inner()?.into(), value),
            (seq_pages.into_inner()?.into(), seq),
        ])
    }
}

fn writer<'a, T: DataType>(
    column: ColumnDescPtr,
    properties: &WriterPropertiesPtr,
    sink: &'a mut Sink,
) -> ColumnWriterImpl<'a, T> {
    let pages = Box::new(SerializedPageWriter::new(sink));
    ColumnWriterImpl::new(column, properties.clone(), pages)
}

/// The columns while they are written.
pub(crate) struct Writers<'a> {
    step: ColumnWriterImpl<'a, Int64Type>,
    time: ColumnWriterImpl<'a, Int64Type>,
    value: ColumnWriterImpl<'a, DoubleType>,
    seq: ColumnWriterImpl<'a, Int64Type>,
}

impl Writers<'_> {
    pub(crate) fn write(&mut self, batch: &Batch) -> Result<(), ParquetError> {
        self.step.write_batch(&batch.steps, None, None)?;
        self.time.write_batch(&batch.times, None, None)?;
        self.value.write_batch(&batch.values, None, None)?;
        self.seq.write_batch(&batch.seqs, None, None)?;
        Ok(())
    }

    fn close(self) -> Result<[ColumnCloseResult; 4], ParquetError> {
        Ok([self.step.close()?, self.time.close()?, self.value.close()?, self.seq.close()?])
    }
}

/// The numbers of some rows of one metric, column by column.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    steps: Vec<i64>,
    times: Vec<i64>,
    values: Vec<f64>,
    seqs: Vec<i64>,
}

impl Batch {
    /// Takes these rows in place of those that it has.
    pub(crate) fn fill<'a>(&mut self, rows: impl ExactSizeIterator<Item = Row<'a>>) {
        let len = rows.len();
        self.steps.resize(len, 0);
        self.times.resize(len, 0);
        self.values.resize(len, 0.0);
        self.seqs.resize(len, 0);
        let numbers = self.steps.iter_mut().zip(&mut self.times);
        let numbers = numbers.zip(self.values.iter_mut().zip(&mut self.seqs));
        for (row, ((step, time), (value, seq))) in rows.zip(numbers) {
            // Bits that make a huge step negative are kept.
            *step = row.step().cast_signed();
            *time = row.time();
            *value = row.value();
            *seq = row.seq.cast_signed();
        }
    }

    /// What the rows hold, as one block; `None` without rows.
    pub(crate) fn block(&self) -> Option<Block> {
        let end = |at: usize| {
            Some(BlockEnd {
                step: self.steps.get(at)?.cast_unsigned(),
                seq: self.seqs.get(at)?.cast_unsigned(),
                value: *self.values.get(at)?,
            })
        };
        Some(Block {
            rows: self.values.len() as u32,
            first: end(0)?,
            last: end(self.values.len() - 1)?,
            values: ValueCounts::of(&self.values),
        })
    }
}
