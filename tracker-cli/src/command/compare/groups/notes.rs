//! What has to be said beside a verdict, whatever it is.

use tracker_core::State;

use crate::{
    args::At,
    command::compare::groups::{Group, Grouped, pairing::is_seed, results::Results},
    view::config_diff::{Setting, shown, side_by_side},
};

/// Settings of a group that are named, and values of each.
const MOST_SETTINGS: usize = 5;
const MOST_VALUES: usize = 4;

impl Grouped<'_> {
    /// For each group: runs that diverged, lack the metric, have not come so far or train on, and settings that differ
    /// within it although nobody asked for them.
    pub(crate) fn notes(&self, metric: &str) -> Vec<String> {
        let mut notes = Vec::new();
        if self.groups.len() < 2 {
            notes.push(format!(
                "all runs are of one group, {}; `--group=PATH` makes groups by a setting",
                self.label(0)
            ));
        }
        let results = self.results(metric).iter();
        for ((place, group), results) in self.groups.iter().enumerate().zip(results) {
            let label = self.label(place);
            notes.extend(self.of_results(results).map(|said| format!("{label}: {said}")));
            notes.extend(still_running(group).map(|said| format!("{label}: {said}")));
            notes.extend(self.of_settings(group).map(|said| format!("within {label}: {said}")));
        }
        notes
    }

    fn of_results(&self, results: &Results) -> Option<String> {
        let runs = results.runs;
        let mut said = Vec::new();
        if results.diverged > 0 {
            let left_out = runs - results.missing - results.early - results.samples.len();
            let counted = match (self.at, left_out) {
                (At::Best, 0) => "; what was best before counts".to_owned(),
                (_, left_out) if left_out == results.diverged => " and are left out".to_owned(),
                (_, left_out) => format!(", {left_out} of them without a finite value"),
            };
            said.push(format!("{} of {runs} diverged{counted}", results.diverged));
        }
        if results.missing > 0 {
            said.push(format!("{} of {runs} have no such metric", results.missing));
        }
        if results.early > 0 {
            said.push(format!("{} of {runs} have not come to the step", results.early));
        }
        (!said.is_empty()).then(|| said.join("; "))
    }

    fn of_settings(&self, group: &Group<'_>) -> Option<String> {
        let configs: Vec<_> = group.sides.iter().map(|side| &side.run.info().config).collect();
        let settings = side_by_side(&configs);
        let is_meant =
            |path: &String| *path == self.by || self.pairing.paths.contains(path) || is_seed(path);
        let mut differing =
            settings.iter().filter(|setting| setting.differs() && !is_meant(&setting.path));
        let named: Vec<String> = differing.by_ref().take(MOST_SETTINGS).map(told).collect();
        let more = match differing.count() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let verb = if named.len() == 1 && more.is_empty() { "differs" } else { "differ" };
        (!named.is_empty()).then(|| format!("{}{more} {verb}", named.join(", ")))
    }
}

/// A setting with some of its values: `dropout (0.1, 0.2)`.
fn told(setting: &Setting<'_>) -> String {
    let mut values: Vec<String> = Vec::new();
    for value in &setting.values {
        let text = shown(*value);
        if !values.contains(&text) {
            values.push(text);
        }
    }
    let more = if values.len() > MOST_VALUES { ", …" } else { "" };
    values.truncate(MOST_VALUES);
    format!("{} ({}{more})", setting.path, values.join(", "))
}

fn still_running(group: &Group<'_>) -> Option<String> {
    let running = group.sides.iter().filter(|side| side.run.state() == State::Running).count();
    (running > 0).then(|| format!("{running} of {} still train", group.sides.len()))
}
