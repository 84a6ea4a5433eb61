//! Reads offline runs of W&B.

use std::{
    collections::BTreeMap,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use prost::Message;
use tracker_core::{Alert, Definition, Event, Level, Step, Timestamp};

use super::{
    files::HINT,
    find,
    head::{HISTORY, Head, STATS, kind},
    history::Rows,
    lines::Lines,
    names, number,
    record::{AlertRecord, MetricRecord, Record, Time},
    walk::{Field, Fields, items},
};
use crate::{
    Account, Error, ForeignRun, Result, Sink, Source, failed::failed, framing::wandb_log::LogReader,
};

/// Numbers of fields of records that are passed over: they repeat what is said elsewhere, or are W&B's own affair.
const OF_NO_USE: [u64; 17] = [3, 4, 5, 6, 11, 17, 18, 20, 21, 22, 23, 24, 26, 27, 28, 29, 100];

/// Offline runs of W&B: a `.wandb` file, the folder of a run, or a folder `wandb` with many.
///
/// A run that was resumed has a file each time; together they are one run. Files of any length are read in little
/// memory, and damaged ones up to their end: what is lost is counted.
#[derive(Debug)]
pub struct WandbSource {
    files: Vec<PathBuf>,
    /// The files of each run, by its origin.
    runs: BTreeMap<String, Vec<PathBuf>>,
}

impl WandbSource {
    /// Looks for runs in a file or a folder.
    ///
    /// # Errors
    /// If there are none.
    pub fn open(place: &Path) -> Result<Self> {
        Ok(Self { files: find::files(place)?, runs: BTreeMap::new() })
    }

    /// Whether a file or a folder holds W&B's runs.
    pub fn knows(place: &Path) -> bool {
        find::files(place).is_ok()
    }

    /// Tells what a file holds, of which nothing but the bytes are there.
    pub(crate) fn read_bytes(
        bytes: &[u8],
        sink: &mut dyn Sink,
        account: &mut Account,
    ) -> Result<()> {
        let read = failed("read", Path::new("-"), HINT);
        let log = LogReader::new(bytes).map_err(read)?;
        Reading::new(None, 0).read(log, Path::new("-"), sink, account)
    }
}

impl Source for WandbSource {
    fn runs(&mut self) -> Result<Vec<ForeignRun>> {
        let mut heads: Vec<(String, Head, PathBuf)> = Vec::new();
        self.runs.clear();
        for path in &self.files {
            let mut head = Head::default();
            head.read(path)?;
            let origin = head.origin(path);
            match heads.iter_mut().find(|(known, ..)| *known == origin) {
                Some((_, known, _)) => known.read(path)?,
                None => heads.push((origin.clone(), head, path.clone())),
            }
            self.runs.entry(origin).or_default().push(path.clone());
        }
        Ok(heads.into_iter().map(|(_, head, path)| head.into_run(&path)).collect())
    }

    fn read(&mut self, run: &ForeignRun, sink: &mut dyn Sink, account: &mut Account) -> Result<()> {
        let paths = self.runs.get(&run.origin).ok_or_else(|| Error::Unusable {
            what: format!("{} is none of the runs that were found", run.origin),
            hint: "ask for the runs first".to_owned(),
        })?;
        for path in paths {
            let opened = File::open(path).map_err(failed("open", path, HINT))?;
            let log = LogReader::new(opened).map_err(failed("read", path, HINT))?;
            let files = path.parent().map(|folder| folder.join("files"));
            let started = run.started_at.map_or(0, Timestamp::as_micros);
            Reading::new(files.as_deref(), started).read(log, path, sink, account)?;
        }
        Ok(())
    }
}

/// One file while it is read.
struct Reading<'a> {
    rows: Rows<'a>,
    lines: Lines,
}

impl<'a> Reading<'a> {
    fn new(files: Option<&'a Path>, started: i64) -> Self {
        let rows = Rows { files, started, next: 0, most: 0, points: 0, damaged: 0 };
        Self { rows, lines: Lines::default() }
    }

