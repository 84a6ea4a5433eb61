//! Whether a writer's process lives, seen from another process.

use std::{fs::TryLockError, io, time::Duration};

use crate::{
    Writer,
    fault::Fault,
    format::{
        layout::{LivePaths, MOST_NOTE, RunPaths},
        owner::Owner,
    },
};

/// After this silence, a writer on another machine counts as lost. Its heart beats every 10 s.
const LOST_AFTER: Duration = Duration::from_mins(1);

/// What is known of the process behind a live folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    Alive,
    Dead,
    /// On another machine, and silent for too long.
    Silent,
}

/// What the lock of a live folder says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lock {
    Held,
    Free,
    /// The file system knows no locks.
    Unknown,
    /// There is no lock: the folder is being removed, or somebody has taken files from it.
    Missing,
}

/// The lock decides where it can: the writer holds it as long as it lives. Where locks do not
/// work or do not reach, nobody is dead whose heart beats; when it is silent, the process number
/// decides where it means something. Opens nothing for writing.
pub(crate) fn life(live: &LivePaths) -> Life {
    match lock(live) {
        // Somebody may have taken the lock from a writer that lives.
        Lock::Missing if heartbeat_is_silent(live) => Life::Dead,
        Lock::Held | Lock::Missing => Life::Alive,
        lock => life_of_owner(live, lock, owner(live).as_ref()),
    }
}

/// Whether a process has claimed a writer and is about to make its live folder.
pub(crate) fn is_being_born(run: &RunPaths, writer: Writer) -> bool {
    const LONGEST_CLAIM: Duration = Duration::from_secs(1);
    if run.live(writer).folder.exists() || run.summary(writer).exists() {
        return false;
    }
    let unborn = run.unborn(writer);
    if unborn.folder.exists() && lock(&unborn) == Lock::Held {
        return true;
    }
    let claimed = run.events(writer).look().ok();
    claimed.and_then(|claimed| claimed.age()).is_some_and(|age| age < LONGEST_CLAIM)
}

/// Who made a live folder, as far as that can be read.
pub(crate) fn owner(live: &LivePaths) -> Option<Owner> {
    serde_json::from_slice(&live.lock().read(MOST_NOTE).ok()?).ok()
}

fn lock(live: &LivePaths) -> Lock {
    let file = match live.lock().open() {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Lock::Missing,
        Err(_) => return Lock::Unknown,
    };
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Lock::Held,
        Ok(()) => Lock::Free,
        Err(TryLockError::Error(_)) => Lock::Unknown,
    }
}

fn life_of_owner(live: &LivePaths, lock: Lock, owner: Option<&Owner>) -> Life {
    let is_free = lock == Lock::Free;
    match owner {
        // Every writer leaves its mark before its folder can be seen.
        None if is_free => Life::Dead,
        // One kernel keeps all locks of this boot, those of its containers too.
        Some(owner) if is_free && has_lock(owner) && owner.is_of_this_boot() => Life::Dead,
        Some(owner) if is_trusted_too_far(owner) => Life::Dead,
        _ if !heartbeat_is_silent(live) => Life::Alive,
        Some(owner) => life_of_silent(owner),
        None => Life::Silent,
    }
}

/// Whether a lock that is free was held.
fn has_lock(owner: &Owner) -> bool {
    owner.is_locked || Fault::FreeLockIsDeath.is_planted()
}

fn is_trusted_too_far(owner: &Owner) -> bool {
    Fault::ProcessNumberTrustedAnywhere.is_planted() && owner.is_gone() == Some(true)
}

/// Of a writer whose lock says nothing and whose heart is silent.
fn life_of_silent(owner: &Owner) -> Life {
    match owner.is_gone() {
        Some(true) => Life::Dead,
        // It lives, and something keeps its heart from being seen.
        Some(false) => Life::Alive,
        // This machine was started again since.
        None if owner.is_of_this_host() && !owner.is_of_this_boot() => Life::Dead,
        None => Life::Silent,
    }
}

