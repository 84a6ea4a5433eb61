//! Writes a run as an offline run of W&B.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io::{BufWriter, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use prost::Message;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tracker_core::{
    Level,
    read::{MessageFilter, Row, RunReader, StoredEvent, StoredEventKind},
};

use super::{
    environment,
    files::HINT,
    items_out::{self, Made, MediaOut},
    names, number,
    record::{
        FilesItem, FilesRecord, HeaderRecord, Item, OutputRecord, Record, StatsRecord, Time,
        Updates, VersionInfo,
    },
    rows::{self, OpenRows, Put},
    run_out,
    stats_out::{self, OpenStats},
};
use crate::{
    Account, Error, Order, Result, Target, failed::failed, framing::wandb_log::LogWriter, words,
};

/// Metrics of the machine, which W&B keeps apart.
pub(super) const SYSTEM: &str = "system/";

/// Writes a run as an offline run of W&B, in a folder that `wandb sync` takes and `wandb beta sync --live` follows.
///
/// W&B keeps one row a step and takes no step that is less than the last: rows of up to 16 steps stay open, until a
/// flush finds that nothing more has come for them. What is open is part of the place that
/// [`flush`](Target::flush) answers, so that a row is never written half.
#[derive(Debug)]
pub struct WandbTarget {
    path: PathBuf,
    files: PathBuf,
    log: LogWriter<BufWriter<File>>,
    started: i64,
    state: Place,
    is_resumed: bool,
    /// What metrics are called there.
    keys: HashMap<String, String>,
    stats: OpenStats,
}

/// What is needed to go on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Place {
    /// The length of the file; where its block ends follows from it.
    bytes: u64,
    records: i64,
    open: OpenRows,
}

impl WandbTarget {
    /// Opens the offline run in `folder` that a run is to be: a new one, in place of one that was written before, or
    /// with the place that [`flush`](Target::flush) answered the same one, from there on.
    ///
    /// # Errors
    /// If the folder cannot be written, or what was written is not there any more.
    pub fn open(folder: &Path, run: &RunReader, from: Option<&Value>) -> Result<Self> {
        let info = run.info();
        let (started, id) = (info.started_at, info.id.as_str());
        let digits: String =
            started.to_string().chars().filter(char::is_ascii_digit).take(14).collect();
        let (day, time) = digits.split_at_checked(8).unwrap_or((&digits, "000000"));
        let own = folder.join(format!("offline-run-{day}_{time}-{id}"));
        let files = own.join("files");
        fs::create_dir_all(&files).map_err(failed("create", &files, HINT))?;
        let path = own.join(format!("run-{id}.wandb"));
        let (log, state) = if let Some(place) = from {
            Self::resume(&path, place)?
        } else {
            let log = File::create(&path).and_then(|file| LogWriter::begin(BufWriter::new(file)));
            (log.map_err(failed("create", &path, HINT))?, Place::default())
        };
        Ok(Self {
            path,
            files,
            log,
            started: started.as_micros(),
            is_resumed: state.records > 0,
            state,
            keys: HashMap::new(),
            stats: OpenStats::default(),
        })
    }

    fn resume(path: &Path, place: &Value) -> Result<(LogWriter<BufWriter<File>>, Place)> {
        let unusable = |reason: &str| Error::Unusable {
            what: format!("{} cannot be gone on with: {reason}", path.display()),
            hint: "export the run anew".to_owned(),
        };
        let place = Place::deserialize(place).map_err(|error| unusable(&error.to_string()))?;
        let opened = OpenOptions::new().write(true).open(path);
        let mut file = opened.map_err(failed("open", path, HINT))?;
        let length = file.metadata().map_err(failed("read", path, HINT))?.len();
        if length < place.bytes {
            return Err(unusable("it is shorter than it was"));
        }
        let cut = file.set_len(place.bytes).and_then(|()| file.seek(SeekFrom::End(0)));
        cut.map_err(failed("cut", path, HINT))?;
        Ok((LogWriter::resume(BufWriter::new(file), place.bytes), place))
    }

    fn append(&mut self, record: Record) -> Result<()> {
        self.state.records += 1;
        let record = Record { num: self.state.records, ..record }.encode_to_vec();
        self.log.append(&record).map_err(failed("write", &self.path, HINT))
    }

    fn write_row(&mut self, row: rows::Row) -> Result<()> {
        let history = Some(row.into_record(self.started));
        self.append(Record { history, ..Record::default() })
    }

