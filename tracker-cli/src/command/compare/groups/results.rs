//! What a metric came to in each run of a group.

use std::collections::BTreeMap;

use anyhow::Result;
use tracker_core::{
    Definition,
    read::Snapshot,
    stats::{Sample, Spread, spread},
};

use crate::{
    args::At,
    command::compare::{Side, groups::pairing::Pairing},
};

/// What a metric came to in a group.
#[derive(Debug, Default)]
pub(crate) struct Results {
    /// The finite results.
    pub(crate) samples: Vec<Sample>,
    /// All runs of the group.
    pub(crate) runs: usize,
    /// Those whose metric ended at NaN or infinity. The best value of such a run counts if it has one.
    pub(crate) diverged: usize,
    /// Those without the metric.
    pub(crate) missing: usize,
    /// Those that have not come to the step that was asked for.
    pub(crate) early: usize,
}

/// What one run has.
#[derive(Debug, Clone, Copy)]
enum Found {
    Value { value: f64, has_diverged: bool },
    Missing,
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
        self.runs += 1;
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
    groups: &[Vec<&Side>],
    metrics: &[(&'a str, Definition)],
    at: At,
    pairing: &Pairing,
) -> Result<BTreeMap<&'a str, Vec<Results>>> {
    let mut results: BTreeMap<&'a str, Vec<Results>> = BTreeMap::new();
    for (place, sides) in groups.iter().enumerate() {
        for side in sides {
            let key = pairing.key(&side.run.info().config);
            let now = matches!(at, At::Step(_)).then(|| side.run.snapshot()).transpose()?;
            for (metric, definition) in metrics {
                let of_groups = results.entry(*metric).or_default();
                of_groups.resize_with(groups.len(), Results::default);
                let found = result(side, now.as_ref(), (metric, definition), at)?;
                if let Some(results) = of_groups.get_mut(place) {
                    results.add(found, key.clone());
                }
            }
        }
    }
    Ok(results)
}

fn result(
    side: &Side,
    now: Option<&Snapshot>,
    (metric, definition): (&str, &Definition),
    at: At,
) -> Result<Found> {
    let Some(summary) = side.summaries.get(metric) else { return Ok(Found::Missing) };
    let value = match at {
        At::Best => summary.telling(definition.direction),
        At::Last => summary.last,
        At::Step(step) => return at_step(side, now, metric, step),
    };
    Ok(Found::Value { value, has_diverged: !summary.last.is_finite() })
}

/// The last value at a step or before it, of a run that has come so far: one that ended before would be compared with
/// others at a step that it never saw.
fn at_step(side: &Side, now: Option<&Snapshot>, metric: &str, step: u64) -> Result<Found> {
    let rows = now.map(|now| now.series_in(metric, 0..=step)).transpose()?.unwrap_or_default();
    if side.run.last_step()?.is_none_or(|last| last.0 < step) {
        return Ok(Found::Early);
    }
    let found = rows.last().map_or(Found::Missing, |row| Found::Value {
        value: row.value,
        has_diverged: !row.value.is_finite(),
    });
    Ok(found)
}
