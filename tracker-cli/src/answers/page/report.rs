//! What a report has in place of a server.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};
use tracker_core::Timestamp;

use crate::answers::{
    in_order::InOrder,
    page::{
        code::RunPatch,
        comparison::Comparison,
        lineage::Lineage,
        media::{MediaAt, MediaNames},
        recorded::{Artifacts, Events, Histograms, MessagePage},
        run::{RunDetail, Runs},
        store::Store,
    },
};

/// All that the page finds in a report.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Saved<'a> {
    pub(crate) title: Option<&'a str>,
    /// Markdown.
    pub(crate) notes: Option<&'a str>,
    /// The metrics whose charts stand below the words.
    pub(crate) charts: &'a [String],
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) made_at: Timestamp,
    pub(crate) runs: &'a [&'a str],
    /// What it opens with, where somebody has said so.
    pub(crate) opens: Option<&'a OpensWith>,
    /// By the path that the page asks for.
    #[cfg_attr(test, ts(type = "{ [path: string]: unknown }"))]
    pub(crate) answers: InOrder<String, SavedAnswer>,
    /// By metric: the server's answer for all runs, in base64.
    pub(crate) curves: BTreeMap<String, String>,
    /// By run; null for one without points.
    #[cfg_attr(test, ts(type = "{ [run: string]: Clock | null }"))]
    pub(crate) clocks: InOrder<&'a str, Option<Clock>>,
}

/// What a report opens with.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged)]
pub(crate) enum OpensWith {
    /// An address of the page.
    Address { address: String },
    /// A saved view of a project.
    View {
        project: String,
        #[cfg_attr(test, ts(type = "{ [choice: string]: Json }"))]
        shown: Map<String, Value>,
    },
}

/// What the server would have answered.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum SavedAnswer {
    Artifacts(Artifacts),
    Comparison(Comparison),
    Events(Events),
    Histograms(Histograms),
    Lineage(Lineage),
    MediaAt(MediaAt),
    MediaNames(MediaNames),
    Messages(MessagePage),
    Patch(RunPatch),
    Run(Box<RunDetail>),
    Runs(Runs),
    Store(Store),
}

/// When a run reached its steps, in seconds since its start.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Clock {
    /// Ascending, and floats as in the curves, whose points they are looked up for.
    pub(crate) steps: Vec<f64>,
    pub(crate) seconds: Vec<f64>,
}
