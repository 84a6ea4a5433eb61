//! Files that nobody needs any more.

use std::{io, path::Path, time::Duration};

use crate::{
    Result, RunId, Writer,
    error::IoContext,
    format::{
        folder::StorePath,
        layout::{LivePaths, PartName, RunPaths, UNBORN, file_names, log_first},
        liveness::{Life, life},
        log_file::{LogScan, MOST_BYTES},
    },
    read::{RunReader, Store, WriterState, is_readable_part},
    store::{DONE, RingFate, find_leftover_rings},
    upkeep::{remove::REMOVED, unnamed_media},
};

/// Younger files may be somebody's work.
const OLD: Duration = Duration::from_hours(1);

/// A file or folder that nobody needs any more.
#[derive(Debug)]
pub struct Garbage {
    place: StorePath,
    /// The name that it gets before it is removed, where half of it could be taken for the whole.
    hidden: Option<StorePath>,
    bytes: u64,
    reason: &'static str,
}

impl Garbage {
    pub(super) fn new(place: StorePath, reason: &'static str) -> Self {
        Self { bytes: place.size(), place, hidden: None, reason }
    }

    pub(crate) fn hidden_first(place: StorePath, hidden: StorePath, reason: &'static str) -> Self {
        Self { hidden: Some(hidden), ..Self::new(place, reason) }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.place
    }

    /// How many bytes it takes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Why nobody needs it.
    pub fn reason(&self) -> &'static str {
        self.reason
    }

    /// Removes it. What is gone already is no error.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub fn remove(&self) -> Result<()> {
        let place = match &self.hidden {
            Some(hidden) if self.place.rename_to(hidden).is_ok() => hidden,
            _ => &self.place,
        };
        match place.remove_all() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.io_context("remove", &self.place, "check the folder's permissions"),
        }
    }
}

/// All that can be removed from a store and from memory without anything being missed: files that
/// were never finished, logs whose points are sealed, runs whose removal was cut off or that could not start, and the
/// memory of dead processes. Removes nothing.
///
/// # Errors
/// If the store cannot be listed.
pub fn garbage(store: &Store) -> Result<Vec<Garbage>> {
    let mut found = Vec::new();
    for project in store.projects()? {
        let project = project.place();
        for name in file_names(&project)? {
            let folder = project.child(&name);
            // One that is young may be put back: somebody joined the run at the last moment.
            if is_removed_run(&name) && is_old_folder(&folder) && !has_living_writer(&folder) {
                found.push(Garbage::new(folder, "what is left of a run that was removed"));
            } else if name.parse::<RunId>().is_ok() && is_old_folder(&folder) && is_no_run(&folder)
            {
                found.push(Garbage::new(folder, "a run that could not start"));
            }
        }
    }
    for run in store.runs()?.runs {
        let paths = run.paths();
        unfinished_files(paths.folder(), is_our_file, &mut found);
        unfinished_files(&paths.scalars(), |name| PartName::parse(name).is_some(), &mut found);
        for (file, reason) in unnamed_media::find(&run) {
            found.push(Garbage::new(file, reason));
        }
        unborn_writers(paths, &mut found);
        for writer in run.writers().unwrap_or_default() {
            // One that is lost may live.
            if matches!(writer.state, WriterState::Crashed | WriterState::Sealed) {
                sealed_logs(paths, writer.writer, &mut found);
            }
        }
    }
    for ring in find_leftover_rings() {
        if ring.fate == RingFate::Remove && ring.is_of_store(store.root()) {
            found.push(Garbage::new(ring.path, "memory of a process that is gone"));
        }
    }
    Ok(found)
}

fn is_no_run(folder: &StorePath) -> bool {
    RunPaths::at(folder.clone()).left_of_no_run().is_some()
}

fn is_removed_run(name: &str) -> bool {
    name.strip_prefix(REMOVED).is_some_and(|id| id.parse::<RunId>().is_ok())
}

/// Whether a file of this name is one that tracker writes under another name first.
fn is_our_file(name: &str) -> bool {
    let is_writers = |prefix: &str| {
        let writer = name.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(".json"));
        writer.is_some_and(|writer| writer.parse::<Writer>().is_ok())
    };
    matches!(name, "run.json" | "packages.json" | "code.json" | "code.patch")
        || is_writers("summary-")
}

/// Temporary files whose names would have been `ours`.
fn unfinished_files(folder: &StorePath, ours: impl Fn(&str) -> bool, found: &mut Vec<Garbage>) {
    let names = folder.names().unwrap_or_default();
    let is_ours = |name: &&String| name.strip_suffix(".tmp").is_some_and(&ours);
    let old = names.iter().filter(is_ours).map(|name| folder.child(name)).filter(is_old_file);
    found.extend(old.map(|place| Garbage::new(place, "a file that was never finished")));
}

fn has_living_writer(run: &StorePath) -> bool {
    let run = RunReader::open_at(RunPaths::at(run.clone()));
    let writers = run.and_then(|run| run.writers()).unwrap_or_default();
    writers.iter().any(|writer| writer.state == WriterState::Live)
}

/// Live folders that never got their names, or lost them to be removed.
fn unborn_writers(run: &RunPaths, found: &mut Vec<Garbage>) {
    let names = run.live_all().names().unwrap_or_default();
    let is_ours = |name: &&String| {
        let writer = name.strip_prefix(UNBORN).or_else(|| name.strip_prefix(DONE));
        writer.is_some_and(|writer| writer.parse::<Writer>().is_ok())
    };
    for folder in names.iter().filter(is_ours).map(|name| run.live_all().child(name)) {
        let live = LivePaths { folder };
        // Age first: asking for the lock of a folder that is being made could keep it from its
        // owner.
        if is_old_folder(&live.folder) && life(&live) != Life::Alive {
            found.push(Garbage::new(live.folder, "a process that never began, or is sealed"));
        }
    }
}

fn sealed_logs(run: &RunPaths, writer: Writer, found: &mut Vec<Garbage>) {
    let mut parts = run.parts().unwrap_or_default();
    parts.retain(|part| part.writer == writer);
    for log in run.live(writer).logs().unwrap_or_default() {
        if is_sealed(run, writer, &log, &parts) {
            found.push(Garbage::new(log, "a log whose points are sealed"));
        }
    }
}

fn is_sealed(run: &RunPaths, writer: Writer, log: &StorePath, parts: &[PartName]) -> bool {
    let Some(first) = log_first(log) else { return false };
    let Some(part) = parts.iter().find(|part| part.first == first) else { return false };
    let Ok(bytes) = log.read(MOST_BYTES) else { return false };
    let Ok(scan) = LogScan::read(&bytes, writer, first, |_, _| ()) else { return false };
    let is_in_part = scan.damaged == 0 && first + scan.slots.len() as u64 <= part.last + 1;
    is_in_part && is_readable_part(&run.part(*part)).unwrap_or(false)
}

/// Whether there is a real folder that nobody has changed for long.
fn is_old_folder(place: &StorePath) -> bool {
    place.look().is_ok_and(|look| look.is_folder() && look.age().is_some_and(|age| age > OLD))
}

/// Whether there is a plain file that nobody has changed for long.
pub(super) fn is_old_file(place: &StorePath) -> bool {
    place.look().is_ok_and(|look| look.is_file() && look.age().is_some_and(|age| age > OLD))
}
