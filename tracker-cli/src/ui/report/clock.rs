//! When a run reached its steps, so that a report can draw its curves over time.

use tracker_core::{Error, Result, read::RunReader};

use crate::{
    answers::page::report::Clock,
    ui::{
        curves::curve::{Axis, Curve, Wanted},
        report::document::BUCKETS,
    },
};

/// Steps, and the seconds from the run's start to each: of the metric that was logged most often,
/// since the others mostly were logged at some of its steps. Those of the machine have steps of their own.
pub(crate) fn clock(run: &RunReader) -> Result<Option<Clock>> {
    let now = run.snapshot()?;
    let summary = now.summary();
    let densest = summary
        .iter()
        .max_by_key(|(metric, of_metric)| (!metric.starts_with("system/"), of_metric.count));
    let Some((metric, of_metric)) = densest else { return Ok(None) };
    let wanted = Wanted {
        axis: Axis::Relative,
        steps: 0..=u64::MAX,
        buckets: BUCKETS,
        smooth: None,
        exact_up_to: BUCKETS as u64,
    };
    let curve = match Curve::of_every_point(&now, metric, &wanted, of_metric.count) {
        // Its summary is there, and its points cannot be read.
        Err(Error::UnknownMetric { .. }) => return Ok(None),
        result => result?,
    };
    let steps = curve.points.iter().map(|point| point.step as f64).collect();
    let milliseconds = |seconds: f64| (seconds * 1e3).round() / 1e3;
    let seconds = curve.points.iter().map(|point| milliseconds(point.x)).collect();
    Ok(Some(Clock { steps, seconds }))
}
