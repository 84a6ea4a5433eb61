//! All trials of a study that train, watched at once.

use std::collections::BTreeMap;

use tracker_core::{RunId, read::Store};

use super::{Seen, Watched};
use crate::{Journal, Judge, Result, TrialState, judge_of};

/// All trials of a study that train, watched at once: threads of this process, processes of this machine, and those of
/// other machines on the same folder.
///
/// Whoever has one calls [`look`](Self::look) again and again, some times a second; there is no thread behind it.
#[derive(Debug)]
pub struct Watcher {
    store: Store,
    trials: BTreeMap<usize, Watched>,
    judge: Option<Box<dyn Judge>>,
    /// The plan's revision by which they are judged.
    revision: Option<u64>,
}

impl Watcher {
    /// Watches runs of this store.
    pub fn new(store: Store) -> Self {
        Self { store, trials: BTreeMap::new(), judge: None, revision: None }
    }

    /// Looks at each trial that trains by a run: what it has logged is written into the journal and judged, and one that
    /// should end is asked to. What is seen of each, in the order of their numbers. Those that the journal says have
    /// ended are forgotten.
    ///
    /// Call [`Journal::read_on`] before, to see what others have begun and ended.
    ///
    /// # Errors
    /// If the journal cannot be read or written, or a run cannot be read.
    pub fn look(&mut self, journal: &mut Journal) -> Result<Vec<(usize, Seen)>> {
        let running: Vec<(usize, RunId)> = running(journal).collect();
        self.trials.retain(|number, _| running.iter().any(|(running, _)| running == number));
        let look = |(number, run)| Ok((number, self.look_at(number, run, journal)?));
        running.into_iter().map(look).collect()
    }

    /// Looks at one trial, as [`look`](Self::look) does at each.
    ///
    /// # Errors
    /// As [`look`](Self::look).
    pub fn look_at(&mut self, number: usize, run: RunId, journal: &mut Journal) -> Result<Seen> {
        self.obey_plan(journal);
        let of_run = self.trials.remove(&number).filter(|watched| *watched.run() == run);
        let watched =
            self.trials.entry(number).or_insert(of_run.unwrap_or_else(|| Watched::new(run)));
        watched.look(number, &self.store, journal, self.judge.as_deref())
    }

    /// Watches a trial from now on by this run, which need not be there yet.
    pub(crate) fn expect(&mut self, number: usize, watched: Watched) {
        self.trials.insert(number, watched);
    }

    /// Watches a trial no more: it has ended.
    pub(crate) fn forget(&mut self, number: usize) {
        self.trials.remove(&number);
    }

    /// What was seen of a trial's run.
    pub fn watched(&self, number: usize) -> Option<&Watched> {
        self.trials.get(&number)
    }

    /// The judge of the plan as it is now.
    pub(crate) fn judge(&mut self, journal: &Journal) -> Option<&dyn Judge> {
        self.obey_plan(journal);
        self.judge.as_deref()
    }

    /// People may have edited the plan.
    fn obey_plan(&mut self, journal: &Journal) {
        let study = journal.study();
        if self.revision != Some(study.revision) {
            self.revision = Some(study.revision);
            self.judge = judge_of(&study.plan);
        }
    }
}

fn running(journal: &Journal) -> impl Iterator<Item = (usize, RunId)> {
    let all = journal.study().trials.iter();
    let running = all.filter(|trial| trial.state == TrialState::Running);
    running.filter_map(|trial| Some((trial.number, trial.run.clone()?)))
}
