//! What a run that has ended means to its study.

use tracker_core::{Direction, State, Summary, read::RunReader};

use super::{Ended, Seen};
use crate::{Goal, Metric, Plan, Which};

/// The most metrics that are named where the one that is wanted was never logged.
const MOST_NAMED: usize = 12;

/// The longest name that is told of a metric, in characters.
const LONGEST_NAME: usize = 60;

/// How a run says of itself that one of its own rules has stopped it. Trained again, it would do so again.
const BY_RULE: &str = "the rule `";

/// What the end of a run means. It was stopped by its judge if it is `pruned`, else by a person.
pub(super) fn seen(run: &RunReader, state: State, pruned: bool, plan: &Plan) -> Seen {
    let message = run.info().message.as_deref();
    let by_rule = message.is_some_and(|message| message.starts_with(BY_RULE));
    match state {
        State::Stopped if !by_rule && !pruned => {
            Seen::Stopped(message.unwrap_or_default().to_owned())
        }
        State::Stopped if pruned => Seen::Ended(Ended::Pruned),
        State::Finished | State::Ended | State::Stopped => Seen::Ended(match result(run, plan) {
            Ended::NoResult(_) if pruned => Ended::Pruned,
            ended => ended,
        }),
        _ if pruned => Seen::Ended(Ended::Pruned),
        _ => Seen::Ended(Ended::Died(state.told_with(message))),
    }
}

/// The results of a training that has come to its end, or what is wrong with them.
pub(crate) fn result(run: &RunReader, plan: &Plan) -> Ended {
    let summary = match run.summary() {
        Ok(summary) => summary,
        Err(error) => return Ended::NoResult(error.to_string()),
    };
    let mut values = Vec::new();
    for metric in &plan.metrics {
        let Some(known) = summary.get(&metric.name) else {
            let names = summary.keys().map(String::as_str);
            return Ended::NoResult(never_logged(&metric.name, names));
        };
        let value = value(metric, known);
        if !value.is_finite() {
            return Ended::Diverged(format!("{} is {value}", metric.name));
        }
        values.push(value);
    }
    Ended::Complete(values)
}

/// A metric that ends as no finite number has no result, however good it was before.
fn value(metric: &Metric, known: &Summary) -> f64 {
    let direction = match metric.goal {
        Goal::Minimize => Direction::Lower,
        Goal::Maximize => Direction::Higher,
    };
    let wants_best = metric.value == Which::Best && known.last.is_finite();
    let best = wants_best.then(|| known.best_by(direction)).flatten();
    best.unwrap_or(known.last)
}

/// That a metric is missing, and which are there.
pub(crate) fn never_logged<'a>(metric: &str, logged: impl Iterator<Item = &'a str>) -> String {
    let trained = logged.filter(|name| !name.starts_with("system/"));
    let short = |name: &str| name.chars().take(LONGEST_NAME).collect::<String>();
    let names: Vec<String> = trained.map(short).collect();
    let more = names.len().saturating_sub(MOST_NAMED);
    let named = names.get(..MOST_NAMED).unwrap_or(&names).join(", ");
    match (names.is_empty(), more) {
        (true, _) => format!("{metric} was never logged, and nothing else was"),
        (false, 0) => format!("{metric} was never logged, but {named}"),
        (false, more) => format!("{metric} was never logged, but {named} and {more} more"),
    }
}
