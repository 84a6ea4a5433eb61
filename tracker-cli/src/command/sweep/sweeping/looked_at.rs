//! What is done about a trial whose training was looked at: it goes on, waits again, or has ended.

use std::time::Duration;

use anyhow::Result;
use tracker_core::RunId;
use tracker_study::{DEATHS, Ended, Record, Seen, Trial, Watched, is_trained_by};

use crate::{
    command::sweep::{
        ending::Push,
        sweeping::Sweeping,
        training::{Training, TrialLog},
    },
    terminal::printer,
};

/// How long a trial may be without a run before it is asked whether anybody trains it.
const WITHOUT_RUN: Duration = Duration::from_secs(5);

/// The same where the file system knows no locks, so that nobody can be asked.
const WITHOUT_LOCKS: Duration = Duration::from_mins(10);

impl Sweeping<'_> {
    /// Does what is to be done about a trial that trained at the last look.
    pub(super) fn act(&mut self, number: usize, run: &RunId, seen: Seen) -> Result<()> {
        match seen {
            Seen::Trains { listens, is_asked_to_stop, .. } => {
                self.push(number, run, listens, is_asked_to_stop);
                Ok(())
            }
            Seen::NotThere(since) => {
                self.push(number, run, false, false);
                match self.trainings.iter().find(|own| own.run == *run).map(Training::exit) {
                    Some(Some(exit)) => self.died(number, run, &format!("it began no run: {exit}")),
                    Some(None) => Ok(()),
                    None => self.missed(number, run, since),
                }
            }
            Seen::Stopped(_) => self.wait_again(number, run, None),
            Seen::Ended(Ended::Died(why)) => self.died(number, run, &why),
            Seen::Ended(ended) => {
                if self.undecided.remove(run) {
                    let why = match &ended {
                        Ended::NoResult(why) if !self.has_worked() => Some(&**why),
                        _ => None,
                    };
                    self.failures.count(number, why);
                }
                self.write(number, run, |trial| ended.records(trial))
            }
            // What a newer version sees, it sees to.
            _ => Ok(()),
        }
    }

    /// Whether any training of the study has logged a value: its command works.
    fn has_worked(&self) -> bool {
        self.journal.study().trials.iter().any(|trial| !trial.intermediate.is_empty())
    }

    /// A trial without a run that we have not started: if nobody trains it, whoever was about to has died.
    fn missed(&mut self, number: usize, run: &RunId, since: Duration) -> Result<()> {
        if since < WITHOUT_RUN {
            return Ok(());
        }
        let Some(log) = TrialLog::take(self.sweep.folder, number)? else { return Ok(()) };
        if log.is_certain || since > WITHOUT_LOCKS {
            self.requeue(number, run, None, log)?;
        }
        Ok(())
    }

    /// A training has died: its trial waits again, or has failed if that was often enough.
    fn died(&mut self, number: usize, run: &RunId, why: &str) -> Result<()> {
        if self.ended_by_us.contains(run) {
            return self.wait_again(number, run, None);
        }
        let Some(trial) = self.journal.study().trials.get(number) else { return Ok(()) };
        let deaths =
            trial.attributes.get(DEATHS).and_then(serde_json::Value::as_u64).unwrap_or(0) + 1;
        if self.undecided.remove(run) {
            self.failures.count(number, (!self.has_worked()).then_some(why));
        }
        if self.failures.too_many().is_some() {
            // Once the command works, it gets its chances.
            return self.wait_again(number, run, None);
        }
        if deaths > u64::from(self.sweep.retry) {
            let ended = Ended::Died(why.to_owned());
            return self.write(number, run, |trial| ended.records(trial));
        }
        self.wait_again(number, run, Some(deaths))
    }

    /// Lets a trial wait again, as soon as the last process of its training has ended.
    pub(super) fn wait_again(
        &mut self,
        number: usize,
        run: &RunId,
        deaths: Option<u64>,
    ) -> Result<()> {
        match TrialLog::take(self.sweep.folder, number)? {
            Some(log) => self.requeue(number, run, deaths, log),
            None => Ok(()),
        }
    }

    /// Lets a trial wait again whose log is ours while it is written down: nobody begins it in between.
    fn requeue(
        &mut self,
        number: usize,
        run: &RunId,
        deaths: Option<u64>,
        log: TrialLog,
    ) -> Result<()> {
        self.write(number, run, |_| {
            let deaths = deaths.map(|deaths| Record::Attribute {
                number,
                key: DEATHS.into(),
                value: deaths.into(),
            });
            deaths.into_iter().chain([Record::Requeue { number }]).collect()
        })?;
        drop(log);
        Ok(())
    }

    /// Ends a training of ours that was asked to stop and goes on.
    fn push(&mut self, number: usize, run: &RunId, listens: bool, is_asked_to_stop: bool) {
        let Some(own) = self.trainings.iter_mut().find(|own| own.run == *run) else { return };
        if is_asked_to_stop {
            own.is_asked_to_stop();
        } else if let Some(reader) = self.watcher.watched(number).and_then(Watched::reader) {
            own.ask(reader, "its sweep was interrupted");
        }
        let told = match own.push(listens) {
            Push::Wait => return,
            Push::Signal => "does not look whether it should stop: it gets SIGTERM",
            Push::Kill => "does not end: it is killed",
        };
        printer::progress("");
        printer::note(&format!("trial {number} {told}"));
    }

    /// Writes about a trial, unless others have ended it or its training in between.
    fn write(
        &mut self,
        number: usize,
        run: &RunId,
        records: impl Fn(&Trial) -> Vec<Record>,
    ) -> Result<()> {
        Ok(self.journal.change(|study| {
            let trial = study.trials.get(number).filter(|trial| is_trained_by(trial, run));
            Ok((trial.map_or(Vec::new(), &records), ()))
        })?)
    }
}
