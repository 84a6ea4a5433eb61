//! One run as an event file.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tracker_core::{
    Alert, Step, Timestamp,
    read::{Row, RunReader, StoredEvent, StoredEventKind},
};

use crate::{
    Account, Error, Result, Target,
    tensorboard::{
        event::{FACTS, Plugin, SESSION_END, SESSION_START},
        facts::Facts,
        file::EventFile,
        hparams, paths,
        scalars::{self, seconds},
        tags::Tags,
        values::At,
    },
    words,
};

/// The tag of the text with the alerts of a run.
const ALERTS: &str = "tracker/alerts";

/// Writes a run as TensorBoard's event file `DIR/<project>/<run>-<end of its id>/events.out.tfevents.…`.
///
/// The file of a run has the same name whenever it is exported, so that a second export takes the place of the first.
/// What TensorBoard has no place for goes to the account.
#[derive(Debug)]
pub struct TensorBoardTarget {
    pub(crate) file: EventFile,
    pub(crate) tags: Tags,
    folder: String,
    is_new: bool,
    latest: Timestamp,
}

impl TensorBoardTarget {
    /// Opens the run's file below `root`. With the place that [`flush`](Target::flush) told before, it goes on from
    /// there; else the file is new.
    ///
    /// # Errors
    /// If it cannot be written, or is shorter than it was at that place.
    pub fn open(root: &Path, run: &RunReader, from: Option<&Value>) -> Result<Self> {
        let info = run.info();
        let folder = format!("{}/{}", paths::folder_name(&info.project), paths::run_folder(info));
        let path = root.join(&folder).join(paths::file_name(info));
        let (file, tags) = match from {
            None => (EventFile::create(path, seconds(info.started_at))?, Tags::default()),
            Some(place) => reopen(path, place)?,
        };
        Ok(Self { file, tags, folder, is_new: from.is_none(), latest: info.started_at })
    }

    /// The file that is written.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Where a value with a plugin goes; `None`, and counted, if no event can have its step.
    pub(crate) fn step_of(what: &'static str, step: Step, account: &mut Account) -> Option<u64> {
        let is_one = i64::try_from(step.0).is_ok();
        account.leave_out(what, "TensorBoard's steps end before 2^63", u64::from(!is_one));
        is_one.then_some(step.0)
    }

    pub(crate) fn text(
        &mut self,
        name: &str,
        (step, time): (u64, Timestamp),
        text: &str,
        account: &mut Account,
    ) -> Result<()> {
        let tag = self.tags.tag(name, Plugin::Text, account);
        let at = At { tag: &tag, step, wall_time: seconds(time) };
        self.file.record(|out| at.text(out, text))
    }

    fn alert(&mut self, alert: &Alert, time: Timestamp, account: &mut Account) -> Result<()> {
        let step = alert.step.unwrap_or_default();
        let Some(step) = Self::step_of("alerts", step, account) else { return Ok(()) };
        account.keep("alerts", 1);
        let hint = alert.hint.as_ref().map(|hint| format!("\n\n{hint}")).unwrap_or_default();
        let text = format!("**{:?}**, {}: {}{hint}", alert.level, alert.rule, alert.text);
        self.text(ALERTS, (step, time), &text, account)
    }

    fn session(&mut self, tag: &str, time: Timestamp, content: &[u8]) -> Result<()> {
        let at = At { tag, step: 0, wall_time: seconds(time) };
        self.file.record(|out| at.hparams(out, content))
    }
}

fn reopen(path: PathBuf, place: &Value) -> Result<(EventFile, Tags)> {
    let length = place.get("length").and_then(Value::as_u64);
    let length = length.ok_or_else(|| Error::Unusable {
        what: format!("`{place}` is no place in an event file"),
        hint: "export the run from its beginning".to_owned(),
    })?;
    let file = EventFile::reopen(path, length)?;
    let tags = Tags::of_file(file.path())?;
    Ok((file, tags))
}

impl Target for TensorBoardTarget {
    fn begin(&mut self, run: &RunReader, account: &mut Account) -> Result<()> {
        let info = run.info();
        account.rename(&format!("{}/{}", info.project, info.name), &self.folder);
        if !self.is_new {
            return Ok(());
        }
        let content = hparams::start(info, seconds(info.started_at), account);
        self.session(SESSION_START, info.started_at, &content)?;
        self.text(FACTS, (0, info.started_at), &Facts::of(run).text(), account)
    }

    fn points(&mut self, metric: &str, rows: &[Row], account: &mut Account) -> Result<()> {
        let tag = self.tags.tag(metric, Plugin::Scalars, account);
        self.latest =
            rows.iter().map(|row| row.time).chain([self.latest]).max().unwrap_or(self.latest);
        scalars::write(&mut self.file, &tag, rows, account)
    }

    fn event(&mut self, run: &RunReader, event: &StoredEvent, account: &mut Account) -> Result<()> {
        let time = event.time;
        self.latest = self.latest.max(time);
        match &event.kind {
            StoredEventKind::Text { name, step, text } => {
                let Some(step) = Self::step_of("texts", *step, account) else { return Ok(()) };
                account.keep("texts", 1);
                self.text(name, (step, time), text, account)?;
            }
            StoredEventKind::Histogram { name, step, histogram } => {
                let Some(step) = Self::step_of("histograms", *step, account) else { return Ok(()) };
                account.keep("histograms", 1);
                let why = "TensorBoard's histograms have finite values alone";
                account.leave_out(words::NOT_FINITE, why, histogram.not_finite);
                let tag = self.tags.tag(name, Plugin::Histograms, account);
                let at = At { tag: &tag, step, wall_time: seconds(time) };
                self.file.record(|out| at.histogram(out, histogram))?;
            }
            StoredEventKind::Media { name, step, items } => {
                self.media(run, (name, *step, time), items, account)?;
            }
            StoredEventKind::Alert(alert) => self.alert(alert, time, account)?,
            other => {
                let why = "TensorBoard has no place for them";
                account.leave_out(words::of_event(other), why, 1);
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<Value> {
        Ok(json!({ "length": self.file.flush()? }))
    }

    fn end(&mut self, run: &RunReader, account: &mut Account) -> Result<()> {
        let info = run.info();
        let units = info.definitions.values().filter(|metric| metric.unit.is_some()).count();
        let why = "TensorBoard shows none; the text `tracker/run` has them";
        account.leave_out("units of metrics", why, units as u64);
        let time = info.finished_at.unwrap_or(self.latest);
        let content = hparams::end(run.state(), seconds(time));
        self.session(SESSION_END, time, &content)?;
        let step = run.last_step()?.filter(|step| i64::try_from(step.0).is_ok());
        let step = step.unwrap_or_default().0;
        self.text(FACTS, (step, time), &Facts::of(run).text(), account)
    }
}
