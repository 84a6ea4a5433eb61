//! The metrics of a training: their names, units and directions, and where they are written.

use std::collections::HashMap;

use burn::train::metric::{MetricAttributes, MetricDefinition, MetricId as BurnId, store::Split};
use tracker_core::{
    Definition, Direction, Event, MetricId, Tracker,
    adapter::recorder::{self, Section},
};

use crate::names::Names;

/// Burn's name for the learning rate metric. Its value for an epoch is a mean, and the adapter
/// logs the learning rate of each step itself.
const LEARNING_RATE: &str = "Learning Rate";

/// How Burn's names for the area under the ROC curve begin. It is in percent, which Burn's
/// definition of it leaves out.
const AUROC: &str = "AUROC";

/// Burn's name of the split that a section is of.
pub(crate) fn split(section: Section) -> &'static Split {
    match section {
        Section::Batch | Section::Train => &Split::Train,
        Section::Valid => &Split::Valid,
    }
}

/// One of Burn's metrics.
#[derive(Debug)]
pub(crate) struct Series {
    /// Burn's name, by which Burn asks for values.
    pub(crate) burn_name: String,
    name: String,
    pub(crate) definition: Definition,
    percent: bool,
}

impl Series {
    fn new(burn: &MetricDefinition, names: &mut Names) -> Self {
        let mut definition = Definition::new().display_name(burn.name.as_str());
        let mut percent = false;
        if let MetricAttributes::Numeric(numeric) = &burn.attributes {
            if let Some(unit) = &numeric.unit {
                percent = unit == "%";
                definition = definition.unit(unit.as_str());
            }
            definition = if numeric.higher_is_better {
                definition.higher_is_better()
            } else {
                definition.lower_is_better()
            };
        }
        if burn.name.starts_with(AUROC) && matches!(burn.attributes, MetricAttributes::None) {
            percent = true;
            definition = definition.unit("%").higher_is_better();
        }
        Self { burn_name: burn.name.to_string(), name: names.give(&burn.name), definition, percent }
    }

    /// Burn's value as it is stored: a share is stored as a fraction, where Burn has percent.
    pub(crate) fn stored(&self, value: f64) -> f64 {
        if self.percent { value / 100.0 } else { value }
    }

    /// Whether greater values are better; `None` if Burn does not say.
    pub(crate) fn direction(&self) -> Option<Direction> {
        self.definition.direction
    }

    /// The metric's name without a section.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The metric's full name in this section.
    pub(crate) fn path(&self, section: Section) -> String {
        section.path(&self.name)
    }

    /// The metric's full name in a section of your own.
    pub(crate) fn named(&self, section: &str) -> String {
        format!("{section}/{}", self.name)
    }
}

/// The full name of a metric in this process: that of one which joined a run begins with its rank.
pub(crate) fn full_name(tracker: &dyn Tracker, metric: &str) -> String {
    tracker.context().map_or_else(|| metric.to_owned(), |run| recorder::full_name(run, metric))
}

/// Makes a metric known.
pub(crate) fn define(tracker: &dyn Tracker, metric: String, definition: Definition) -> MetricId {
    let id = tracker.metric_id(&metric);
    tracker.record(Event::Define { metric, definition });
    id
}

/// Where Burn's own values of an epoch are kept, for a training that goes on from a checkpoint:
/// early stopping and the choice of the best checkpoint need them to the last bit, in Burn's unit.
/// Tables and charts leave them out.
pub(crate) const BURNS_OWN: &str = "burn/";

/// All metrics of a training by Burn's ids.
#[derive(Debug)]
pub(crate) struct Catalog {
    names: Names,
    series: Vec<Series>,
    indices: HashMap<BurnId, usize>,
}

impl Catalog {
    pub(crate) fn new() -> Self {
        Self { names: Names::new(), series: Vec::new(), indices: HashMap::new() }
    }

    /// Learns a metric. The learning rate is left out, see [`LEARNING_RATE`].
    pub(crate) fn define(&mut self, burn: &MetricDefinition) {
        if burn.name.as_str() == LEARNING_RATE || self.indices.contains_key(&burn.metric_id) {
            return;
        }
        self.indices.insert(burn.metric_id.clone(), self.series.len());
        self.series.push(Series::new(burn, &mut self.names));
    }

    /// The index of a metric; `None` for the learning rate and for metrics never defined.
    pub(crate) fn index(&self, burn: &BurnId) -> Option<usize> {
        self.indices.get(burn).copied()
    }

    pub(crate) fn get(&self, index: usize) -> Option<&Series> {
        self.series.get(index)
    }

    /// All metrics, in the order of their indices.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Series> {
        self.series.iter()
    }
}
