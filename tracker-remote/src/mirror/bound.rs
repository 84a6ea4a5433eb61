//! Keeps the copies of all places within a bound, and never takes away what somebody reads.
//!
//! What was used least lately goes first, and nothing of the last hour. Pages of parts may go at any time: whoever misses
//! one fetches it. Whole files are opened by readers a moment after they were brought, so they go only where no other process reads
//! copies of the place, which a lock says, and where this one has not brought them lately. What goes is a placeholder then,
//! as before it was brought. What lists need, and logs, stay: they are small.

#![expect(
    clippy::disallowed_methods,
    reason = "the cache is this user's own, and each name in it was checked"
)]

use std::{
    collections::HashMap,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

use parking_lot::Mutex;

use super::cache;

/// The most bytes of copies that are kept, of all places.
pub(super) const MOST_KEPT: u64 = 1 << 30;

/// What was used so lately may be read just now.
const IN_USE: Duration = Duration::from_hours(1);

/// Copies of a place that nobody has looked at for so long go as a whole.
const FORGOTTEN: Duration = Duration::from_hours(24 * 30);

/// Who holds this file reads copies of its place.
const LOCK: &str = "lock";

/// The copies that this process reads.
#[derive(Debug)]
pub(super) struct InUse {
    /// The folder of the place.
    root: PathBuf,
    lock: File,
    files: Mutex<HashMap<PathBuf, Instant>>,
}

/// A copy that may go.
#[derive(Debug)]
struct Copied {
    used: SystemTime,
    bytes: u64,
    path: PathBuf,
    /// Whether it goes altogether, and how long what stands for it is.
    left: Option<u64>,
}

impl InUse {
    /// Says that this process reads copies of the place in this folder.
    pub(super) fn of(root: &Path) -> io::Result<Self> {
        let lock = open_lock(root)?;
        // Where locks do not work, nobody takes anything whole away.
        let _ = lock.lock_shared();
        Ok(Self { root: root.to_owned(), lock, files: Mutex::default() })
    }

    /// Says that a file is about to be read.
    pub(super) fn reads(&self, path: &Path) {
        self.files.lock().insert(path.to_owned(), Instant::now());
        touch(path);
    }

    /// Removes what was used least lately of all places, until no more than `most` bytes are left.
    pub(super) fn tidy(&self, most: u64) {
        let all = self.root.parent().unwrap_or(&self.root);
        let (mut kept, mut copies) = (0, Vec::new());
        let mut held = Vec::new();
        for name in cache::names(all).unwrap_or_default() {
            let place = all.join(name);
            let is_ours = place == self.root;
            let lock = if is_ours { None } else { alone(&place) };
            if lock.is_some() && is_forgotten(&place) {
                cache::remove(&place);
                continue;
            }
            let is_alone = lock.is_some() || (is_ours && self.lock.try_lock().is_ok());
            add_pages(&place.join("pages"), &mut kept, &mut copies);
            add_files(&place.join("store"), 0, is_alone, &mut kept, &mut copies);
            held.extend(lock);
        }
        copies.sort_unstable_by_key(|copy| copy.used);
        let now = SystemTime::now();
        for copy in copies {
            let is_recent = now.duration_since(copy.used).is_ok_and(|age| age < IN_USE);
            if kept <= most || is_recent {
                break;
            }
            if self.evict(&copy) {
                kept = kept.saturating_sub(copy.bytes);
            }
        }
        self.files.lock().retain(|_, read| read.elapsed() < IN_USE);
        let _ = self.lock.lock_shared();
    }

    /// Whether a copy is gone. None that was said to be read meanwhile.
    fn evict(&self, copy: &Copied) -> bool {
        let files = self.files.lock();
        if files.get(&copy.path).is_some_and(|read| read.elapsed() < IN_USE) {
            return false;
        }
        match copy.left {
            None => fs::remove_file(&copy.path).is_ok(),
            Some(length) => cache::put_placeholder(&copy.path, length).is_ok(),
        }
    }
}

/// The lock of another place, if nobody reads copies of it.
fn alone(place: &Path) -> Option<File> {
    if !cache::is_of_a_place(place) {
        return None;
    }
    let lock = open_lock(place).ok()?;
    match lock.try_lock() {
        Ok(()) => Some(lock),
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => None,
    }
}

fn open_lock(root: &Path) -> io::Result<File> {
    fs::OpenOptions::new().create(true).truncate(false).write(true).open(root.join(LOCK))
}

/// Says that a file was used now, unless that was said a moment ago or it stands for one that is not here.
pub(super) fn touch(path: &Path) {
    let used = fs::symlink_metadata(path).and_then(|found| found.modified());
    let is_older = |used: &SystemTime| {
        *used != SystemTime::UNIX_EPOCH && used.elapsed().is_ok_and(|age| age > IN_USE / 4)
    };
    if used.is_ok_and(|used| is_older(&used))
        && let Ok(file) = fs::OpenOptions::new().append(true).open(path)
    {
        let _ = file.set_modified(SystemTime::now());
    }
}

fn is_forgotten(place: &Path) -> bool {
    let lists = place.join("lists");
    let names = cache::names(&lists).unwrap_or_default();
    let looked =
        names.iter().map(|name| lists.join(name)).chain([lists.clone(), place.join("store")]);
    let looked = looked.filter_map(|path| fs::symlink_metadata(path).ok()?.modified().ok()).max();
    let age = looked.and_then(|looked| SystemTime::now().duration_since(looked).ok());
    age.is_some_and(|age| age > FORGOTTEN)
}

fn add_pages(pages: &Path, kept: &mut u64, copies: &mut Vec<Copied>) {
    for folder in cache::names(pages).unwrap_or_default() {
        let folder = pages.join(folder);
        for name in cache::names(&folder).unwrap_or_default() {
            let path = folder.join(name);
            if let Some((used, bytes)) = look(&path) {
                *kept += bytes;
                copies.push(Copied { used, bytes, path, left: None });
            }
        }
    }
}

/// Adds the files below a folder of a store. `depth` says how far it is from the store's own.
fn add_files(folder: &Path, depth: u32, may_go: bool, kept: &mut u64, copies: &mut Vec<Copied>) {
    const DEEPEST: u32 = 12;
    /// A file in the folder of a run.
    const OF_RUN: u32 = 2;
    for name in cache::names(folder).unwrap_or_default() {
        let path = folder.join(&name);
        let Ok(found) = fs::symlink_metadata(&path) else { continue };
        if found.is_dir() && depth < DEEPEST {
            let is_log = depth == OF_RUN && name == "live";
            add_files(&path, depth + 1, may_go && !is_log, kept, copies);
            continue;
        }
        let Some((used, bytes)) = look(&path).filter(|(used, _)| *used != SystemTime::UNIX_EPOCH)
        else {
            continue;
        };
        *kept += bytes;
        let grows =
            depth == OF_RUN && (name.starts_with("events-") || name.starts_with("messages-"));
        if may_go && (grows || depth > OF_RUN) {
            let left = Some(if grows { 0 } else { found.len() });
            copies.push(Copied { used, bytes, path, left });
        }
    }
}

/// When a file was used, and its bytes.
fn look(path: &Path) -> Option<(SystemTime, u64)> {
    let found = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file)?;
    Some((found.modified().unwrap_or(SystemTime::UNIX_EPOCH), found.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mirror::cache::Cache;

    const MIB: usize = 1 << 20;

    fn put(path: &Path, hours: u64) {
        cache::put(path, &vec![7; MIB]).unwrap();
        let file = fs::OpenOptions::new().append(true).open(path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_hours(hours)).unwrap();
    }

    fn is_copy(path: &Path) -> bool {
        path.exists() && !cache::is_placeholder(path)
    }

    #[test]
    fn what_was_used_least_lately_goes_of_all_places_and_nothing_of_now() {
        let scratch = tempfile::tempdir().unwrap();
        let [here, there] =
            ["here", "there"].map(|place| Cache::at(scratch.path(), place).unwrap());
        let run = |cache: &Cache| cache.store().join("mnist/01JZXW5M4B6Q8T2V9Y3C7D0E1F");
        let used = InUse::of(here.root()).unwrap();
        let files = [
            (run(&here).join("media/ab/old.png"), 9),
            (run(&there).join("files/older.bin"), 10),
            (run(&here).join("events-r0a1.jsonl"), 8),
            (there.page("part", 0), 7),
            (run(&here).join("files/read"), 20),
            (here.page("part", 1), 3),
            (run(&here).join("files/new"), 0),
            (run(&here).join("run.json"), 99),
            (run(&here).join("live/r0a1/log-0"), 99),
        ];
        for (path, hours) in &files {
            put(path, *hours);
        }
        used.reads(&files[4].0);
        used.tidy(5 * MIB as u64);
        let is_there: Vec<bool> = files.iter().map(|(path, _)| is_copy(path)).collect();
        assert_eq!(is_there, [false, false, false, false, true, true, true, true, true]);
        assert_eq!(
            fs::metadata(&files[0].0).unwrap().len(),
            MIB as u64,
            "its length is still told"
        );
        assert_eq!(fs::metadata(&files[2].0).unwrap().len(), 0);
        used.tidy(0);
        assert!(is_copy(&files[4].0) && is_copy(&files[6].0) && is_copy(&files[7].0));
    }

    #[test]
    fn whole_files_of_a_place_that_another_process_reads_stay() {
        let scratch = tempfile::tempdir().unwrap();
        let [here, there] =
            ["here", "there"].map(|place| Cache::at(scratch.path(), place).unwrap());
        let file = there.store().join("mnist/01JZXW5M4B6Q8T2V9Y3C7D0E1F/files/a");
        put(&file, 9);
        put(&there.page("part", 0), 9);
        let used = InUse::of(here.root()).unwrap();
        let other = InUse::of(there.root()).unwrap();
        used.tidy(0);
        assert!(is_copy(&file) && !there.page("part", 0).exists());
        drop(other);
        used.tidy(0);
        assert!(!is_copy(&file));
    }

    #[test]
    fn copies_of_a_place_that_nobody_looks_at_any_more_go_as_a_whole() {
        let scratch = tempfile::tempdir().unwrap();
        let [here, there] =
            ["here", "there"].map(|place| Cache::at(scratch.path(), place).unwrap());
        fs::create_dir(scratch.path().join("somebody's own")).unwrap();
        let long_ago = SystemTime::now() - FORGOTTEN * 2;
        for folder in ["lists", "store"] {
            File::open(there.root().join(folder)).unwrap().set_modified(long_ago).unwrap();
        }
        InUse::of(here.root()).unwrap().tidy(u64::MAX);
        assert!(!there.root().exists() && here.root().exists());
        assert!(scratch.path().join("somebody's own").exists());
    }
}
