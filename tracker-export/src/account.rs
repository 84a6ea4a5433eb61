//! What came over, and what did not.

use std::collections::BTreeMap;

/// What came over to the other side, what has another name there, and what has no place there. Made by one export or
/// import of one run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    kept: BTreeMap<&'static str, u64>,
    left_out: BTreeMap<LeftOut, u64>,
    renamed: BTreeMap<String, String>,
}

/// What was left out, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// Of what kind it is, in the plural: `tables`.
    pub what: &'static str,
    /// Why, as the end of a sentence: `TensorBoard has none`.
    pub why: String,
}

impl Account {
    /// So many more things of a kind came over. The kind is told in the plural: `points`.
    pub fn keep(&mut self, what: &'static str, count: u64) {
        if count > 0 {
            *self.kept.entry(what).or_default() += count;
        }
    }

    /// So many more things of a kind have no place on the other side.
    pub fn leave_out(&mut self, what: &'static str, why: impl Into<String>, count: u64) {
        if count > 0 {
            *self.left_out.entry(LeftOut { what, why: why.into() }).or_default() += count;
        }
    }

    /// Something has another name on the other side.
    pub fn rename(&mut self, from: &str, to: &str) {
        if from != to {
            self.renamed.insert(from.to_owned(), to.to_owned());
        }
    }

    /// Adds what another account says.
    pub fn add(&mut self, other: Self) {
        for (what, count) in other.kept {
            self.keep(what, count);
        }
        for (left_out, count) in other.left_out {
            *self.left_out.entry(left_out).or_default() += count;
        }
        self.renamed.extend(other.renamed);
    }

    /// How many things of each kind came over.
    pub fn kept(&self) -> &BTreeMap<&'static str, u64> {
        &self.kept
    }

    /// How many things were left out, by kind and reason.
    pub fn left_out(&self) -> &BTreeMap<LeftOut, u64> {
        &self.left_out
    }

    /// What has another name on the other side, by its name here.
    pub fn renamed(&self) -> &BTreeMap<String, String> {
        &self.renamed
    }
}
