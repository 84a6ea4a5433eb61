//! A run, written to the inbox of a `TRACKIO_DIR`.

use std::{path::Path, sync::Arc};

use serde_json::{Map, Value, json};
use tracker_core::{
    Step, Timestamp,
    read::{Row, RunReader, StoredEvent, StoredEventKind},
};

use super::{
    events::{self, Named, Told},
    inbox_writer::InboxWriter,
    media_out::MediaFolder,
    names::{SYSTEM, folder_of, has_date, key_of, project_of, written},
    points::{Line, Waiting},
};
use crate::{Account, Order, Result, Target, words};

/// Settings under which Trackio keeps its own facts of a run.
pub(super) const CREATED: &str = "_Created";
pub(super) const GROUP: &str = "_Group";
pub(super) const USER: &str = "_Username";

/// Writes a run as Trackio's own writers do where they cannot reach its database: as lines of files in
/// `inbox/<run id>/`, which Trackio reads when it is next opened, or a moment later if it is open.
///
/// All metrics of one log call are one line. Each line has an id made of the run's own, so that Trackio keeps it once,
/// however often it is written.
#[derive(Debug)]
pub struct TrackioTarget {
    inbox: InboxWriter,
    media: MediaFolder,
    waiting: Waiting,
    run: Known,
    /// The settings, until a line has told them.
    config: Option<Value>,
}

/// What every line says of the run.
#[derive(Debug)]
struct Known {
    project: String,
    name: String,
    id: String,
    started_at: Timestamp,
}

impl TrackioTarget {
    /// Opens the inbox in `folder`, a `TRACKIO_DIR`, for a run. `from` is what [`flush`](Target::flush) told.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn open(folder: &Path, run: &RunReader, from: Option<&Value>) -> Result<Self> {
        let info = run.info();
        let next = from.and_then(|place| place.get("next")?.as_u64()).unwrap_or_default();
        let run = Known {
            project: project_of(&info.project),
            name: info.name.clone(),
            id: info.id.to_string(),
            started_at: info.started_at,
        };
        Ok(Self {
            inbox: InboxWriter::new(folder.join("inbox").join(&run.id), next)?,
            media: MediaFolder {
                root: folder.join("media"),
                run: format!("{}/{}", run.project, folder_of(&run.name)),
            },
            waiting: Waiting::default(),
            run,
            config: None,
        })
    }

    fn write_lines(&mut self, lines: Vec<Line>) -> Result<()> {
        for line in lines {
            let id = line.id(&self.run.id);
            // Points whose time no calendar has were left out before.
            let Some(time) = written(line.time) else { continue };
            let metrics = Value::Object(line.metrics);
            let record = if line.is_system {
                self.run.system_record(&time, metrics, &id)
            } else {
                let config = self.config.take();
                self.run.metric_record((line.step, &time), metrics, &id, config)
            };
            self.inbox.write(&record)?;
        }
        Ok(())
    }

    fn write_named(&mut self, named: Named, time: Timestamp, account: &mut Account) -> Result<()> {
        let Some(time) = usable(named.step, time, account) else { return Ok(()) };
        let id = self.run.event_id(&time, &named.name, &named.value);
        let metrics = json!({ named.name: named.value });
        let config = self.config.take();
        let record = self.run.metric_record((named.step, &time), metrics, &id, config);
        self.inbox.write(&record)
    }

    fn write_alert(
        &mut self,
        fields: Map<String, Value>,
        time: Timestamp,
        account: &mut Account,
    ) -> Result<()> {
        let Some(time) = usable(Step(0), time, account) else { return Ok(()) };
        let id = self.run.event_id(&time, "alert", &Value::Object(fields.clone()));
        let mut record = self.run.record("alert", &time);
        record.extend(fields);
        record.insert("alert_id".into(), id.into());
        self.inbox.write(&record.into())
    }
}

impl Known {
    fn record(&self, kind: &str, time: &str) -> Map<String, Value> {
        let fields = [
            ("v", json!(1)),
            ("kind", json!(kind)),
            ("project", json!(self.project)),
            ("run", json!(self.name)),
            ("run_id", json!(self.id)),
            ("timestamp", json!(time)),
        ];
        fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }

    fn metric_record(
        &self,
        (step, time): (Step, &str),
        metrics: Value,
        id: &str,
        config: Option<Value>,
    ) -> Value {
        let mut record = self.record("metric", time);
        record.insert("metrics".into(), metrics);
        record.insert("step".into(), step.0.into());
        record.insert("config".into(), config.into());
        record.insert("log_id".into(), id.into());
        record.into()
    }

    fn system_record(&self, time: &str, metrics: Value, id: &str) -> Value {
        let mut record = self.record("system_metric", time);
        record.insert("metrics".into(), metrics);
        record.insert("log_id".into(), id.into());
        record.into()
    }

