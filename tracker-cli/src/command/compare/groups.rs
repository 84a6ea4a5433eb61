//! Groups of runs, most often seeds of one experiment, and whether one is better than another.
//!
//! A group is all its members among the runs that were named: one that diverged, or has no such metric, is told of
//! rather than left out in silence.

mod answer;
mod notes;
mod pairing;
mod results;
mod spreadsheet;
mod table;
mod text;
mod verdict;
mod words;

use std::collections::BTreeMap;

use anyhow::{Result, anyhow};
use tracker_core::{Definition, read::settings_by_path, stats::Spread};

use self::{pairing::Pairing, results::Results};
use crate::{
    args::{At, Compare},
    command::compare::{Compared, Side, best_of},
    view::{config_diff::shown, metric_order},
};

/// What `--group` says alone.
const BY_GROUP: &str = "group";

/// The runs group by group.
pub(crate) struct Grouped<'a> {
    compared: &'a Compared,
    /// By what: `group`, `project`, `study` or a setting's path.
    by: &'a str,
    /// In the order in which their first runs were named.
    groups: Vec<Group<'a>>,
    /// Which of them the others are compared with.
    baseline: usize,
    at: At,
    pairing: Pairing,
    /// For each metric, what each group came to.
    results: BTreeMap<&'a str, Vec<Results>>,
}

/// Runs that have the same.
struct Group<'a> {
    /// What they have.
    name: String,
    sides: Vec<&'a Side>,
}

impl Compared {
    /// The groups, if they were asked for.
    pub(crate) fn grouped<'a>(&'a self, args: &'a Compare) -> Result<Option<Grouped<'a>>> {
        args.group.as_deref().map(|by| Grouped::read(self, by, args)).transpose()
    }
}

impl<'a> Grouped<'a> {
    fn read(compared: &'a Compared, by: &'a str, args: &Compare) -> Result<Self> {
        let groups = groups(&compared.sides, by)?;
        let baseline = match &args.baseline {
            Some(name) => place_of(&groups, name)?,
            None => 0,
        };
        let configs = compared.sides.iter().map(|side| &side.run.info().config);
        let pairing = Pairing::of(configs, args.pair.as_deref())?;
        let mut grouped =
            Self { compared, by, groups, baseline, at: args.at, pairing, results: BTreeMap::new() };
        grouped.results = grouped.all_results()?;
        Ok(grouped)
    }

    fn all_results(&self) -> Result<BTreeMap<&'a str, Vec<Results>>> {
        let sides: Vec<Vec<&Side>> = self.groups.iter().map(|group| group.sides.clone()).collect();
        let metrics: Vec<(&'a str, Definition)> = self
            .compared
            .metrics
            .iter()
            .map(|metric| (metric.as_str(), self.compared.definition(metric)))
            .collect();
        results::read(&sides, &metrics, self.at, &self.pairing)
    }

    /// What a metric came to in each group.
    fn results(&self, metric: &str) -> &[Results] {
        self.results.get(metric).map_or(&[], Vec::as_slice)
    }

    /// How a metric spreads in each group, and whether the group's mean is the best.
    fn spreads_and_best(
        &self,
        metric: &str,
        definition: &Definition,
    ) -> Vec<(Option<Spread>, bool)> {
        let spreads: Vec<Option<Spread>> =
            self.results(metric).iter().map(Results::spread).collect();
        let means: Vec<Option<f64>> =
            spreads.iter().map(|spread| spread.map(|spread| spread.mean)).collect();
        let best = best_of(&means, definition.direction);
        spreads.into_iter().zip(best).collect()
    }

    /// Which of a run's values counts, in a word.
    fn which(&self, definition: &Definition) -> String {
        match self.at {
            At::Best => metric_order::which(definition.direction).to_owned(),
            At::Last => "last".to_owned(),
            At::Step(step) => format!("at step {step}"),
        }
    }
}

impl Group<'_> {
    /// Its name in a sentence, where a bare value such as `0.1` would say nothing.
    fn label(&self, by: &str) -> String {
        if matches!(by, BY_GROUP | "project" | "study") {
            return self.name.clone();
        }
        let word = by.rsplit('.').next().unwrap_or(by);
        format!("{word}={}", self.name)
    }
}

fn groups<'a>(sides: &'a [Side], by: &str) -> Result<Vec<Group<'a>>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut are_known = matches!(by, BY_GROUP | "project" | "study");
    for side in sides {
        let value = group_of(side, by);
        are_known |= value.is_some();
        let name = value.unwrap_or_else(|| "none".to_owned());
        let place = *places.entry(name.clone()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.sides.push(side),
            None => groups.push(Group { name, sides: vec![side] }),
        }
    }
    if are_known { Ok(groups) } else { Err(pairing::no_setting(sides.iter().map(config), by)) }
}

fn config(side: &Side) -> &serde_json::Map<String, serde_json::Value> {
    &side.run.info().config
}

/// What a run has in `group`, `project`, `study` or the setting of this path. A trial of a study without a group
/// belongs to its study.
fn group_of(side: &Side, by: &str) -> Option<String> {
    let info = side.run.info();
    match by {
        BY_GROUP => info.group.as_deref().or(info.study()).map(str::to_owned),
        "study" => info.study().map(str::to_owned),
        "project" => Some(info.project.clone()),
        path => {
            let settings = settings_by_path(&info.config);
            let found = settings.into_iter().find(|(known, _)| known == path);
            found.map(|(_, value)| shown(Some(value)))
        }
    }
}

fn place_of(groups: &[Group<'_>], name: &str) -> Result<usize> {
    let names = || groups.iter().map(|group| &group.name);
    names().position(|known| known == name).ok_or_else(|| {
        let known = metric_order::some_of(names(), name);
        anyhow!("there is no group `{name}`\nhint: the groups are {known}")
    })
}
