//! The names of a run's metrics and their keys.

use std::{
    collections::HashMap,
    hash::BuildHasher,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering, fence},
    },
};

use foldhash::fast::RandomState;
use parking_lot::RwLock;

use crate::format::slot::MAX_METRICS;

/// The metric for points whose name found no place.
pub(crate) const OVERFLOW: &str = "overflow";

/// Places for names that are found without a lock.
const PLACES: usize = 1_024;

/// How many places next to each other a name may take.
const TRIES: usize = 4;

/// A name and its key, once there is one.
type Place = OnceLock<(Box<str>, u32)>;

/// Names by key and keys by name. Keys count from 0.
#[derive(Debug)]
pub(crate) struct Names {
    /// The first names of a run, each near the place that its hash says. A place once taken is
    /// never changed, so that nobody waits here.
    known: Box<[Place]>,
    hash: RandomState,
    /// All keys by name.
    keys: RwLock<HashMap<String, u32, RandomState>>,
    /// All names by key. A lock of its own: the writer thread asks for them while somebody holds
    /// the other one and waits for the writer thread.
    by_key: RwLock<Vec<String>>,
    /// Whether a name is known to readers only through the header of the next log. Not under the
    /// lock: the writer thread asks while a caller holds it and waits for the writer thread.
    undefined: AtomicBool,
}

/// What came of asking for a name's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interned {
    Known(u32),
    New(u32),
    /// There are too many; this is the key of [`OVERFLOW`].
    Overflow(u32),
}

impl Default for Names {
    fn default() -> Self {
        Self {
            known: (0..PLACES).map(|_| OnceLock::new()).collect(),
            hash: RandomState::default(),
            keys: RwLock::default(),
            by_key: RwLock::default(),
            undefined: AtomicBool::new(false),
        }
    }
}

impl Names {
    /// The key of a name that was interned before, found without a lock. `None` says nothing: ask
    /// [`intern`](Self::intern).
    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        for place in self.places(name) {
            let (known, key) = place.get()?;
            if **known == *name {
                return Some(*key);
            }
        }
        None
    }

    fn places(&self, name: &str) -> impl Iterator<Item = &Place> {
        let start = self.hash.hash_one(name) as usize;
        (start..start + TRIES).map(|place| &self.known[place % PLACES])
    }

    /// The key of a valid name. `define` stores a new name where readers find it, before
    /// anybody else can learn its key, and says whether it could.
    pub(crate) fn intern(&self, name: &str, define: impl Fn(u32, &str) -> bool) -> Interned {
        if let Some(key) = self.keys.read().get(name) {
            return Interned::Known(*key);
        }
        let mut keys = self.keys.write();
        if let Some(key) = keys.get(name) {
            return Interned::Known(*key);
        }
        if keys.len() < MAX_METRICS as usize - 1 {
            return Interned::New(self.add(&mut keys, name, define));
        }
        match keys.get(OVERFLOW) {
            Some(key) => Interned::Overflow(*key),
            None => Interned::Overflow(self.add(&mut keys, OVERFLOW, define)),
        }
    }

    /// How many names there are.
    pub(crate) fn len(&self) -> usize {
        self.by_key.read().len()
    }

    /// The name of a key, if it has one.
    pub(crate) fn name(&self, key: usize) -> Option<String> {
        self.by_key.read().get(key).cloned()
    }

    /// All names by key, for the header of a log.
    pub(crate) fn all(&self) -> Vec<String> {
        self.by_key.read().clone()
    }

    /// Whether a name could not be defined since the last call: the next log must begin.
    pub(crate) fn take_undefined(&self) -> bool {
        // With the fence in `add`: whoever has read a point from the ring sees here whether its
        // name was undefined before the point was stored.
        fence(Ordering::Acquire);
        self.undefined.load(Ordering::Relaxed) && self.undefined.swap(false, Ordering::Relaxed)
    }

    /// Remembers that the next log could not begin.
    pub(crate) fn mark_undefined(&self) {
        self.undefined.store(true, Ordering::Relaxed);
    }

    fn add(
        &self,
        keys: &mut HashMap<String, u32, RandomState>,
        name: &str,
        define: impl Fn(u32, &str) -> bool,
    ) -> u32 {
        let key = keys.len() as u32;
        // Before the slots, and before it can count as undefined: a header that is written now
        // may hold a name too many, and never one too few.
        self.by_key.write().push(name.to_owned());
        if !define(key, name) {
            self.undefined.store(true, Ordering::Relaxed);
            fence(Ordering::Release);
        }
        keys.insert(name.to_owned(), key);
        // Found no place: then it is found in the table.
        let _ = self.places(name).find(|place| place.set((name.into(), key)).is_ok());
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_count_from_zero_and_stay() {
        let names = Names::default();
        assert_eq!(names.find("a"), None);
        assert_eq!(names.intern("a", |_, _| true), Interned::New(0));
        assert_eq!(names.intern("b", |_, _| true), Interned::New(1));
        assert_eq!(names.intern("a", |_, _| true), Interned::Known(0));
        assert_eq!((names.find("a"), names.find("b")), (Some(0), Some(1)));
        assert_eq!(names.all(), ["a", "b"]);
        assert!(!names.take_undefined());
    }

    #[test]
    fn a_name_that_could_not_be_defined_is_remembered_once() {
        let names = Names::default();
        names.intern("a", |_, _| false);
        assert!(names.take_undefined());
        assert!(!names.take_undefined());
    }

    #[test]
    fn too_many_names_share_one_metric() {
        let names = Names::default();
        for n in 0..MAX_METRICS as usize - 1 {
            names.intern(&n.to_string(), |_, _| true);
        }
        let overflow = Interned::Overflow(MAX_METRICS - 1);
        assert_eq!(names.intern("one more", |_, _| true), overflow);
        assert_eq!(names.intern("and another", |_, _| true), overflow);
        assert_eq!(names.all().len(), MAX_METRICS as usize);
    }

    #[test]
    fn a_name_is_never_found_under_anothers_key() {
        let names = Names::default();
        for n in 0..5_000_u32 {
            names.intern(&n.to_string(), |_, _| true);
        }
        for n in 0..5_000_u32 {
            let found = names.find(&n.to_string());
            assert!(found.is_none_or(|key| key == n), "{n} has the key {found:?}");
        }
    }
}
