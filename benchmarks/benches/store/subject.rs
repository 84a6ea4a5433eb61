//! What is measured in `log-calls`: how it begins, one call of it, how it ends.

use std::{hint::black_box, path::Path, sync::Arc};

use serde::Serialize;
use tracker_core::{Run, Tracker, init, metrics};

use crate::{
    sampling::{self, Call},
    steps::{accuracy, loss},
};

/// A way to log the two scalars of a step, or something to compare it with.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    /// How many calls are timed.
    pub(crate) calls: usize,
    /// Makes what it needs in a folder that is its own.
    pub(crate) begin: fn(&Path) -> Begun,
}

/// A subject that is ready to be called.
pub(crate) struct Begun {
    /// Makes the call of one thread.
    pub(crate) call: Box<dyn Fn() -> Call>,
    /// Waits until all is stored. Returns how many points were not.
    pub(crate) end: Box<dyn FnOnce() -> u64>,
}

/// Enough for the last thousand calls to lie far from the first ones.
const CALLS: usize = 1_000_000;

/// Reads the clock, to see that the ratio is 1.
pub(crate) const CLOCK: Subject = Subject {
    name: "one read of the clock",
    calls: CALLS,
    begin: |_| Begun { call: Box::new(sampling::clock), end: Box::new(|| 0) },
};

pub(crate) const ONE_CALL: Subject = Subject {
    name: "tracker: two handles, one call",
    calls: CALLS,
    begin: |folder| {
        tracked(folder, |run| {
            let tracker: Arc<dyn Tracker> = black_box(run.into());
            let (one, other) = (run.metric("train/loss"), run.metric("train/accuracy"));
            Box::new(move |step| {
                let points = [one.point(step, loss(step)), other.point(step, accuracy(step))];
                tracker.write(&points);
            })
        })
    },
};

pub(crate) const TWO_CALLS: Subject = Subject {
    name: "tracker: two handles, two calls",
    calls: CALLS,
    begin: |folder| {
        tracked(folder, |run| {
            let (one, other) = (run.metric("train/loss"), run.metric("train/accuracy"));
            Box::new(move |step| {
                one.log(step, loss(step));
                other.log(step, accuracy(step));
            })
        })
    },
};

pub(crate) const BY_NAME: Subject = Subject {
    name: "tracker: metrics! by name",
    calls: CALLS,
    begin: |folder| {
        tracked(folder, |run| {
            let run = run.clone();
            Box::new(move |step| {
                let (one, other) = (loss(step), accuracy(step));
                run.log_at(step, metrics! { "train/loss" => one, "train/accuracy" => other });
            })
        })
    },
};

pub(crate) const STRUCT: Subject = Subject {
    name: "tracker: a struct that serializes",
    calls: CALLS,
    begin: |folder| {
        tracked(folder, |run| {
            let run = run.clone();
            Box::new(move |step| {
                run.log_at(step, &Values { loss: loss(step), accuracy: accuracy(step) });
            })
        })
    },
};

/// A step as a struct, under the names of the other ways.
#[derive(Serialize)]
struct Values {
    #[serde(rename = "train/loss")]
    loss: f64,
    #[serde(rename = "train/accuracy")]
    accuracy: f64,
}

fn tracked(folder: &Path, call: fn(&Run) -> Call) -> Begun {
    let run = init("bench").dir(folder).start().unwrap();
    let ended = run.clone();
    let end = move || {
        let report = ended.finish().unwrap();
        report.problems().iter().map(|problem| problem.count).sum()
    };
    Begun { call: Box::new(move || call(&run)), end: Box::new(end) }
}
