//! What the end of a closure means to its trial.

use tracker_core::read::RunReader;

use super::{
    handle::TrialHandle,
    shared::{Begun, Shared},
};
use crate::{
    Ended, Goal, PRUNED, Plan, Record, Result, Seen, Trial, Which, is_trained_by,
    watch::result::{never_logged, result},
};

/// How a run says of itself that a signal has stopped it.
const BY_SIGNAL: &str = "stopped by SIG";

/// What becomes of a trial.
#[derive(Debug)]
enum Fate {
    Ended(Ended),
    /// Somebody has stopped it; whether that was a signal to the whole program.
    Stopped {
        by_signal: bool,
    },
}

impl Begun {
    /// Writes down what came of a trial whose closure has answered, or panicked.
    ///
    /// # Errors
    /// If the journal cannot be read or written, or the third trial in a row has failed at once.
    pub(super) fn end(&self, trial: &TrialHandle<'_>, said: Result<(), String>) -> Result<()> {
        let mut shared = self.lock();
        let shared = &mut *shared;
        let (number, run) = (trial.number(), trial.run());
        // What the run has logged last is read and written down by this, too.
        let seen = shared.watcher.look_at(number, run.clone(), &mut shared.journal)?;
        let left = shared.watcher.watched(number).and_then(|watched| watched.reader().cloned());
        let known = shared.journal.study().trial(number)?.clone();
        let plan = shared.journal.study().plan.clone();
        let fate = fate(seen, said, left, &known, trial.reported(), &plan);
        shared.journal.change(|study| {
            let open = study.trials.get(number).filter(|trial| is_trained_by(trial, run));
            let records = open.map(|trial| match &fate {
                Fate::Ended(ended) => ended.records(trial),
                Fate::Stopped { .. } => vec![Record::Requeue { number }],
            });
            Ok((records.unwrap_or_default(), ()))
        })?;
        shared.own.remove(&number);
        shared.watcher.forget(number);
        judge_training(shared, &known, &fate)
    }
}

/// Whether the training works at all.
fn judge_training(shared: &mut Shared, trial: &Trial, fate: &Fate) -> Result<()> {
    match fate {
        Fate::Stopped { by_signal } => {
            shared.is_over |= *by_signal;
            Ok(())
        }
        Fate::Ended(Ended::Died(why)) if trial.intermediate.is_empty() => {
            shared.failed_at_once(trial.number, why)
        }
        Fate::Ended(Ended::NoResult(why)) => shared.failed_at_once(trial.number, why),
        Fate::Ended(_) => {
            shared.worked();
            Ok(())
        }
    }
}

fn fate(
    seen: Seen,
    said: Result<(), String>,
    run: Option<RunReader>,
    trial: &Trial,
    reported: u64,
    plan: &Plan,
) -> Fate {
    let is_pruned = trial.attributes.contains_key(PRUNED);
    if let Seen::Stopped(why) = seen {
        return Fate::Stopped { by_signal: why.starts_with(BY_SIGNAL) };
    }
    Fate::Ended(match (said, seen) {
        // A training that was asked to end may do so by an error.
        (Err(_), _) if is_pruned => Ended::Pruned,
        (Err(why), _) => Ended::Died(why),
        (Ok(()), Seen::Ended(ended)) => ended,
        (Ok(()), _) if is_pruned => Ended::Pruned,
        // Somebody holds on to the run. What it has logged by now is there.
        (Ok(()), Seen::Trains { .. }) => match run {
            Some(run) => result(&run, plan),
            None => of_reports(trial, reported, plan),
        },
        (Ok(()), _) => of_reports(trial, reported, plan),
    })
}

/// The result of a training without a run.
fn of_reports(trial: &Trial, reported: u64, plan: &Plan) -> Ended {
    let [metric] = &*plan.metrics else {
        let names: Vec<&str> = plan.metrics.iter().map(|metric| &*metric.name).collect();
        let all = names.join(" and ");
        return Ended::NoResult(format!("{all} were not logged: begin a run by `trial.init(..)`"));
    };
    let told: Vec<f64> =
        (1..=reported).filter_map(|n| trial.intermediate.get(&n).copied()).collect();
    let Some(last) = told.last().copied() else {
        let missing = never_logged(&metric.name, std::iter::empty());
        let hint = "begin a run by `trial.init(..)`, or tell values by `trial.report(..)`";
        return Ended::NoResult(format!("{missing}: {hint}"));
    };
    if !last.is_finite() {
        return Ended::Diverged(format!("{} is {last}", metric.name));
    }
    let finite = told.into_iter().filter(|value| value.is_finite());
    let value = match (metric.value, metric.goal) {
        (Which::Last, _) => last,
        (Which::Best, Goal::Minimize) => finite.fold(last, f64::min),
        (Which::Best, Goal::Maximize) => finite.fold(last, f64::max),
    };
    Ended::Complete(vec![value])
}
