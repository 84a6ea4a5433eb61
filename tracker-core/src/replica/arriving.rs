//! A run that comes from elsewhere into a store, file by file.
//!
//! ```text
//! <root>/.arriving/<project>/<id>/   hidden: a run of which something is still to come
//! <root>/.arriving/.<id>.lock        locked by the one who brings it
//! ```
//!
//! It gets its place in one step. What was brought before a kill stays in the hidden folder, and whoever brings the run
//! next goes on from there; `tracker gc` removes what nobody went on with.

use std::{
    fs::{File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use super::{FileKind, RunFolder};
use crate::{
    Error, Result, RunId, Writer,
    error::IoContext,
    format::{
        folder::StorePath,
        layout::{LivePaths, check_project, file_names, log_first},
        liveness::{Life, life, owner},
        owner::Owner,
    },
    platform::entry::Look,
    read::Store,
    store::make_root,
    upkeep::Garbage,
};

const ARRIVING: &str = ".arriving";

/// How the names of files begin that are not whole yet. They lie in `followers/`, which nobody carries anywhere.
const UNFINISHED: &str = "arriving-";

/// How the name of a folder begins that is being removed.
const REMOVED: &str = ".removed-";

/// A run of which nothing came for so long is one that nobody brings any more.
const OLD: Duration = Duration::from_hours(1);

const HINT: &str = "check the disk's free space and the permissions of the store's folder";

/// A run's folder that is filled from elsewhere. One process at a time has it.
///
/// Each file is written whole or not at all, or grows at its end; what would lead out of the folder, and what is none of a
/// run's files, is refused.
#[derive(Debug)]
pub struct ArrivingRun {
    folder: RunFolder,
    /// Where it lies now and where it belongs, as long as it is hidden.
    hidden: Option<(StorePath, StorePath)>,
    _lock: Lock,
}

#[derive(Debug)]
struct Lock {
    place: StorePath,
    _file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.place.remove();
        // Fails while there are others, as it should.
        let _ = self.place.folder().remove_empty();
    }
}

/// Opens the store in this folder for runs that come from elsewhere, and makes one if there is none.
///
/// # Errors
/// If the folder cannot be made or opened.
pub fn open_or_make(root: impl AsRef<Path>) -> Result<Store> {
    let root = std::path::absolute(root).io_context("find", Path::new("."), HINT)?;
    make_root(&StorePath::named(&*root)).io_context("create", &root, HINT)?;
    Store::open(root)
}

impl ArrivingRun {
    /// The run's folder where the store has it, in whichever project; else a hidden one, with what was brought before.
    ///
    /// # Errors
    /// If the project may not have this name, another process brings the run, or the store cannot be written.
    pub fn begin(store: &Store, project: &str, id: &RunId) -> Result<Self> {
        check_project(project)?;
        let all = arriving(store);
        let lock = lock(&all, id)?;
        let here = store.projects()?.into_iter().find_map(|project| {
            let place = project.place().child(id.as_str());
            place.look().is_ok_and(|look| look.is_folder()).then_some(place)
        });
        if let Some(place) = here {
            let folder = RunFolder::held(&place, id)?;
            return Ok(Self { folder, hidden: None, _lock: lock });
        }
        let from = all.child(project).child(id.as_str());
        from.create_folder().io_context("create", &from, HINT)?;
        let to = StorePath::named(store.root()).child(project).child(id.as_str());
        let folder = RunFolder::held(&from, id)?;
        Ok(Self { folder, hidden: Some((from, to)), _lock: lock })
    }

    /// What of it is here.
    pub fn folder(&self) -> &RunFolder {
        &self.folder
    }

    /// Whether it has no place in the store yet, so that nobody but the one who brings it has written to it.
    pub fn is_new(&self) -> bool {
        self.hidden.is_some()
    }

    /// Forgets all that came of a run that has no place yet. Of one that has, nothing.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub fn start_over(&self) -> Result<()> {
        let folder = self.folder.paths.folder();
        for name in file_names(folder)?.into_iter().filter(|_| self.is_new()) {
            let place = folder.child(name);
            gone(place.remove_all()).io_context("remove", &place, HINT)?;
        }
        Ok(())
    }

    /// A writer whose process lives on this machine, or on another one that writes to this folder.
    ///
    /// # Errors
    /// If the folder cannot be listed.
    pub fn trained_by(&self) -> Result<Option<Writer>> {
        let lives = self.folder.lives()?;
        let is_elsewhere = |live: &LivePaths| owner(live).is_some_and(|owner| owner.is_elsewhere());
        let is_here = |writer: &Writer| {
            let live = self.folder.paths.live(*writer);
            !is_elsewhere(&live) && life(&live) != Life::Dead
        };
        Ok(lives.into_keys().find(is_here))
    }

    /// Writes a file whole or not at all. `key` tells these contents from others of the same path: what was written of
    /// them before a kill is kept, and `write` is told how many bytes that are, to go on behind them.
    ///
    /// # Errors
    /// If no file of a run may have this path, or it cannot be written. What `write` says is kept as it is.
    pub fn write(
        &self,
        path: &str,
        key: &str,
        write: impl FnOnce(&mut File, u64) -> io::Result<()>,
    ) -> Result<()> {
        let place = self.place_of(path, |kind| {
            matches!(kind, FileKind::Fixed | FileKind::Replaced | FileKind::User)
        })?;
        let unfinished = self.folder.paths.followers().child(format!("{UNFINISHED}{key}"));
        let written = || {
            unfinished.folder().create_folder()?;
            let mut file = unfinished.open_to_append()?;
            let known = Look::at(&file)?.length;
            write(&mut file, known)?;
            file.sync_all()?;
            place.folder().create_folder()?;
            unfinished.rename_to(&place)
        };
        written().io_context("write", &place, HINT)
    }

    /// Makes these bytes those of a file that grows, from a place on. It must have the bytes before them; those that it
    /// has already must be the same.
    ///
    /// # Errors
    /// If it is no file that grows, has other bytes, or cannot be written.
    pub fn lay(&self, path: &str, from: u64, bytes: &[u8]) -> Result<()> {
        let place = self.place_of(path, |kind| kind == FileKind::Growing)?;
        let known = match self.folder.open_file(path)? {
            Some(opened) => {
                let length = opened.stamp()?.length();
                let there =
                    opened.read(from..length.min(from.saturating_add(bytes.len() as u64)))?;
                if length < from || !bytes.starts_with(&there) {
                    return Err(
                        self.refused(&format!("{path} goes on otherwise here, from byte {from}"))
                    );
                }
                there.len()
            }
            None if from > 0 => {
                return Err(self.refused(&format!("{path} is not here up to byte {from}")));
            }
            None => 0,
        };
        let laid = || {
            place.folder().create_folder()?;
            place.open_to_append()?.write_all(bytes.get(known..).unwrap_or_default())
        };
        laid().io_context("write", &place, HINT)
    }

    /// That a writer of whom there are logs is on another machine, and that nobody here knows whether it lives.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn mark_elsewhere(&self, writer: Writer) -> Result<()> {
        let lock = self.folder.paths.live(writer).lock();
        let mark = || {
            let text = serde_json::to_vec(&Owner::elsewhere())?;
            lock.folder().create_folder()?;
            if lock.read(text.len() as u64).is_ok_and(|known| known == text) {
                return Ok(());
            }
            lock.replace_with(&text, false)
        };
        mark().io_context("write", &lock, HINT)
    }

    /// Removes a log whose points are in a part that is here.
    ///
    /// # Errors
    /// If it is no log, or cannot be removed.
    pub fn remove_log(&self, path: &str) -> Result<()> {
        let place = self.place_of(path, |kind| kind == FileKind::Growing)?;
        if log_first(&place).is_none() {
            return Err(self.refused(&format!("{path} is no log")));
        }
        gone(place.remove()).io_context("remove", &place, HINT)
    }

    /// Removes what is left of a writer that has ended and whose logs are all in parts.
    ///
    /// # Errors
    /// If a log is left, or it cannot be removed.
    pub fn remove_writer(&self, writer: Writer) -> Result<()> {
        let live = self.folder.paths.live(writer);
        if file_names(&live.folder)?.iter().any(|name| log_first(name.as_ref()).is_some()) {
            return Err(self.refused(&format!("a log of writer {writer} is left")));
        }
        gone(live.folder.remove_all()).io_context("remove", &live.folder, HINT)
    }

    /// The run is here: it gets its place in the store, if it has none.
    ///
    /// # Errors
    /// If something has come there meanwhile, or the store cannot be written.
    pub fn place(self) -> Result<PathBuf> {
        let unfinished = self.folder.paths.followers();
        for name in file_names(&unfinished)?.iter().filter(|name| name.starts_with(UNFINISHED)) {
            let _ = unfinished.child(name).remove();
        }
        let Some((from, to)) = &self.hidden else { return Ok(self.folder.path().to_owned()) };
        if to.exists() {
            return Err(self.refused("something has come into its place meanwhile"));
        }
        let project = to.folder();
        let placed = || {
            project.create_folder()?;
            from.rename_to(to)?;
            project.sync()
        };
        placed().io_context("move into its place", to, HINT)?;
        let _ = from.folder().remove_empty();
        Ok(to.to_path_buf())
    }

    /// Where the file of this path belongs, which must be one of such a kind.
    fn place_of(&self, path: &str, fits: impl Fn(FileKind) -> bool) -> Result<StorePath> {
        if !fits(FileKind::of_path(path)) {
            let path = crate::error::excerpt(path);
            return Err(self.refused(&format!("`{path}` is no file of a run that comes so")));
        }
        let names = path.split('/');
        Ok(names.fold(self.folder.paths.folder().clone(), |place, name| place.child(name)))
    }

    fn refused(&self, reason: &str) -> Error {
        Error::Refused {
            action: "bring a file into",
            path: self.folder.path().to_owned(),
            reason: reason.to_owned(),
            hint: "bring the run into another store, with --dir".to_owned(),
        }
    }
}

