//! The journal of one study, read and written.

use std::{
    fmt,
    fs::File,
    hash::{BuildHasher, RandomState},
    io::{self, Write},
    time::Instant,
};

use serde_json::{Value, json};
use tracker_core::{
    Timestamp,
    studies::{StudyFolder, StudyLock},
};

use super::{
    names::{METRICS, SPACE},
    record::{Lines, Record, write_line},
    replay::Replay,
    state::StudyState,
    tail::{LONGEST_FILE, Tail},
};
use crate::{Error, Goal, Plan, Result};

/// How often a change is begun anew whose lock others took for dead.
const TRIES: usize = 5;

const HINT: &str = "check the permissions of the study's folder, and whether its disk is full";

/// The journal of one study: all trials, with their values and results.
///
/// It is the file `journal.log` in the study's folder, to which several processes and machines may append, tracker's and
/// Optuna's. A journal in memory is what the file said when it was last read: [`read_on`](Self::read_on) takes in what
/// came since. Whatever is written is decided under the file's lock, by what the file says then, and takes effect whole
/// or not at all.
///
/// ```
/// use serde_json::json;
/// use tracker_core::studies::StudyFolder;
/// use tracker_study::{Journal, Plan, TrialState};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = tempfile::tempdir()?;
/// let folder = StudyFolder::create(store.path(), "mnist", "rates")?;
/// let plan = Plan::from_json(&json!({
///     "project": "mnist", "name": "rates",
///     "metric": { "name": "valid/accuracy", "goal": "maximize" },
///     "parameters": { "lr": { "min": 1e-5, "max": 1e-1, "log": true } },
/// }))?;
/// let mut journal = Journal::create(&folder, &plan)?;
/// let queued = journal.enqueue(json!({ "lr": 0.01 }).as_object().unwrap())?;
/// assert_eq!(journal.study().trials[queued].state, TrialState::Waiting);
/// # Ok(())
/// # }
/// ```
pub struct Journal {
    folder: StudyFolder,
    worker: String,
    replay: Replay,
    tail: Tail,
}

impl Journal {
    /// Reads the journal of a study.
    ///
    /// # Errors
    /// If there is none, if it cannot be read or is longer than 256 MiB, or if it has no study of the folder's name. A
    /// line that cannot be read is a [warning](StudyState::warnings).
    pub fn open(folder: &StudyFolder) -> Result<Self> {
        let mut journal = Self::of(folder);
        journal.read_on()?;
        Ok(journal)
    }

    /// Begins a study: writes its plan into the journal, which is made if there is none. Project and name are the
    /// folder's.
    ///
    /// # Errors
    /// If the journal has a study of this name already, if the plan [cannot be used](Plan::check), or if it cannot be
    /// written.
    pub fn create(folder: &StudyFolder, plan: &Plan) -> Result<Self> {
        let (journal, is_new) = Self::open_or_create(folder, plan)?;
        if is_new {
            return Ok(journal);
        }
        let what = format!("there is a study `{}` already", folder.name());
        let hint = "go on with it by the same command as before, or choose another name";
        Err(Error::unusable(what, hint))
    }

    /// Begins a study, unless somebody has, be it at the same moment. Whether it is new: else it has the plan that it
    /// had, and this one is not looked at.
    ///
    /// # Errors
    /// As [`open`](Self::open) and [`create`](Self::create).
    pub fn open_or_create(folder: &StudyFolder, plan: &Plan) -> Result<(Self, bool)> {
        plan.check()?;
        // Whoever waits for the lock looks at the file behind it.
        folder.append_to_journal()?;
        let mut journal = Self::of(folder);
        let is_new = journal.begin(plan)?;
        journal.read_on()?;
        Ok((journal, is_new))
    }

