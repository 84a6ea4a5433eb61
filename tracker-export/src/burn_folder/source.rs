//! The folder of a Burn training as one run.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    time::SystemTime,
};

use serde_json::{Map, Value};
use tracker_core::{Step, Timestamp};

use super::{
    layout::{Files, Layout},
    lines::{Epoch, Line, each},
    names::names,
};
use crate::{Account, Ended, Error, ForeignRun, Result, Sink, Source};

/// The longest file of settings.
const MOST_SETTINGS: u64 = 1 << 20;

/// The run that a Burn training left in its folder of artifacts.
///
/// Epochs become `train/loss` and `valid/accuracy`, at the step of their last batch; batches of the training become
/// `batch/train/loss`. A step is a batch, counted from 0 over all epochs. Burn writes no times: those of the files'
/// last changes are taken.
#[derive(Debug)]
pub struct BurnFolderSource {
    folder: PathBuf,
    layout: Layout,
}

impl BurnFolderSource {
    /// Whether a folder has files such as `train/epoch-1/Loss.log`. Costs a look at its folders.
    pub fn looks_like(path: &Path) -> bool {
        path.is_dir() && !Layout::of(path).is_empty()
    }

    /// Opens the folder that was given to Burn's `SupervisedTraining`.
    ///
    /// # Errors
    /// If there is no file of a metric in it.
    pub fn open(path: &Path) -> Result<Self> {
        let layout = Layout::of(path);
        if layout.is_empty() {
            return Err(Error::Unusable {
                what: format!("{} has no metrics of Burn", path.display()),
                hint: "name the folder in which `train/epoch-1` is".to_owned(),
            });
        }
        Ok(Self { folder: path.to_owned(), layout })
    }
}

impl Source for BurnFolderSource {
    fn runs(&mut self) -> Result<Vec<ForeignRun>> {
        let whole = std::path::absolute(&self.folder).unwrap_or_else(|_| self.folder.clone());
        let name = whole.file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(vec![ForeignRun {
            origin: format!("burn/{}", whole.display()),
            from: self.folder.display().to_string(),
            project: None,
            name,
            group: None,
            notes: None,
            tags: Vec::new(),
            config: settings(&self.folder),
            about: Vec::new(),
            started_at: started(&self.folder),
            ended: Ended::Unknown,
        }])
    }

    fn read(&mut self, run: &ForeignRun, sink: &mut dyn Sink, account: &mut Account) -> Result<()> {
        let names = names(&self.layout.metrics());
        let is_trained = self.layout.splits.contains_key("train");
        let mut reading = Reading { sink, account, names: &names, next: 0 };
        for epoch in self.layout.epochs() {
            let of =
                |split: &str| self.layout.splits.get(split).and_then(|epochs| epochs.get(&epoch));
            let batches = of("train").map_or(Ok(0), most_batches)?;
            // The step of the epoch's last batch; of an epoch without training, that of the one before.
            let after = reading.next.saturating_add(batches);
            let last = Step(if is_trained { after.saturating_sub(1) } else { epoch });
            let files: Vec<(&str, &Files)> = self
                .layout
                .splits
                .keys()
                .filter_map(|split| Some((split.as_str(), of(split)?)))
                .collect();
            reading.epoch(epoch, &files, last)?;
            reading.next = reading.next.saturating_add(batches);
        }
        let last = Step(reading.next.saturating_sub(1));
        for (tag, files) in &self.layout.tests {
            reading.values(tag, files, last)?;
        }
        if !run.config.is_empty() {
            account.keep("settings", run.config.len() as u64);
        }
        let checkpoints = fs::read_dir(self.folder.join("checkpoint")).map_or(0, Iterator::count);
        account.leave_out("checkpoints", "files are not copied", checkpoints as u64);
        Ok(())
    }
}

fn most_batches(files: &Files) -> Result<u64> {
    files.values().try_fold(0, |most, path| Ok(most.max(Epoch::of(path)?.batches)))
}

struct Reading<'a> {
    sink: &'a mut dyn Sink,
    account: &'a mut Account,
    names: &'a std::collections::BTreeMap<String, String>,
    /// The step of the next batch.
    next: u64,
}

impl Reading<'_> {
    fn epoch(&mut self, epoch: u64, splits: &[(&str, &Files)], last: Step) -> Result<()> {
        let times =
            splits.iter().flat_map(|(_, files)| files.values()).filter_map(|path| changed(path));
        self.point("epoch", last, times.max(), epoch as f64)?;
        for (split, files) in splits {
            self.values(split, files, last)?;
            if *split == "train" {
                files.iter().try_for_each(|(file, path)| self.batches(file, path))?;
            }
        }
        Ok(())
    }

    /// The value of each metric for a whole epoch or test.
    fn values(&mut self, split: &str, files: &Files, step: Step) -> Result<()> {
        for (file, path) in files {
            let epoch = Epoch::of(path)?;
            let Some(value) = epoch.value() else {
                self.account.leave_out("metrics", format!("`{file}` has no numbers"), 1);
                continue;
            };
            let why = "they are no numbers, or torn";
            self.account.leave_out("lines", why, epoch.others);
            if split != "train" {
                let why = "only those of the training have steps";
                self.account.leave_out("batches", why, epoch.batches);
            }
            let name = self.name(file);
            self.point(&format!("{split}/{name}"), step, changed(path), value)?;
        }
        Ok(())
    }

    fn batches(&mut self, file: &str, path: &Path) -> Result<()> {
        let name = format!("batch/train/{}", self.name(file));
        let time = changed(path);
        let mut step = self.next;
        each(path, &mut |line| {
            if let Line::Batch(value, _) = line {
                self.point(&name, Step(step), time, value)?;
                step += 1;
            }
            Ok(())
        })
    }

    fn name(&self, file: &str) -> String {
        self.names.get(file).cloned().unwrap_or_else(|| file.to_owned())
    }

    fn point(
        &mut self,
        metric: &str,
        step: Step,
        time: Option<Timestamp>,
        value: f64,
    ) -> Result<()> {
        self.account.keep("points", 1);
        let why = "Burn writes none: points have that of their file's last change";
        self.account.leave_out("times", why, 1);
        self.sink.point(metric, step, time.unwrap_or(Timestamp(0)), value)
    }
}

fn changed(path: &Path) -> Option<Timestamp> {
    let changed = path.metadata().and_then(|known| known.modified()).ok()?;
    let since = changed.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(Timestamp(since.as_micros() as i64))
}

/// What trainings such as those of Burn's guide write beside the metrics.
fn settings(folder: &Path) -> Map<String, Value> {
    let read = || -> Option<Map<String, Value>> {
        let file = File::open(folder.join("config.json")).ok()?;
        let mut text = Vec::new();
        file.take(MOST_SETTINGS).read_to_end(&mut text).ok()?;
        serde_json::from_slice(&text).ok()
    };
    read().unwrap_or_default()
}

/// The first time in Burn's own log.
fn started(folder: &Path) -> Option<Timestamp> {
    let file = File::open(folder.join("experiment.log")).ok()?;
    let line = BufReader::new(file.take(4_096)).lines().next()?.ok()?;
    line.split_whitespace().next()?.parse().ok()
}
