//! Groups of runs, what each came to, and which is better.

use serde::Serialize;
use tracker_core::{
    Direction, State,
    stats::{Interval, Spread as CoreSpread},
};

use crate::{
    answers::{
        value::Value,
        verdict::{Spread, Verdict, pair},
    },
    view::groups::{Found, Group, Grouped, Member, Results, Verdicts, mean_text},
};

/// What `/groups` answers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct RunGroups {
    /// How many runs were chosen, and into how many groups they fall; more than are listed where these are many.
    pub(crate) runs: usize,
    pub(crate) of: usize,
    /// What may be asked for as `metric`, what tells most first.
    pub(crate) metrics: Vec<String>,
    /// The one by which groups are compared; null without any.
    pub(crate) metric: Option<GroupMetric>,
    /// The group that the others are compared with.
    pub(crate) baseline: Option<String>,
    /// The settings that make a pair of two runs which share them.
    pub(crate) paired_by: Vec<String>,
    /// Of the intervals of differences; with several comparisons, all hold at once in 95 of 100 cases.
    pub(crate) level: Option<f64>,
    /// In the order in which their first runs began.
    pub(crate) groups: Vec<RunGroup>,
    pub(crate) columns: Vec<GroupColumn>,
    /// What has to be said beside any verdict.
    pub(crate) notes: Vec<String>,
    /// What could not be read or was not found.
    pub(crate) warnings: Vec<String>,
}

/// A metric, and which of a run's values counts.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct GroupMetric {
    pub(crate) name: String,
    #[cfg_attr(test, ts(type = r#""higher" | "lower" | null"#))]
    pub(crate) direction: Option<Direction>,
    pub(crate) unit: Option<String>,
    /// `best`, `last` or `at step 100`.
    pub(crate) which: String,
}

/// A group, and what the metric came to in it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct RunGroup {
    pub(crate) name: String,
    /// What it is called in a sentence.
    pub(crate) label: String,
    /// Null where no run has a finite value.
    pub(crate) spread: Option<Spread>,
    pub(crate) interquartile_mean: Option<Value>,
    pub(crate) interquartile_interval: Option<[Value; 2]>,
    pub(crate) running: usize,
    /// All of them.
    pub(crate) members: Vec<GroupMember>,
    /// Beside the baseline; null for that, and for groups that are not compared.
    pub(crate) verdict: Option<Verdict>,
}

/// A run of a group, and what it has of the metric.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct GroupMember {
    pub(crate) id: String,
    pub(crate) name: String,
    /// NaN and the infinities count in no mean.
    pub(crate) value: Option<Value>,
    /// Why there is no value: no such metric, or the step was not reached.
    #[cfg_attr(test, ts(type = r#""missing" | "early" | null"#))]
    pub(crate) without: Option<&'static str>,
    /// Its last value is not finite.
    pub(crate) diverged: bool,
    pub(crate) running: bool,
}

/// What a metric came to in each group, in their order.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct GroupColumn {
    pub(crate) metric: String,
    /// With an arrow to its better values and the unit of the cells.
    pub(crate) title: String,
    pub(crate) cells: Vec<Option<GroupCell>>,
}

/// The mean of a group, and how far its 95 % interval reaches to both sides.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct GroupCell {
    pub(crate) mean: Value,
    pub(crate) reach: Option<Value>,
    pub(crate) runs: usize,
    pub(crate) best: bool,
    /// Mean and reach with as many digits as the interval allows, in the title's unit.
    pub(crate) text: String,
}

/// A table of groups as text.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct GroupTable {
    pub(crate) text: String,
}

impl RunGroups {
    /// What is said of these groups. How many runs were chosen, and what may be asked for, is still to be told.
    pub(crate) fn of(grouped: &Grouped<'_>) -> Self {
        let metric = grouped.telling_metric();
        let verdicts = grouped.verdicts();
        let groups = match metric {
            Some(metric) => of_metric(grouped, metric, verdicts.as_ref()),
            None => Vec::new(),
        };
        let baseline = grouped.groups().get(grouped.baseline());
        Self {
            runs: 0,
            of: grouped.of(),
            metrics: Vec::new(),
            metric: metric.map(|metric| GroupMetric::of(grouped, metric)),
            baseline: baseline.map(|group| group.name.clone()),
            paired_by: grouped.paired_by().to_vec(),
            level: verdicts.map(|verdicts| verdicts.level),
            groups,
            columns: grouped.metrics().map(|metric| GroupColumn::of(grouped, metric)).collect(),
            notes: metric.map(|metric| grouped.notes(metric)).unwrap_or_default(),
            warnings: Vec::new(),
        }
    }
}

impl GroupMetric {
    fn of(grouped: &Grouped<'_>, metric: &str) -> Self {
        let definition = grouped.definition(metric);
        Self {
            name: metric.to_owned(),
            direction: definition.direction,
            which: grouped.which(&definition),
            unit: definition.unit,
        }
    }
}

fn of_metric(
    grouped: &Grouped<'_>,
    metric: &str,
    verdicts: Option<&Verdicts<'_>>,
) -> Vec<RunGroup> {
    let middles = grouped.interquartile_means(metric).into_iter();
    let groups = grouped.groups().iter().zip(grouped.results(metric)).zip(middles).enumerate();
    let group = |(place, ((group, results), middle)): (usize, ((&Group<'_>, &Results), _))| {
        let middle: Option<(f64, Option<Interval>)> = middle;
        let against = verdicts.and_then(|found| {
            let against = found.against.iter().find(|against| against.group == place)?;
            Some(Verdict::of(grouped, found, against))
        });
        let members = group.members.iter().zip(&results.found);
        let running = |member: &&Member<'_>| member.run.state() == State::Running;
        RunGroup {
            name: group.name.clone(),
            label: grouped.label(place),
            spread: Spread::of(results),
            interquartile_mean: middle.map(|(middle, _)| Value(middle)),
            interquartile_interval: middle.and_then(|(_, interval)| interval).map(pair),
            running: group.members.iter().filter(running).count(),
            members: members.map(|(member, found)| GroupMember::of(member, *found)).collect(),
            verdict: against,
        }
    };
    groups.map(group).collect()
}

impl GroupMember {
    fn of(member: &Member<'_>, found: Found) -> Self {
        let info = member.run.info();
        let (value, without, diverged) = match found {
            Found::Value { value, has_diverged } => (Some(Value(value)), None, has_diverged),
            Found::Missing => (None, Some("missing"), false),
            Found::Early => (None, Some("early"), false),
        };
        Self {
            id: info.id.to_string(),
            name: info.name.clone(),
            value,
            without,
            diverged,
            running: member.run.state() == State::Running,
        }
    }
}

impl GroupColumn {
    fn of(grouped: &Grouped<'_>, metric: &str) -> Self {
        let definition = grouped.definition(metric);
        let cells = grouped.spreads_and_best(metric, &definition).into_iter();
        let cell = |(spread, best): (Option<CoreSpread>, bool)| {
            let spread = spread?;
            let reach = spread.interval.map(|interval| (interval.high - interval.low) / 2.0);
            Some(GroupCell {
                mean: Value(spread.mean),
                reach: reach.map(Value),
                runs: spread.n,
                best,
                text: mean_text(spread, &definition),
            })
        };
        Self {
            metric: metric.to_owned(),
            title: grouped.column_title(metric),
            cells: cells.map(cell).collect(),
        }
    }
}
