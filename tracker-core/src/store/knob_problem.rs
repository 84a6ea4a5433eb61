//! What goes wrong with knobs, in words.

use std::ops::RangeInclusive;

use crate::{Problem, Step};

/// The knobs that a run may have.
pub(super) const MOST_KNOBS: usize = 256;

/// A knob in words.
pub(super) fn short(name: &str) -> String {
    format!("the knob `{}`", crate::error::excerpt(name))
}

pub(super) fn refused(by: &str, name: &str, value: f64, reason: &str) -> Problem {
    let by = crate::error::excerpt(by);
    Problem::new(
        "knob-refused",
        format!("{by} asked for {} = {value:?}: {reason}", short(name)),
        "`tracker set RUN` lists the knobs of a run and what they take",
    )
}

pub(super) fn declared_twice(name: &str, what: &str, default: f64) -> Problem {
    Problem::new(
        "knob-declared-twice",
        format!("{} was declared before with other {what} (default {default:?})", short(name)),
        "the first declaration counts; give knobs of their own names, or clone the first one",
    )
}

pub(super) fn too_many(name: &str) -> Problem {
    Problem::new(
        "too-many-knobs",
        format!("{} found no place and stays as it is", short(name)),
        format!("declare {MOST_KNOBS} knobs a run at most"),
    )
}

pub(super) fn without_default(name: &str, bounds: &RangeInclusive<f64>, default: f64) -> Problem {
    Problem::new(
        "knob-bounds",
        format!("the bounds {bounds:?} of {} do not hold its default {default:?}", short(name)),
        "it keeps its default; give bounds that hold it",
    )
}

pub(super) fn late(from_step: Step) -> Problem {
    Problem::new(
        "knob-late",
        format!("a change was to begin at step {from_step}, which this process had begun already"),
        "its ranks differ from there to its next step; ask again, and mind that the ranks take steps \
         together",
    )
}

pub(super) fn in_vain(name: &str, value: f64) -> Problem {
    Problem::new(
        "knob-waits",
        format!(
            "{} = {value:?} was asked for a minute ago, and no step has begun since",
            short(name)
        ),
        "in a loop by hand, read the knob with `knob.at(step)`; adapters and `run.log` tell of steps by \
         themselves",
    )
}

pub(super) fn undeclared(name: &str) -> Problem {
    Problem::new(
        "replayed-knob-unknown",
        format!("{} of the run that was to be repeated was never declared here", short(name)),
        "declare it with `run.knob(..)`, under the same name",
    )
}
