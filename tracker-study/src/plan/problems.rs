//! What is wrong with a plan, all that can be told at once.

use crate::{Error, Result};

/// How many are told.
const MOST: usize = 20;

/// What is wrong with a plan, in the order in which it was met.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<(String, String)>);

impl Problems {
    pub(super) fn add(&mut self, what: impl Into<String>, hint: impl Into<String>) {
        self.0.push((what.into(), hint.into()));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Ok if nothing is wrong.
    pub(super) fn told(self) -> Result<()> {
        let count = self.0.len();
        let mut all = self.0.into_iter();
        match (count, all.next()) {
            (_, None) => Ok(()),
            (1, Some((what, hint))) => Err(Error::unusable(what, hint)),
            (_, Some(first)) => {
                let lines = std::iter::once(first).chain(all).take(MOST);
                let lines: Vec<String> =
                    lines.map(|(what, hint)| format!("- {what} ({hint})")).collect();
                let what =
                    format!("{count} things are wrong with the study:\n{}", lines.join("\n"));
                Err(Error::unusable(what, "correct them all, and begin it again"))
            }
        }
    }
}
