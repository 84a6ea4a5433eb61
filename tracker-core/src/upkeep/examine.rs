//! What is the matter with a store.

use std::path::{Path, PathBuf};

use crate::{
    Result, State,
    format::{folder::StorePath, layout::RunPaths},
    read::{RunReader, Store, WriterState, damaged_parts},
    store::{LeftoverRing, RingFate, find_leftover_rings},
};

/// What was found in a store.
#[derive(Debug)]
#[non_exhaustive]
pub struct Examination {
    /// How many runs there are.
    pub runs: usize,
    /// How many of them live.
    pub live: usize,
    /// What is the matter. Empty if all is well.
    pub findings: Vec<Finding>,
}

/// Something that is the matter, and the way out.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Finding {
    /// What sort of trouble it is.
    pub kind: FindingKind,
    /// The run that it is about; `None` if it is about no run that can be read.
    pub run: Option<RunReader>,
    /// The file or folder.
    pub path: PathBuf,
    /// What is the matter, in words.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// Sorts of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FindingKind {
    /// A process is gone, and not all that it logged is sealed. Nothing is lost.
    Unsealed,
    /// A process ran on another machine, of which nothing has been heard.
    Lost,
    /// A file cannot be read, or not all of it.
    Damaged,
    /// Something in the store is no run, or no run that this program can read.
    Foreign,
    /// Memory that a dead process left.
    LeftoverRing,
}

impl FindingKind {
    /// The kind's name in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unsealed => "unsealed",
            Self::Lost => "lost",
            Self::Damaged => "damaged",
            Self::Foreign => "foreign",
            Self::LeftoverRing => "leftover-ring",
        }
    }
}

/// Looks at every run of a store, and at the memory that dead processes of this user left. Reads
/// the ends of all parts, and changes nothing.
///
/// # Errors
/// If the store cannot be listed.
pub fn examine(store: &Store) -> Result<Examination> {
    let listing = store.runs()?;
    let mut findings = Vec::new();
    let known = |text: &str| {
        listing.runs.iter().filter_map(RunReader::damage).any(|damage| damage.to_string() == text)
    };
    for warning in &listing.warnings {
        let text = warning.to_string();
        if !known(&text) {
            findings.push(foreign(store, text));
        }
    }
    let mut live = 0;
    for run in &listing.runs {
        live += usize::from(run.state() == State::Running);
        findings_in(run, &mut findings);
    }
    findings.extend(leftover_rings(store));
    Ok(Examination { runs: listing.runs.len(), live, findings })
}

/// Looks at one run as [`examine`] looks at all. Changes nothing.
pub fn examine_run(run: &RunReader) -> Examination {
    let mut findings = Vec::new();
    findings_in(run, &mut findings);
    let live = usize::from(run.state() == State::Running);
    Examination { runs: 1, live, findings }
}

/// A warning of the list, whose way out is part of its text if it has one.
fn foreign(store: &Store, text: String) -> Finding {
    let (message, hint) = match text.split_once("\nhint: ") {
        Some((message, hint)) => (message.to_owned(), hint.to_owned()),
        None => (text, "move it out of the store if it is no run".to_owned()),
    };
    let path = store.root().to_owned();
    Finding { kind: FindingKind::Foreign, run: None, path, message, hint }
}

fn findings_in(run: &RunReader, findings: &mut Vec<Finding>) {
    let mut found = |kind, path: &Path, message: String, hint: &str| {
        let (path, hint) = (path.to_owned(), hint.to_owned());
        findings.push(Finding { kind, run: Some(run.clone()), path, message, hint });
    };
    if let Some(damage) = run.damage() {
        let text = damage.to_string();
        let (message, hint) = text.split_once("\nhint: ").unwrap_or((&text, "look again later"));
        found(FindingKind::Damaged, &run.paths().run_file(), message.to_owned(), hint);
    }
    let writers = run.writers().unwrap_or_else(|error| {
        let text = error.to_string();
        let (message, hint) = text.split_once("\nhint: ").unwrap_or((&text, "look at the folder"));
        found(FindingKind::Damaged, &run.paths().live_all(), message.to_owned(), hint);
        Vec::new()
    });
    for writer in writers {
        let folder = run.paths().live(writer.writer).folder;
        let name = writer.writer;
        match writer.state {
            WriterState::Crashed => found(
                FindingKind::Unsealed,
                &folder,
                format!("the process of writer {name} is gone; its last points are not sealed"),
                "type `tracker doctor --seal` to seal them",
            ),
            WriterState::Lost => found(
                FindingKind::Lost,
                &folder,
                format!("nothing has been heard of writer {name} on another machine for a minute"),
                &format!(
                    "type `tracker doctor --seal` on that machine, or `tracker doctor {} --seal \
                     --force` here if it is gone",
                    run.info().id
                ),
            ),
            WriterState::Live | WriterState::Sealed => {}
        }
    }
    for (path, error) in damaged_parts(run.paths()) {
        found(
            FindingKind::Damaged,
            &path,
            format!("failed to read {}: {error}", path.display()),
            "restore it from a backup; all other points are read",
        );
    }
    for path in put_aside(run.paths()) {
        found(
            FindingKind::Damaged,
            &path,
            format!("not all of {} could be read; what could is in the run", path.display()),
            "check the disk, then delete the file",
        );
    }
}

/// Logs and parts of which not all could be read.
fn put_aside(run: &RunPaths) -> Vec<StorePath> {
    let names = run.contents().unwrap_or_default().put_aside;
    names.iter().map(|name| run.folder().child(name)).collect()
}

/// The rings of this store of which nothing is to be saved.
fn leftover_rings(store: &Store) -> Vec<Finding> {
    // Of a ring whose points are to be sealed, the run that it belongs to says so.
    let is_garbage =
        |ring: &LeftoverRing| ring.fate == RingFate::Remove && ring.is_of_store(store.root());
    let finding = |ring: LeftoverRing| Finding {
        kind: FindingKind::LeftoverRing,
        run: None,
        path: ring.path.to_path_buf(),
        message: "memory of a process that is gone".to_owned(),
        hint: "type `tracker gc` to give it back".to_owned(),
    };
    find_leftover_rings().into_iter().filter(is_garbage).map(finding).collect()
}
