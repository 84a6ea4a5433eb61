//! `tracker ls`: all runs, the latest first.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use anyhow::anyhow;
use serde_json::{Value, json};
use tracker_core::{
    Definition, State, Summary, Timestamp,
    read::{RunReader, Store},
    shown_value,
};

use crate::{
    args::Ls,
    printer, run_json,
    run_json::run_json,
    short_id::ShortIds,
    table::{Align, Grid},
    telling,
    text::{ago, bold, clean, duration, shorten},
};

/// The longest name that is shown whole.
const NAME_WIDTH: usize = 24;

/// Metrics in the table, if the terminal is wide enough for them.
const MAX_METRICS: usize = 6;

/// Runs `tracker ls`.
pub(crate) fn run(store: &Store, args: &Ls) -> anyhow::Result<()> {
    let listing = store.runs()?;
    listing.warnings.iter().for_each(printer::warning);
    let short_ids = ShortIds::of(&listing.runs);
    let projects: BTreeSet<String> =
        listing.runs.iter().map(|run| run.info().project.clone()).collect();
    let is_wanted = |run: &RunReader| {
        args.project.as_ref().is_none_or(|project| *project == run.info().project)
    };
    let runs: Vec<RunReader> = listing.runs.into_iter().filter(is_wanted).collect();
    if let Some(project) = args.project.as_ref().filter(|_| runs.is_empty()) {
        return Err(unknown_project(store, project, &projects));
    }
    let summaries: Vec<BTreeMap<String, Summary>> = runs.iter().map(summary_of).collect();
    let runs: Vec<Listed<'_>> = runs
        .iter()
        .zip(&summaries)
        .map(|(run, summary)| Listed { run, summary, short_id: short_ids.short(&run.info().id) })
        .collect();

    if args.json {
        printer::json(&to_json(&runs))?;
    } else if runs.is_empty() {
        printer::note(&format!(
            "the store {} has no runs yet\n\
             next: start one with `tracker_core::init(\"my-project\").start()` and train",
            store.root().display()
        ));
    } else {
        printer::text(&to_text(&runs, args.project.is_some(), printer::width()))?;
    }
    Ok(())
}

/// A run that cannot be summed up is still listed.
fn summary_of(run: &RunReader) -> BTreeMap<String, Summary> {
    run.summary().unwrap_or_else(|error| {
        printer::warning(&error);
        BTreeMap::new()
    })
}

fn unknown_project(store: &Store, project: &str, known: &BTreeSet<String>) -> anyhow::Error {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let hint = if known.is_empty() {
        "it has no runs yet".to_owned()
    } else {
        format!("it has {}", known.join(", "))
    };
    anyhow!("the store {} has no project `{project}`\nhint: {hint}", store.root().display())
}

struct Listed<'a> {
    run: &'a RunReader,
    summary: &'a BTreeMap<String, Summary>,
    short_id: &'a str,
}

fn to_json(runs: &[Listed<'_>]) -> Value {
    let runs: Vec<Value> =
        runs.iter().map(|listed| Value::Object(run_json(listed.run, listed.summary))).collect();
    json!({ "version": run_json::VERSION, "runs": runs })
}

/// The widest table that fits: it loses its least telling metric until it does.
fn to_text(runs: &[Listed<'_>], of_one_project: bool, width: u16) -> String {
    let mut metrics = telling_metrics(runs);
    metrics.truncate(MAX_METRICS);
    let now = Timestamp::now();
    loop {
        let table = table(runs, &metrics, of_one_project, now, width);
        if table.natural_width() <= usize::from(width) || metrics.pop().is_none() {
            return styled(table.lines(), &metrics);
        }
    }
}

/// The column titles stand out. With metrics they fill two lines.
fn styled(lines: Vec<String>, metrics: &[Metric<'_>]) -> String {
    let title_lines =
        metrics.iter().map(|metric| metric.title().lines().count()).max().unwrap_or(1);
    let style = |(index, line): (usize, String)| {
        if index < title_lines { bold(&line) + "\n" } else { line + "\n" }
    };
    lines.into_iter().enumerate().map(style).collect()
}

fn table(
    runs: &[Listed<'_>],
    metrics: &[Metric<'_>],
    of_one_project: bool,
    now: Timestamp,
    width: u16,
) -> Grid {
    let mut aligns = vec![Align::Left; if of_one_project { 4 } else { 5 }];
    aligns.push(Align::Right);
    let mut grid = Grid::new(aligns, width);
    let project = |text: String| Some(text).filter(|_| !of_one_project);
    let titles = ["name", "id"]
        .map(str::to_owned)
        .into_iter()
        .chain(project("project".to_owned()))
        .chain(["state", "started", "duration"].map(str::to_owned))
        .chain(metrics.iter().map(Metric::title));
    grid.header(titles);
    for listed in runs {
        let info = listed.run.info();
        let state = listed.run.state();
        let cells = [shorten(&clean(&info.name), NAME_WIDTH), listed.short_id.to_owned()]
            .into_iter()
            .chain(project(shorten(&clean(&info.project), NAME_WIDTH)))
            .chain([
                state.to_string(),
                ago(info.started_at, now),
                duration_of(listed.run, state, now).unwrap_or_else(|| "-".to_owned()),
            ])
            .chain(metrics.iter().map(|metric| metric.last(listed)));
        grid.row(cells);
    }
    grid
}

/// How long a run has taken; unknown if nobody saw its end.
fn duration_of(run: &RunReader, state: State, now: Timestamp) -> Option<String> {
    let info = run.info();
    let end = match state {
        State::Running => Some(now),
        _ => info.finished_at,
    };
    end.map(|end| duration(info.started_at, end))
}

/// A metric and what the first run that knows it says of it.
struct Metric<'a> {
    name: &'a str,
    definition: Option<&'a Definition>,
}

impl Metric<'_> {
    /// The name; its section and its quantity stand under each other.
    fn title(&self) -> String {
        let name = clean(self.name);
        match name.rsplit_once('/') {
            Some((section, quantity)) => format!("{section}/\n{quantity}"),
            None => name,
        }
    }

    fn last(&self, listed: &Listed<'_>) -> String {
        let definition = listed.run.info().definitions.get(self.name);
        let shown = |summary: &Summary| {
            clean(&shown_value(summary.last, definition.unwrap_or(&Definition::new())))
        };
        listed.summary.get(self.name).map_or_else(|| "-".to_owned(), shown)
    }
}

/// The metrics of all runs, those that tell most first; background metrics are left out.
fn telling_metrics<'a>(runs: &[Listed<'a>]) -> Vec<Metric<'a>> {
    let mut known: BTreeMap<&str, Option<&Definition>> = BTreeMap::new();
    for listed in runs {
        for name in listed.summary.keys().filter(|name| !telling::is_background(name)) {
            let definition = listed.run.info().definitions.get(name);
            let entry = known.entry(name).or_default();
            *entry = entry.or(definition);
        }
    }
    let mut metrics: Vec<Metric<'a>> =
        known.into_iter().map(|(name, definition)| Metric { name, definition }).collect();
    let order = |a: &Metric<'_>, b: &Metric<'_>| -> Ordering {
        telling::order((a.name, a.definition), (b.name, b.definition))
    };
    metrics.sort_by(order);
    metrics
}
