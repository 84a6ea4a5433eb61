//! Files that nobody needs any more.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    Result, Writer,
    error::IoContext,
    format::{
        layout::{LivePaths, PartName, RunPaths, file_names, log_first},
        liveness::{Life, life},
        log_file::LogScan,
    },
    read::{RunReader, Store, WriterState, is_readable_part},
    store::{RingFate, find_leftover_rings},
    upkeep::{remove::REMOVED, size},
};

/// Younger files may be somebody's work.
const OLD: Duration = Duration::from_hours(1);

/// A file or folder that nobody needs any more.
#[derive(Debug)]
pub struct Garbage {
    path: PathBuf,
    bytes: u64,
    reason: &'static str,
}

impl Garbage {
    fn new(path: PathBuf, reason: &'static str) -> Self {
        Self { bytes: size(&path), path, reason }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
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
        let removed = match fs::symlink_metadata(&self.path) {
            Ok(meta) if meta.is_dir() => fs::remove_dir_all(&self.path),
            Ok(_) => fs::remove_file(&self.path),
            Err(error) => Err(error),
        };
        match removed {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            removed => removed.io_context("remove", &self.path, "check the folder's permissions"),
        }
    }
}

/// All that can be removed from a store and from memory without anything being missed: files that
/// were never finished, logs whose points are sealed, runs whose removal was cut off, and the
/// memory of dead processes. Removes nothing.
///
/// # Errors
/// If the store cannot be listed.
pub fn garbage(store: &Store) -> Result<Vec<Garbage>> {
    let mut found = Vec::new();
    for project in store.projects()? {
        for name in file_names(&project.path())? {
            let path = project.path().join(&name);
            // One that is young may be put back: somebody joined the run at the last moment.
            if name.starts_with(REMOVED) && is_old(&path) && !has_living_writer(&path) {
                found.push(Garbage::new(path, "what is left of a run that was removed"));
            }
        }
    }
    for run in store.runs()?.runs {
        let paths = run.paths();
        unfinished_files(paths.folder(), &mut found);
        unfinished_files(&paths.scalars(), &mut found);
        unborn_writers(paths, &mut found);
        for writer in run.writers()? {
            if writer.state != WriterState::Live {
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

fn unfinished_files(folder: &Path, found: &mut Vec<Garbage>) {
    let names = file_names(folder).unwrap_or_default();
    let paths = names.iter().map(|name| folder.join(name));
    let paths = paths.filter(|path| path.extension().is_some_and(|ending| ending == "tmp"));
    let old = paths.filter(|path| is_old(path));
    found.extend(old.map(|path| Garbage::new(path, "a file that was never finished")));
}

fn has_living_writer(run: &Path) -> bool {
    let writers = RunReader::open(run).and_then(|run| run.writers()).unwrap_or_default();
    writers.iter().any(|writer| writer.state == WriterState::Live)
}

/// Live folders that never got their names, or lost them to be removed.
fn unborn_writers(run: &RunPaths, found: &mut Vec<Garbage>) {
    let names = file_names(&run.live_all()).unwrap_or_default();
    let hidden = names.iter().filter(|name| name.starts_with('.'));
    for folder in hidden.map(|name| run.live_all().join(name)) {
        let live = LivePaths { folder };
        // Age first: asking for the lock of a folder that is being made could keep it from its
        // owner.
        if is_old(&live.folder) && life(&live) != Life::Alive {
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

fn is_sealed(run: &RunPaths, writer: Writer, log: &Path, parts: &[PartName]) -> bool {
    let Some(first) = log_first(log) else { return false };
    let Some(part) = parts.iter().find(|part| part.first == first) else { return false };
    let Ok(bytes) = fs::read(log) else { return false };
    let slots = LogScan::read(&bytes, writer, first, |_, _| ()).map(|scan| scan.slots.len() as u64);
    slots.is_ok_and(|slots| first + slots <= part.last + 1) && is_readable_part(&run.part(*part))
}

fn is_old(path: &Path) -> bool {
    let changed = fs::symlink_metadata(path).and_then(|meta| meta.modified());
    changed.ok().and_then(|changed| changed.elapsed().ok()).is_some_and(|age| age > OLD)
}
