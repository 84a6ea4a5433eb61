//! Turns a log into an immutable Parquet part.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::Path,
    sync::Arc,
};

use parquet::{
    basic::{Compression, Encoding, ZstdLevel},
    data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::{EnabledStatistics, WriterProperties},
        writer::{SerializedColumnWriter, SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::ColumnPath,
};

use crate::{
    Error, Problem, Result,
    error::IoContext,
    format::{
        layout::{PartName, log_first},
        log_file::LogContents,
        log_header,
        part_schema::{self, SUMMARY_KEY, VERSION, VERSION_KEY},
        slot::Slot,
    },
    store::session::Session,
    summary::Accumulator,
};

/// Rows of one page, the same in all columns, so that a reader can skip pages of all.
const PAGE_ROWS: usize = 4_096;

/// A row group ends at the first metric's end from here on …
const GROUP_ROWS: usize = 64 * 1_024;

/// … and here at the latest.
const MAX_GROUP_ROWS: usize = 1 << 20;

const HINT: &str = "check the disk's free space and the folder's permissions";

/// Writes the points of a log as a part, then deletes the log. Nothing happens to a log that is
/// gone already.
///
/// # Errors
/// If the log cannot be read or the part not be written. The log stays, and no half part does.
pub(crate) fn seal(session: &Session, log: &Path) -> Result<()> {
    let bytes = match fs::read(log) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        result => result.io_context("read", log, HINT)?,
    };
    let first = log.file_name().and_then(|name| log_first(name.to_str()?)).unwrap_or(0);
    let contents = LogContents::read(&bytes, session.writer, first).map_err(|version| {
        Error::NewerFormat { path: log.to_owned(), version, known: log_header::VERSION }
    })?;
    drop(bytes);
    if !contents.points.is_empty() {
        let last = first + contents.slots - 1;
        let part = session.paths.part(PartName { writer: session.writer, first, last });
        let folder = session.paths.scalars();
        fs::create_dir_all(&folder).io_context("create", &folder, HINT)?;
        write_part(session, &part, &contents)?;
        sync_folder(&folder)?;
    }
    if contents.damaged > 0 {
        return keep_damaged(session, log, contents.damaged);
    }
    fs::remove_file(log).io_context("remove", log, HINT)
}

/// Puts a log aside of which not all could be read, and says so.
fn keep_damaged(session: &Session, log: &Path, damaged: u64) -> Result<()> {
    let name = log.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let aside = session.paths.folder().join(format!("damaged-{}-{name}", session.writer));
    fs::rename(log, &aside).io_context("rename", log, HINT)?;
    session.problem(Problem::new(
        "damaged-log",
        format!("{damaged} records of {} could not be read", aside.display()),
        "check the disk; all other records are in the run",
    ));
    Ok(())
}

/// Makes a rename in the folder outlive the machine.
fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder).and_then(|folder| folder.sync_all()).io_context("sync", folder, HINT)
}

/// Writes a part whole or not at all: a temporary file beside it, synced, then renamed.
fn write_part(session: &Session, part: &Path, contents: &LogContents) -> Result<()> {
    let temporary = part.with_extension("parquet.tmp");
    let write = || -> std::io::Result<()> {
        let file = File::create(&temporary)?;
        encode(session, &file, &by_metric(contents))?;
        file.sync_all()?;
        fs::rename(&temporary, part)
    };
    let written = write();
    if written.is_err() {
        // A disk that is full needs the space.
        let _ = fs::remove_file(&temporary);
    }
    written.io_context("write", part, HINT)
}

/// The points of each metric by name, in the order of steps and, within a step, of storage.
fn by_metric(contents: &LogContents) -> BTreeMap<String, Vec<(u64, Slot)>> {
    let mut by_key: BTreeMap<u32, Vec<(u64, Slot)>> = BTreeMap::new();
    for point in &contents.points {
        by_key.entry(point.1.key).or_default().push(*point);
    }
    let mut metrics: BTreeMap<String, Vec<(u64, Slot)>> = BTreeMap::new();
    for (key, points) in by_key {
        metrics.entry(contents.name(key)).or_default().extend(points);
    }
    for points in metrics.values_mut() {
        if !points.is_sorted_by_key(|(seq, slot)| (slot.step, *seq)) {
            points.sort_by_key(|(seq, slot)| (slot.step, *seq));
        }
    }
    metrics
}

fn encode(
    session: &Session,
    file: &File,
    metrics: &BTreeMap<String, Vec<(u64, Slot)>>,
) -> Result<(), ParquetError> {
    let properties = Arc::new(properties(metrics, session)?);
    let mut writer = SerializedFileWriter::new(file, part_schema::schema()?, properties)?;
    let run = session.file().id.to_string();
    let mut group = RowGroup::new(&run, session.writer.number());
    for (metric, points) in metrics {
        for chunk in points.chunks(MAX_GROUP_ROWS) {
            if group.len() + chunk.len() > MAX_GROUP_ROWS {
                group.write(writer.next_row_group()?)?;
            }
            group.add(metric, chunk);
        }
        if group.len() >= GROUP_ROWS {
            group.write(writer.next_row_group()?)?;
        }
    }
    if group.len() > 0 {
        group.write(writer.next_row_group()?)?;
    }
    writer.close()?;
    Ok(())
}

