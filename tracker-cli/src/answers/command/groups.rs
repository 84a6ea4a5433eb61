//! Groups of runs, what their metrics came to, and which group is better. Runs are named by id.

use serde::Serialize;

use crate::{
    answers::{
        in_order::InOrder,
        value::Value,
        verdict::{Spread, Verdict, pair},
    },
    view::groups::{Grouped, Verdicts as Found},
};

/// The runs group by group, what each metric comes to in each, and the verdicts by one metric.
#[derive(Debug, Serialize)]
pub(crate) struct Groups<'a> {
    by: &'a str,
    /// `best`, `last` or a step.
    at: String,
    /// The group that the others are compared with.
    baseline: &'a str,
    /// The settings that make a pair of two runs which share them.
    paired_by: &'a [String],
    runs: InOrder<&'a str, Vec<&'a str>>,
    metrics: InOrder<&'a str, InOrder<&'a str, Spread>>,
    /// None of a single group.
    verdicts: Option<Verdicts<'a>>,
    /// What has to be said beside any verdict.
    notes: Vec<String>,
}

/// The groups beside the baseline, by the metric that tells most.
#[derive(Debug, Serialize)]
struct Verdicts<'a> {
    metric: &'a str,
    /// Of the intervals of differences.
    level: f64,
    /// Of each group, with the 95 % interval.
    interquartile_means: InOrder<&'a str, (Value, Option<[Value; 2]>)>,
    of_groups: InOrder<&'a str, Verdict>,
}

impl<'a> Groups<'a> {
    pub(crate) fn of(grouped: &'a Grouped<'a>) -> Self {
        let runs = grouped.groups().iter().map(|group| {
            let ids = group.members.iter().map(|member| member.run.info().id.as_str());
            (group.name.as_str(), ids.collect())
        });
        let metrics = grouped.metrics().map(|metric| (metric, spreads(grouped, metric)));
        Self {
            by: grouped.by().name(),
            at: grouped.at().to_string(),
            baseline: grouped.name(grouped.baseline()),
            paired_by: grouped.paired_by(),
            runs: runs.collect(),
            metrics: metrics.collect(),
            verdicts: grouped.verdicts().map(|found| verdicts(grouped, &found)),
            notes: grouped.telling_metric().map(|metric| grouped.notes(metric)).unwrap_or_default(),
        }
    }
}

fn spreads<'a>(grouped: &'a Grouped<'a>, metric: &str) -> InOrder<&'a str, Spread> {
    let groups = grouped.groups().iter().zip(grouped.results(metric));
    groups
        .filter_map(|(group, results)| Some((group.name.as_str(), Spread::of(results)?)))
        .collect()
}

fn verdicts<'a>(grouped: &'a Grouped<'a>, found: &Found<'a>) -> Verdicts<'a> {
    let middle = grouped.groups().iter().zip(grouped.interquartile_means(found.metric));
    let middle = middle.filter_map(|(group, middle)| {
        let (middle, interval) = middle?;
        Some((group.name.as_str(), (Value(middle), interval.map(pair))))
    });
    let of_groups = found.against.iter();
    let of_groups = of_groups
        .map(|against| (grouped.name(against.group), Verdict::of(grouped, found, against)));
    Verdicts {
        metric: found.metric,
        level: found.level,
        interquartile_means: middle.collect(),
        of_groups: of_groups.collect(),
    }
}
