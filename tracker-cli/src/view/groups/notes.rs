//! What has to be said beside a verdict, whatever it is.

use std::collections::BTreeSet;

use tracker_core::{
    State,
    read::{ComparedSetting, compared_settings, shown_setting},
    text::plural,
};

use crate::view::groups::{
    Group, Grouped, by::At, by::By, member::Member, pairing::is_seed, results::Results,
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
            notes.push(format!("all runs are of one group, {}", self.label(0)));
        }
        let results = self.results(metric).iter();
        let groups = self.groups.iter().enumerate().zip(results);
        for ((place, group), results) in groups.filter(|((place, _), _)| self.is_compared(*place)) {
            let label = self.label(place);
            notes.extend(self.of_results(results).map(|said| format!("{label}: {said}")));
            notes.extend(still_running(group).map(|said| format!("{label}: {said}")));
            notes.extend(self.of_settings(group).map(|said| format!("within {label}: {said}")));
        }
        notes.extend(self.of_several_groups());
        if !self.is_bootstrapped(metric) {
            let said = "so many results that interquartile means and shares of cases stand without intervals";
            notes.push(said.to_owned());
        }
        notes
    }

    /// A run with two tags counts in both groups.
    fn of_several_groups(&self) -> Option<String> {
        if *self.asked.by != By::Tag {
            return None;
        }
        let mut seen = BTreeSet::new();
        let mut several = BTreeSet::new();
        let compared = self.groups.iter().enumerate().filter(|(place, _)| self.is_compared(*place));
        for member in compared.flat_map(|(_, group)| &group.members) {
            let id = member.run.info().id.as_str();
            if !seen.insert(id) {
                several.insert(id);
            }
        }
        let runs = plural(several.len() as u64, "run");
        let verb = if several.len() == 1 { "counts" } else { "count" };
        (!several.is_empty())
            .then(|| format!("{runs} with several of these tags {verb} in each of them"))
    }

    fn of_results(&self, results: &Results) -> Option<String> {
        let runs = results.found.len();
        let mut said = Vec::new();
        if results.diverged > 0 {
            let left_out = runs - results.missing - results.early - results.samples.len();
            let counted = match (self.asked.at, left_out) {
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
        let configs: Vec<_> = group.members.iter().map(Member::config).collect();
        let settings = compared_settings(&configs);
        let is_meant = |path: &String| {
            self.asked.by.name() == path || self.pairing.paths.contains(path) || is_seed(path)
        };
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
fn told(setting: &ComparedSetting<'_>) -> String {
    let mut values: Vec<String> = Vec::new();
    for value in &setting.values {
        let text = shown_setting(*value);
        if !values.contains(&text) {
            values.push(text);
        }
    }
    let more = if values.len() > MOST_VALUES { ", …" } else { "" };
    values.truncate(MOST_VALUES);
    format!("{} ({}{more})", setting.path, values.join(", "))
}

fn still_running(group: &Group<'_>) -> Option<String> {
    let running =
        group.members.iter().filter(|member| member.run.state() == State::Running).count();
    (running > 0).then(|| format!("{running} of {} still train", group.members.len()))
}