    /// Takes in what was appended since it was last read, by whomever.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn read_on(&mut self) -> Result<()> {
        self.read_file()?;
        if self.replay.study.is_some() {
            return Ok(());
        }
        let what = format!("{} has no study `{}`", self.path(), self.folder.name());
        let names = self.replay.names().join("`, `");
        let hint = if names.is_empty() {
            "begin the study first: `tracker sweep`".to_owned()
        } else {
            format!("it has `{names}`: give its folder the name of the one that is meant")
        };
        Err(Error::unusable(what, hint))
    }

    /// What the journal said when it was last read.
    pub fn study(&self) -> &StudyState {
        &self.replay.state
    }

    /// The study's folder.
    pub fn folder(&self) -> &StudyFolder {
        &self.folder
    }

    /// Takes the lock, reads on, and appends what `decide` answers, all at once; then what was decided is part of
    /// [`study`](Self::study). It is called again if others took this process for dead meanwhile: it decides anew
    /// by what they wrote. While it thinks, nobody else can write; it should take milliseconds.
    ///
    /// # Errors
    /// If the lock cannot be had, the journal cannot be read or written, a newer program wrote to it, or `decide` fails.
    pub fn change<T>(
        &mut self,
        mut decide: impl FnMut(&StudyState) -> Result<(Vec<Record>, T)>,
    ) -> Result<T> {
        for _ in 0..TRIES {
            let lock = self.folder.lock_journal()?;
            self.read_on()?;
            let (records, answer) = decide(&self.replay.state)?;
            if records.is_empty() {
                return Ok(answer);
            }
            self.check_open()?;
            let lines = self.lines(&records)?;
            if self.append(&lock, &lines)? {
                self.read_on()?;
                return Ok(answer);
            }
        }
        Err(self.held_up())
    }

    fn of(folder: &StudyFolder) -> Self {
        let plan = Plan::unknown(folder.project(), folder.name());
        Self {
            folder: folder.clone(),
            worker: new_worker(),
            replay: Replay::new(plan),
            tail: Tail::default(),
        }
    }

    /// Writes what makes a study; `false` if it is made.
    fn begin(&mut self, plan: &Plan) -> Result<bool> {
        for _ in 0..TRIES {
            let lock = self.folder.lock_journal()?;
            self.read_file()?;
            if self.replay.study.is_some() && !self.is_bare(plan) {
                return Ok(false);
            }
            self.check_open()?;
            let lines = self.beginning(plan)?;
            if self.append(&lock, &lines)? {
                return Ok(true);
            }
        }
        Err(self.held_up())
    }

    /// Whether there is a study with neither plan nor trials, since whoever made it was cut off, or since Optuna made it and
    /// did nothing else. It can have this plan.
    fn is_bare(&self, plan: &Plan) -> bool {
        let study = &self.replay.state;
        let goals =
            |plan: &Plan| plan.metrics.iter().map(|metric| metric.goal).collect::<Vec<Goal>>();
        study.revision == 0 && study.trials.is_empty() && goals(&study.plan) == goals(plan)
    }

    /// The lines that make a study, or those that a bare one lacks.
    fn beginning(&self, plan: &Plan) -> Result<String> {
        let direction = |goal| match goal {
            Goal::Minimize => 1,
            Goal::Maximize => 2,
        };
        let directions: Vec<u8> =
            plan.metrics.iter().map(|metric| direction(metric.goal)).collect();
        let names: Vec<&str> = plan.metrics.iter().map(|metric| &*metric.name).collect();
        let study = self.replay.study.unwrap_or_else(|| self.replay.next_study());
        let mut lines = String::new();
        if self.replay.study.is_none() {
            let create = json!({ "study_name": self.folder.name(), "directions": directions });
            write_line(&mut lines, &self.worker, 0, &create)?;
        }
        let names = json!({ "study_id": study, "system_attr": { METRICS: names } });
        write_line(&mut lines, &self.worker, 3, &names)?;
        let space = json!({ "study_id": study, "user_attr": { SPACE: space_value(plan, 1) } });
        write_line(&mut lines, &self.worker, 2, &space)?;
        Ok(lines)
    }

    fn lines(&self, records: &[Record]) -> Result<String> {
        let lines = Lines {
            worker: &self.worker,
            study: self.replay.study.unwrap_or_default(),
            state: &self.replay.state,
            trial_ids: &self.replay.trial_ids,
            next_trial: self.replay.next_trial(),
            now: Timestamp::now(),
        };
        lines.of(records)
    }

    fn read_file(&mut self) -> Result<()> {
        let mut file = self.folder.read_journal()?;
        let length = self.or_say("read", file.metadata())?.len();
        if length > LONGEST_FILE {
            return Err(Error::unusable(
                format!("{} is longer than 256 MiB", self.path()),
                "begin a new study; `tracker sweep --from` takes over what this one found",
            ));
        }
        let is_same = self.tail.is_of(&mut file);
        if !self.or_say("read", is_same)? {
            (self.tail, self.replay) = {
                let anew = Self::of(&self.folder);
                (anew.tail, anew.replay)
            };
        }
        let replay = &mut self.replay;
        let read = self.tail.read_on(&mut file, |line| replay.take(&line));
        replay.settle();
        self.or_say("read", read)
    }

    /// Appends lines; `false` if the lock is not held any more. What stands behind the last line's end is what is left
    /// of a write that was cut off: it goes first, since Optuna reads nothing behind it.
    fn append(&self, lock: &StudyLock, lines: &str) -> Result<bool> {
        let file = self.folder.append_to_journal()?;
        let whole = self.tail.place();
        let length = self.or_say("read", file.metadata())?.len();
        if whole + lines.len() as u64 > LONGEST_FILE {
            return Err(Error::unusable(
                format!("{} would become longer than 256 MiB", self.path()),
                "begin a new study; `tracker sweep --from` takes over what this one found",
            ));
        }
        if !lock.is_held() {
            return Ok(false);
        }
        if length > whole {
            self.or_say("cut", file.set_len(whole))?;
        }
        let written = write(&file, lines.as_bytes());
        if written.is_err() {
            // A part of it would be a line that Optuna stops at.
            let _ = file.set_len(whole);
        }
        self.or_say("append to", written).map(|()| true)
    }

    fn check_open(&self) -> Result<()> {
        let Some(why) = &self.replay.state.closed else { return Ok(()) };
        Err(Error::unusable(
            format!("nothing is written to {}: {why}", self.path()),
            "update this program, or go on with the study by the one that wrote it",
        ))
    }

    fn held_up(&self) -> Error {
        let what = format!("failed to keep the lock of {} for long enough to write", self.path());
        Error::unusable(what, "the machine is very busy: run fewer trials at once")
    }

    fn or_say<T>(&self, action: &'static str, done: io::Result<T>) -> Result<T> {
        done.map_err(|source| Error::Io {
            action,
            path: self.folder.journal_path(),
            hint: HINT,
            source,
        })
    }

    fn path(&self) -> String {
        self.folder.journal_path().display().to_string()
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trials = self.replay.state.trials.len();
        f.debug_struct("Journal")
            .field("folder", &self.folder)
            .field("trials", &trials)
            .finish_non_exhaustive()
    }
}

/// A plan as the study's attribute.
pub(super) fn space_value(plan: &Plan, revision: u64) -> Value {
    json!({ "revision": revision, "plan": plan.to_json() })
}

fn write(mut file: &File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    // Another machine on the same folder sees it only then.
    file.sync_data()
}

/// A name that no other writer of any journal has, in the form of Optuna's: a UUID and a number.
fn new_worker() -> String {
    let half = || u128::from(RandomState::new().hash_one(Instant::now()));
    let bits = half() << 64 | half();
    let uuid = format!("{:032x}", bits & !(0xf << 76) | 0x4 << 76);
    let part = |from: usize, to: usize| uuid.get(from..to).unwrap_or_default();
    let parts = [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)];
    format!("{}-{}", parts.join("-"), std::process::id())
}
