//! Reads from the store what the screen shows.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use tracker_core::{
    Definition, Stop,
    control::StopRequest,
    read::{Bucket, RunReader, Snapshot, Store},
};

use crate::{
    command::watch::state::{Line, Listed, Panel, Watched},
    terminal::text::clean,
    view::metric_order,
};

/// More runs than this fit on no screen.
const MOST_RUNS: usize = 500;

/// As many buckets as a wide terminal has dots.
const BUCKETS: usize = 400;

/// The newest runs of the store.
pub(crate) fn listed(store: &Store) -> Result<Vec<Listed>> {
    let runs = store.runs()?.runs;
    Ok(runs.iter().take(MOST_RUNS).map(of_run).collect())
}

fn of_run(run: &RunReader) -> Listed {
    let info = run.info();
    Listed {
        id: info.id.as_str().to_owned(),
        name: clean(&info.name),
        project: clean(&info.project),
        state: run.state().as_str(),
    }
}

/// The charts of the drawn runs that pass the filter, those that tell most first.
pub(crate) fn panels(store: &Store, state: &Watched) -> Result<Vec<Panel>> {
    let mut runs = Vec::new();
    for listed in state.drawn() {
        // One that was removed since is left out.
        if let Ok(run) = store.find(&listed.id) {
            runs.push(run);
        }
    }
    let mut definitions: BTreeMap<String, Definition> = BTreeMap::new();
    let mut metrics = BTreeSet::new();
    for run in &runs {
        definitions.extend(run.info().definitions.clone());
        metrics.extend(run.summary()?.keys().cloned());
    }
    let is_shown =
        |metric: &String| !metric_order::is_hidden(definitions.get(metric)) && state.shows(metric);
    let mut metrics: Vec<String> = metrics.into_iter().filter(is_shown).collect();
    metrics.sort_by(|a, b| metric_order::order((a, definitions.get(a)), (b, definitions.get(b))));
    let now: Vec<Snapshot> = runs.iter().map(RunReader::snapshot).collect::<Result<_, _>>()?;
    let groups = if state.joins {
        joined(metrics)
    } else {
        metrics.into_iter().map(|metric| vec![metric]).collect()
    };
    let panel = |metrics: Vec<String>| {
        let first = metrics.first().and_then(|metric| definitions.get(metric));
        let of_metric = |metric: &String| {
            let of_run =
                |now: &Snapshot| line(now, metric, metrics.len() > 1, runs.len() > 1, state.smooth);
            now.iter().map(of_run).collect::<Vec<_>>()
        };
        Panel {
            definition: first.cloned().unwrap_or_default(),
            lines: metrics.iter().flat_map(of_metric).collect(),
            metric: metrics.join(", "),
        }
    };
    Ok(groups.into_iter().map(panel).collect())
}

/// The metrics, with those of one quantity in training, validation and test together, where the first of them stands.
fn joined(metrics: Vec<String>) -> Vec<Vec<String>> {
    let mut groups: Vec<Vec<String>> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for metric in metrics {
        let quantity = metric_order::quantity_of_epoch(&metric).map(str::to_owned);
        let known = quantity.as_ref().and_then(|quantity| places.get(quantity)).copied();
        if let Some(group) = known.and_then(|place| groups.get_mut(place)) {
            group.push(metric);
            continue;
        }
        places.extend(quantity.map(|quantity| (quantity, groups.len())));
        groups.push(vec![metric]);
    }
    groups
}

/// A run without the metric has an empty line. It is named by what tells it from the others of its chart.
fn line(now: &Snapshot, metric: &str, one_of_metrics: bool, one_of_runs: bool, smooth: u8) -> Line {
    let buckets = now.overview(metric, 0..=u64::MAX, BUCKETS).unwrap_or_default();
    let not_finite =
        buckets.iter().map(|bucket| bucket.nan + bucket.pos_infinite + bucket.neg_infinite).sum();
    let section = metric.split('/').next().unwrap_or(metric);
    let name = match (one_of_metrics, one_of_runs) {
        (true, true) => format!("{section} {}", now.run().info().name),
        (true, false) => section.to_owned(),
        (false, _) => now.run().info().name.clone(),
    };
    Line { name: clean(&name), points: points(&buckets, smooth), not_finite }
}

/// The last value of each bucket, smoothed by a debiased moving average over them.
fn points(buckets: &[Bucket], smooth: u8) -> Vec<(f64, f64)> {
    let weight = f64::from(smooth) / 10.0;
    let (mut average, mut rest) = (0.0, 1.0);
    let finite = buckets.iter().filter(|bucket| bucket.last.is_finite());
    finite
        .map(|bucket| {
            average = average * weight + (1.0 - weight) * bucket.last;
            rest *= weight;
            (bucket.last_step.0 as f64, average / (1.0 - rest))
        })
        .collect()
}

/// Asks the run under the cursor to stop; gives what to say.
pub(crate) fn stop(store: &Store, state: &Watched, now: bool) -> Result<String> {
    let Some(listed) = state.current() else { return Ok(String::new()) };
    let request = if now { StopRequest::now() } else { StopRequest::after_epoch() };
    let when = if request.stop() == Stop::Now { "within a batch" } else { "after this epoch" };
    request.send(&store.find(&listed.id)?)?;
    Ok(format!("{} will stop {when}", listed.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_quantity_of_training_and_validation_is_one_chart() {
        let names = [
            "valid/loss",
            "train/loss",
            "lr",
            "test/digits/loss",
            "valid/accuracy",
            "batch/train/loss",
        ];
        let groups = joined(names.map(str::to_owned).to_vec());
        let groups: Vec<Vec<&str>> =
            groups.iter().map(|group| group.iter().map(String::as_str).collect()).collect();
        assert_eq!(
            groups,
            [
                vec!["valid/loss", "train/loss"],
                vec!["lr"],
                vec!["test/digits/loss"],
                vec!["valid/accuracy"],
                vec!["batch/train/loss"]
            ]
        );
    }
}
