//! All points of a run as one Parquet file, for other programs.

use std::{io, sync::Arc};

use parquet::{
    data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type},
    errors::ParquetError,
    file::writer::{SerializedFileWriter, SerializedRowGroupWriter},
};

use crate::{
    RunId,
    format::part_schema,
    read::{Points, Row},
    store::parquet_properties,
};

/// A row group ends at the first metric's end from here on …
const GROUP_ROWS: usize = 64 * 1_024;

/// … and here at the latest.
const MAX_GROUP_ROWS: usize = 1 << 20;

/// Rows that are turned into columns at once.
const BATCH_ROWS: usize = 4_096;

/// Some rows of one metric.
type Rows<'a> = (&'a str, &'a [Row]);

impl Points {
    /// Writes the points of a run as one Parquet file with the columns that the store's own parts
    /// have: `run`, `key`, `step`, `time`, `value`, `writer`, `seq`. A step of 2^63 or more keeps
    /// its bits, which other programs see as a negative number.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_parquet(&self, run: &RunId, out: impl io::Write + Send) -> io::Result<()> {
        self.write(run, out).map_err(|error| match error {
            ParquetError::External(inner) => match inner.downcast::<io::Error>() {
                Ok(error) => *error,
                Err(other) => io::Error::other(other),
            },
            error => io::Error::other(error),
        })
    }

    fn write(&self, run: &RunId, out: impl io::Write + Send) -> Result<(), ParquetError> {
        let properties = Arc::new(parquet_properties()?);
        let mut file = SerializedFileWriter::new(out, part_schema::schema()?, properties)?;
        for rows in self.groups() {
            let mut group = file.next_row_group()?;
            write_group(&mut group, run, &rows)?;
            group.close()?;
        }
        file.close()?;
        Ok(())
    }

    /// The metrics as row groups: those that follow one another, until they are enough.
    fn groups(&self) -> Vec<Vec<Rows<'_>>> {
        let mut groups = Vec::new();
        let mut group: Vec<Rows<'_>> = Vec::new();
        let mut len = 0;
        for series in &self.series {
            for rows in series.rows.chunks(MAX_GROUP_ROWS) {
                if len + rows.len() > MAX_GROUP_ROWS {
                    groups.push(std::mem::take(&mut group));
                    len = 0;
                }
                len += rows.len();
                group.push((&series.metric, rows));
            }
            if len >= GROUP_ROWS {
                groups.push(std::mem::take(&mut group));
                len = 0;
            }
        }
        groups.extend(Some(group).filter(|group| !group.is_empty()));
        groups
    }
}

/// Writes a row group, its columns one after the other.
fn write_group<W: io::Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    run: &RunId,
    rows: &[Rows<'_>],
) -> Result<(), ParquetError> {
    let run = ByteArray::from(run.as_str());
    write_texts(group, rows, |_| run.clone())?;
    write_texts(group, rows, |metric| ByteArray::from(metric))?;
    // Bits that make a huge step negative are kept.
    write_numbers::<_, Int64Type>(group, rows, |row| row.step.0.cast_signed())?;
    write_numbers::<_, Int64Type>(group, rows, |row| row.time.as_micros())?;
    write_numbers::<_, DoubleType>(group, rows, |row| row.value)?;
    write_numbers::<_, Int32Type>(group, rows, |row| row.writer.number().cast_signed())?;
    write_numbers::<_, Int64Type>(group, rows, |row| row.seq.cast_signed())
}

fn write_texts<W: io::Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    rows: &[Rows<'_>],
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

fn write_numbers<W: io::Write + Send, T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    rows: &[Rows<'_>],
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
    use bytes::Bytes;
    use parquet::{
        file::reader::{FileReader, SerializedFileReader},
        record::Field,
    };

    use crate::{format::part_schema::COLUMNS, init, read::RunReader};

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
