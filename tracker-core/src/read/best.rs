//! The run that did best by one metric: `@best:METRIC`.

use std::{cmp::Ordering, collections::BTreeSet, path::Path};

use crate::{
    Direction, Error, Result, Summary,
    error::{excerpt, some_of},
    read::RunReader,
};

/// What stands after `@best:`.
struct Asked<'a> {
    /// All of it, as typed.
    rest: &'a str,
    metric: &'a str,
    /// The direction that was typed with it.
    direction: Option<Direction>,
}

/// Which of `runs`, the latest first, has the best finite value of the metric that `rest` names:
/// `METRIC`, `min:METRIC` or `max:METRIC`. Of several equally good runs, the latest.
pub(crate) fn best(runs: &[RunReader], rest: &str, root: &Path) -> Result<usize> {
    let asked = Asked::parse(rest);
    let summaries: Vec<Option<Summary>> =
        runs.iter().map(|run| run.summary().ok()?.get(asked.metric).copied()).collect();
    if summaries.iter().all(Option::is_none) {
        return Err(asked.error(root, no_such_metric(runs, asked.metric)));
    }
    let direction = match asked.direction {
        Some(direction) => direction,
        None => known_direction(runs, &summaries, asked.metric)
            .map_err(|why| asked.error(root, asked.hint_of_directions(why)))?,
    };
    let value = |summary: &Option<Summary>| match direction {
        Direction::Higher => summary.as_ref()?.max,
        Direction::Lower => summary.as_ref()?.min.map(|value| -value),
    };
    let mut found: Option<(usize, f64)> = None;
    for (index, value) in summaries.iter().map(value).enumerate() {
        let Some(value) = value else { continue };
        // Zero and minus zero are equally good, so this is not `total_cmp`.
        if found.is_none_or(|(_, best)| value.partial_cmp(&best) == Some(Ordering::Greater)) {
            found = Some((index, value));
        }
    }
    let none_finite = || format!("no run has a finite value of `{}`", excerpt(asked.metric));
    found.map(|(index, _)| index).ok_or_else(|| asked.error(root, none_finite()))
}

impl<'a> Asked<'a> {
    fn parse(rest: &'a str) -> Self {
        let typed = |prefix, direction| Some((rest.strip_prefix(prefix)?, Some(direction)));
        let (metric, direction) = typed("min:", Direction::Lower)
            .or_else(|| typed("max:", Direction::Higher))
            .unwrap_or((rest, None));
        Self { rest, metric, direction }
    }

    fn error(&self, root: &Path, hint: String) -> Error {
        let reference = format!("@best:{}", excerpt(self.rest));
        Error::RunNotFound { reference, root: root.to_owned(), hint }
    }

    fn hint_of_directions(&self, why: &str) -> String {
        let metric = excerpt(self.metric);
        format!("{why}; write `@best:min:{metric}` or `@best:max:{metric}`")
    }
}

/// The direction that the runs with the metric agree on, those that know none aside.
fn known_direction(
    runs: &[RunReader],
    summaries: &[Option<Summary>],
    metric: &str,
) -> Result<Direction, &'static str> {
    let with_metric = runs.iter().zip(summaries).filter(|(_, summary)| summary.is_some());
    let mut known =
        with_metric.filter_map(|(run, _)| run.info().definitions.get(metric)?.direction);
    let first = known.next().ok_or("no run says whether small or great values of it are better")?;
    if known.all(|other| other == first) {
        Ok(first)
    } else {
        Err("runs disagree on whether small or great values of it are better")
    }
}

fn no_such_metric(runs: &[RunReader], metric: &str) -> String {
    let mut names: BTreeSet<String> = BTreeSet::new();
    for summary in runs.iter().filter_map(|run| run.summary().ok()) {
        names.extend(summary.keys().cloned());
    }
    if names.is_empty() {
        return "no run has metrics yet".to_owned();
    }
    format!("the runs have {}", some_of(names.iter(), metric))
}
