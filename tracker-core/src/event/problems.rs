//! Counts what goes wrong, and tells each kind once.

use std::collections::BTreeMap;

use parking_lot::Mutex;

use crate::Problem;

/// How many kinds are told apart. Kinds are fixed words; more can only come from a tracker's
/// user who puts a number into them, and must not grow without end.
const MAX_KINDS: usize = 64;

/// The troubles of one run, by kind.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    kinds: Mutex<BTreeMap<String, Problem>>,
}

impl Problems {
    /// Counts `problem`. Returns it if it is the first of its kind, to be told.
    pub(crate) fn add(&self, mut problem: Problem) -> Option<Problem> {
        let mut kinds = self.kinds.lock();
        if let Some(known) = kinds.get_mut(&problem.kind) {
            known.count += problem.count;
            return None;
        }
        if kinds.len() >= MAX_KINDS {
            "other".clone_into(&mut problem.kind);
            let count = problem.count;
            kinds
                .entry("other".to_owned())
                .and_modify(|other| other.count += count)
                .or_insert(problem);
            return None;
        }
        kinds.insert(problem.kind.clone(), problem.clone());
        Some(problem)
    }

    /// All kinds so far with their counts.
    pub(crate) fn all(&self) -> Vec<Problem> {
        self.kinds.lock().values().cloned().collect()
    }
}
