//! One trial that trains, watched by its run.

use std::time::{Duration, Instant};

use tracker_core::{
    RunId, State,
    control::StopRequest,
    read::{Cursor, RunReader, Store},
};

use super::{Ended, PRUNED, listener::Asked, pace::Pace, reported::reported, result};
use crate::{Journal, Judge, Result, Trial};

/// How often it is looked whether the processes of a run live. Whatever else becomes of a run stands in its `run.json`,
/// which is looked at each time.
const LIVES: Duration = Duration::from_secs(4);

/// How long a run may be unreadable, such as one that somebody moves, before it counts as lost.
const UNREADABLE: Duration = Duration::from_secs(10);

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
    /// What its state was when that was last looked at, and when.
    state: Option<(State, Instant)>,
    looked_elsewhere: Instant,
    asked: Asked,
    pace: Pace,
    unreadable_since: Option<Instant>,
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
            state: None,
            looked_elsewhere: now,
            asked: Asked::default(),
            pace: Pace::new(now),
            unreadable_since: None,
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
        let now = Instant::now();
        if is_new || state != State::Running || self.pace.is_due(now) {
            match self.read(&reader, journal) {
                Ok((values, cursor)) => {
                    self.write_down(&values, number, journal, judge)?;
                    self.cursor = cursor;
                    self.pace.has_read(now, values.len());
                    self.unreadable_since = None;
                }
                Err(error) => return Ok(self.unreadable(&reader, &error)),
            }
        }
        let study = journal.study();
        let trial = study.trial(number)?;
        let pruned = trial.attributes.contains_key(PRUNED);
        if state != State::Running {
            return Ok(match reader.reopen() {
                Ok(reader) => result::seen(&reader, state, pruned, &study.plan),
                Err(error) => self.unreadable(&reader, &error),
            });
        }
        if pruned && !self.asked.is_asked() {
            self.ask_to_stop(&reader, trial, &study.name);
        }
        Ok(self.trains(&reader))
    }

    fn trains(&self, reader: &RunReader) -> Seen {
        let listens = reader.info().listens_to_stop == Some(true);
        let is_asked_to_stop = self.asked.is_asked();
        Seen::Trains { listens, is_asked_to_stop, is_deaf: self.asked.is_deaf(listens) }
    }

    /// A run that cannot be read is tried again for a while: the study does not end by what somebody does to one run.
    fn unreadable(&mut self, reader: &RunReader, error: &tracker_core::Error) -> Seen {
        let since = *self.unreadable_since.get_or_insert_with(Instant::now);
        if since.elapsed() < UNREADABLE {
            return self.trains(reader);
        }
        Seen::Ended(Ended::Died(format!("its run cannot be read: {error}")))
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
        match self.state {
            Some((state, looked)) if !is_new && looked.elapsed() < LIVES => state,
            _ => {
                let state = reader.state();
                self.state = Some((state, Instant::now()));
                state
            }
        }
    }

    /// What has been logged of the first metric since the last look, each value with its place, and the place behind it.
    fn read(
        &self,
        reader: &RunReader,
        journal: &Journal,
    ) -> Result<(Vec<(u64, f64)>, Cursor), tracker_core::Error> {
        let mut cursor = self.cursor.clone();
        let rows = match journal.study().plan.metrics.first() {
            Some(metric) => reader.tail_metric(&mut cursor, &metric.name)?,
            None => Vec::new(),
        };
        let values = (self.count + 1..).zip(rows.iter().map(|row| row.value));
        Ok((values.collect(), cursor))
    }

    fn write_down(
        &mut self,
        values: &[(u64, f64)],
        number: usize,
        journal: &mut Journal,
        judge: Option<&dyn Judge>,
    ) -> Result<()> {
        if values.is_empty() {
            return Ok(());
        }
        journal.change(|study| Ok((reported(study, number, &self.run, values, judge), ())))?;
        // Only now: what could not be written is read again.
        self.count += values.len() as u64;
        Ok(())
    }

    fn ask_to_stop(&mut self, reader: &RunReader, trial: &Trial, study: &str) {
        let why = trial.attributes.get(PRUNED).and_then(|why| why.as_str()).unwrap_or_default();
        let n = trial.intermediate.last_key_value().map_or(0, |(n, _)| *n);
        let request = StopRequest::now().by(format!("study {study}"));
        let sent = request.why(told(why, n)).send(reader);
        self.asked = Asked::now(sent.is_ok());
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
