//! Snapshots of the runs that pages ask for, each kept until others need its room.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard},
};

use tracker_core::{
    Result,
    read::{RunReader, Snapshot},
};

/// How many runs are kept.
const MOST_RUNS: usize = 500;

/// How many points that are in no part yet, and events that are known by their places, over all runs.
/// Each takes some 40 bytes.
const MOST_IN_MEMORY: usize = 6 << 20;

/// The snapshots that were asked for last.
#[derive(Debug, Default)]
pub(crate) struct Snapshots(Mutex<Runs>);

#[derive(Debug, Default)]
struct Runs {
    runs: HashMap<PathBuf, (u64, Arc<Kept>)>,
    /// Grows with each use, so that the least is of the run not used for longest.
    clock: u64,
}

/// The snapshot of one run, which many answers may read at a time. Made by the first of them.
#[derive(Debug)]
pub(crate) struct Kept(RwLock<Snapshot>);

impl Kept {
    /// The snapshot as it is. It may be advanced between two calls.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Snapshot> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Snapshots {
    /// The run's points as they are now.
    pub(crate) fn now(&self, run: &RunReader) -> Result<Arc<Kept>> {
        if let Some(kept) = self.known(run.path()) {
            // Who answers with it meanwhile is waited for.
            kept.0.write().unwrap_or_else(PoisonError::into_inner).advance(run)?;
            return Ok(kept);
        }
        // Two that ask at once both read it, and the later one is kept.
        let kept = Arc::new(Kept(RwLock::new(run.snapshot()?)));
        self.keep(run.path(), &kept);
        Ok(kept)
    }

    fn known(&self, run: &Path) -> Option<Arc<Kept>> {
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        runs.clock += 1;
        let clock = runs.clock;
        let (used, kept) = runs.runs.get_mut(run)?;
        *used = clock;
        Some(Arc::clone(kept))
    }

    fn keep(&self, run: &Path, kept: &Arc<Kept>) {
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let clock = runs.clock;
        runs.runs.insert(run.to_owned(), (clock, Arc::clone(kept)));
        while runs.runs.len() > MOST_RUNS || runs.is_large() {
            let others = runs.runs.iter().filter(|(path, _)| *path != run);
            let oldest = others.min_by_key(|(_, (used, _))| *used).map(|(path, _)| path.clone());
            let Some(oldest) = oldest else { break };
            runs.runs.remove(&oldest);
        }
    }
}

impl Runs {
    /// Whether too much is in memory. A run that is read or advanced just now does not count.
    fn is_large(&self) -> bool {
        let kept = |(_, kept): &(u64, Arc<Kept>)| {
            let snapshot = kept.0.try_read();
            snapshot.map_or(0, |now| now.points_in_memory() + now.events_in_memory())
        };
        self.runs.values().map(kept).sum::<usize>() > MOST_IN_MEMORY
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tracker_core::{Tracker, init, metrics};

    use super::*;

    #[test]
    fn a_run_is_kept_and_shown_as_it_is_now() {
        let store = tempfile::tempdir().unwrap();
        let run =
            init("kept").dir(store.path()).signals(false).code_changes(false).start().unwrap();
        run.log_at(0_u64, metrics! { "loss" => 1.0 });
        let snapshots = Snapshots::default();
        let count = || {
            run.flush(Duration::from_secs(30)).unwrap();
            let kept = snapshots.now(&run.reader().unwrap()).unwrap();
            let count = kept.read().summary()["loss"].count;
            (kept, count)
        };
        let (first, before) = count();
        run.log_at(1_u64, metrics! { "loss" => 0.5 });
        let (second, after) = count();
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!((before, after), (1, 2));
        run.finish().unwrap();
        assert_eq!(
            snapshots.now(&run.reader().unwrap()).unwrap().read().summary()["loss"].count,
            2
        );
        assert_eq!(second.read().points_in_memory(), 0, "all is in parts");
    }

    #[test]
    fn the_run_that_was_not_used_for_longest_makes_room() {
        let store = tempfile::tempdir().unwrap();
        let snapshots = Snapshots::default();
        let run =
            init("kept").dir(store.path()).signals(false).code_changes(false).start().unwrap();
        let reader = run.reader().unwrap();
        for number in 0..=MOST_RUNS {
            let kept = Arc::new(Kept(RwLock::new(reader.snapshot().unwrap())));
            snapshots.known(Path::new("/0"));
            snapshots.keep(Path::new(&format!("/{number}")), &kept);
        }
        assert!(snapshots.known(Path::new("/0")).is_some());
        assert!(snapshots.known(Path::new("/1")).is_none());
    }
}
