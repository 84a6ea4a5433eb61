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
    let panel = |metric: String| Panel {
        definition: definitions.get(&metric).cloned().unwrap_or_default(),
        lines: now.iter().map(|now| line(now, &metric, state.smooth)).collect(),
        metric,
    };
    Ok(metrics.into_iter().map(panel).collect())
}

/// A run without the metric has an empty line.
fn line(now: &Snapshot, metric: &str, smooth: u8) -> Line {
    let buckets = now.overview(metric, 0..=u64::MAX, BUCKETS).unwrap_or_default();
    let not_finite =
        buckets.iter().map(|bucket| bucket.nan + bucket.pos_infinite + bucket.neg_infinite).sum();
    Line { name: clean(&now.run().info().name), points: points(&buckets, smooth), not_finite }
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
