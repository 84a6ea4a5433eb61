//! All points of a run as one Parquet file, for other programs.

use std::{borrow::Borrow, io, sync::Arc};

use parquet::{
    data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type},
    errors::ParquetError,
    file::writer::{SerializedFileWriter, SerializedRowGroupWriter},
};

use crate::{
    RunId,
    format::{
        part_properties::{self, Out},
        part_schema,
    },
    read::{Points, Row, Series},
};

/// A row group ends at the first metric's end from here on …
const GROUP_ROWS: usize = 64 * 1_024;

/// … and here at the latest, so that little of it is in memory.
const MAX_GROUP_ROWS: usize = 1 << 18;

/// Rows that are turned into columns at once.
const BATCH_ROWS: usize = 4_096;

/// Some rows of one metric.
type Rows = (String, Vec<Row>);

impl Points {
    /// Writes the points of a run as one Parquet file, as [`write_parquet`] does.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_parquet(&self, run: &RunId, out: impl io::Write + Send) -> io::Result<()> {
        write_parquet(&self.series, run, out)
    }
}

/// Writes rows of a run, such as its [stream](crate::read::RunReader::stream), as one Parquet file
/// with the columns that the store's own parts have: `run`, `key`, `step`, `time`, `value`,
/// `writer`, `seq`. A step of 2^63 or more keeps its bits, which other programs see as a negative
/// number.
///
/// # Errors
/// If it cannot be written.
pub fn write_parquet(
    rows: impl IntoIterator<Item = impl Borrow<Series>>,
    run: &RunId,
    mut out: impl io::Write + Send,
) -> io::Result<()> {
    let write = || {
        let mut file = GroupWriter::new(run, &mut out)?;
        for series in rows {
            let Series { metric, rows, .. } = series.borrow();
            file.add(metric, rows)?;
        }
        file.close()
    };
    write().map_err(|error: ParquetError| match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other),
        },
        error => io::Error::other(error),
    })
}

/// Collects rows until they are a row group.
struct GroupWriter<'a> {
    run: &'a RunId,
    file: SerializedFileWriter<Out<'a>>,
    group: Vec<Rows>,
    len: usize,
}

impl<'a> GroupWriter<'a> {
    fn new(run: &'a RunId, out: Out<'a>) -> Result<Self, ParquetError> {
        let properties = Arc::new(part_properties::properties()?);
        let file = SerializedFileWriter::new(out, part_schema::schema()?, properties)?;
        Ok(Self { run, file, group: Vec::new(), len: 0 })
    }

    fn add(&mut self, metric: &str, mut rows: &[Row]) -> Result<(), ParquetError> {
        let goes_on = self.group.last().is_some_and(|(last, _)| last == metric);
        if !goes_on && self.len >= GROUP_ROWS {
            self.write_group()?;
        }
        while !rows.is_empty() {
            if self.len == MAX_GROUP_ROWS {
                self.write_group()?;
            }
            let (now, later) = rows.split_at(rows.len().min(MAX_GROUP_ROWS - self.len));
            match self.group.last_mut() {
                Some((last, known)) if last == metric => known.extend_from_slice(now),
                _ => self.group.push((metric.to_owned(), now.to_vec())),
            }
            self.len += now.len();
            rows = later;
        }
        Ok(())
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.file.next_row_group()?;
        write_group(&mut group, self.run, &self.group)?;
        group.close()?;
        self.group.clear();
        self.len = 0;
        Ok(())
    }

    fn close(mut self) -> Result<(), ParquetError> {
        if self.len > 0 {
            self.write_group()?;
        }
        self.file.close()?;
        Ok(())
    }
}

