//! The runs that a query finds.

use std::{collections::BTreeMap, sync::Arc};

use tracker_core::{
    Summary,
    read::{Field, KnownFields, Query, RunFields, RunReader},
};

use crate::{
    answers::{
        agent::run::{FoundRun, MetricValue},
        value::Value,
    },
    mcp::arguments::refused,
    ui::{
        failure::{Answer, Failure},
        state::App,
    },
    view::{elapsed::elapsed, metric_order},
};

/// The metrics of a run in a list.
const MOST_METRICS: usize = 3;

/// A run with what it is found by.
pub(super) struct Candidate {
    pub(super) run: RunReader,
    summary: Arc<BTreeMap<String, Summary>>,
    fields: RunFields,
}

/// What a query found.
pub(super) struct Found {
    pub(super) runs: Vec<Candidate>,
    /// What may be meant otherwise than it was taken.
    pub(super) notes: Vec<String>,
    /// What could not be read.
    pub(super) warnings: Vec<String>,
}

/// All runs of the store, the one that began last first. One that cannot be summed up costs its metrics.
pub(super) fn candidates(app: &App) -> Answer<(Vec<Candidate>, Vec<String>)> {
    let Some(listing) = app.library().listing()? else { return Ok((Vec::new(), Vec::new())) };
    let mut warnings: Vec<String> = listing.warnings.iter().map(ToString::to_string).collect();
    let candidate = |run: RunReader| {
        let summary = run.summary().unwrap_or_else(|error| {
            warnings.push(error.to_string());
            Arc::default()
        });
        let fields = RunFields::with(run.info(), run.state(), elapsed(&run), &summary);
        Candidate { run, summary, fields }
    };
    let runs = listing.runs.into_iter().map(candidate).collect();
    Ok((runs, warnings))
}

impl Found {
    /// Those of the runs that fit; by the field `sort` if there is one, the best, newest or most first.
    pub(super) fn of(
        (mut runs, warnings): (Vec<Candidate>, Vec<String>),
        query: &str,
        sort: Option<&str>,
    ) -> Answer<Self> {
        let known = KnownFields::of(runs.iter().map(|run| &run.fields));
        let query = Query::parse(query, &known).map_err(|error| of_question(&error))?;
        runs.retain(|run| query.finds(&run.fields));
        if let Some(name) = sort {
            let field = Field::named(name, &known).map_err(|error| of_question(&error))?;
            runs.sort_by(|a, b| a.fields.compare(&b.fields, &field, false));
        }
        Ok(Self { runs, notes: query.notes().to_vec(), warnings })
    }
}

/// An agent reads no manual of a server: the way out is in the words.
fn of_question(error: &tracker_core::Error) -> Failure {
    let text = error.to_string();
    let usual = "`lr < 0.01 and state = finished` is a query; a bare word is looked for in names";
    let (error, hint) = text.split_once("\nhint: ").unwrap_or((&text, usual));
    refused(error, hint)
}

impl Candidate {
    /// The run as a list has it; the metric by which it is sorted comes first.
    pub(super) fn told(&self, sort: Option<&str>) -> FoundRun {
        let info = self.run.info();
        let is_told = |name: &&str| {
            !metric_order::is_background(name)
                && !metric_order::is_counter(name)
                && !metric_order::is_hidden(info.definitions.get(*name))
        };
        let ordered = metric_order::ordered(&self.summary, &info.definitions);
        let first = sort.and_then(|sort| ordered.iter().copied().find(|name| *name == sort));
        let others = ordered.into_iter().filter(is_told).filter(|name| Some(*name) != first);
        let names = first.into_iter().chain(others).take(MOST_METRICS);
        let metrics = names.filter_map(|name| self.metric(name)).collect();
        let diverged = self.summary.values().any(|summary| !summary.last.is_finite());
        FoundRun::of(&self.run, diverged, metrics)
    }

    fn metric(&self, name: &str) -> Option<MetricValue> {
        let definition = self.run.info().definitions.get(name);
        let direction = definition.and_then(|definition| definition.direction);
        let value = self.summary.get(name)?.telling(direction);
        let which = metric_order::which(direction);
        Some(MetricValue { name: name.to_owned(), value: Value(value), which })
    }
}
