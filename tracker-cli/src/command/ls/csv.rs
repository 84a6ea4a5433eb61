//! The table of runs as comma-separated values, for spreadsheets and data frames.

use std::collections::BTreeSet;

use serde_json::Value;
use tracker_core::{
    Summary, Timestamp,
    read::{ComparedSetting, compared_settings},
};

use crate::{command::ls::Listed, view::csv::cell};

/// One line a run: what it is, its settings as `config.PATH`, then of each metric `last.NAME`, and
/// `best.NAME` where some run has a best one. A cell without a value is empty.
pub(crate) fn to_csv(runs: &[Listed<'_>]) -> String {
    let settings =
        compared_settings(&runs.iter().map(|run| &run.run.info().config).collect::<Vec<_>>());
    let metrics: BTreeSet<&str> =
        runs.iter().flat_map(|run| run.summary.keys().map(String::as_str)).collect();
    let has_best = |metric: &&str| {
        let best = |run: &Listed<'_>| run.summary.get(*metric)?.best;
        runs.iter().any(|run| best(run).is_some())
    };
    let bests: BTreeSet<&str> = metrics.iter().copied().filter(has_best).collect();
    let mut page = line(&titles(&settings, &metrics, &bests));
    for (index, run) in runs.iter().enumerate() {
        let mut cells = facts(run);
        for setting in &settings {
            let set = setting.values.get(index).copied().flatten();
            cells.push(set.map_or_else(String::new, value));
        }
        for metric in &metrics {
            let summary = run.summary.get(*metric);
            cells.push(number(summary.map(|summary: &Summary| summary.last)));
            if bests.contains(metric) {
                cells.push(number(summary.and_then(|summary| summary.best)));
            }
        }
        page.push_str(&line(&cells));
    }
    page
}

fn line(cells: &[String]) -> String {
    cells.join(",") + "\n"
}

fn titles(
    settings: &[ComparedSetting<'_>],
    metrics: &BTreeSet<&str>,
    bests: &BTreeSet<&str>,
) -> Vec<String> {
    let facts = [
        "id",
        "name",
        "project",
        "group",
        "state",
        "started_at",
        "finished_at",
        "seconds",
        "trained_seconds",
        "tags",
    ];
    let mut titles: Vec<String> = facts.map(str::to_owned).into();
    titles.push("notes".to_owned());
    titles.extend(settings.iter().map(|setting| cell(&format!("config.{}", setting.path))));
    for metric in metrics {
        titles.push(cell(&format!("last.{metric}")));
        if bests.contains(metric) {
            titles.push(cell(&format!("best.{metric}")));
        }
    }
    titles
}

/// What a run is, as `titles` names it.
fn facts(run: &Listed<'_>) -> Vec<String> {
    let info = run.run.info();
    let text = |text: &Option<String>| cell(text.as_deref().unwrap_or_default());
    vec![
        info.id.to_string(),
        cell(&info.name),
        cell(&info.project),
        text(&info.group),
        run.state.to_string(),
        info.started_at.to_string(),
        info.finished_at.as_ref().map_or_else(String::new, Timestamp::to_string),
        number(run.elapsed.map(|elapsed| elapsed.passed.as_secs_f64())),
        number(run.elapsed.map(|elapsed| elapsed.trained.as_secs_f64())),
        cell(&info.tags.join(" ")),
        text(&info.notes),
    ]
}

/// A setting. A number stands as it is, whatever its sign.
fn value(value: &Value) -> String {
    match value {
        Value::String(text) => cell(text),
        Value::Number(number) => number.to_string(),
        other => cell(&other.to_string()),
    }
}

/// The shortest form that reads back exactly; `NaN`, `inf` and `-inf` are what data frames read.
fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| format!("{value:?}"))
}