    fn put(&mut self, (step, time): (u64, i64), key: &str, json: String) -> Result<Put> {
        let put = self.state.open.put(step, time, key, json);
        while let Some(row) = self.state.open.overdue() {
            self.write_row(row)?;
        }
        Ok(put)
    }

    /// Puts something that is no scalar into the row of its step.
    fn put_thing(
        &mut self,
        what: (&'static str, u64),
        (step, time): (u64, i64),
        (key, json): (&str, String),
        account: &mut Account,
    ) -> Result<()> {
        let put = if i64::try_from(step).is_ok() {
            Some(self.put((step, time), key, json)?)
        } else {
            None
        };
        rows::tell(what, put, account);
        Ok(())
    }

    fn key(&mut self, metric: &str, account: &mut Account) -> String {
        if let Some(key) = self.keys.get(metric) {
            return key.clone();
        }
        let key = names::there(metric);
        account.rename(metric, &key);
        self.keys.insert(metric.to_owned(), key.clone());
        key
    }

    fn put_system(&mut self, name: &str, rows: &[Row], account: &mut Account) -> Result<()> {
        for row in rows {
            let before = self.stats.put(name, row);
            self.append_stats(before)?;
        }
        stats_out::tell(rows, self.started, account);
        Ok(())
    }

    fn append_stats(&mut self, stats: Option<StatsRecord>) -> Result<()> {
        match stats {
            None => Ok(()),
            stats => self.append(Record { stats, ..Record::default() }),
        }
    }

    fn media(&mut self, run: &RunReader, event: &StoredEvent, account: &mut Account) -> Result<()> {
        let StoredEventKind::Media { name, step, items } = &event.kind else { return Ok(()) };
        let files = self.files.clone();
        let mut out = MediaOut { files: &files, run, step: step.0, written: Vec::new() };
        let values = out.values(name, items, account)?;
        let item = |path| FilesItem { path, kind: 2 };
        let files = FilesRecord { files: out.written.into_iter().map(item).collect() };
        if !files.files.is_empty() {
            self.append(Record { files: Some(files), ..Record::default() })?;
        }
        for Made { what, count, key, value } in values {
            let (key, at) = (names::there(&key), (step.0, event.time.as_micros()));
            self.put_thing((what, count), at, (&key, value.to_string()), account)?;
        }
        Ok(())
    }

    fn line(&mut self, time: i64, is_error: bool, text: &str, account: &mut Account) -> Result<()> {
        let (output_type, timestamp) = (i32::from(!is_error), Some(Time::of(time)));
        let line = OutputRecord { output_type, timestamp, line: format!("{text}\n") };
        account.keep("messages", 1);
        self.append(Record { output_raw: Some(line), ..Record::default() })
    }

    /// What the program said; what was recorded among the events was told as an event.
    fn messages(&mut self, run: &RunReader, account: &mut Account) -> Result<()> {
        let mut filter = MessageFilter::new().first().count(1_000);
        loop {
            let page = run.messages(&filter)?;
            if page.messages.is_empty() {
                return Ok(());
            }
            for message in page.messages.iter().filter(|message| message.source != "run") {
                let is_error = message.target == "stderr" || message.level >= Level::Error;
                self.line(message.time.as_micros(), is_error, &message.text, account)?;
            }
            filter = MessageFilter::new().count(1_000).after(page.end);
        }
    }

    /// The last values, as W&B makes them of history.
    fn summary(&mut self, run: &RunReader, ended: i64, account: &mut Account) -> Result<()> {
        let made = |key, value_json| Item {
            nested_key: vec![key],
            ..Item::new(String::new(), value_json)
        };
        let mut update = Vec::new();
        for (metric, summary) in
            run.summary()?.iter().filter(|(metric, _)| !metric.starts_with(SYSTEM))
        {
            update.push(made(self.key(metric, account), number::text(summary.last)));
        }
        let runtime = number::seconds(ended.saturating_sub(self.started));
        update.push(made("_runtime".to_owned(), number::text(runtime)));
        self.append(Record { summary: Some(Updates { update }), ..Record::default() })
    }
}

impl Target for WandbTarget {
    fn order(&self) -> Order {
        Order::ByStep
    }

    fn begin(&mut self, run: &RunReader, account: &mut Account) -> Result<()> {
        if self.is_resumed {
            return Ok(());
        }
        let producer = format!("tracker {}", env!("CARGO_PKG_VERSION"));
        let version_info = Some(VersionInfo { producer, min_consumer: "0.70.0".to_owned() });
        self.append(Record { header: Some(HeaderRecord { version_info }), ..Record::default() })?;
        let info = run.info();
        self.append(Record { run: Some(run_out::run(info, account)), ..Record::default() })?;
        self.append(Record { environment: Some(environment::of(info)), ..Record::default() })?;
        Ok(())
    }

