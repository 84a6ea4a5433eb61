//! What a metric came to in each run of a group.

use std::collections::BTreeMap;

use anyhow::Result;
use tracker_core::{
    Definition,
    read::Snapshot,
    stats::{Sample, Spread, spread},
};

use crate::view::groups::{by::At, member::Member, pairing::Pairing};

/// What a metric came to in a group.
#[derive(Debug, Default)]
pub(crate) struct Results {
    /// The finite results.
    pub(crate) samples: Vec<Sample>,
    /// What each run of the group has.
    pub(crate) found: Vec<Found>,
    /// Those whose metric ended at NaN or infinity. The best value of such a run counts if it has one.
    pub(crate) diverged: usize,
    /// Those without the metric.
    pub(crate) missing: usize,
    /// Those that have not come to the step that was asked for.
    pub(crate) early: usize,
}

/// What one run has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Found {
    Value {
        value: f64,
        has_diverged: bool,
    },
    /// It has no such metric.
    Missing,
    /// It has not come to the step that was asked for.
    Early,
}

impl Results {
    pub(crate) fn values(&self) -> Vec<f64> {
        self.samples.iter().map(Sample::value).collect()
    }

    pub(crate) fn spread(&self) -> Option<Spread> {
        spread(&self.values())
    }

    fn add(&mut self, found: Found, key: Option<String>) {
        self.found.push(found);
        match found {
            Found::Missing => self.missing += 1,
            Found::Early => self.early += 1,
            Found::Value { value, has_diverged } => {
                self.diverged += usize::from(has_diverged);
                let sample = Sample::of(value);
                let sample = match key {
                    Some(key) => sample.key(key),
                    None => sample,
                };
                self.samples.extend(value.is_finite().then_some(sample));
            }
        }
    }
}

/// What each metric came to in each group of runs.
pub(crate) fn read<'a>(
    groups: &[&[Member<'_>]],
    metrics: &[(&'a str, Definition)],
    at: At,
    pairing: &Pairing,
) -> Result<BTreeMap<&'a str, Vec<Results>>> {
    let mut results: BTreeMap<&'a str, Vec<Results>> = BTreeMap::new();
    for (place, members) in groups.iter().enumerate() {
        for member in *members {
            let key = pairing.key(member.config());
            let now = matches!(at, At::Step(_)).then(|| member.run.snapshot()).transpose()?;
            for (metric, definition) in metrics {
                let of_groups = results.entry(*metric).or_default();
                of_groups.resize_with(groups.len(), Results::default);
                let found = result(member, now.as_ref(), (metric, definition), at)?;
                if let Some(results) = of_groups.get_mut(place) {
                    results.add(found, key.clone());
                }
            }
        }
    }
    Ok(results)
}

fn result(
    member: &Member<'_>,
    now: Option<&Snapshot>,
    (metric, definition): (&str, &Definition),
    at: At,
) -> Result<Found> {
    let Some(summary) = member.summaries.get(metric) else { return Ok(Found::Missing) };
    let value = match at {
        At::Best => summary.telling(definition.direction),
        At::Last => summary.last,
        At::Step(step) => return at_step(member, now, metric, step),
    };
    Ok(Found::Value { value, has_diverged: !summary.last.is_finite() })
}

/// The last value at a step or before it, of a run that has come so far: one that ended before would be compared with
/// others at a step that it never saw.
fn at_step(member: &Member<'_>, now: Option<&Snapshot>, metric: &str, step: u64) -> Result<Found> {
    let rows = now.map(|now| now.series_in(metric, 0..=step)).transpose()?.unwrap_or_default();
    if member.run.last_step()?.is_none_or(|last| last.0 < step) {
        return Ok(Found::Early);
    }
    let found = rows.last().map_or(Found::Missing, |row| Found::Value {
        value: row.value,
        has_diverged: !row.value.is_finite(),
    });
    Ok(found)
}
