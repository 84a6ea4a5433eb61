//! A report that somebody asks the page for.

use std::collections::BTreeSet;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use tracker_core::read::RunReader;

use crate::ui::{
    failure::{Answer, Failure},
    report::{
        document::{self, Wanted},
        opening,
    },
    state::App,
};

/// Each run is a part of the file.
const MOST_RUNS: usize = 500;

/// What `/report` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportAsked {
    runs: Vec<String>,
    #[serde(default)]
    title: Option<String>,
    /// Markdown.
    #[serde(default)]
    notes: Option<String>,
    /// Metrics.
    #[serde(default)]
    charts: Vec<String>,
    /// The metrics whose curves it holds; all where they are left out.
    #[serde(default)]
    metrics: Option<BTreeSet<String>>,
    /// The page's address that it opens with, from its `/p/`, `/r/` or `/c` on, where it has no words.
    #[serde(default)]
    address: Option<String>,
}

/// The file.
pub(crate) fn report(app: &App, asked: ReportAsked) -> Answer<String> {
    if asked.runs.is_empty() || asked.runs.len() > MOST_RUNS {
        let error = format!("a report is of 1 to {MOST_RUNS} runs");
        return Err(Failure::bad_request(error));
    }
    let mut seen = BTreeSet::new();
    let ids: Vec<String> = asked.runs.iter().filter(|id| seen.insert(*id)).cloned().collect();
    let runs: Vec<RunReader> = app.library().find_all(&ids)?;
    let opens = asked.address.as_deref().map(opening::of_address).transpose();
    let opens = opens.map_err(Failure::bad_request)?;
    let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let (title, notes) = (filled(asked.title), filled(asked.notes));
    let (charts, metrics) = (asked.charts, asked.metrics);
    let wanted = Wanted { title, notes, charts, metrics, opens, code: false };
    Ok(document::html(app.library().root(), &runs, &wanted)?.html)
}

/// A download, so that no browser opens it where this page's cookies are.
pub(crate) fn as_file(html: String) -> Response {
    let kind = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"report.html\""),
    ];
    (kind, html).into_response()
}
