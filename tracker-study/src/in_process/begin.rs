//! How a study in a program begins, or goes on, and how each of its trials does.

use std::time::Duration;

use tracker_core::{RunId, Timestamp, read::Store, studies::StudyFolder};

use super::{
    shared::{Begun, Claim, Own, Shared},
    study::Study,
};
use crate::{
    Begun as Asked, DEATHS, Ended, Journal, Record, Result, Seen, Trial, TrialState, Watcher,
    is_trained_by, sampler_of,
};

/// How long whoever begins a trial may take until it holds the trial's lock.
const UNTIL_LOCKED: Duration = Duration::from_secs(5);

/// The same where the file system knows no locks, so that nobody can be asked.
const WITHOUT_LOCKS: Duration = Duration::from_mins(10);

/// How often the training of a trial may die with its program before the trial has failed.
const MOST_DEATHS: u64 = 3;

/// Makes the study, or opens the one that is there.
pub(super) fn begin(mut study: Study, trials: u64) -> Result<Begun> {
    let root = match study.root.take() {
        Some(root) => root,
        None => Store::discovered_root()?,
    };
    let plan = study.plan(trials)?;
    let queue = study.queue()?;
    plan.check()?;
    let folder = StudyFolder::create(&root, &plan.project, &plan.name)?;
    let (mut journal, _) = Journal::open_or_create(&folder, &plan)?;
    journal.edit(&plan)?;
    // Who runs it again wants it to go on, whoever asked it to stop before.
    journal.ask_to_go_on()?;
    for values in queue {
        if !journal.study().trials.iter().any(|trial| is_tried(trial, &values, &journal)) {
            journal.enqueue(&values)?;
        }
    }
    let watcher = Watcher::new(Store::open(&root)?);
    Ok(Begun::new(folder, root, journal, watcher, trials))
}

/// Whether a trial has these values, or waits to have them: an earlier call has queued it.
fn is_tried(
    trial: &Trial,
    values: &serde_json::Map<String, serde_json::Value>,
    journal: &Journal,
) -> bool {
    let space = &journal.study().plan.space;
    trial.fixed == *values
        || values.iter().all(|(name, value)| {
            let internal = space.get(name).and_then(|parameter| parameter.domain.internal(value));
            internal.is_some() && trial.params.get(name).copied() == internal
        })
}

impl Begun {
    /// Begins the next trial; its number, and its run's id. `None` if nothing is left to begin.
    pub(super) fn next(&self) -> Result<Option<(usize, RunId)>> {
        loop {
            let mut shared = self.lock();
            if shared.is_over {
                return Ok(None);
            }
            shared.journal.read_on()?;
            let is_unsure = self.look_after_the_dead(&mut shared)?;
            let sampler = sampler_of(&shared.journal.study().plan);
            let run = RunId::generate();
            match shared.journal.begin_trial(&*sampler, Some(&run))? {
                Asked::Trial(number) => {
                    self.claim(&mut shared, number, run.clone())?;
                    return Ok(Some((number, run)));
                }
                Asked::Stopped => return Ok(None),
                _ if !is_unsure => return Ok(None),
                _ => {}
            }
            drop(shared);
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn claim(&self, shared: &mut Shared, number: usize, run: RunId) -> Result<()> {
        let lock = match Claim::of(&self.folder, number)? {
            Claim::Ours(file) => Some(file),
            // Whoever still looks whether the trial is dead lets go of it at once.
            Claim::Theirs | Claim::Unknown => None,
        };
        shared.own.insert(number, Own { run, _lock: lock });
        Ok(())
    }

    /// Decides what becomes of trials that train by what the journal says, and that nobody trains. Whether that is not
    /// known of some yet.
    fn look_after_the_dead(&self, shared: &mut Shared) -> Result<bool> {
        let is_foreign = |trial: &&Trial| {
            trial.state == TrialState::Running && !shared.own.contains_key(&trial.number)
        };
        let running = shared.journal.study().trials.iter().filter(is_foreign);
        let running: Vec<(usize, Option<RunId>, Duration)> =
            running.map(|trial| (trial.number, trial.run.clone(), age(trial))).collect();
        let mut is_unsure = false;
        for (number, run, age) in running {
            let held = match Claim::of(&self.folder, number)? {
                Claim::Theirs => continue,
                Claim::Unknown if age < WITHOUT_LOCKS => continue,
                Claim::Ours(_) if age < UNTIL_LOCKED => {
                    is_unsure = true;
                    continue;
                }
                Claim::Ours(file) => Some(file),
                Claim::Unknown => None,
            };
            if let Some(run) = run {
                bury(shared, number, &run)?;
            } else {
                shared.journal.requeue(number)?;
            }
            drop(held);
        }
        Ok(is_unsure)
    }
}

/// Writes down what a training came to that nobody goes on with: its result, if it came to its end, else that its trial
/// waits again.
fn bury(shared: &mut Shared, number: usize, run: &RunId) -> Result<()> {
    let seen = shared.watcher.look_at(number, run.clone(), &mut shared.journal)?;
    let requeue = Record::Requeue { number };
    shared.journal.change(|study| {
        let Some(trial) = study.trials.get(number).filter(|trial| is_trained_by(trial, run)) else {
            return Ok((Vec::new(), ()));
        };
        let deaths = trial.attributes.get(DEATHS).and_then(serde_json::Value::as_u64);
        let deaths = deaths.unwrap_or_default() + 1;
        let records = match &seen {
            // It has no lock of ours and trains all the same: somebody else's.
            Seen::Trains { .. } => Vec::new(),
            Seen::Ended(Ended::Died(_)) if deaths < MOST_DEATHS => {
                let key = DEATHS.to_owned();
                vec![Record::Attribute { number, key, value: deaths.into() }, requeue.clone()]
            }
            Seen::Ended(ended) => ended.records(trial),
            Seen::NotThere(_) | Seen::Stopped(_) => vec![requeue.clone()],
        };
        Ok((records, ()))
    })
}

/// How long ago a trial was begun.
fn age(trial: &Trial) -> Duration {
    let begun = trial.started.map_or(0, Timestamp::as_micros);
    let micros = Timestamp::now().as_micros().saturating_sub(begun);
    Duration::from_micros(u64::try_from(micros).unwrap_or_default())
}