/// Writes a row group, its columns one after the other.
fn write_group(
    group: &mut SerializedRowGroupWriter<'_, Out<'_>>,
    run: &RunId,
    rows: &[Rows],
) -> Result<(), ParquetError> {
    let run = ByteArray::from(run.as_str());
    write_texts(group, rows, |_| run.clone())?;
    write_texts(group, rows, |metric| ByteArray::from(metric))?;
    // Bits that make a huge step negative are kept.
    write_numbers::<Int64Type>(group, rows, |row| row.step.0.cast_signed())?;
    write_numbers::<Int64Type>(group, rows, |row| row.time.as_micros())?;
    write_numbers::<DoubleType>(group, rows, |row| row.value)?;
    write_numbers::<Int32Type>(group, rows, |row| row.writer.number().cast_signed())?;
    write_numbers::<Int64Type>(group, rows, |row| row.seq.cast_signed())
}

fn write_texts(
    group: &mut SerializedRowGroupWriter<'_, Out<'_>>,
    rows: &[Rows],
    text: impl Fn(&str) -> ByteArray,
) -> Result<(), ParquetError> {
    let mut column = group.next_column()?.ok_or_else(other_columns)?;
    for (metric, rows) in rows {
        let text = text(metric);
        for rows in rows.chunks(BATCH_ROWS) {
            let batch = vec![text.clone(); rows.len()];
            column.typed::<ByteArrayType>().write_batch(&batch, None, None)?;
        }
    }
    column.close()
}

fn write_numbers<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Out<'_>>,
    rows: &[Rows],
    number: impl Fn(&Row) -> T::T,
) -> Result<(), ParquetError> {
    let mut column = group.next_column()?.ok_or_else(other_columns)?;
    for rows in rows.iter().flat_map(|(_, rows)| rows.chunks(BATCH_ROWS)) {
        let batch: Vec<T::T> = rows.iter().map(&number).collect();
        column.typed::<T>().write_batch(&batch, None, None)?;
    }
    column.close()
}

fn other_columns() -> ParquetError {
    ParquetError::General("the schema has other columns".into())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use parquet::{
        file::reader::{FileReader, SerializedFileReader},
        record::Field,
    };

    use crate::{Tracker as _, format::part_schema::COLUMNS, init, read::RunReader};

    #[test]
    fn every_point_reads_back_bit_for_bit_under_the_columns_of_a_part() {
        let folder = tempfile::tempdir().unwrap();
        let run = init("parquet").dir(folder.path()).signals(false).start().unwrap();
        let values = [0.1, -0.0, 5e-324, f64::MAX, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        for (step, value) in [0, 1, 1 << 53, u64::MAX].iter().zip(values.iter().cycle()) {
            run.log_at(*step, [("a", *value), ("b/c", 1.0)]);
        }
        for step in 0..70_000_u64 {
            run.log_at(step, [("many", step as f64), ("more", -1.0)]);
        }
        run.flush(Duration::from_secs(30)).unwrap();
        let reader = RunReader::open(run.path()).unwrap();
        let points = reader.points().unwrap();
        let mut bytes = Vec::new();
        points.write_parquet(run.id(), &mut bytes).unwrap();
        run.finish().unwrap();

        let file = SerializedFileReader::new(Bytes::from(bytes)).unwrap();
        assert_eq!(file.num_row_groups(), 2);
        let mut rows = file.get_row_iter(None).unwrap();
        for series in &points.series {
            for wanted in &series.rows {
                let read = rows.next().unwrap().unwrap();
                let columns: Vec<(&String, &Field)> = read.get_column_iter().collect();
                assert!(columns.iter().map(|(name, _)| name.as_str()).eq(COLUMNS));
                let [run_id, key, step, time, value, writer, seq] =
                    <[_; 7]>::try_from(columns).unwrap().map(|(_, field)| field.clone());
                assert_eq!(run_id, Field::Str(run.id().to_string()));
                assert_eq!(key, Field::Str(series.metric.clone()));
                assert_eq!(step, Field::Long(wanted.step.0.cast_signed()));
                assert_eq!(time, Field::TimestampMicros(wanted.time.as_micros()));
                let Field::Double(value) = value else { panic!("{value}") };
                assert_eq!(value.to_bits(), wanted.value.to_bits());
                assert_eq!(writer, Field::Int(wanted.writer.number().cast_signed()));
                assert_eq!(seq, Field::Long(wanted.seq.cast_signed()));
            }
        }
        assert!(rows.next().is_none());
    }
}
