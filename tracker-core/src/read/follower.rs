//! What a program keeps in a run's folder that follows the run, such as a mirror: how far it is.

use std::fs::TryLockError;

use crate::{
    Error, Result,
    error::{IoContext, excerpt},
    format::folder::StorePath,
    platform::LockedFile,
    read::RunReader,
};

const HINT: &str = "follow the run as a user who may write to its folder";

/// The most bytes that a follower keeps.
const MOST_BYTES: u64 = 4 << 20;

/// A program that follows a run and goes on where an earlier process of it was. While it lives, no other process
/// follows the run under the same name.
///
/// What it keeps lies in the run's folder, so that it moves and goes with the run; readers of the run do not look at it.
#[derive(Debug)]
pub struct Follower {
    state: StorePath,
    _lock: LockedFile,
}

impl Follower {
    /// Begins to follow a run under a name of letters, digits, `-`, `_` and `.`. `None` if another process does
    /// already. Where locks cannot be had, nobody is kept from it.
    ///
    /// # Errors
    /// If the name cannot be used, or the run's folder cannot be written.
    pub fn begin(run: &RunReader, name: &str) -> Result<Option<Self>> {
        check(name)?;
        let paths = run.paths().hold().io_context("open", run.path(), HINT)?;
        let folder = paths.followers();
        folder.create_folder().io_context("create", &folder, HINT)?;
        let lock = folder.child(format!("{name}.lock"));
        let file = lock.open_to_lock().io_context("open", &lock, HINT)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(None),
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let state = folder.child(format!("{name}.json"));
        Ok(Some(Self { state, _lock: LockedFile::new(file) }))
    }

    /// Where its state lies.
    pub fn path(&self) -> &std::path::Path {
        &self.state
    }

    /// What was [kept](Self::keep) last; `None` if nothing ever was.
    ///
    /// # Errors
    /// If it cannot be read, or is longer than a follower may keep.
    pub fn state(&self) -> Result<Option<Vec<u8>>> {
        match self.state.read(MOST_BYTES) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some).io_context("read", &self.state, HINT),
        }
    }

    /// Keeps this in place of what was kept before, whole or not at all; 4 MiB at most.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn keep(&self, state: &[u8]) -> Result<()> {
        self.state.replace_with(state, false).io_context("write", &self.state, HINT)
    }
}

fn check(name: &str) -> Result<()> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    if (1..=100).contains(&name.len()) && name.chars().all(is_plain) && !name.starts_with('.') {
        return Ok(());
    }
    Err(Error::InvalidName {
        what: "name of a follower",
        name: excerpt(name),
        reason: "it names a file".into(),
        hint: "use 1 to 100 letters, digits, `-`, `_`, `.`".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> (tempfile::TempDir, RunReader) {
        let folder = tempfile::tempdir().unwrap();
        let run = crate::init("test").dir(folder.path()).signals(false).start().unwrap();
        run.finish().unwrap();
        let reader = RunReader::open(run.path()).unwrap();
        (folder, reader)
    }

    #[test]
    fn one_process_at_a_time_follows_under_a_name_and_finds_what_it_kept() {
        let (_folder, run) = run();
        let first = Follower::begin(&run, "mirror-a").unwrap().unwrap();
        assert_eq!(first.state().unwrap(), None);
        first.keep(b"one").unwrap();
        first.keep(b"two").unwrap();
        assert!(Follower::begin(&run, "mirror-a").unwrap().is_none());
        assert!(Follower::begin(&run, "mirror-b").unwrap().is_some());
        drop(first);
        let again = Follower::begin(&run, "mirror-a").unwrap().unwrap();
        assert_eq!(again.state().unwrap().as_deref(), Some(&b"two"[..]));
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_refused() {
        let (_folder, run) = run();
        for name in ["", "../x", "a/b", ".hidden", &"x".repeat(101)] {
            assert!(Follower::begin(&run, name).is_err(), "{name}");
        }
    }
}
