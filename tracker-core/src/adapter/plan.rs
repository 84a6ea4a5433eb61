//! How long a training is to be, where its loop knows that.

use serde_json::{Map, Value, json};

use crate::{Event, Tracker};

/// The topic of the facts of a run under which its plan stands.
pub const PLAN: &str = "training";

/// Keeps how many epochs there are to be and the number of the first, so that readers can say how much is left; `None`
/// where nobody knows any more.
///
/// The facts are `training.epochs` and `training.first_epoch`, both null where nobody knows. A loop of your own tells as
/// much with `run.describe("training", json!({ "steps": 10_000 }))`.
pub fn plan(tracker: &dyn Tracker, epochs: Option<(f64, u64)>) {
    let (first, count) =
        epochs.map_or((Value::Null, Value::Null), |(first, count)| (json!(first), json!(count)));
    let facts = Map::from_iter([("epochs".to_owned(), count), ("first_epoch".to_owned(), first)]);
    tracker.record(Event::About { topic: PLAN.to_owned(), facts });
}
