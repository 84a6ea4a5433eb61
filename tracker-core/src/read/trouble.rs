//! What a reader has met that it could not read.

use std::collections::BTreeSet;

use parking_lot::Mutex;

use crate::read::Warning;

/// The most warnings that are kept.
const MOST: usize = 1_000;

/// Warnings, each once.
#[derive(Debug, Default)]
pub(crate) struct Trouble(Mutex<BTreeSet<Warning>>);

impl Trouble {
    pub(crate) fn add<'a>(&self, warnings: impl IntoIterator<Item = &'a Warning>) {
        let mut known = self.0.lock();
        for warning in warnings {
            if known.len() < MOST {
                known.insert(warning.clone());
            }
        }
    }

    pub(crate) fn all(&self) -> Vec<Warning> {
        self.0.lock().iter().cloned().collect()
    }
}
