//! Reads Parquet parts.

use std::{collections::BTreeMap, fs::File, path::Path};

use parquet::{
    column::reader::{ColumnReaderImpl, get_typed_column_reader},
    data_type::{ByteArrayType, DataType, DoubleType, Int32Type, Int64Type},
    errors::{ParquetError, Result},
    file::{
        reader::{FileReader, RowGroupReader, SerializedFileReader},
        statistics::Statistics,
    },
};

use crate::{
    Step, Timestamp, Writer,
    format::part_schema::{COLUMNS, SUMMARY_KEY},
    read::Row,
    summary::Accumulator,
};

/// The rows of a part by metric: all of them, or those of one metric.
pub(crate) fn rows(path: &Path, only: Option<&str>) -> Result<BTreeMap<String, Vec<Row>>> {
    let reader = SerializedFileReader::new(File::open(path)?)?;
    let mut metrics: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for index in 0..reader.num_row_groups() {
        let group = reader.get_row_group(index)?;
        let columns = Columns::of(&*group)?;
        if only.is_some_and(|metric| columns.cannot_hold(&*group, metric)) {
            continue;
        }
        for (metric, span) in columns.metrics(&*group)? {
            if only.is_none_or(|only| only == metric) {
                metrics.entry(metric).or_default().extend(columns.rows(&*group, &span)?);
            }
        }
    }
    Ok(metrics)
}

/// Each metric's summary over a part, from its footer.
pub(crate) fn summary(path: &Path) -> Result<BTreeMap<String, Accumulator>> {
    let reader = SerializedFileReader::new(File::open(path)?)?;
    let entries = reader.metadata().file_metadata().key_value_metadata();
    let entry = entries.and_then(|entries| entries.iter().find(|entry| entry.key == SUMMARY_KEY));
    let missing = || ParquetError::General(format!("the footer has no `{SUMMARY_KEY}`"));
    let text = entry.and_then(|entry| entry.value.as_deref()).ok_or_else(missing)?;
    serde_json::from_str(text).map_err(|error| ParquetError::External(error.into()))
}

/// Where rows of one metric begin in a row group, and how many there are.
struct Span {
    start: usize,
    len: usize,
}

/// Where each of the columns stands, found by name.
struct Columns {
    key: usize,
    step: usize,
    time: usize,
    value: usize,
    writer: usize,
    seq: usize,
}

impl Columns {
    fn of(group: &dyn RowGroupReader) -> Result<Self> {
        let schema = group.metadata().schema_descr();
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

    /// Whether the group's statistics rule a metric out.
    fn cannot_hold(&self, group: &dyn RowGroupReader, metric: &str) -> bool {
        let Some(Statistics::ByteArray(keys)) = group.metadata().column(self.key).statistics()
        else {
            return false;
        };
        let metric = metric.as_bytes();
        let below = keys.min_opt().is_some_and(|min| metric < min.data());
        let above = keys.max_opt().is_some_and(|max| metric > max.data());
        // Long keys are cut in statistics, which makes the bounds wider, never narrower.
        below || above
    }

    /// The metrics of a group in their order, each with its span of rows.
    fn metrics(&self, group: &dyn RowGroupReader) -> Result<Vec<(String, Span)>> {
        let count = row_count(group);
        let keys = read::<ByteArrayType>(group, self.key, &Span { start: 0, len: count })?;
        let mut metrics: Vec<(String, Span)> = Vec::new();
        let mut start = 0;
        for run in keys.chunk_by(|a, b| a == b) {
            let name = run.first().map_or("", |key| key.as_utf8().unwrap_or(""));
            metrics.push((name.to_owned(), Span { start, len: run.len() }));
            start += run.len();
        }
        Ok(metrics)
    }

    fn rows(&self, group: &dyn RowGroupReader, span: &Span) -> Result<Vec<Row>> {
        let steps = read::<Int64Type>(group, self.step, span)?;
        let times = read::<Int64Type>(group, self.time, span)?;
        let values = read::<DoubleType>(group, self.value, span)?;
        let writers = read::<Int32Type>(group, self.writer, span)?;
        let seqs = read::<Int64Type>(group, self.seq, span)?;
        let row = |index: usize| Row {
            step: Step(steps[index].cast_unsigned()),
            time: Timestamp(times[index]),
            value: values[index],
            writer: Writer::from_number(writers[index].cast_unsigned()),
            seq: seqs[index].cast_unsigned(),
        };
        // `read` gives exactly as many values as the span has rows.
        Ok((0..span.len).map(row).collect())
    }
}

fn row_count(group: &dyn RowGroupReader) -> usize {
    usize::try_from(group.metadata().num_rows()).unwrap_or(0)
}

fn read<T: DataType>(group: &dyn RowGroupReader, column: usize, span: &Span) -> Result<Vec<T::T>> {
    let mut reader: ColumnReaderImpl<T> = get_typed_column_reader(group.get_column_reader(column)?);
    reader.skip_records(span.start)?;
    let mut values = Vec::with_capacity(span.len);
    while values.len() < span.len {
        let (records, ..) =
            reader.read_records(span.len - values.len(), None, None, &mut values)?;
        if records == 0 {
            return Err(ParquetError::EOF("a column has fewer rows than its group".into()));
        }
    }
    values.truncate(span.len);
    Ok(values)
}
