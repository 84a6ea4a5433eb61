//! What was imported.

use std::collections::BTreeMap;

use serde::Serialize;
use tracker_export::Account as Known;

use crate::answers::problem::Problem;

/// What `tracker import` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Imported {
    /// It was not, in a dry run.
    pub(crate) imported: bool,
    pub(crate) runs: Vec<ImportedRun>,
}

/// What became of a run, or would.
#[derive(Debug, Serialize)]
pub(crate) struct ImportedRun {
    /// Whose it was: `wandb`.
    pub(crate) tool: &'static str,
    /// The file or folder that it comes from.
    pub(crate) from: String,
    pub(crate) name: String,
    pub(crate) project: Option<String>,
    /// Null where it is not in the store.
    pub(crate) id: Option<String>,
    /// `new`, `already there` or `replaced`; null where it is not in the store.
    pub(crate) arrival: Option<String>,
    /// Why it is not.
    pub(crate) error: Option<String>,
    pub(crate) points: u64,
    pub(crate) events: u64,
    #[serde(flatten)]
    pub(crate) account: Account,
    pub(crate) problems: Vec<Problem>,
}

/// What came over, and what did not.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Account {
    /// How many things of each kind came over.
    kept: BTreeMap<&'static str, u64>,
    left_out: Vec<LeftOut>,
    /// What has another name here.
    renamed: BTreeMap<String, String>,
}

#[derive(Debug, Serialize)]
struct LeftOut {
    what: &'static str,
    why: String,
    count: u64,
}

impl From<&Known> for Account {
    fn from(known: &Known) -> Self {
        let left_out = known.left_out().iter().map(|(left_out, count)| LeftOut {
            what: left_out.what,
            why: left_out.why.clone(),
            count: *count,
        });
        Self {
            kept: known.kept().clone(),
            left_out: left_out.collect(),
            renamed: known.renamed().clone(),
        }
    }
}
