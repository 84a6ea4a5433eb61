//! Runs group by group, with what their metrics came to.
//!
//! A group is all its members among the runs that were named: one that diverged, or has no such metric, is told of
//! rather than left out in silence.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use anyhow::{Result, anyhow};
use tracker_core::{Definition, stats::Spread};

use crate::view::{
    best_values::best_of,
    groups::{
        by::{At, By},
        member::Member,
        pairing::{self, Pairing},
        results::{self, Results},
    },
    metric_order,
};

/// How groups are made, and what is said of them.
#[derive(Debug, Clone)]
pub(crate) struct Asked<'a> {
    pub(crate) by: &'a By,
    /// The groups that are compared, the first with the others. Of one alone, with all others; of none, the first
    /// group with all others.
    pub(crate) picks: Vec<&'a str>,
    /// The setting that pairs runs, in the place of their seeds.
    pub(crate) pair: Option<&'a str>,
    pub(crate) at: At,
    /// What is told of groups, what tells most first.
    pub(crate) metrics: &'a [String],
    /// Whether nobody named these.
    pub(crate) is_own_choice: bool,
    /// The metric that has verdicts, in the place of the one that tells most.
    pub(crate) metric: Option<&'a str>,
    pub(crate) definitions: &'a BTreeMap<String, Definition>,
    /// So many groups are told of, those with the most runs.
    pub(crate) most: usize,
}

/// The runs group by group.
pub(crate) struct Grouped<'a> {
    pub(super) asked: Asked<'a>,
    /// In the order in which their first runs were named.
    pub(super) groups: Vec<Group<'a>>,
    /// How many there are, also of those that are not told of.
    of: usize,
    /// Which of them the others are compared with.
    pub(super) baseline: usize,
    pub(super) pairing: Pairing,
    /// For each metric, what each group came to.
    results: BTreeMap<&'a str, Vec<Results>>,
}

/// Runs that have the same.
pub(crate) struct Group<'a> {
    /// What they have.
    pub(crate) name: String,
    pub(crate) members: Vec<Member<'a>>,
}

impl<'a> Grouped<'a> {
    /// The groups of these runs.
    ///
    /// # Errors
    /// If no run has the setting, there is no group of a name, or a run's points cannot be read.
    pub(crate) fn read(members: &[Member<'a>], asked: Asked<'a>) -> Result<Self> {
        let mut groups = groups(members, asked.by)?;
        let of = groups.len();
        keep_largest(&mut groups, &asked);
        let places: Vec<usize> =
            asked.picks.iter().map(|name| place_of(&groups, name)).collect::<Result<_>>()?;
        let baseline = places.first().copied().unwrap_or_default();
        let pairing = Pairing::of(members.iter().map(Member::config), asked.pair)?;
        let mut grouped = Self { asked, groups, of, baseline, pairing, results: BTreeMap::new() };
        grouped.results = grouped.all_results()?;
        Ok(grouped)
    }

    fn all_results(&self) -> Result<BTreeMap<&'a str, Vec<Results>>> {
        let members: Vec<&[Member<'a>]> =
            self.groups.iter().map(|group| group.members.as_slice()).collect();
        let metrics: Vec<(&'a str, Definition)> = self
            .asked
            .metrics
            .iter()
            .map(|metric| (metric.as_str(), self.definition(metric)))
            .collect();
        results::read(&members, &metrics, self.asked.at, &self.pairing)
    }

    pub(crate) fn by(&self) -> &'a By {
        self.asked.by
    }

    pub(crate) fn at(&self) -> At {
        self.asked.at
    }

    /// What is told of the groups.
    pub(crate) fn metrics(&self) -> impl Iterator<Item = &'a str> {
        self.asked.metrics.iter().map(String::as_str)
    }

    pub(crate) fn groups(&self) -> &[Group<'a>] {
        &self.groups
    }

    /// How many groups there are, also of those that are not told of.
    pub(crate) fn of(&self) -> usize {
        self.of
    }

    pub(crate) fn baseline(&self) -> usize {
        self.baseline
    }

    /// The settings that two runs share if they are a pair.
    pub(crate) fn paired_by(&self) -> &[String] {
        &self.pairing.paths
    }

    /// What a group is called in a list.
    pub(crate) fn name(&self, place: usize) -> &str {
        self.groups.get(place).map_or("", |group| group.name.as_str())
    }

    pub(crate) fn definition(&self, metric: &str) -> Definition {
        self.asked.definitions.get(metric).cloned().unwrap_or_default()
    }

    /// What a metric came to in each group.
    pub(crate) fn results(&self, metric: &str) -> &[Results] {
        self.results.get(metric).map_or(&[], Vec::as_slice)
    }

    /// How a metric spreads in each group, and whether the group's mean is the best.
    pub(crate) fn spreads_and_best(
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
    pub(crate) fn which(&self, definition: &Definition) -> String {
        match self.asked.at {
            At::Best => metric_order::which(definition.direction).to_owned(),
            At::Last => "last".to_owned(),
            At::Step(step) => format!("at step {step}"),
        }
    }

    /// The metric that has verdicts: the one that was asked for, else that which tells most.
    pub(crate) fn telling_metric(&self) -> Option<&'a str> {
        let asked = &self.asked;
        asked.metric.or_else(|| metric_order::telling(asked.metrics, asked.definitions))
    }

    /// The groups that a verdict or a table is about: those that were picked, or all.
    pub(super) fn is_compared(&self, place: usize) -> bool {
        let picks = &self.asked.picks;
        picks.len() < 2 || picks.contains(&self.name(place))
    }

    /// A group's name in a sentence, where a bare value such as `0.1` would say nothing.
    pub(crate) fn label(&self, place: usize) -> String {
        self.groups.get(place).map(|group| self.asked.by.label(&group.name)).unwrap_or_default()
    }
}

fn groups<'a>(members: &[Member<'a>], by: &By) -> Result<Vec<Group<'a>>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut are_known = !matches!(by, By::Setting(_));
    for member in members {
        let names = by.groups_of(member);
        are_known |= !names.is_empty();
        let names = if names.is_empty() { vec![by.none().to_owned()] } else { names };
        for name in names {
            let place = *places.entry(name.clone()).or_insert(groups.len());
            match groups.get_mut(place) {
                Some(group) => group.members.push(*member),
                None => groups.push(Group { name, members: vec![*member] }),
            }
        }
    }
    if are_known || members.is_empty() {
        Ok(groups)
    } else {
        Err(pairing::no_setting(members.iter().map(Member::config), by.name()))
    }
}

/// Those that were picked, and then those with the most runs, in their order.
fn keep_largest(groups: &mut Vec<Group<'_>>, asked: &Asked<'_>) {
    if groups.len() <= asked.most {
        return;
    }
    let mut places: Vec<usize> = (0..groups.len()).collect();
    places.sort_by_key(|place| {
        let group = groups.get(*place);
        let is_picked = group.is_some_and(|group| asked.picks.contains(&group.name.as_str()));
        (!is_picked, Reverse(group.map_or(0, |group| group.members.len())))
    });
    let kept: BTreeSet<usize> = places.into_iter().take(asked.most).collect();
    let mut place = 0..;
    groups.retain(|_| place.next().is_some_and(|place| kept.contains(&place)));
}

fn place_of(groups: &[Group<'_>], name: &str) -> Result<usize> {
    let names = || groups.iter().map(|group| &group.name);
    names().position(|known| known == name).ok_or_else(|| {
        let known = metric_order::some_of(names(), name);
        anyhow!("there is no group `{name}`\nhint: the groups are {known}")
    })
}
