//! One trial that trains, watched by its run.

use std::time::{Duration, Instant};

use tracker_core::{
    RunId, State,
    control::StopRequest,
    read::{Cursor, RunReader, Store},
};

use super::{Ended, PRUNED, listener::Asked, reported::reported, result};
use crate::{Journal, Judge, Result, Trial};

/// How often it is looked whether the processes of a run live. Whatever else becomes of a run stands in its `run.json`,
/// which is looked at each time.
const LIVES: Duration = Duration::from_secs(4);

/// How long a run that is not in its project's folder is looked for in no other one.
const ELSEWHERE: Duration = Duration::from_secs(10);

/// A trial that trains: how far its run was read.
#[derive(Debug)]
pub struct Watched {
    run: RunId,
    /// Where the run is, if not in the project of its study.
    project: Option<String>,
    reader: Option<RunReader>,
    cursor: Cursor,
    /// How many values of the first metric were seen.
    count: u64,
    since: Instant,
    looked_for_life: Option<Instant>,
    looked_elsewhere: Instant,
    asked: Asked,
}

/// What is seen of a trial that trains.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Seen {
    /// Its run is not there, since it was first looked for so long ago.
    NotThere(Duration),
    /// It trains.
    Trains {
        /// Whether it has ever looked for requests to stop.
        listens: bool,
        /// Whether it was asked to stop because its judge said so.
        is_asked_to_stop: bool,
        /// Whether asking does not help: it was asked ten seconds ago, and nobody listens. A process has to be ended by
        /// a signal then; a thread of this process can only be waited for.
        is_deaf: bool,
    },
    /// Somebody who is no judge has stopped it: who, and why. The trial should wait again.
    Stopped(String),
    /// Its training has ended.
    Ended(Ended),
}

impl Watched {
    /// A trial that this run trains, of which nothing was read yet.
    pub fn new(run: RunId) -> Self {
        let now = Instant::now();
        Self {
            run,
            project: None,
            reader: None,
            cursor: Cursor::default(),
            count: 0,
            since: now,
            looked_for_life: None,
            looked_elsewhere: now,
            asked: Asked::default(),
        }
    }

    /// Says that the run is in this project and not in that of its study.
    #[must_use]
    pub fn in_project(mut self, project: impl Into<String>) -> Self {
        self.project = Some(project.into());
        self
    }

    /// The run that trains it.
    pub fn run(&self) -> &RunId {
        &self.run
    }

    /// The run as it was when it was last looked at; `None` while it is not there.
    pub fn reader(&self) -> Option<&RunReader> {
        self.reader.as_ref()
    }

    /// Looks at the run, writes down what it has logged since the last look, and asks it to stop if its judge says so.
    /// What has ended is not written down: whoever looks decides what becomes of it, by [`Ended::records`].
    ///
    /// Costs little where nothing has happened, as the list of a store's runs is not read.
    ///
    /// # Errors
    /// If the run cannot be read, or the journal cannot be read or written.
    pub fn look(
        &mut self,
        number: usize,
        store: &Store,
        journal: &mut Journal,
        judge: Option<&dyn Judge>,
    ) -> Result<Seen> {
        let Some((reader, is_new)) = self.opened(store, journal) else {
            return Ok(Seen::NotThere(self.since.elapsed()));
        };
        // Before its values are read: what is logged in between and the end are seen at the next look.
        let state = self.state(&reader, is_new);
        self.write_down(&reader, number, journal, judge)?;
        let study = journal.study();
        let trial = study.trial(number)?;
        let pruned = trial.attributes.contains_key(PRUNED);
        if state != State::Running {
            return Ok(result::seen(&reader.reopen()?, state, pruned, &study.plan));
        }
        if pruned && !self.asked.is_asked() {
            self.ask_to_stop(&reader, trial, &study.name)?;
        }
        let listens = reader.info().listens_to_stop == Some(true);
        let is_asked_to_stop = self.asked.is_asked();
        Ok(Seen::Trains { listens, is_asked_to_stop, is_deaf: self.asked.is_deaf(listens) })
    }

    /// The run, and whether it says something else of itself than at the last look.
    fn opened(&mut self, store: &Store, journal: &Journal) -> Option<(RunReader, bool)> {
        let (reader, is_new) = match self.reader.take() {
            Some(known) if !known.has_changed() => (known, false),
            Some(known) => (known.reopen().unwrap_or(known), true),
            None => (self.find(store, journal)?, true),
        };
        self.reader = Some(reader.clone());
        Some((reader, is_new))
    }

    fn find(&mut self, store: &Store, journal: &Journal) -> Option<RunReader> {
        let project = self.project.as_ref().unwrap_or(&journal.study().plan.project);
        let project = store.project(project).path();
        let here = RunReader::open(project.join(self.run.as_str())).ok();
        if here.is_some() || self.looked_elsewhere.elapsed() < ELSEWHERE {
            return here;
        }
        self.looked_elsewhere = Instant::now();
        store.run(&self.run).ok()
    }

    fn state(&mut self, reader: &RunReader, is_new: bool) -> State {
        let is_due = self.looked_for_life.is_none_or(|looked| looked.elapsed() >= LIVES);
        if !is_new && !is_due {
            return State::Running;
        }
        self.looked_for_life = Some(Instant::now());
        reader.state()
    }

    fn write_down(
        &mut self,
        reader: &RunReader,
        number: usize,
        journal: &mut Journal,
        judge: Option<&dyn Judge>,
    ) -> Result<()> {
        let Some(metric) = journal.study().plan.metrics.first() else { return Ok(()) };
        let mut cursor = self.cursor.clone();
        let rows = reader.tail_metric(&mut cursor, &metric.name)?;
        let values: Vec<(u64, f64)> =
            (self.count + 1..).zip(rows.iter().map(|row| row.value)).collect();
        if !values.is_empty() {
            let run = self.run.clone();
            journal.change(|study| Ok((reported(study, number, &run, &values, judge), ())))?;
        }
        // Only now: what could not be written is read again.
        self.count += values.len() as u64;
        self.cursor = cursor;
        Ok(())
    }

    fn ask_to_stop(&mut self, reader: &RunReader, trial: &Trial, study: &str) -> Result<()> {
        let why = trial.attributes.get(PRUNED).and_then(|why| why.as_str()).unwrap_or_default();
        let n = trial.intermediate.last_key_value().map_or(0, |(n, _)| *n);
        let request = StopRequest::now().by(format!("study {study}"));
        match request.why(told(why, n)).send(reader) {
            // It may have ended in between, which is as well.
            Err(error) if reader.state() == State::Running => Err(error.into()),
            _ => {
                self.asked = Asked::now();
                Ok(())
            }
        }
    }
}

/// `pruned at value 3: 0.61, needs 0.74` of `0.61 at value 3, needs 0.74`.
fn told(why: &str, n: u64) -> String {
    let at = format!(" at value {n}");
    if why.contains(&at) {
        format!("pruned{at}: {}", why.replacen(&at, "", 1))
    } else {
        format!("pruned: {why}")
    }
}
