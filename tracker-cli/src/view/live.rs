//! What one wants to know of a run that trains: how far it is, how fast it goes, when it will be over. Terminal and
//! page tell the same, because both ask here.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;
use tracker_core::{
    Definition, State, Summary, Timestamp,
    adapter::PLAN,
    read::{Row, Snapshot},
    text::shown_duration,
};

use crate::view::metric_order;

/// The curves that tell most of a run.
const KEY_CURVES: usize = 4;

/// The last points that the speed is measured by.
const ROWS: usize = 200;

/// Buckets fine enough to find the last points of any run, and coarse enough to be read off what the parts say.
const BUCKETS: usize = 256;

/// The last epochs whose times say how long the next ones will take.
const EPOCHS: usize = 5;

/// After so many times its usual pause, a training that logs nothing has slowed down.
const QUIET: f64 = 3.0;

/// How far it is, how fast it goes, when it will be over. Null is what nobody knows.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Live {
    /// Epochs or steps that are over, and those that there are to be.
    pub(crate) done: Option<u64>,
    pub(crate) planned: Option<u64>,
    #[cfg_attr(test, ts(type = r#""epochs" | "steps" | null"#))]
    pub(crate) unit: Option<&'static str>,
    pub(crate) steps_per_second: Option<f64>,
    /// What the training counts beside steps: `items`, `tokens`.
    pub(crate) items: Option<String>,
    pub(crate) items_per_second: Option<f64>,
    pub(crate) eta_seconds: Option<f64>,
    /// The metrics whose curves tell most.
    pub(crate) key_metrics: Vec<String>,
    /// All of it for people.
    pub(crate) words: String,
}

/// What is known of a run that trains; `None` of one that does not.
pub(crate) fn live(now: &Snapshot) -> Option<Live> {
    (now.run().state() == State::Running).then(|| live_at(now, Timestamp::now()))
}

/// The same at a time.
fn live_at(now: &Snapshot, time: Timestamp) -> Live {
    let summaries = now.summary();
    let steps_per_second = speed(now, &summaries, time);
    let (items, items_per_second) = items(&summaries).unzip();
    let plan = Plan::of(now);
    let progress = plan.progress(now, &summaries);
    let eta = plan.eta(now, progress, steps_per_second, time);
    let mut live = Live {
        done: progress.map(|(done, _)| done),
        planned: progress.map(|(_, planned)| planned),
        unit: progress.map(|_| plan.unit()),
        steps_per_second,
        items,
        items_per_second,
        eta_seconds: eta,
        key_metrics: key_metrics(&summaries, &now.run().info().definitions),
        words: String::new(),
    };
    live.words = words(&live);
    live
}

/// `3 of 10 epochs, 12.34 steps/s, 790 items/s, about 4 m 05 s left`; empty where nothing is known yet.
fn words(live: &Live) -> String {
    let (done, planned, unit) = (live.done, live.planned, live.unit);
    let progress = done.zip(planned).zip(unit);
    let progress = progress.map(|((done, planned), unit)| format!("{done} of {planned} {unit}"));
    let steps = live.steps_per_second.map(|speed| match speed {
        ..0.5 => format!("{} s/step", rate(1.0 / speed)),
        _ => format!("{} steps/s", rate(speed)),
    });
    let items = live.items.as_ref().zip(live.items_per_second);
    let items = items.map(|(items, speed)| format!("{} {items}/s", rate(speed)));
    let left = live
        .eta_seconds
        .map(|seconds| format!("about {} left", shown_duration(Duration::from_secs_f64(seconds))));
    let parts: Vec<String> = [progress, steps, items, left].into_iter().flatten().collect();
    parts.join(", ")
}

