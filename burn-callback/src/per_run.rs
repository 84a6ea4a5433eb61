//! What the parts of a training share in this process, by the run that it logs to.
//!
//! Burn makes them at different times and hands nothing from one to the other, so they find each
//! other by the run. The list keeps nothing alive: what nobody holds any more is gone from it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tracker_core::RunId;

type Entry<T> = (RunId, Weak<T>);

/// Things of the runs in this process.
pub(crate) struct PerRun<T>(Mutex<Vec<Entry<T>>>);

impl<T> PerRun<T> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// The thing of this run, which is `make`d for whoever asks first.
    pub(crate) fn of(&self, run: &RunId, make: impl FnOnce() -> T) -> Arc<T> {
        let mut entries = self.living();
        let known = entries.iter().find(|(of, _)| of == run).and_then(|(_, thing)| thing.upgrade());
        known.unwrap_or_else(|| {
            let thing = Arc::new(make());
            entries.push((run.clone(), Arc::downgrade(&thing)));
            thing
        })
    }

    /// Adds one more thing of this run.
    pub(crate) fn add(&self, run: &RunId, thing: &Arc<T>) {
        self.living().push((run.clone(), Arc::downgrade(thing)));
    }

    /// All things of this run. The list is not held while they are used.
    pub(crate) fn all(&self, run: &RunId) -> Vec<Arc<T>> {
        let entries = self.living();
        entries
            .iter()
            .filter(|(of, _)| of == run)
            .filter_map(|(_, thing)| thing.upgrade())
            .collect()
    }

    /// All things of this run, which whoever asks next does not get.
    pub(crate) fn take(&self, run: &RunId) -> Vec<Arc<T>> {
        let taken: Vec<_> = self.living().extract_if(.., |(of, _)| of == run).collect();
        taken.iter().filter_map(|(_, thing)| thing.upgrade()).collect()
    }

    fn living(&self) -> MutexGuard<'_, Vec<Entry<T>>> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|(_, thing)| thing.strong_count() > 0);
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_has_its_own_thing_until_it_is_taken_or_let_go() {
        let things = PerRun::new();
        let (run, other) = (RunId::generate(), RunId::generate());
        let one = things.of(&run, || 1);
        assert_eq!((*things.of(&run, || 2), *things.of(&other, || 3)), (1, 3));
        things.add(&run, &one);
        assert_eq!(things.all(&run).len(), 2);
        assert_eq!(things.take(&run).len(), 2);
        assert_eq!(*things.of(&run, || 4), 4, "it was taken");
        assert_eq!(*things.of(&run, || 5), 5, "nobody held the last one");
    }
}
