//! What `/curves` takes and answers.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::RangeInclusive,
    sync::Arc,
};

use axum::http::StatusCode;
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;
use tracker_core::{Alert, Summary, Timestamp, read::RunReader};

use crate::answers::page::curves::AlertMark;
use crate::ui::{
    curves::{
        alerts,
        bytes::Encoder,
        curve::{Axis, Curve, Wanted},
    },
    failure::{Answer, Failure},
    snapshots::Kept,
    state::App,
};

/// As many buckets as a wide screen has points.
const BUCKETS: usize = 1500;

/// More are of no use to a screen.
const MOST_BUCKETS: usize = 4096;

/// The points that all curves of one answer may have.
const MOST_POINTS: usize = 1 << 21;

/// The curves of one answer, however few points they have.
const MOST_CURVES: usize = 4096;

/// The points that `raw` gives one by one.
const MOST_RAW: u64 = 100_000;

/// The greatest weight of an average: its memory is ten thousand points long.
const GREATEST_WEIGHT: f64 = 0.9999;

/// What `/curves` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CurvesRequest {
    metrics: Vec<String>,
    runs: Vec<String>,
    #[serde(default)]
    x: Option<String>,
    #[serde(default)]
    from: Option<AskedStep>,
    #[serde(default)]
    to: Option<AskedStep>,
    #[serde(default)]
    buckets: Option<usize>,
    #[serde(default)]
    smooth: Option<f64>,
    #[serde(default)]
    raw: Option<bool>,
}

/// A step as a number, also a broken one as a zoom gives it, or as digits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AskedStep(pub(crate) u64);

impl<'de> Deserialize<'de> for AskedStep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let step = match Value::deserialize(deserializer)? {
            Value::Number(number) => {
                // A negative step counts as 0: the conversion saturates.
                #[expect(clippy::cast_sign_loss, reason = "a negative step counts as 0")]
                number.as_u64().or_else(|| number.as_f64().map(|step| step.round() as u64))
            }
            Value::String(digits) => digits.parse().ok(),
            _ => None,
        };
        step.map(Self).ok_or_else(|| de::Error::custom("a step is a number, or a text of digits"))
    }
}

impl CurvesRequest {
    /// Asks for whole curves by their steps.
    pub(crate) fn overview(metric: &str, runs: &[&str], buckets: usize) -> Self {
        Self {
            metrics: vec![metric.to_owned()],
            runs: runs.iter().map(|run| (*run).to_owned()).collect(),
            x: None,
            from: None,
            to: None,
            buckets: Some(buckets),
            smooth: None,
            raw: None,
        }
    }

    fn wanted(&self) -> Answer<Wanted> {
        let axis = self.x.as_deref().map_or(Some(Axis::Step), Axis::parse).ok_or_else(|| {
            Failure::bad_request("`x` is step, relative, wall, epoch or metric:NAME")
        })?;
        let buckets = self.buckets.unwrap_or(BUCKETS);
        if !(1..=MOST_BUCKETS).contains(&buckets) {
            return Err(Failure::bad_request(format!("`buckets` is from 1 to {MOST_BUCKETS}")));
        }
        let smooth = self.smooth.filter(|weight| *weight != 0.0);
        if smooth.is_some_and(|weight| !(0.0..=GREATEST_WEIGHT).contains(&weight)) {
            return Err(Failure::bad_request(format!("`smooth` is from 0 to {GREATEST_WEIGHT}")));
        }
        let exact_up_to = if self.raw == Some(true) { MOST_RAW } else { buckets as u64 };
        let each = buckets.max(exact_up_to as usize);
        let most = (MOST_POINTS / each).min(MOST_CURVES);
        if self.metrics.len().saturating_mul(self.runs.len()) > most {
            let error = format!("more than {most} curves of up to {each} points at once");
            let hint = "ask for fewer metrics, runs or buckets at a time";
            return Err(Failure::new(StatusCode::BAD_REQUEST, error, hint));
        }
        Ok(Wanted { axis, steps: self.steps(), buckets, smooth, exact_up_to })
    }

    fn steps(&self) -> RangeInclusive<u64> {
        let from = self.from.map_or(0, |step| step.0);
        from..=self.to.map_or(u64::MAX, |step| step.0)
    }
}

/// The curves of each metric in the order of the runs. A run that cannot be read, or is gone since
/// the page saw it, costs its curves and a warning.
pub(crate) fn curves(app: &App, request: &CurvesRequest) -> Answer<[Vec<u8>; 2]> {
    let wanted = request.wanted()?;
    let listed = app.library().listing()?.map(|listing| listing.runs).unwrap_or_default();
    let mut listed: HashMap<&str, Asked<'_>> =
        listed.iter().map(|run| (run.info().id.as_str(), Asked { run, read: None })).collect();
    let mut warnings = BTreeSet::new();
    let mut encoder = Encoder::default();
    for metric in &request.metrics {
        for id in &request.runs {
            let curve = match listed.get_mut(id.as_str()) {
                Some(run) => read(app, run, metric, &wanted).map_err(|error| error.to_string()),
                None => Err(format!("there is no run {id:.40}")),
            };
            let (curve, alerts) = curve.unwrap_or_else(|warning| {
                warnings.insert(warning);
                (Curve::default().into(), Vec::new())
            });
            encoder.add(metric, id, &curve, alerts);
        }
    }
    encoder.finish(&warnings).map_err(|error| {
        let hint = "ask for fewer runs";
        Failure::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string(), hint)
    })
}

/// A run of one answer. What all its metrics need is read once: the points that are new since the
/// last answer, and what all of them come to.
struct Asked<'a> {
    run: &'a RunReader,
    read: Option<Known>,
}

/// What is known of a run's points before they are read.
struct Known {
    /// Of the files that they lie in, looked at first.
    version: u64,
    now: Arc<Kept>,
    summary: Arc<BTreeMap<String, Summary>>,
    alerts: Vec<(Timestamp, Alert)>,
}

impl Known {
    fn of(app: &App, run: &RunReader) -> Result<Self, tracker_core::Error> {
        let version = run.points_version()?;
        let now = app.snapshots().now(run)?;
        let (summary, alerts) = {
            let now = now.read();
            (now.summary(), now.alerts()?)
        };
        Ok(Self { version, now, summary, alerts })
    }
}

fn read(
    app: &App,
    asked: &mut Asked<'_>,
    metric: &str,
    wanted: &Wanted,
) -> Result<(Arc<Curve>, Vec<AlertMark>), tracker_core::Error> {
    let run = asked.run;
    let Known { version, now, summary, alerts } = match &mut asked.read {
        Some(known) => known,
        unread => unread.insert(Known::of(app, run)?),
    };
    let marks = alerts::marks(alerts, metric, wanted, run.info().started_at);
    let now = now.read();
    let Some(of_metric) = summary.get(metric) else { return Ok((Curve::default().into(), marks)) };
    if !wanted.needs_every_point() {
        let curve = Curve::overview(&now, metric, wanted, of_metric.count)?;
        return Ok((curve.into(), marks));
    }
    // A series of the same files that has as many points is the same: points are only added.
    let axis = match &wanted.axis {
        Axis::Metric(name) => summary.get(name).map_or(0, |summary| summary.count),
        _ => 0,
    };
    let count = of_metric.count;
    let key = format!("{} {version:x} {metric:?} {count} {axis} {wanted:?}", run.path().display());
    let read = || Curve::of_every_point(&now, metric, wanted, count);
    Ok((app.curves().get_or_read(&key, read)?, marks))
}