    /// Two events that are the same to the microsecond are one.
    fn event_id(&self, time: &str, name: &str, value: &Value) -> String {
        let check = crc32fast::hash(format!("{name}\n{value}").as_bytes());
        format!("{}-e-{time}-{check:08x}", self.id)
    }

    /// The second at which the machine was looked at, which is the step of what was seen.
    fn second(&self, time: Timestamp) -> Step {
        second_of(self.started_at, time)
    }
}

/// The time as Trackio writes it, if it can keep what was at this step and time.
fn usable(step: Step, time: Timestamp, account: &mut Account) -> Option<String> {
    let fits = i64::try_from(step.0).is_ok();
    account.leave_out(
        "steps",
        "2^63 or more is more than Trackio's database holds",
        u64::from(!fits),
    );
    let text = written(time);
    account.leave_out("times", "no calendar has them", u64::from(text.is_none()));
    text.filter(|_| fits)
}

/// The step of what the machine does: whole seconds since the run's start.
pub(super) fn second_of(started_at: Timestamp, time: Timestamp) -> Step {
    let since = time.0.saturating_sub(started_at.0);
    Step(u64::try_from(since / 1_000_000).unwrap_or_default())
}

impl Target for TrackioTarget {
    fn order(&self) -> Order {
        Order::ByStep
    }

    fn begin(&mut self, run: &RunReader, account: &mut Account) -> Result<()> {
        let info = run.info();
        account
            .rename(&format!("project {}", info.project), &format!("project {}", self.run.project));
        let is_own = |key: &&String| [CREATED, GROUP, USER].contains(&key.as_str());
        let own = info.config.keys().filter(is_own).count() as u64;
        account.leave_out("settings", "Trackio uses their names itself", own);
        if info.config.len() as u64 > own {
            account.keep("settings", info.config.len() as u64 - own);
        }
        let mut config = info.config.clone();
        config.insert(USER.into(), info.provenance.user.clone().into());
        config.insert(CREATED.into(), written(info.started_at).into());
        config.insert(GROUP.into(), info.group.clone().into());
        if info.group.is_some() {
            account.keep("groups", 1);
        }
        self.config = Some(config.into());
        Ok(())
    }

    fn points(&mut self, metric: &str, rows: &[Row], account: &mut Account) -> Result<()> {
        let name: Arc<str> = metric.into();
        let key = key_of(metric);
        account.rename(metric, &key);
        let is_system = metric.starts_with(SYSTEM);
        let fits = |row: &&Row| is_system || i64::try_from(row.step.0).is_ok();
        let usable: Vec<Row> =
            rows.iter().filter(fits).filter(|row| has_date(row.time)).copied().collect();
        let left = (rows.len() - usable.len()) as u64;
        let why = "their steps are 2^63 or more, or no calendar has their times";
        account.leave_out("points", why, left);
        if is_system {
            let other = |row: &&Row| row.step != self.run.second(row.time);
            let others = usable.iter().filter(other).count() as u64;
            account.leave_out(
                "steps of the machine's metrics",
                "Trackio keeps their times alone",
                others,
            );
        }
        account.keep("points", usable.len() as u64);
        self.waiting.add(&name, usable);
        if self.waiting.is_full() {
            let lines = self.waiting.take_whole();
            self.write_lines(lines)?;
        }
        Ok(())
    }

    fn event(&mut self, run: &RunReader, event: &StoredEvent, account: &mut Account) -> Result<()> {
        if let StoredEventKind::Media { name, step, items } = &event.kind {
            for item in items {
                if let Some(value) = self.media.value(run, *step, item, account)? {
                    let named = Named { name: key_of(name), step: *step, value };
                    self.write_named(named, event.time, account)?;
                }
            }
            return Ok(());
        }
        match events::told(event, account) {
            Told::Named(named) => self.write_named(named, event.time, account),
            Told::Alert(fields) => self.write_alert(fields, event.time, account),
            Told::Nothing => Ok(()),
        }
    }

    fn flush(&mut self) -> Result<Value> {
        let lines = self.waiting.take();
        self.write_lines(lines)?;
        self.inbox.close()?;
        Ok(json!({ "next": self.inbox.next() }))
    }

    fn end(&mut self, run: &RunReader, account: &mut Account) -> Result<()> {
        let lines = self.waiting.take();
        self.write_lines(lines)?;
        if let Some(config) = self.config.take()
            && let Some(time) = written(self.run.started_at)
        {
            let id = format!("{}-settings", self.run.id);
            let place = (Step(0), time.as_str());
            let record = self.run.metric_record(place, json!({}), &id, Some(config));
            self.inbox.write(&record)?;
        }
        let info = run.info();
        account.leave_out("states", "Trackio keeps none", 1);
        account.leave_out("tags", "Trackio has none", info.tags.len() as u64);
        account.leave_out("notes", "Trackio has none", u64::from(info.notes.is_some()));
        let facts = info.about.len() as u64;
        account.leave_out(words::FACTS, "Trackio has no place for them", facts);
        Ok(())
    }
}
