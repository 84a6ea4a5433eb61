//! What a metric came to.

use serde::Serialize;
use tracker_core::{Direction, Step as CoreStep, Summary as Known};

use crate::answers::{step::Step, value::Value};

/// A metric's summary. Commands tell every step as a number, the server as JavaScript can hold it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(concrete(S = Step)))]
pub(crate) struct Summary<S> {
    last: Value,
    min: Option<Value>,
    max: Option<Value>,
    best: Option<Value>,
    count: u64,
    step: S,
}

impl<S> Summary<S> {
    fn new(known: &Known, best: Option<f64>, step: S) -> Self {
        Self {
            last: Value(known.last),
            min: known.min.map(Value),
            max: known.max.map(Value),
            best: best.map(Value),
            count: known.count,
            step,
        }
    }
}

impl From<&Known> for Summary<CoreStep> {
    fn from(known: &Known) -> Self {
        Self::new(known, known.best, known.step)
    }
}

impl Summary<Step> {
    /// The best value is that by `direction`, if there is one.
    pub(crate) fn of(known: &Known, direction: Option<Direction>) -> Self {
        let best = direction.and_then(|direction| known.best_by(direction));
        Self::new(known, best, Step(known.step))
    }
}
