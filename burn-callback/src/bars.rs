//! The renderer: tracker's progress bars in place of Burn's line a batch.
//!
//! Burn 0.23 gives its progress calls other arguments. This file and `progress` are all that
//! changes.

use std::panic::{AssertUnwindSafe, catch_unwind};

use burn::train::{
    logger::{EvaluationProgressLogger, TrainingProgressLogger},
    metric::{MetricDefinition, NumericEntry},
    renderer::{
        EvaluationName, MetricState, MetricsRenderer, MetricsRendererEvaluation,
        MetricsRendererTraining,
    },
};
use tracker_core::{Definition, progress::Progress};

use crate::{
    reads,
    series::{Catalog, Place},
    split::{Reading, SplitBatches},
};

/// Draws bars on a terminal and plain lines elsewhere, as `TRACKER_PROGRESS` asks. It knows no
/// tracker: its values come from Burn, and epochs are averaged as the metric logger does.
pub(crate) struct Bars {
    progress: Progress,
    catalog: Catalog,
    total_epochs: usize,
    epoch: usize,
    split: RunningSplit,
    epoch_values: Vec<(String, f64, Definition)>,
}

#[derive(Default)]
struct RunningSplit {
    total_items: usize,
    processed: usize,
    items_per_step: usize,
    readings: Vec<Reading>,
    batches: SplitBatches,
}

impl Bars {
    pub(crate) fn new() -> Self {
        Self {
            progress: Progress::from_env(),
            catalog: Catalog::new(),
            total_epochs: 0,
            epoch: 0,
            split: RunningSplit::default(),
            epoch_values: Vec::new(),
        }
    }

    /// Drawing must not end a training either.
    fn guarded(&mut self, work: impl FnOnce(&mut Self)) {
        let _ = catch_unwind(AssertUnwindSafe(|| work(self)));
    }

    fn update(&mut self, place: Place, state: &MetricState) {
        let MetricState::Numeric(metric, Some(entry)) = state else { return };
        let Some(index) = self.catalog.index(&metric.metric_id) else { return };
        let Some(series) = self.catalog.get(index) else { return };
        if let NumericEntry::Final(burn) = entry {
            let value = series.stored(self.split.batches.epoch_value(index, *burn));
            self.epoch_values.push((series.path(place), value, series.definition.clone()));
            return;
        }
        let value = entry.current();
        if place == Place::Train && series.burn_name == "Loss" {
            self.progress.loss(value);
        }
        let count = reads::count(entry);
        self.split.readings.push(Reading { series: index, value, count });
    }

    fn begin_split(&mut self, split: &str, total_items: usize) {
        if split == "train" {
            self.epoch += 1;
            let total = (self.total_epochs > 0).then_some(self.total_epochs as u64);
            self.progress.begin_epoch(self.epoch as u64, total);
        }
        self.split = RunningSplit { total_items, ..RunningSplit::default() };
    }

    /// How many batches there will be is known when the first one shows its size.
    fn batch(&mut self, processed: usize) {
        let split = &mut self.split;
        let items = processed.saturating_sub(split.processed);
        if split.items_per_step == 0 {
            let batches = split.total_items.div_ceil(items.max(1));
            self.progress.begin_batches((items > 0).then_some(batches as u64));
        }
        if items > 0 {
            split.items_per_step = items;
        }
        split.batches.add(split.items_per_step as u64, &split.readings);
        split.readings.clear();
        // Several devices show one step's progress one after the other.
        if items > 0 || processed == 0 {
            self.progress.batch();
        }
        split.processed = processed;
    }

    fn end_epoch(&mut self) {
        let values = std::mem::take(&mut self.epoch_values);
        let shown = values.iter().map(|(name, value, of)| (name.as_str(), *value, of.clone()));
        self.progress.end_epoch(shown);
    }
}

impl MetricsRendererTraining for Bars {
    fn update_train(&mut self, state: MetricState) {
        self.guarded(|bars| bars.update(Place::Train, &state));
    }

    fn update_valid(&mut self, state: MetricState) {
        self.guarded(|bars| bars.update(Place::Valid, &state));
    }
}

impl TrainingProgressLogger for Bars {
    fn start(
        &mut self,
        total_epochs: usize,
        starting_epoch: usize,
        _total_items: Option<usize>,
        _label: Option<&str>,
    ) {
        self.total_epochs = total_epochs;
        self.epoch = starting_epoch.saturating_sub(1);
    }

    fn start_split(&mut self, split: &str, total_items: usize) {
        self.guarded(|bars| bars.begin_split(split, total_items));
    }

    fn update_split(&mut self, items_processed: usize) {
        self.guarded(|bars| bars.batch(items_processed));
    }

    fn end_split(&mut self) {}

    fn update_epoch(&mut self, _epoch: usize) {
        self.guarded(Self::end_epoch);
    }

    fn end(&mut self) {
        self.guarded(|bars| bars.progress.finish());
    }

    fn log_event_training(&mut self, _event: String) {}
}

impl MetricsRendererEvaluation for Bars {
    fn update_test(&mut self, _name: EvaluationName, _state: MetricState) {}
}

impl EvaluationProgressLogger for Bars {
    fn start_global_progress(&mut self, _total_tests: usize) {}
    fn start_test(&mut self, _name: &str, _total_items: usize) {}
    fn update_test_progress(&mut self, _items_processed: usize) {}
    fn end_test(&mut self) {}
    fn end_global_progress(&mut self) {}
    fn log_event_evaluation(&mut self, _event: String) {}
}

impl MetricsRenderer for Bars {
    fn manual_close(&mut self) {}

    fn register_metric(&mut self, definition: MetricDefinition) {
        self.guarded(|bars| bars.catalog.define(&definition));
    }
}
