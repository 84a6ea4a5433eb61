//! What a group of runs came to, and how it stands beside another, for commands and pages alike.

use serde::Serialize;
use tracker_core::stats::Interval;

use crate::{
    answers::value::Value,
    view::groups::{Against, Grouped, Results, Ruling as Found, Verdicts},
};

/// The mean of a group's results, the standard deviation and the 95 % interval, which a single run has not.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Spread {
    mean: Value,
    deviation: Option<Value>,
    interval: Option<[Value; 2]>,
    /// Those with a finite result.
    runs: usize,
    diverged: usize,
    missing: usize,
    /// Those that have not come to the step.
    early: usize,
}

impl Spread {
    /// `None` where no run has a finite result.
    pub(crate) fn of(results: &Results) -> Option<Self> {
        let spread = results.spread()?;
        Some(Self {
            mean: Value(spread.mean),
            deviation: spread.std.map(Value),
            interval: spread.interval.map(pair),
            runs: spread.n,
            diverged: results.diverged,
            missing: results.missing,
            early: results.early,
        })
    }
}

/// A group beside the baseline. What needs more results than there are is null.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Verdict {
    ruling: Ruling,
    /// The mean less that of the baseline.
    difference: Option<Value>,
    interval: Option<[Value; 2]>,
    /// Both as people read them.
    shown: Option<String>,
    /// Alone, and with regard to the other groups.
    p: Option<f64>,
    p_holm: Option<f64>,
    /// How many pairs were compared; null where groups were compared as a whole.
    pairs: Option<usize>,
    /// How many results were compared: of the baseline, of the group.
    runs: Option<[usize; 2]>,
    /// How likely a run of the group does better than one of the baseline, with the 95 % interval.
    better: Option<f64>,
    better_interval: Option<[Value; 2]>,
    /// A sentence that one may print.
    text: String,
    /// How sure that is, in words.
    details: String,
}

/// What is concluded of a group; `greater` and `less` where nobody says which values are better.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ruling {
    Better,
    Worse,
    Greater,
    Less,
    NotShown,
    TooFew,
    NoSpread,
}

impl Verdict {
    pub(crate) fn of(grouped: &Grouped<'_>, found: &Verdicts<'_>, against: &Against) -> Self {
        let difference = against.difference.as_ref();
        Self {
            ruling: match against.ruling {
                Found::Better => Ruling::Better,
                Found::Worse => Ruling::Worse,
                Found::Greater => Ruling::Greater,
                Found::Less => Ruling::Less,
                Found::NotShown => Ruling::NotShown,
                Found::TooFew(_) => Ruling::TooFew,
                Found::NoSpread => Ruling::NoSpread,
            },
            difference: difference.map(|found| Value(found.mean)),
            interval: against.interval.map(pair),
            shown: grouped.shown_difference(found, against),
            p: difference.map(|found| found.p),
            p_holm: against.p,
            pairs: difference.and_then(|found| found.pairs),
            runs: difference.map(|found| found.n),
            better: against.better.map(|better| better.probability),
            better_interval: against.better.and_then(|better| better.interval).map(pair),
            text: grouped.sentence(found, against),
            details: grouped.details(found, against),
        }
    }
}

pub(crate) fn pair(interval: Interval) -> [Value; 2] {
    [Value(interval.low), Value(interval.high)]
}