    fn read<R: Read>(
        &mut self,
        mut log: LogReader<R>,
        path: &Path,
        sink: &mut dyn Sink,
        account: &mut Account,
    ) -> Result<()> {
        while let Some(record) = log.next().map_err(failed("read", path, HINT))? {
            match kind(record) {
                Some((HISTORY, row)) => self.rows.take(row, sink, account)?,
                Some((STATS, stats)) => self.stats(stats, sink)?,
                Some((number, _)) if OF_NO_USE.contains(&number) => {}
                Some(_) => self.other(record, sink, account)?,
                None => self.rows.damaged += u64::from(!record.is_empty()),
            }
        }
        let mut ended = Vec::new();
        self.lines.end(|time, line| ended.push((time, line)));
        say(ended, sink, account)?;
        account.keep("points", self.rows.points);
        account.leave_out("damaged places", "what was there is lost", log.damaged());
        account.leave_out(
            "ends of files",
            "they are cut within a record",
            u64::from(log.is_torn()),
        );
        account.leave_out("records and values", "they cannot be read", self.rows.damaged);
        Ok(())
    }

    /// What the machine did. A step is a second since the start, as for tracker's own.
    fn stats(&mut self, stats: &[u8], sink: &mut dyn Sink) -> Result<()> {
        let time = Fields::of(stats).find_map(|(number, field)| match field {
            Field::Bytes(bytes) if number == 2 => Time::decode(bytes).ok(),
            _ => None,
        });
        let time = time.map_or(self.rows.started, Time::micros);
        let since = time.saturating_sub(self.rows.started).div_euclid(1_000_000);
        let step = Step(u64::try_from(since).unwrap_or(0));
        for item in items(stats, 3) {
            match number::of(item.json) {
                Some(value) => {
                    self.rows.points += 1;
                    sink.point(&format!("system/{}", item.name()), step, Timestamp(time), value)?;
                }
                None => self.rows.damaged += 1,
            }
        }
        Ok(())
    }

    fn other(&mut self, record: &[u8], sink: &mut dyn Sink, account: &mut Account) -> Result<()> {
        let Ok(record) = Record::decode(record) else {
            self.rows.damaged += 1;
            return Ok(());
        };
        if let Some(piece) = &record.output_raw {
            let mut ended = Vec::new();
            self.lines.take(piece, |time, line| ended.push((time, line)));
            return say(ended, sink, account);
        }
        if let Some(said) = record.alert {
            account.keep("alerts", 1);
            return sink.event(Timestamp(self.rows.started), Event::Alert(alert(said)));
        }
        if let Some(metric) = &record.metric {
            return self.define(metric, sink, account);
        }
        account.leave_out("artifacts and other records", "they are W&B's own", 1);
        Ok(())
    }

    fn define(
        &self,
        metric: &MetricRecord,
        sink: &mut dyn Sink,
        account: &mut Account,
    ) -> Result<()> {
        let (summary, options) =
            (metric.summary.unwrap_or_default(), metric.options.unwrap_or_default());
        let mut definition = Definition::new();
        definition = match (metric.goal, summary.min, summary.max) {
            (1, ..) | (_, true, false) => definition.lower_is_better(),
            (2, ..) | (_, false, true) => definition.higher_is_better(),
            _ => definition,
        };
        if options.hidden {
            definition = definition.hidden();
        }
        let axes = u64::from(!metric.step_metric.is_empty());
        account.leave_out("step metrics", "tracker draws over steps and times", axes);
        if metric.name.is_empty() {
            account.leave_out("definitions of metrics", "they are of many, by a pattern", 1);
            return Ok(());
        }
        if definition == Definition::new() {
            return Ok(());
        }
        account.keep("definitions of metrics", 1);
        let metric = names::back(&metric.name).to_owned();
        sink.event(Timestamp(self.rows.started), Event::Define { metric, definition })
    }
}

/// Tells of lines that were printed.
fn say(lines: Vec<(i64, String)>, sink: &mut dyn Sink, account: &mut Account) -> Result<()> {
    account.keep("messages", lines.len() as u64);
    lines.into_iter().try_for_each(|(time, text)| {
        sink.event(Timestamp(time), Event::Message { level: Level::Info, text })
    })
}

/// An alert; W&B does not keep when it was.
fn alert(said: AlertRecord) -> Alert {
    let AlertRecord { title, text, level } = said;
    let alert = match level.as_str() {
        "ERROR" => Alert::error(title),
        "WARN" => Alert::warning(title),
        _ => Alert::info(title),
    };
    if text.is_empty() { alert } else { alert.hint(text) }
}
