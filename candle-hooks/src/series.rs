//! The metrics that the hooks write: names, definitions, ids.

use std::sync::Arc;

use tracker_core::{Definition, MetricId, Tracker, TrackerExt as _};

/// A metric that is made known to the tracker when its first value comes.
#[derive(Debug)]
pub(crate) struct Series {
    name: String,
    definition: Definition,
    id: Option<MetricId>,
}

/// A metric's name, a value, and how to show it.
pub(crate) type Shown = (String, f64, Definition);

impl Series {
    pub(crate) fn new(name: impl Into<String>, definition: Definition) -> Self {
        Self { name: name.into(), definition, id: None }
    }

    pub(crate) fn plain(name: impl Into<String>) -> Self {
        Self::new(name, Definition::new())
    }

    pub(crate) fn loss(name: impl Into<String>) -> Self {
        Self::new(name, Definition::new().lower_is_better())
    }

    pub(crate) fn accuracy(name: impl Into<String>) -> Self {
        Self::new(name, Definition::new().unit("%").higher_is_better())
    }

    pub(crate) fn seconds(name: impl Into<String>) -> Self {
        Self::new(name, Definition::new().unit("s"))
    }

    /// A value of the metric, for people.
    pub(crate) fn shown(&self, value: f64) -> Shown {
        (self.name.clone(), value, self.definition.clone())
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn id(&mut self, tracker: &Arc<dyn Tracker>) -> MetricId {
        *self.id.get_or_insert_with(|| {
            if self.definition != Definition::default() {
                tracker.define(&self.name, self.definition.clone());
            }
            tracker.metric(&self.name)
        })
    }
}

/// What is logged of an optimizer: of the one that owns the step, or of a named one.
#[derive(Debug)]
pub(crate) struct OptimizerSeries {
    pub(crate) batch_loss: Series,
    pub(crate) epoch_loss: Series,
    pub(crate) learning_rate: Series,
}

impl OptimizerSeries {
    pub(crate) fn owner() -> Self {
        Self {
            batch_loss: Series::loss("batch/train/loss"),
            epoch_loss: Series::loss("train/loss"),
            learning_rate: Series::plain("learning_rate"),
        }
    }

    pub(crate) fn named(name: &str) -> Self {
        Self {
            batch_loss: Series::loss(format!("batch/train/{name}/loss")),
            epoch_loss: Series::loss(format!("train/{name}/loss")),
            learning_rate: Series::plain(format!("train/{name}/learning_rate")),
        }
    }
}

/// What is logged of the training as a whole.
#[derive(Debug)]
pub(crate) struct TrainingSeries {
    pub(crate) batch_accuracy: Series,
    pub(crate) batch_items: Series,
    pub(crate) accuracy: Series,
    pub(crate) epoch: Series,
    pub(crate) epoch_seconds: Series,
    pub(crate) items_per_second: Series,
}

impl TrainingSeries {
    pub(crate) fn new() -> Self {
        Self {
            batch_accuracy: Series::accuracy("batch/train/accuracy"),
            batch_items: Series::plain("batch/train/items"),
            accuracy: Series::accuracy("train/accuracy"),
            epoch: Series::plain("epoch"),
            epoch_seconds: Series::seconds("epoch_seconds"),
            items_per_second: Series::plain("items_per_second"),
        }
    }
}

/// What is logged of an evaluation, such as `valid`.
#[derive(Debug)]
pub(crate) struct ScopeSeries {
    pub(crate) name: String,
    pub(crate) loss: Series,
    pub(crate) accuracy: Series,
}

impl ScopeSeries {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            loss: Series::loss(format!("{name}/loss")),
            accuracy: Series::accuracy(format!("{name}/accuracy")),
        }
    }
}