/// Runs that were brought in part, and with which nobody goes on. Removes nothing.
///
/// # Errors
/// If the store cannot be listed.
pub fn leftovers(store: &Store) -> Result<Vec<Garbage>> {
    let all = arriving(store);
    let mut found = Vec::new();
    for project in file_names(&all)?.into_iter().filter(|name| !name.starts_with('.')) {
        let project = all.child(&project);
        for name in file_names(&project)? {
            let entry = project.child(&name);
            let is_over = match name.parse::<RunId>() {
                Ok(id) => is_over(&all, &id, &entry),
                Err(_) => name.starts_with(REMOVED),
            };
            if is_over {
                let hidden = entry.sibling(format!("{REMOVED}{}", entry.name()));
                found.push(Garbage::hidden_first(entry, hidden, "a run that was brought in part"));
            }
        }
    }
    Ok(found)
}

fn is_over(all: &StorePath, id: &RunId, entry: &StorePath) -> bool {
    let lock = lock_of(all, id);
    let looked = if lock.exists() { lock.look() } else { entry.look() };
    let is_old = looked.is_ok_and(|look| look.age().is_some_and(|age| age > OLD));
    let is_held = || {
        lock.open()
            .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    };
    is_old && !is_held()
}

fn arriving(store: &Store) -> StorePath {
    StorePath::named(store.root()).child(ARRIVING)
}

