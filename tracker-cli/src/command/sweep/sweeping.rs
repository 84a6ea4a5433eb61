//! The loop of a sweep: begins trials, watches those that train, and lets those wait again whose training died.
//!
//! Any number of these loops work on one study at once. All that they decide is decided under the journal's lock, and
//! all of them watch all trials: whoever sees first how one has ended writes it down, and whoever has a free slot begins
//! what waits.

mod looked_at;

use std::{
    collections::BTreeSet,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;
use tracker_core::{RunId, read::Store, studies::StudyFolder};
use tracker_study::{
    Begun, Journal, Sampler, Trial, TrialState, Watcher, is_trained_by, sampler_of,
};

use crate::{
    command::sweep::{
        failures::{Failed, Failures},
        interrupts::Interrupts,
        slots::Slot,
        telling::Telling,
        template::Template,
        training::{Start, Training, TrialLog},
    },
    terminal::printer,
};

/// How often runs are looked at.
const LOOK: Duration = Duration::from_millis(500);

/// How often it is asked whether a training of ours has ended, so that its slot is soon used again.
const ASK: Duration = Duration::from_millis(25);

/// What a sweep needs to know.
#[derive(Debug)]
pub(crate) struct Sweep<'a> {
    pub(crate) root: &'a Path,
    pub(crate) folder: &'a StudyFolder,
    pub(crate) template: &'a Template,
    pub(crate) slots: Vec<Slot>,
    pub(crate) retry: u32,
}

/// A sweep that is under way.
#[derive(Debug)]
pub(crate) struct Sweeping<'a> {
    sweep: Sweep<'a>,
    journal: Journal,
    trainings: Vec<Training>,
    watcher: Watcher,
    /// The runs of our trainings.
    ours: BTreeSet<RunId>,
    /// Those of which it is not known yet whether they came to something.
    undecided: BTreeSet<RunId>,
    /// Those whose training we have asked or made to end.
    ended_by_us: BTreeSet<RunId>,
    failures: Failures,
    telling: Telling,
    interrupts: Interrupts,
    /// How many trials there were when nothing was left to begin.
    exhausted_at: Option<usize>,
}

/// How a sweep came to its end.
#[derive(Debug)]
pub(crate) enum SweepEnd {
    /// Nothing is left to do.
    Done,
    /// Somebody has stopped the study.
    Stopped,
    /// Somebody has interrupted the sweep.
    Interrupted,
    /// The command does not work.
    GaveUp(Failed),
}

impl<'a> Sweeping<'a> {
    pub(crate) fn new(sweep: Sweep<'a>, journal: Journal, interrupts: Interrupts) -> Result<Self> {
        let watcher = Watcher::new(Store::open(sweep.root)?);
        let telling = Telling::behind(&journal.study().trials);
        Ok(Self {
            sweep,
            journal,
            trainings: Vec::new(),
            watcher,
            ours: BTreeSet::new(),
            undecided: BTreeSet::new(),
            ended_by_us: BTreeSet::new(),
            failures: Failures::default(),
            telling,
            interrupts,
            exhausted_at: None,
        })
    }

    /// What the journal says.
    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Sweeps until nothing is left to do, or people end it.
    pub(crate) fn run(&mut self) -> Result<SweepEnd> {
        loop {
            self.journal.read_on()?;
            self.interrupts.obey(&mut self.trainings);
            self.look()?;
            if self.failures.too_many().is_some() {
                self.trainings.iter_mut().for_each(Training::end);
            }
            self.begin()?;
            self.telling.tell(self.journal.study())?;
            if let Some(end) = self.end() {
                printer::progress("");
                return Ok(end);
            }
            self.wait();
        }
    }

    /// Looks at all trials that train, whoever has started them. One without a run was begun by another program, which
    /// will end it.
    fn look(&mut self) -> Result<()> {
        // Before runs are looked at, so that what their processes wrote last is seen.
        for training in &mut self.trainings {
            if training.poll() && training.is_ending() {
                self.ended_by_us.insert(training.run.clone());
            }
        }
        for (number, seen) in self.watcher.look(&mut self.journal)? {
            let run = self.watcher.watched(number).map(|watched| watched.run().clone());
            if let Some(run) = run {
                self.act(number, &run, seen)?;
            }
        }
        self.trainings.retain(|training| training.exit().is_none());
        Ok(())
    }