fn properties(
    metrics: &BTreeMap<String, Vec<(u64, Slot)>>,
    session: &Session,
) -> Result<WriterProperties, ParquetError> {
    let column = |name: &str| ColumnPath::from(name);
    let entry = |key: &str, value: String| KeyValue::new(key.to_owned(), value);
    let summary = serde_json::to_string(&summaries(metrics, session))
        .map_err(|error| ParquetError::External(error.into()))?;
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_write_batch_size(PAGE_ROWS)
        .set_max_row_group_row_count(None)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_created_by(format!("tracker-core {}", env!("CARGO_PKG_VERSION")))
        .set_key_value_metadata(Some(vec![
            entry(VERSION_KEY, VERSION.to_owned()),
            entry(SUMMARY_KEY, summary),
        ]));
    for (name, encoding) in [
        ("step", Encoding::DELTA_BINARY_PACKED),
        ("time", Encoding::DELTA_BINARY_PACKED),
        ("value", Encoding::BYTE_STREAM_SPLIT),
        ("seq", Encoding::DELTA_BINARY_PACKED),
    ] {
        properties = properties
            .set_column_dictionary_enabled(column(name), false)
            .set_column_encoding(column(name), encoding);
    }
    Ok(properties.build())
}

fn summaries<'a>(
    metrics: &'a BTreeMap<String, Vec<(u64, Slot)>>,
    session: &Session,
) -> BTreeMap<&'a str, Accumulator> {
    let point = |(seq, slot): &(u64, Slot)| {
        Accumulator::of(f64::from_bits(slot.value), slot.step, session.writer, *seq)
    };
    let sum = |points: &[(u64, Slot)]| {
        points.iter().map(point).reduce(|mut sum, point| {
            sum.merge(&point);
            sum
        })
    };
    metrics.iter().filter_map(|(name, points)| Some((name.as_str(), sum(points)?))).collect()
}

/// Rows on their way into one row group, column by column.
struct RowGroup<'a> {
    run: ByteArray,
    writer: i32,
    metrics: Vec<(ByteArray, &'a [(u64, Slot)])>,
    rows: usize,
}

impl<'a> RowGroup<'a> {
    fn new(run: &str, writer: u32) -> Self {
        Self {
            run: ByteArray::from(run),
            writer: writer.cast_signed(),
            metrics: Vec::new(),
            rows: 0,
        }
    }

    fn len(&self) -> usize {
        self.rows
    }

    fn add(&mut self, metric: &str, points: &'a [(u64, Slot)]) {
        self.metrics.push((ByteArray::from(metric), points));
        self.rows += points.len();
    }

    fn points(&self) -> impl Iterator<Item = &'a (u64, Slot)> {
        self.metrics.iter().flat_map(|(_, points)| points.iter())
    }

    /// Writes the rows and empties the group.
    fn write(
        &mut self,
        mut group: SerializedRowGroupWriter<'_, &File>,
    ) -> Result<(), ParquetError> {
        let keys = self.metrics.iter();
        let keys = keys.flat_map(|(key, points)| std::iter::repeat_n(key.clone(), points.len()));
        let int = |value: u64| value.cast_signed();
        text(&mut group, std::iter::repeat_n(self.run.clone(), self.rows))?;
        text(&mut group, keys)?;
        integer(&mut group, self.points().map(|(_, slot)| int(slot.step)))?;
        integer(&mut group, self.points().map(|(_, slot)| slot.time))?;
        column(&mut group, |column| {
            let values = self.points().map(|(_, slot)| f64::from_bits(slot.value));
            batches(values, |batch| {
                column.typed::<DoubleType>().write_batch(batch, None, None).map(drop)
            })
        })?;
        column(&mut group, |column| {
            batches(std::iter::repeat_n(self.writer, self.rows), |batch| {
                column.typed::<Int32Type>().write_batch(batch, None, None).map(drop)
            })
        })?;
        integer(&mut group, self.points().map(|(seq, _)| int(*seq)))?;
        group.close()?;
        self.metrics.clear();
        self.rows = 0;
        Ok(())
    }
}

fn text(
    group: &mut SerializedRowGroupWriter<'_, &File>,
    values: impl Iterator<Item = ByteArray>,
) -> Result<(), ParquetError> {
    column(group, |column| {
        batches(values, |batch| {
            column.typed::<ByteArrayType>().write_batch(batch, None, None).map(drop)
        })
    })
}

fn integer(
    group: &mut SerializedRowGroupWriter<'_, &File>,
    values: impl Iterator<Item = i64>,
) -> Result<(), ParquetError> {
    column(group, |column| {
        batches(values, |batch| {
            column.typed::<Int64Type>().write_batch(batch, None, None).map(drop)
        })
    })
}

fn column(
    group: &mut SerializedRowGroupWriter<'_, &File>,
    write: impl FnOnce(&mut SerializedColumnWriter<'_>) -> Result<(), ParquetError>,
) -> Result<(), ParquetError> {
    let missing = || ParquetError::General("the schema has fewer columns than a row".into());
    let mut column = group.next_column()?.ok_or_else(missing)?;
    write(&mut column)?;
    column.close()
}

/// Hands values on in slices of one page, so that pages end at the same rows in all columns.
fn batches<T>(
    mut values: impl Iterator<Item = T>,
    mut write: impl FnMut(&[T]) -> Result<(), ParquetError>,
) -> Result<(), ParquetError> {
    let mut batch = Vec::with_capacity(PAGE_ROWS);
    loop {
        batch.clear();
        batch.extend(values.by_ref().take(PAGE_ROWS));
        if batch.is_empty() {
            return Ok(());
        }
        write(&batch)?;
    }
}