fn lock_of(all: &StorePath, id: &RunId) -> StorePath {
    all.child(format!(".{id}.lock"))
}

/// Whoever has the lock is the only one who brings the run. It goes with the one who has it, so it is looked at again
/// once it is had.
fn lock(all: &StorePath, id: &RunId) -> Result<Lock> {
    const TRIES: u32 = 20;
    let place = lock_of(all, id);
    for _ in 0..TRIES {
        let opened = all.create_folder().and_then(|()| place.open_to_lock());
        let file = opened.io_context("lock", &place, HINT)?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(Error::Refused {
                action: "bring",
                path: all.to_path_buf(),
                reason: format!("another process brings run {id}"),
                hint: "wait for it; what it has brought is not fetched again".to_owned(),
            });
        }
        let mine = Look::at(&file).io_context("lock", &place, HINT)?;
        if place.look().is_ok_and(|look| look.file == mine.file) {
            let _ = place.touch();
            return Ok(Lock { place, _file: file });
        }
    }
    Err(Error::Refused {
        action: "bring",
        path: all.to_path_buf(),
        reason: format!("others lock run {id} all the time"),
        hint: "try again".to_owned(),
    })
}

fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn id() -> RunId {
        "01JZXW5M4B6Q8T2V9Y3C7D0E1F".parse().unwrap()
    }

    fn store() -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        (dir, store)
    }

    fn write(run: &ArrivingRun, path: &str, bytes: &[u8]) -> Result<()> {
        run.write(path, "key", |file, _| file.write_all(bytes))
    }

    #[test]
    fn a_run_has_its_place_once_it_is_here_and_none_before() {
        let (dir, store) = store();
        let run = ArrivingRun::begin(&store, "mnist", &id()).unwrap();
        assert!(run.is_new());
        write(&run, "scalars/r0a1-0-9.parquet", b"part").unwrap();
        drop(run);
        assert!(!dir.path().join("mnist").exists());
        let run = ArrivingRun::begin(&store, "mnist", &id()).unwrap();
        assert_eq!(run.folder().files().unwrap().len(), 1);
        run.lay("events-r0a1.jsonl", 0, b"{}\n").unwrap();
        run.lay("events-r0a1.jsonl", 0, b"{}\n{}\n").unwrap();
        assert!(run.lay("events-r0a1.jsonl", 0, b"{x}\n").is_err());
        assert!(run.lay("events-r0a1.jsonl", 99, b"{}\n").is_err());
        let placed = run.place().unwrap();
        assert_eq!(placed, dir.path().join("mnist").join(id().as_str()));
        assert_eq!(fs::read(placed.join("events-r0a1.jsonl")).unwrap(), b"{}\n{}\n");
        assert!(!dir.path().join(ARRIVING).exists());
        assert!(!ArrivingRun::begin(&store, "other", &id()).unwrap().is_new());
    }

    #[test]
    fn what_leads_out_of_the_folder_or_is_none_of_a_runs_files_is_refused() {
        let (dir, store) = store();
        let run = ArrivingRun::begin(&store, "mnist", &id()).unwrap();
        for path in [
            "../x",
            "files/../../x",
            "/x",
            "files//x",
            "files/a\\b",
            "files/c:d",
            "files/a\nb",
            "",
            "edits.jsonl",
            "live/r0a1/ring",
            "followers/x",
            "scalars/x",
            "x",
        ] {
            assert!(write(&run, path, b"hostile").is_err(), "{path:?}");
            assert!(run.lay(path, 0, b"hostile").is_err(), "{path:?}");
        }
        assert!(ArrivingRun::begin(&store, "..", &id()).is_err());
        let names: Vec<_> =
            fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names, [ARRIVING]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_folder_leads_nowhere() {
        let (dir, store) = store();
        let outside = tempfile::tempdir().unwrap();
        let run = dir.path().join("mnist").join(id().as_str());
        fs::create_dir_all(&run).unwrap();
        std::os::unix::fs::symlink(outside.path(), run.join("files")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("x"), run.join("events-r0a1.jsonl"))
            .unwrap();
        let run = ArrivingRun::begin(&store, "mnist", &id()).unwrap();
        assert!(write(&run, "files/a", b"hostile").is_err());
        assert!(run.lay("events-r0a1.jsonl", 0, b"hostile").is_err());
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_was_written_of_a_file_before_a_kill_is_gone_on_with() {
        let (_dir, store) = store();
        let run = ArrivingRun::begin(&store, "mnist", &id()).unwrap();
        let cut = run.write("files/a", "key", |file, _| {
            file.write_all(b"half")?;
            Err(io::Error::other("killed"))
        });
        assert!(cut.is_err() && run.folder().user_files().unwrap().files.is_empty());
        let whole = |file: &mut File, known: u64| {
            assert_eq!(known, 4);
            file.write_all(b" and half")
        };
        run.write("files/a", "key", whole).unwrap();
        assert_eq!(run.folder().read("files/a", 99).unwrap().unwrap(), b"half and half");
    }

    #[test]
    fn one_at_a_time_brings_a_run_and_leftovers_are_old() {
        let (dir, store) = store();
        let run = ArrivingRun::begin(&store, "mnist", &id()).unwrap();
        let error = ArrivingRun::begin(&store, "mnist", &id()).unwrap_err().to_string();
        assert!(error.contains("another process brings"), "{error}");
        drop(run);
        assert!(leftovers(&store).unwrap().is_empty());
        let entry = dir.path().join(ARRIVING).join("mnist").join(id().as_str());
        let long_ago = std::time::SystemTime::now() - OLD * 2;
        File::open(&entry).unwrap().set_modified(long_ago).unwrap();
        let found = leftovers(&store).unwrap();
        assert_eq!(found.len(), 1);
        found[0].remove().unwrap();
        assert!(!entry.exists());
    }
}
