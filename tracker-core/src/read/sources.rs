//! The files that hold a run's points, read so that no point is missed or doubled.
//!
//! Points move only from the log to a part, so logs are read first and parts after them: a point
//! that leaves its log in between is found in its part. A log whose beginning a part has is that
//! part's log and is left out.

use std::{collections::BTreeMap, fs, io, path::Path};

use crate::{
    Error, Result, Step, Timestamp, Writer,
    error::IoContext,
    format::{
        layout::{PartName, RunPaths, file_names, log_first},
        log_file::LogContents,
    },
    read::{Warning, part},
    summary::Accumulator,
};

/// How often to start again when a part disappears while it is read.
const TRIES: usize = 3;

/// One stored point.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Row {
    /// Where in training.
    pub step: Step,
    /// When it was logged.
    pub time: Timestamp,
    /// The value, with all its bits.
    pub value: f64,
    /// The process that logged it.
    pub writer: Writer,
    /// Its place in the order in which the writer's points were logged.
    pub seq: u64,
}

/// What was found in a run's files.
#[derive(Debug)]
pub(crate) struct Found<T> {
    pub(crate) metrics: BTreeMap<String, T>,
    pub(crate) warnings: Vec<Warning>,
}

impl<T> Default for Found<T> {
    fn default() -> Self {
        Self { metrics: BTreeMap::new(), warnings: Vec::new() }
    }
}

/// All rows of a run, or those of one metric, in the order of step, attempt and seq.
pub(crate) fn rows(run: &RunPaths, only: Option<&str>) -> Result<Found<Vec<Row>>> {
    let mut found = collect(
        run,
        |part| part::rows(part, only),
        Vec::extend,
        |writer, seq, step, time, value| vec![Row { step, time, value, writer, seq }],
    )?;
    if let Some(only) = only {
        found.metrics.retain(|metric, _| metric == only);
    }
    for rows in found.metrics.values_mut() {
        let order = |row: &Row| (row.step, row.writer.attempt, row.seq, row.writer.rank);
        if !rows.is_sorted_by_key(order) {
            rows.sort_by_key(order);
        }
    }
    Ok(found)
}

/// Each metric's summary, from the parts' footers and the points of logs.
pub(crate) fn summaries(run: &RunPaths) -> Result<Found<Accumulator>> {
    collect(
        run,
        part::summary,
        |sum, more| sum.merge(&more),
        |writer, seq, step, _, value| Accumulator::of(value, step.0, writer, seq),
    )
}

/// Puts together what parts say and what logs hold.
fn collect<T>(
    run: &RunPaths,
    of_part: impl Fn(&Path) -> parquet::errors::Result<BTreeMap<String, T>>,
    add: impl Fn(&mut T, T),
    of_point: impl Fn(Writer, u64, Step, Timestamp, f64) -> T,
) -> Result<Found<T>> {
    let put = |found: &mut Found<T>, metric: String, more: T| match found.metrics.entry(metric) {
        std::collections::btree_map::Entry::Occupied(mut known) => add(known.get_mut(), more),
        std::collections::btree_map::Entry::Vacant(new) => {
            new.insert(more);
        }
    };
    'again: for _ in 0..TRIES {
        let mut found = Found::default();
        let logs = read_logs(run, &mut found.warnings)?;
        let mut read = Vec::new();
        for part in parts(run)? {
            let path = run.part(part);
            match of_part(&path) {
                Ok(metrics) => {
                    read.push(part);
                    for (metric, more) in metrics {
                        put(&mut found, metric, more);
                    }
                }
                Err(_) if !path.exists() => continue 'again,
                Err(error) => found.warnings.push(Warning(format!(
                    "failed to read {}: {error}; its points are missing here",
                    path.display()
                ))),
            }
        }
        for log in logs {
            if read.iter().any(|part| (part.writer, part.first) == (log.writer, log.first)) {
                continue;
            }
            for (seq, slot) in &log.contents.points {
                let (step, time) = (Step(slot.step), Timestamp(slot.time));
                let value = f64::from_bits(slot.value);
                let more = of_point(log.writer, *seq, step, time, value);
                put(&mut found, log.contents.name(slot.key), more);
            }
        }
        return Ok(found);
    }
    Err(Error::Damaged {
        path: run.scalars(),
        reason: "parts disappear while they are read".into(),
        hint: "try again once nobody removes files from the run's folder".into(),
    })
}

/// The sealed parts of a run, in the order of writers and points.
fn parts(run: &RunPaths) -> Result<Vec<PartName>> {
    let names = file_names(&run.scalars())?;
    let mut parts: Vec<PartName> = names.iter().filter_map(|name| PartName::parse(name)).collect();
    parts.sort_unstable();
    Ok(parts)
}

struct OpenLog {
    writer: Writer,
    first: u64,
    contents: LogContents,
}

/// Reads every log that is there. One that disappears meanwhile has become a part.
fn read_logs(run: &RunPaths, warnings: &mut Vec<Warning>) -> Result<Vec<OpenLog>> {
    let mut logs: Vec<OpenLog> = Vec::new();
    let writers = file_names(&run.live_all())?;
    for writer in writers.iter().filter_map(|name| name.parse::<Writer>().ok()) {
        let mut names = BTreeMap::new();
        let from = logs.len();
        for path in run.live(writer).logs()? {
            let Some(log) = read_log(writer, &path, warnings)? else { continue };
            names.extend(log.contents.names.clone());
            logs.push(log);
        }
        // A later log's header may name what damage took from an earlier one.
        for log in &mut logs[from..] {
            log.contents.names.extend(names.clone());
        }
    }
    Ok(logs)
}

fn read_log(writer: Writer, path: &Path, warnings: &mut Vec<Warning>) -> Result<Option<OpenLog>> {
    let first = path.file_name().and_then(|name| log_first(name.to_str()?)).unwrap_or(0);
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        result => result.io_context("read", path, "check the file's permissions")?,
    };
    match LogContents::read(&bytes, writer, first) {
        Ok(contents) => {
            if contents.damaged > 0 {
                warnings.push(Warning(format!(
                    "{} has {} damaged records; all others are read",
                    path.display(),
                    contents.damaged
                )));
            }
            Ok(Some(OpenLog { writer, first, contents }))
        }
        Err(version) => {
            warnings.push(Warning(format!(
                "{} has format version {version}; install a newer tracker to read it",
                path.display()
            )));
            Ok(None)
        }
    }
}
