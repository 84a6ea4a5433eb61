//! A target for tests: JSON lines in a file, whose length is the place.

#![allow(dead_code, reason = "each test program uses some of it")]

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use serde_json::{Value, json};
use tracker_core::{
    RunBuilder, init,
    read::{Row, RunReader, StoredEvent},
};
use tracker_export::{Account, Error, Mirror, Open, Order, Result, Target};

/// Writes each point as a line of its own, without any buffer: whoever kills it cuts it anywhere.
pub(crate) struct Lines {
    file: File,
    is_new: bool,
    path: PathBuf,
    order: Order,
    /// How many writes go well before one fails; without end if it is 0 from the beginning.
    fails_after: Arc<AtomicU64>,
}

impl Lines {
    fn write(&mut self, line: &Value) -> Result<()> {
        let failed = |source| Error::Io {
            action: "write",
            path: self.path.clone(),
            hint: "it is a test",
            source,
        };
        if self.fails_after.load(Ordering::Relaxed) > 0
            && self.fails_after.fetch_sub(1, Ordering::Relaxed) == 1
        {
            return Err(failed(std::io::Error::other("the disk is full")));
        }
        let text = format!("{line}\n");
        self.file.write_all(text.as_bytes()).map_err(failed)
    }
}

impl Target for Lines {
    fn order(&self) -> Order {
        self.order
    }

    fn begin(&mut self, run: &RunReader, _: &mut Account) -> Result<()> {
        if self.is_new { self.write(&json!({ "begin": run.info().name })) } else { Ok(()) }
    }

    fn points(&mut self, metric: &str, rows: &[Row], account: &mut Account) -> Result<()> {
        for row in rows {
            let writer = row.writer.to_string();
            self.write(&json!([metric, row.step.0, row.value, writer, row.seq]))?;
        }
        account.keep("points", rows.len() as u64);
        Ok(())
    }

    fn event(&mut self, _: &RunReader, event: &StoredEvent, account: &mut Account) -> Result<()> {
        account.keep("events", 1);
        self.write(&json!({ "event": event }))
    }

    fn flush(&mut self) -> Result<Value> {
        Ok(json!(self.file.metadata().unwrap().len()))
    }

    fn end(&mut self, run: &RunReader, _: &mut Account) -> Result<()> {
        self.write(&json!({ "end": run.state().to_string() }))
    }
}

/// Opens the file as a target.
pub(crate) fn lines(path: &Path, order: Order, fails_after: &Arc<AtomicU64>) -> Open {
    let (path, fails_after) = (path.to_owned(), Arc::clone(fails_after));
    Box::new(move |_: &RunReader, from: Option<&Value>| {
        let file = OpenOptions::new().create(true).append(true).open(&path).unwrap();
        file.set_len(from.map_or(0, |place| place.as_u64().unwrap())).unwrap();
        let (path, fails_after) = (path.clone(), Arc::clone(&fails_after));
        Ok(Box::new(Lines { file, is_new: from.is_none(), path, order, fails_after })
            as Box<dyn Target>)
    })
}

/// A mirror of a run to a file that never fails.
pub(crate) fn mirror(run: RunReader, path: &Path) -> Option<Mirror> {
    mirror_in(run, path, Order::ByMetric)
}

pub(crate) fn mirror_in(run: RunReader, path: &Path, order: Order) -> Option<Mirror> {
    Mirror::with(run, &path.to_string_lossy(), lines(path, order, &Arc::default())).unwrap()
}

/// Turns until it is done, as often as it takes.
pub(crate) fn finish(mirror: &mut Mirror) {
    while !mirror.is_done() {
        mirror.turn().unwrap();
    }
}

/// The lines that were written.
pub(crate) fn written(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The points among lines, in the order of their metrics, writers and seqs.
pub(crate) fn points(lines: &[Value]) -> Vec<Value> {
    let mut points: Vec<Value> = lines.iter().filter(|line| line.is_array()).cloned().collect();
    points.sort_by_key(|point| (point[0].to_string(), point[3].to_string(), point[4].as_u64()));
    points
}

/// All points of a run in that form and order.
pub(crate) fn points_of(run: &RunReader) -> Vec<Value> {
    let mut all = Vec::new();
    for series in run.points().unwrap().series {
        for row in series.rows {
            let writer = row.writer.to_string();
            all.push(json!([series.metric, row.step.0, row.value, writer, row.seq]));
        }
    }
    points(&all)
}

pub(crate) fn begin(store: &Path) -> RunBuilder {
    init("mirrored").dir(store).signals(false).code_changes(false).system_metrics(false)
}
