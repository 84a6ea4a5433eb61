//! What is the matter with a store.

use std::borrow::Cow;

use serde::Serialize;

/// What `tracker doctor` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Examination<'a> {
    pub(crate) runs: usize,
    pub(crate) live: usize,
    pub(crate) sealed: Vec<Sealed<'a>>,
    pub(crate) findings: Vec<Finding<'a>>,
    pub(crate) went_wrong: WentWrong<'a>,
}

/// What was sealed of a writer that had died.
#[derive(Debug, Serialize)]
pub(crate) struct Sealed<'a> {
    pub(crate) run: &'a str,
    pub(crate) writer: String,
    pub(crate) points: u64,
    pub(crate) from_memory: u64,
    pub(crate) unfinished: u64,
    pub(crate) damaged: u64,
}

/// Something to mend, of one run or of none.
#[derive(Debug, Serialize)]
pub(crate) struct Finding<'a> {
    pub(crate) kind: &'static str,
    pub(crate) run: Option<&'a str>,
    pub(crate) path: Cow<'a, str>,
    pub(crate) message: &'a str,
    pub(crate) hint: &'a str,
}

/// The runs whose training went wrong, by how it did.
#[derive(Debug, Serialize)]
pub(crate) struct WentWrong<'a> {
    pub(crate) crashed: Vec<&'a str>,
    pub(crate) lost: Vec<&'a str>,
    pub(crate) failed: Vec<&'a str>,
    pub(crate) diverged: Vec<&'a str>,
}
