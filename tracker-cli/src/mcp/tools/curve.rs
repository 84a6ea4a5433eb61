//! `curve`: metrics of runs over their steps, in short or point by point.

use std::ops::RangeInclusive;

use serde_json::{Value, json};
use tracker_core::read::{Bucket, Row, RunReader, Snapshot};

use crate::{
    answers::{
        agent::{
            curves::{Curve, DrawnCurves, NotFinite},
            page::Page,
        },
        step::Step,
        value::Value as Number,
    },
    mcp::{
        arguments::{Arguments, refused},
        bounded::{MOST, USUAL, length_of},
        named_runs,
        tool::{Parameter, Takes, Tool},
        tools::find_runs::MOST_WARNINGS,
    },
    ui::{failure::Answer, state::App},
};

/// The curves of one answer.
const MOST_CURVES: usize = 16;

/// The buckets of a curve, where nobody says.
const USUAL_BUCKETS: u64 = 40;

/// A curve of fewer buckets tells too little.
const FEWEST_BUCKETS: usize = 4;

const POINTS: [&str; 2] = ["step", "value"];
const BUCKETS: [&str; 6] = ["first_step", "last_step", "points", "min", "max", "last"];

pub(crate) static TOOL: Tool = Tool {
    name: "curve",
    title: "Read curves",
    about: "How metrics went over the steps, of one or several runs. Few points are given one by one, many as buckets \
            with the exact least, greatest and last value, so that no spike is lost. Each curve has its own steps: \
            metrics that are logged at different steps are never joined. Zoom with `from` and `to`. NaN and \
            infinities count in `not_finite` and stand in no min or max.",
    parameters: &[
        Parameter::needed("runs", Takes::Texts, "Ids or names of runs, @latest, @group:NAME."),
        Parameter::needed("metrics", Takes::Texts, "Names of metrics, as describe_run has them."),
        Parameter::optional("from", Takes::Whole(0, u64::MAX), "The first step."),
        Parameter::optional("to", Takes::Whole(0, u64::MAX), "The last step."),
        Parameter::optional(
            "buckets",
            Takes::Whole(1, 200),
            "Points or buckets of each curve; 40 unless said, fewer where the answer would be too long.",
        ),
    ],
    change: None,
};

pub(crate) fn answer(app: &App, arguments: &Arguments) -> Answer<Value> {
    let [references, metrics] = ["runs", "metrics"].map(|name| arguments.texts(name));
    let (references, metrics) = (references?, metrics?);
    if references.is_empty() || metrics.is_empty() {
        return Err(refused("`runs` and `metrics` name none", "name one of each at least"));
    }
    let runs = named_runs::all(app, &references, MOST_CURVES)?;
    if runs.len() * metrics.len() > MOST_CURVES {
        let error = format!("these are more than {MOST_CURVES} curves");
        return Err(refused(error, "name fewer runs or metrics, or ask in several calls"));
    }
    let from = arguments.whole("from")?.unwrap_or(0);
    let steps = from..=arguments.whole("to")?.unwrap_or(u64::MAX);
    let asked = arguments.whole("buckets")?;
    let longest = if asked.is_some() { MOST } else { USUAL };
    let mut buckets = asked.unwrap_or(USUAL_BUCKETS) as usize;
    loop {
        let curves = curves(app, &runs, &metrics, &steps, buckets)?;
        let told = json!(curves);
        if buckets <= FEWEST_BUCKETS || length_of(told.clone()) <= longest {
            return Ok(told);
        }
        buckets = (buckets / 2).max(FEWEST_BUCKETS);
    }
}

/// The curves that are there. One that is not costs a warning, and all an error.
fn curves(
    app: &App,
    runs: &[RunReader],
    metrics: &[String],
    steps: &RangeInclusive<u64>,
    buckets: usize,
) -> Answer<DrawnCurves> {
    let (mut curves, mut failures) = (Vec::new(), Vec::new());
    for run in runs {
        let kept = app.snapshots().now(run)?;
        let now = kept.read();
        for metric in metrics {
            match curve(&now, metric, steps, buckets) {
                Ok(curve) => curves.push(curve),
                Err(failure) => failures.push(failure),
            }
        }
    }
    let warnings: Vec<String> = failures.iter().map(ToString::to_string).collect();
    match failures.into_iter().next() {
        Some(failure) if curves.is_empty() => Err(failure),
        _ => Ok(DrawnCurves {
            buckets,
            curves: Page::new(curves, 0, MOST_CURVES),
            warnings: Page::new(warnings, 0, MOST_WARNINGS),
        }),
    }
}

fn curve(now: &Snapshot, metric: &str, steps: &RangeInclusive<u64>, most: usize) -> Answer<Curve> {
    let seen = now.overview(metric, steps.clone(), most)?;
    let points: u64 = seen.iter().map(|bucket| bucket.count).sum();
    let (columns, rows): (&[_], Vec<Vec<Value>>) = if points <= most as u64 {
        let rows = now.series_in(metric, steps.clone())?;
        (&POINTS, rows.iter().map(of_point).collect())
    } else {
        (&BUCKETS, seen.iter().map(of_bucket).collect())
    };
    let info = now.run().info();
    let definition = info.definitions.get(metric);
    Ok(Curve {
        run: info.id.to_string(),
        name: info.name.clone(),
        metric: metric.to_owned(),
        unit: definition.and_then(|definition| definition.unit.clone()),
        better: definition.and_then(|definition| definition.direction),
        points,
        points_in_all: now.summary().get(metric).map_or(0, |summary| summary.count),
        not_finite: not_finite(&seen),
        columns,
        rows,
    })
}

fn of_point(row: &Row) -> Vec<Value> {
    vec![json!(Step(row.step)), json!(Number(row.value))]
}

fn of_bucket(bucket: &Bucket) -> Vec<Value> {
    let [min, max] = [bucket.min, bucket.max].map(|value| json!(value.map(Number)));
    let [first, last] = [bucket.first_step, bucket.last_step].map(|step| json!(Step(step)));
    vec![first, last, bucket.count.into(), min, max, json!(Number(bucket.last))]
}

fn not_finite(buckets: &[Bucket]) -> Option<NotFinite> {
    let infinite_of = |bucket: &Bucket| bucket.pos_infinite + bucket.neg_infinite;
    let first = buckets.iter().find(|bucket| bucket.nan + infinite_of(bucket) > 0)?;
    Some(NotFinite {
        nan: buckets.iter().map(|bucket| bucket.nan).sum(),
        infinite: buckets.iter().map(infinite_of).sum(),
        first_between: [Step(first.first_step), Step(first.last_step)],
    })
}