/// Three digits, as a speed is never the same twice.
fn rate(speed: f64) -> String {
    let decimals = if speed >= 100.0 { 0 } else { 2 - usize::from(speed >= 10.0) };
    let text = format!("{speed:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// The metrics whose curves tell most, those that tell more first.
pub(crate) fn key_metrics(
    summaries: &BTreeMap<String, Summary>,
    definitions: &BTreeMap<String, Definition>,
) -> Vec<String> {
    let has_curve = |metric: &&str| {
        let has_points = summaries.get(*metric).is_some_and(|summary| summary.count > 1);
        let definition = definitions.get(*metric);
        let is_of_training = !metric.starts_with("system/") && !metric_order::is_counter(metric);
        has_points && is_of_training && !metric_order::is_hidden(definition)
    };
    let ordered = metric_order::ordered(summaries, definitions);
    ordered.into_iter().filter(has_curve).take(KEY_CURVES).map(str::to_owned).collect()
}

/// Steps a second over the last points of the metric that was logged most often.
fn speed(now: &Snapshot, summaries: &BTreeMap<String, Summary>, time: Timestamp) -> Option<f64> {
    let of_training = summaries.iter().filter(|(metric, _)| !metric.starts_with("system/"));
    let (metric, _) = of_training.max_by_key(|(_, summary)| summary.count)?;
    let buckets = now.overview(metric, 0..=u64::MAX, BUCKETS).ok()?;
    let mut rows = 0;
    let mut is_enough = |count: u64| {
        rows += count;
        rows >= ROWS as u64
    };
    let newest = buckets.iter().rev().find(|bucket| is_enough(bucket.count));
    let from = newest.or(buckets.first())?.first_step.0;
    let rows = now.series_in(metric, from..=u64::MAX).ok()?;
    let attempt = rows.last()?.writer;
    let rows: Vec<&Row> =
        rows.iter().rev().take(ROWS).filter(|row| row.writer == attempt).collect();
    let (last, first) = (rows.first()?, rows.last()?);
    let steps = last.step.0.checked_sub(first.step.0).filter(|steps| *steps > 0)?;
    let usual = seconds_between(first.time, last.time) / (rows.len() - 1) as f64;
    let quiet = seconds_between(last.time, time);
    let end = if quiet > (QUIET * usual).max(1.0) { time } else { last.time };
    let seconds = seconds_between(first.time, end);
    (seconds > 0.0).then(|| steps as f64 / seconds)
}

fn seconds_between(from: Timestamp, to: Timestamp) -> f64 {
    (to.as_micros() - from.as_micros()) as f64 / 1e6
}

/// What the training counts beside steps, and how many of them it does in a second: as it measured itself.
fn items(summaries: &BTreeMap<String, Summary>) -> Option<(String, f64)> {
    let measured = summaries.iter().filter(|(_, summary)| summary.last.is_finite());
    let mut measured = measured.filter_map(|(metric, summary)| {
        let items = metric.strip_suffix("_per_second").filter(|items| !items.contains('/'))?;
        Some((items.to_owned(), summary.last))
    });
    measured.find(|(items, _)| items != "steps")
}

/// How long the training is to be.
enum Plan {
    /// Told by adapters, which know where an epoch begins.
    Epochs {
        first: f64,
        count: u64,
    },
    /// Told by a loop itself.
    Steps(u64),
    Unknown,
}

impl Plan {
    fn of(now: &Snapshot) -> Self {
        let Some(facts) = now.run().info().about.get(PLAN) else { return Self::Unknown };
        let number = |name: &str| facts.get(name).and_then(serde_json::Value::as_u64);
        let first = facts.get("first_epoch").and_then(serde_json::Value::as_f64);
        match (first, number("epochs"), number("steps")) {
            (Some(first), Some(count), _) => Self::Epochs { first, count },
            (_, _, Some(steps)) => Self::Steps(steps),
            _ => Self::Unknown,
        }
    }

    fn unit(&self) -> &'static str {
        match self {
            Self::Steps(_) => "steps",
            Self::Epochs { .. } | Self::Unknown => "epochs",
        }
    }

    /// How much is done, and how much there is to do.
    fn progress(
        &self,
        now: &Snapshot,
        summaries: &BTreeMap<String, Summary>,
    ) -> Option<(u64, u64)> {
        match self {
            Self::Epochs { first, count } => {
                let last = now.summary().get("epoch").map(|summary| summary.last);
                // An epoch before the first one is of another phase of the training.
                let done = last.map_or(0.0, |last| last - first + 1.0).max(0.0).floor();
                #[expect(clippy::cast_sign_loss, reason = "at least 0")]
                Some(((done as u64).min(*count), *count))
            }
            Self::Steps(count) => {
                let steps = summaries.values().map(|summary| summary.step.0 + 1).max();
                Some((steps.unwrap_or(0).min(*count), *count))
            }
            Self::Unknown => None,
        }
    }

    /// Seconds until the end. Without an epoch that is over, or without a speed, nobody knows.
    fn eta(
        &self,
        now: &Snapshot,
        progress: Option<(u64, u64)>,
        steps_per_second: Option<f64>,
        time: Timestamp,
    ) -> Option<f64> {
        let (done, count) = progress?;
        let left = (count - done) as f64;
        if left == 0.0 {
            return None;
        }
        if let Self::Steps(_) = self {
            return steps_per_second.filter(|speed| *speed > 0.0).map(|speed| left / speed);
        }
        let each = usual_epoch(now).filter(|_| done > 0)?;
        let since = now.series("epoch").ok()?.last().map(|row| seconds_between(row.time, time))?;
        // The epoch that goes on may take longer than usual; those behind it have not begun.
        Some((left * each - since).max((left - 1.0) * each).max(0.0))
    }
}

/// The median of how long the last epochs took, in seconds.
fn usual_epoch(now: &Snapshot) -> Option<f64> {
    let rows = now.series("epoch_seconds").ok()?;
    let last = rows.iter().rev().take(EPOCHS).map(|row| row.value);
    let mut seconds: Vec<f64> = last.filter(|seconds| seconds.is_finite()).collect();
    seconds.sort_by(f64::total_cmp);
    seconds.get(seconds.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tempfile::TempDir;
    use tracker_core::{Point, Run, Tracker, adapter, init};

    use super::*;

    /// So many seconds of an hour have passed.
    fn at(second: u64) -> Timestamp {
        format!("2026-01-01T00:{:02}:{:02}Z", second / 60, second % 60).parse().unwrap()
    }

    fn begun() -> (TempDir, Run) {
        let store = tempfile::tempdir().unwrap();
        let run = init("live").dir(store.path()).signals(false).code_changes(false).start();
        (store, run.unwrap())
    }

    /// Logs values at seconds of an hour.
    fn log(run: &Run, metric: &str, points: &[(u64, u64, f64)]) {
        let metric = run.metric_id(metric);
        let point = |(step, second, value): &(u64, u64, f64)| Point {
            metric,
            step: (*step).into(),
            time: Some(at(*second)),
            value: *value,
        };
        run.write(&points.iter().map(point).collect::<Vec<_>>());
    }

    fn seen(run: &Run, second: u64) -> Live {
        run.flush(Duration::from_secs(30)).unwrap();
        let now = run.reader().unwrap().snapshot().unwrap();
        live_at(&now, at(second))
    }

    #[test]
    fn a_loop_that_told_its_epochs_has_a_speed_and_an_end() {
        let (_store, run) = begun();
        adapter::plan(&run, Some((1.0, 10)));
        log(&run, "train/loss", &[(0, 100, 1.0), (10, 105, 0.9), (20, 110, 0.8), (30, 115, 0.7)]);
        log(&run, "epoch", &[(10, 105, 1.0), (20, 110, 2.0), (30, 115, 3.0)]);
        log(&run, "epoch_seconds", &[(10, 105, 5.0), (20, 110, 5.0), (30, 115, 5.0)]);
        log(&run, "items_per_second", &[(30, 115, 128.0)]);
        let live = seen(&run, 116);
        assert_eq!((live.done, live.planned, live.unit), (Some(3), Some(10), Some("epochs")));
        assert_eq!(live.steps_per_second, Some(2.0));
        assert_eq!(live.eta_seconds, Some(34.0));
        assert_eq!(live.words, "3 of 10 epochs, 2 steps/s, 128 items/s, about 34 s left");
        assert_eq!(live.key_metrics, ["train/loss", "epoch_seconds"]);
        run.finish().unwrap();
    }

    #[test]
    fn nothing_is_claimed_where_nobody_knows_the_end() {
        let (_store, run) = begun();
        let live = seen(&run, 100);
        assert_eq!((live.words.as_str(), live.eta_seconds), ("", None));
        log(&run, "train/loss", &[(0, 100, 1.0), (10, 105, 0.9)]);
        let live = seen(&run, 106);
        assert_eq!((live.done, live.planned, live.eta_seconds), (None, None, None));
        assert_eq!(live.words, "2 steps/s");
        adapter::plan(&run, Some((1.0, 10)));
        assert_eq!(seen(&run, 106).eta_seconds, None, "no epoch is over");
        adapter::plan(&run, None);
        assert_eq!(seen(&run, 106).planned, None, "another loop has no end");
        run.finish().unwrap();
    }

    #[test]
    fn steps_that_a_loop_told_are_enough() {
        let (_store, run) = begun();
        run.describe("training", json!({ "steps": 100 }));
        log(&run, "loss", &[(0, 100, 1.0), (49, 149, 0.5)]);
        let live = seen(&run, 149);
        assert_eq!(live.words, "50 of 100 steps, 1 steps/s, about 50 s left");
        run.finish().unwrap();
    }

    #[test]
    fn a_training_that_stands_still_gets_slower() {
        let (_store, run) = begun();
        log(&run, "loss", &[(0, 100, 1.0), (10, 110, 1.0)]);
        assert_eq!(seen(&run, 111).steps_per_second, Some(1.0));
        let slow = seen(&run, 200);
        assert_eq!((slow.steps_per_second, slow.words.as_str()), (Some(0.1), "10 s/step"));
        run.finish().unwrap();
        let now = run.reader().unwrap().snapshot().unwrap();
        assert!(live(&now).is_none(), "it is over");
    }

    #[test]
    fn epochs_of_a_phase_before_do_not_count() {
        let (_store, run) = begun();
        adapter::plan(&run, Some((4.0, 2)));
        log(&run, "epoch", &[(10, 105, 1.0), (20, 110, 2.0)]);
        assert_eq!(seen(&run, 111).done, Some(0));
        run.finish().unwrap();
    }
}
