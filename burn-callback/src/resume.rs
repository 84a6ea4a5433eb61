//! Where a training begins: at step 0, after another training of the run, or after a checkpoint.

use std::{collections::BTreeMap, path::Path, sync::OnceLock};

use burn::train::metric::store::Split;
use tracker_core::{
    Event, Run, RunContext, Step, Tracker,
    adapter::{begin_anew, recorder::full_name, resumed_run_not_read},
    read::{Row, RunReader},
};

use crate::{
    ResumeError,
    burn_values::EpochValue,
    checkpoints::{newest_whole, set_aside},
    series::BURNS_OWN,
};

/// What a training that goes on from a checkpoint takes over.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Resumed {
    /// The epoch of the checkpoint.
    pub(crate) epoch: usize,
    /// The last optimizer step of that epoch.
    pub(crate) step: u64,
    /// What Burn said of each metric in the epochs up to it.
    pub(crate) values: Vec<EpochValue>,
    /// The learning rates of that step, by metric.
    pub(crate) rates: BTreeMap<String, f64>,
}

impl Resumed {
    /// What the run knows of its epochs up to `epoch`; `None` if it has no such epoch.
    pub(crate) fn read(run: &dyn RunContext, epoch: usize) -> tracker_core::Result<Option<Self>> {
        let reader = RunReader::open(run.path())?;
        let mut epochs: Vec<(usize, u64)> = Vec::new();
        for row in epoch_rows(&reader, &full_name(run, "epoch"))? {
            // The adapter wrote it from a count.
            #[expect(clippy::cast_sign_loss, reason = "a negative number becomes 0, no epoch")]
            let number = row.value as usize;
            epochs.retain(|(known, _)| *known != number);
            if number <= epoch {
                epochs.push((number, row.step.0));
            }
        }
        let Some((_, step)) = epochs.iter().find(|(number, _)| *number == epoch) else {
            return Ok(None);
        };
        let step = *step;
        let values = values(&reader, &full_name(run, BURNS_OWN), &epochs)?;
        let rates = rates(&reader, &full_name(run, "learning_rate"), step)?;
        Ok(Some(Self { epoch, step, values, rates }))
    }
}

/// Makes a resumed run ready to go on from its newest whole checkpoint in `folder`: what was logged
/// beyond it is superseded, and Burn's files of later epochs are moved aside.
pub(crate) fn from_last_checkpoint(run: &Run, folder: &Path) -> Result<Resumed, ResumeError> {
    let store = |source| ResumeError::Store { source };
    let whole = newest_whole(run, folder)?;
    // Which step the weights of others are of, nobody knows here: they may be beyond the fork's.
    let is_elsewhere = || !folder.starts_with(run.path());
    if whole.step.is_none() && is_elsewhere() && is_fork(run).map_err(store)? {
        let (folder, own) = (folder.to_owned(), run.dir().to_owned());
        return Err(ResumeError::FolderOfOthers { folder, own });
    }
    let resumed = if let Some(resumed) = Resumed::read(run, whole.epoch).map_err(store)? {
        resumed
    } else {
        // The machine went down before the epoch's values were on the disk, or the files were
        // copied here: what is known stays.
        let last = RunReader::open(run.path()).and_then(|run| run.last_step()).map_err(store)?;
        let step = whole.step.or(last).map_or(0, |step| step.0);
        Resumed { epoch: whole.epoch, step, values: Vec::new(), rates: BTreeMap::new() }
    };
    set_aside(folder, resumed.epoch)?;
    run.resume_after(resumed.step).map_err(store)?;
    Ok(resumed)
}

fn is_fork(run: &Run) -> tracker_core::Result<bool> {
    Ok(RunReader::open(run.path())?.forked_after().is_some())
}

/// The rows of the series that numbers a run's epochs. A run that was killed before its first epoch was
/// over has no such series.
pub(crate) fn epoch_rows(reader: &RunReader, epoch: &str) -> tracker_core::Result<Vec<Row>> {
    if reader.metrics()?.iter().any(|metric| metric == epoch) {
        reader.series(epoch)
    } else {
        Ok(Vec::new())
    }
}

/// What Burn said of each metric in these epochs: the metrics whose names begin with `burns_own`.
fn values(
    reader: &RunReader,
    burns_own: &str,
    epochs: &[(usize, u64)],
) -> tracker_core::Result<Vec<EpochValue>> {
    let mut values = Vec::new();
    for metric in reader.metrics()? {
        let Some((split, name)) = metric.strip_prefix(burns_own).and_then(split_of) else {
            continue;
        };
        for row in reader.series(&metric)? {
            let Some((epoch, _)) = epochs.iter().find(|(_, step)| *step == row.step.0) else {
                continue;
            };
            let (name, split) = (name.to_owned(), split.clone());
            values.push(EpochValue { name, epoch: *epoch, split, value: row.value });
        }
    }
    Ok(values)
}

/// The learning rates that hold at a step: each was logged where it changed.
fn rates(
    reader: &RunReader,
    learning_rate: &str,
    step: u64,
) -> tracker_core::Result<BTreeMap<String, f64>> {
    let mut rates = BTreeMap::new();
    for metric in reader.metrics()? {
        if metric != learning_rate && !metric.starts_with(&format!("{learning_rate}/")) {
            continue;
        }
        let rows = reader.series_in(&metric, 0..=step)?;
        if let Some(last) = rows.last() {
            rates.insert(metric, last.value);
        }
    }
    Ok(rates)
}

fn split_of(metric: &str) -> Option<(Split, &str)> {
    match metric.split_once('/')? {
        ("train", name) => Some((Split::Train, name)),
        ("valid", name) => Some((Split::Valid, name)),
        _ => None,
    }
}

/// The step with which a training begins whose first epoch is `starting_epoch`.
///
/// Where the run was resumed and the user's own `.checkpoint(n)` says from where, the earlier
/// attempts' rows beyond epoch `n` are superseded here, and what is taken over goes to `resumed`.
pub(crate) fn first_step(
    resumed: &OnceLock<Resumed>,
    tracker: &dyn Tracker,
    starting_epoch: usize,
) -> u64 {
    if let Some(resumed) = resumed.get() {
        return resumed.step + 1;
    }
    let Some(run) = tracker.context() else { return 0 };
    if let Some(position) = run.position() {
        return position.0 + 1;
    }
    if !run.is_resumed() {
        return 0;
    }
    match go_on(resumed, tracker, run, starting_epoch) {
        Ok(step) => step,
        Err(error) => {
            tracker.record(Event::Problem(resumed_run_not_read(&error)));
            0
        }
    }
}

fn go_on(
    taken_over: &OnceLock<Resumed>,
    tracker: &dyn Tracker,
    run: &dyn RunContext,
    starting_epoch: usize,
) -> tracker_core::Result<u64> {
    let checkpoint = starting_epoch.saturating_sub(1);
    if checkpoint > 0
        && let Some(resumed) = Resumed::read(run, checkpoint)?
    {
        let step = resumed.step;
        run.resume_after(Step(step))?;
        // A second word on it would be another training's.
        let _ = taken_over.set(resumed);
        return Ok(step + 1);
    }
    begin_anew(tracker, run, "call `.resume(&run)?` in place of `.track(&run)`")
}