    /// The trials that train by a run.
    fn running(&self) -> impl Iterator<Item = (usize, RunId)> {
        let is_running = |trial: &&Trial| trial.state == TrialState::Running;
        let all = self.journal.study().trials.iter().filter(is_running);
        all.filter_map(|trial| Some((trial.number, trial.run.clone()?)))
    }

    fn is_ending(&self) -> bool {
        self.interrupts.any()
            || self.journal.study().asked_to_stop
            || self.failures.too_many().is_some()
    }

    /// Begins what there are slots for.
    fn begin(&mut self) -> Result<()> {
        while !self.is_ending() && self.may_be_more() {
            let Some(slot) = self.free_slot() else { return Ok(()) };
            let run = RunId::generate();
            // What was edited since holds for this one.
            let sampler = sampler_of(&self.journal.study().plan);
            match self.begin_one(&*sampler, &run)? {
                Some(number) => self.start(number, &run, slot)?,
                None => return Ok(()),
            }
        }
        Ok(())
    }

    fn begin_one(&mut self, sampler: &dyn Sampler, run: &RunId) -> Result<Option<usize>> {
        if let Begun::Trial(number) = self.journal.begin_trial(sampler, Some(run))? {
            return Ok(Some(number));
        }
        self.exhausted_at = Some(self.journal.study().trials.len());
        Ok(None)
    }

    /// Whether it is worth the lock to ask.
    fn may_be_more(&self) -> bool {
        let study = self.journal.study();
        let has_waiting = study.trials.iter().any(|trial| trial.state == TrialState::Waiting);
        let is_below_cap = study.plan.run_cap.is_none_or(|cap| study.begun() < cap);
        is_below_cap && (has_waiting || self.exhausted_at != Some(study.trials.len()))
    }

    fn free_slot(&self) -> Option<usize> {
        let is_free = |slot: &usize| self.trainings.iter().all(|training| training.slot != *slot);
        (0..self.sweep.slots.len()).find(is_free)
    }

    /// Starts the training of a trial that is ours.
    fn start(&mut self, number: usize, run: &RunId, place: usize) -> Result<()> {
        let Some(log) = TrialLog::take(self.sweep.folder, number)? else { return Ok(()) };
        // Whoever took us for dead in between held the log, and has written it down.
        self.journal.read_on()?;
        let study = self.journal.study();
        let trial = study.trials.get(number).filter(|trial| is_trained_by(trial, run));
        let (Some(trial), Some(slot)) = (trial, self.sweep.slots.get(place)) else { return Ok(()) };
        let values = study.plan.space.values(&trial.params);
        let words = self.sweep.template.words_for(self.sweep.folder, number, &values)?;
        let start = Start {
            folder: self.sweep.folder,
            trial: number,
            run,
            words: &words,
            slot,
            root: self.sweep.root,
        };
        match Training::start(&start, log, place) {
            Ok(training) => {
                self.trainings.push(training);
                self.ours.insert(run.clone());
                self.undecided.insert(run.clone());
                Ok(())
            }
            Err(error) => {
                self.wait_again(number, run, None)?;
                Err(error)
            }
        }
    }

    /// How the sweep has ended, if it has.
    fn end(&self) -> Option<SweepEnd> {
        // What became of our own is written down first, if people let us.
        let is_open = self.running().any(|(_, run)| self.ours.contains(&run));
        if !self.trainings.is_empty() || (is_open && !self.interrupts.are_many()) {
            return None;
        }
        if let Some(failed) = self.failures.too_many() {
            return Some(SweepEnd::GaveUp(failed.clone()));
        }
        if self.interrupts.any() {
            return Some(SweepEnd::Interrupted);
        }
        if self.journal.study().asked_to_stop {
            return Some(SweepEnd::Stopped);
        }
        // What others train is watched on, in case that they die.
        let is_over = self.running().next().is_none() && !self.may_be_more();
        is_over.then_some(SweepEnd::Done)
    }

    /// Waits until runs are to be looked at again, or something has ended.
    fn wait(&mut self) {
        let until = Instant::now() + LOOK;
        while Instant::now() < until && !self.interrupts.are_new() {
            if self.trainings.iter_mut().any(Training::poll) {
                return;
            }
            thread::sleep(ASK);
        }
    }
}
