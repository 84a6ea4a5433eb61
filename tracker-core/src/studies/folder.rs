//! The folder of one study.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use crate::{
    Error, Result,
    error::{IoContext, excerpt},
    format::{
        folder::StorePath,
        layout::{STUDIES, check_project, file_names},
    },
    read::{Project, Store},
    store,
    studies::lock::StudyLock,
    value::file_name::{SIGNS, clash, unusable},
};

const JOURNAL: &str = "journal.log";
const DEFINITION: &str = "study.toml";
const PROGRAMS: &str = "bin";

/// The longest definition of a study, in bytes.
const MOST_DEFINITION: u64 = 256 << 10;

const HINT: &str = "check the permissions of the study's folder";

/// The folder of one study: `<root>/<project>/.studies/<name>/`, with its journal, its definition, the programs that
/// it runs and what its trials print.
///
/// Several processes and machines may use one at once: only who holds the [lock](Self::lock_journal) writes to the
/// journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StudyFolder {
    place: StorePath,
    project: String,
    name: String,
}

impl StudyFolder {
    /// Makes the folder of a study, and its store, unless they are there.
    ///
    /// # Errors
    /// If the name cannot be a folder's, if the project has a study whose name differs in capitals alone, or if the
    /// folder cannot be made.
    pub fn create(root: &Path, project: &str, name: &str) -> Result<Self> {
        check_project(project)?;
        check(name)?;
        let root = StorePath::named(std::path::absolute(root).unwrap_or_else(|_| root.into()));
        store::make_root(&root).io_context("create", &root, HINT)?;
        let all = root.child(project).child(STUDIES);
        let others = file_names(&all)?;
        if let Some(other) = others.iter().find(|other| *other != name && clash(other, name)) {
            return Err(Error::Refused {
                action: "create the study",
                path: all.child(name).to_path_buf(),
                reason: format!("the project has a study `{}`", excerpt(other)),
                hint: "go on with that one, or choose a name that differs in more than capitals"
                    .into(),
            });
        }
        let place = all.child(name);
        place.create_folder().io_context("create", &place, HINT)?;
        Ok(Self { place, project: project.to_owned(), name: name.to_owned() })
    }

    /// The folder of a study that is there.
    ///
    /// # Errors
    /// If there is none, or if a link or file has its place.
    pub fn open(store: &Store, project: &str, name: &str) -> Result<Self> {
        check_project(project)?;
        check(name)?;
        let place = studies_of(&store.project(project)).child(name);
        let hint = "`tracker study ls` shows all studies";
        place.hold().io_context("open the study", &place, hint)?;
        Ok(Self { place, project: project.to_owned(), name: name.to_owned() })
    }

    /// The project of the study.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// The study's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folder's path, for people and for programs that are started.
    pub fn path(&self) -> &Path {
        &self.place
    }

    /// The journal's path, for people and for Optuna.
    pub fn journal_path(&self) -> PathBuf {
        self.journal().to_path_buf()
    }

    /// Opens the journal to read it.
    ///
    /// # Errors
    /// If there is none, or it is no plain file.
    pub fn read_journal(&self) -> Result<File> {
        let journal = self.journal();
        journal.open().io_context("open", &journal, "begin the study first, or name another one")
    }

    /// Whether there is a journal.
    pub fn has_journal(&self) -> bool {
        self.journal().look().is_ok_and(|look| look.is_file())
    }

    /// Opens the journal to write behind what is in it, to cut it and to read it; makes it if there is none. Only who
    /// holds the [lock](Self::lock_journal) writes.
    ///
    /// # Errors
    /// If it is no plain file, or cannot be written.
    pub fn append_to_journal(&self) -> Result<File> {
        let journal = self.journal();
        journal.open_to_append().io_context("open", &journal, HINT)
    }

    /// Waits until nobody else writes to the journal; until the answer is dropped, no other process does, be it
    /// tracker's or Optuna's.
    ///
    /// It takes Optuna's lock: the link `journal.log.lock` beside the journal. One whose holder is known to be dead, on the
    /// same machine, is taken away at once; any other after 30 seconds in which neither it nor the journal has changed.
    ///
    /// # Errors
    /// If the link can be neither made nor taken away, or if others hold it for five minutes on end.
    pub fn lock_journal(&self) -> Result<StudyLock> {
        StudyLock::take(&self.journal())
    }

    /// Keeps the text that defines the study, as it was given, in `study.toml`.
    ///
    /// # Errors
    /// If it is longer than 256 KiB, or cannot be written.
    pub fn write_definition(&self, text: &str) -> Result<()> {
        let place = self.place.child(DEFINITION);
        if text.len() as u64 > MOST_DEFINITION {
            return Err(Error::InvalidName {
                what: "definition of a study",
                name: excerpt(text),
                reason: format!("it has {} bytes, {MOST_DEFINITION} are allowed", text.len()),
                hint: "say less in it: long lists of values belong to the training".into(),
            });
        }
        place.replace_with(text.as_bytes(), true).io_context("write", &place, HINT)
    }

    /// The text that defines the study; `None` if none was kept.
    ///
    /// # Errors
    /// If it cannot be read, or is longer than 256 KiB.
    pub fn definition(&self) -> Result<Option<String>> {
        let place = self.place.child(DEFINITION);
        match place.read(MOST_DEFINITION) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => {
                let bytes = read.io_context("read", &place, HINT)?;
                Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
            }
        }
    }

    /// The folder of the programs that the study runs, so that later builds change nothing. It is made if it is not
    /// there, and is never a link.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn programs(&self) -> Result<PathBuf> {
        let place = self.place.child(PROGRAMS);
        let made = place.create_folder().and_then(|()| place.hold());
        made.io_context("create", &place, HINT)?;
        Ok(place.to_path_buf())
    }

    /// Where what a trial prints is kept.
    pub fn trial_log_path(&self, number: usize) -> PathBuf {
        self.trial_log(number).to_path_buf()
    }

    /// Opens the file of what a trial prints, to write behind what is in it.
    ///
    /// # Errors
    /// If it is no plain file, or cannot be written.
    pub fn append_to_trial_log(&self, number: usize) -> Result<File> {
        let log = self.trial_log(number);
        log.open_to_append().io_context("open", &log, HINT)
    }

    /// Opens the file of what a trial prints, to read it.
    ///
    /// # Errors
    /// If there is none, or it is no plain file.
    pub fn read_trial_log(&self, number: usize) -> Result<File> {
        let log = self.trial_log(number);
        log.open().io_context("open", &log, "the trial has printed nothing that was kept")
    }

    /// One that is there, by what a listing says.
    pub(super) fn listed(project: &Project, name: &str) -> Option<Self> {
        let place = studies_of(project).child(name);
        let is_one = unusable(name).is_none() && place.hold().is_ok();
        is_one.then(|| Self { place, project: project.name().to_owned(), name: name.to_owned() })
    }

    fn journal(&self) -> StorePath {
        self.place.child(JOURNAL)
    }

    fn trial_log(&self, number: usize) -> StorePath {
        self.place.child(format!("trial-{number}.log"))
    }
}

/// The folder of all studies of a project.
pub(super) fn studies_of(project: &Project) -> StorePath {
    project.place().child(STUDIES)
}

fn check(name: &str) -> Result<()> {
    let Some(reason) = unusable(name) else { return Ok(()) };
    Err(Error::InvalidName {
        what: "name of a study",
        name: excerpt(name),
        reason,
        hint: format!("a study is a folder: use letters, digits and any of `{SIGNS}`"),
    })
}