    fn points(&mut self, metric: &str, rows: &[Row], account: &mut Account) -> Result<()> {
        if let Some(name) = metric.strip_prefix(SYSTEM) {
            return self.put_system(name, rows, account);
        }
        let key = self.key(metric, account);
        let (mut kept, mut other_time, mut payloads) = (0, 0, 0);
        for row in rows {
            let (step, time) = (row.step.0, row.time.as_micros());
            if i64::try_from(step).is_err() {
                rows::tell(("points", 1), None, account);
                continue;
            }
            let put = self.put((step, time), &key, number::text(row.value))?;
            match put {
                Put::There(of_row) | Put::Instead(of_row) => {
                    other_time += u64::from(of_row != time);
                }
                Put::TooLate => {}
            }
            match put {
                Put::There(_) => kept += 1,
                Put::Instead(_) | Put::TooLate => rows::tell(("points", 1), Some(put), account),
            }
            payloads += u64::from(row.value.is_nan() && row.value.to_bits() != f64::NAN.to_bits());
        }
        account.keep("points", kept);
        account.leave_out(
            "times of points",
            "W&B keeps one for all that is logged at a step",
            other_time,
        );
        account.leave_out(words::BITS_OF_NAN, "W&B has one NaN", payloads);
        Ok(())
    }

    fn event(&mut self, run: &RunReader, event: &StoredEvent, account: &mut Account) -> Result<()> {
        let time = event.time.as_micros();
        match &event.kind {
            StoredEventKind::Text { name, step, text } => {
                let key = self.key(name, account);
                let json = Value::from(text.as_str()).to_string();
                self.put_thing(("texts", 1), (step.0, time), (&key, json), account)
            }
            StoredEventKind::Histogram { name, step, histogram } => {
                let key = self.key(name, account);
                let why = "W&B has no count of them";
                account.leave_out(words::NOT_FINITE, why, histogram.not_finite);
                let json = items_out::histogram(histogram);
                self.put_thing(("histograms", 1), (step.0, time), (&key, json), account)
            }
            StoredEventKind::Media { .. } => self.media(run, event, account),
            StoredEventKind::Message { level, text } => {
                self.line(time, *level >= Level::Error, text, account)
            }
            StoredEventKind::Alert(alert) => {
                account.keep("alerts", 1);
                self.append(Record { alert: Some(run_out::alert(alert)), ..Record::default() })
            }
            other => {
                let why = match other {
                    StoredEventKind::Knob(_) => "their values are points of `knobs/`",
                    StoredEventKind::Artifact(_) => "W&B keeps them on its server",
                    _ => "W&B has no place for them",
                };
                account.leave_out(words::of_event(other), why, 1);
                Ok(())
            }
        }
    }

    fn flush(&mut self) -> Result<Value> {
        while let Some(row) = self.state.open.settled() {
            self.write_row(row)?;
        }
        self.state.open.wait();
        let stats = self.stats.take();
        self.append_stats(stats)?;
        let file = self.log.inner();
        let flushed = file.flush().and_then(|()| file.get_ref().sync_data());
        flushed.map_err(failed("write", &self.path, HINT))?;
        self.state.bytes = self.log.at();
        serde_json::to_value(&self.state).map_err(|error| Error::Unusable {
            what: format!("the place in {} cannot be told: {error}", self.path.display()),
            hint: "this is a mistake of tracker; report it".to_owned(),
        })
    }

    fn end(&mut self, run: &RunReader, account: &mut Account) -> Result<()> {
        while let Some(row) = self.state.open.first() {
            self.write_row(row)?;
        }
        let stats = self.stats.take();
        self.append_stats(stats)?;
        for metric in run_out::metrics(run.info(), account) {
            self.append(Record { metric: Some(metric), ..Record::default() })?;
        }
        self.messages(run, account)?;
        let (info, state) = (run.info(), run.state());
        let ended = info.finished_at.map_or(self.started, tracker_core::Timestamp::as_micros);
        self.summary(run, ended, account)?;
        let Some(exit) = run_out::exit(state, info, ended.saturating_sub(self.started), account)
        else {
            return Ok(());
        };
        self.append(Record { exit: Some(exit), ..Record::default() })
    }
}