fn heartbeat_is_silent(live: &LivePaths) -> bool {
    let Ok(beat) = live.heartbeat().look() else { return true };
    // A beat in the future comes from a clock that is ahead: the heart beats.
    beat.age().is_some_and(|age| age > LOST_AFTER)
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, File},
        time::SystemTime,
    };

    use super::*;
    use crate::{Writer, format::layout::RunPaths};

    /// A live folder of `owner` whose heart beat `age` ago, and its lock, free.
    fn live(folder: &tempfile::TempDir, owner: &Owner, age: Duration) -> LivePaths {
        let live = RunPaths::new(folder.path().into()).live(Writer { rank: 0, attempt: 1 });
        fs::create_dir_all(&live.folder).unwrap();
        fs::write(live.lock(), serde_json::to_vec(owner).unwrap()).unwrap();
        let heartbeat = File::create(live.heartbeat()).unwrap();
        heartbeat.set_modified(SystemTime::now() - age).unwrap();
        live
    }

    fn elsewhere() -> Owner {
        Owner { host: "elsewhere".into(), boot: "another".into(), ..gone() }
    }

    /// A process of this machine that is gone.
    fn gone() -> Owner {
        Owner { started: 1, ..Owner::this_process() }
    }

    /// What is thought of a live folder whose lock nobody could take.
    fn life_without_lock(owner: Owner, age: Duration) -> Life {
        let folder = tempfile::tempdir().unwrap();
        life(&live(&folder, &Owner { is_locked: false, ..owner }, age))
    }

    #[test]
    fn whoever_holds_the_lock_lives() {
        let folder = tempfile::tempdir().unwrap();
        let live = live(&folder, &elsewhere(), LOST_AFTER * 2);
        let lock = File::open(live.lock()).unwrap();
        lock.try_lock().unwrap();
        assert_eq!(life(&live), Life::Alive);
        drop(lock);
        assert_eq!(life(&live), Life::Silent);
    }

    #[test]
    fn another_machine_lives_as_long_as_its_heart_beats() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(life(&live(&folder, &elsewhere(), LOST_AFTER / 2)), Life::Alive);
        assert_eq!(life(&live(&folder, &elsewhere(), LOST_AFTER * 2)), Life::Silent);
    }

    #[test]
    fn a_free_lock_of_this_boot_is_a_dead_writers() {
        let folder = tempfile::tempdir().unwrap();
        let owner = Owner { host: "a container".into(), ..Owner::this_process() };
        assert_eq!(life(&live(&folder, &owner, Duration::ZERO)), Life::Dead);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn without_a_lock_nobody_is_dead_whose_heart_beats() {
        for owner in [gone(), elsewhere(), Owner { pid_namespace: 1, ..gone() }] {
            assert_eq!(life_without_lock(owner, LOST_AFTER / 2), Life::Alive);
        }
        assert_eq!(life_without_lock(gone(), LOST_AFTER * 2), Life::Dead);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_process_number_is_trusted_within_its_namespace_only() {
        let own = Owner::this_process();
        assert_eq!(life_without_lock(own, LOST_AFTER * 2), Life::Alive);
        for pid_namespace in [0, 1] {
            let owner = Owner { pid_namespace, ..gone() };
            assert_eq!(life_without_lock(owner, LOST_AFTER * 2), Life::Silent);
        }
    }

    #[test]
    fn a_writer_whose_lock_was_removed_lives_as_long_as_its_heart_beats() {
        let folder = tempfile::tempdir().unwrap();
        for (age, expected) in [(LOST_AFTER / 2, Life::Alive), (LOST_AFTER * 2, Life::Dead)] {
            let live = live(&folder, &Owner::this_process(), age);
            fs::remove_file(live.lock()).unwrap();
            assert_eq!(life(&live), expected);
        }
    }

    #[test]
    fn a_machine_of_this_name_in_another_boot_is_this_one_once_it_is_silent() {
        let folder = tempfile::tempdir().unwrap();
        let owner = Owner { boot: "another".into(), ..Owner::this_process() };
        assert_eq!(life(&live(&folder, &owner, Duration::ZERO)), Life::Alive);
        assert_eq!(life(&live(&folder, &owner, LOST_AFTER * 2)), Life::Dead);
    }
}
