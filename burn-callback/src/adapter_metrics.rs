//! The metrics that the adapter itself measures.

use std::sync::Arc;

use tracker_core::{Definition, MetricId, Tracker};

use crate::series::{Section, define};

/// Known to the tracker from their first value on.
#[derive(Debug, Default)]
pub(crate) struct AdapterMetrics {
    items: Option<MetricId>,
    epoch: Option<MetricId>,
    rates: Vec<MetricId>,
}

impl AdapterMetrics {
    pub(crate) fn items(&mut self, tracker: &dyn Tracker) -> MetricId {
        *self.items.get_or_insert_with(|| {
            let definition = Definition::new().display_name("Batch size");
            define(tracker, Section::Batch.path("items"), definition)
        })
    }

    pub(crate) fn epoch(&mut self, tracker: &dyn Tracker) -> MetricId {
        *self.epoch.get_or_insert_with(|| {
            let definition = Definition::new().display_name("Epoch");
            define(tracker, "epoch".to_owned(), definition)
        })
    }

    /// Gives each learning rate to `write`, with its metric: `learning_rate` for the first, and
    /// `learning_rate/<group>` for those of groups, whose names `names` gives.
    pub(crate) fn rates(
        &mut self,
        tracker: &dyn Tracker,
        names: impl Fn() -> Arc<[String]>,
        rates: &[f64],
        mut write: impl FnMut(MetricId, f64),
    ) {
        for (index, rate) in rates.iter().enumerate() {
            if self.rates.len() <= index {
                let names = names();
                let group = index.checked_sub(1).and_then(|group| names.get(group));
                let (name, shown) = match group {
                    Some(group) => {
                        (format!("learning_rate/{group}"), format!("Learning rate of {group}"))
                    }
                    None => ("learning_rate".to_owned(), "Learning rate".to_owned()),
                };
                let definition = Definition::new().display_name(shown);
                self.rates.push(define(tracker, name, definition));
            }
            if let Some(id) = self.rates.get(index) {
                write(*id, *rate);
            }
        }
    }
}
