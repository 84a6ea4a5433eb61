//! Tracker's progress bars, in place of Burn's line a batch.

use burn::train::{
    metric::{MetricDefinition, NumericEntry},
    renderer::MetricState,
};
use tracker_core::{Definition, adapter::recorder::Section, progress::Progress};

use crate::{
    burn_values,
    guard::caught,
    series::Catalog,
    split::{Reading, SplitMeans},
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
    validates: bool,
    total_items: usize,
    processed: usize,
    items_per_step: usize,
    readings: Vec<Reading>,
    means: SplitMeans,
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
    pub(crate) fn guarded(&mut self, work: impl FnOnce(&mut Self)) {
        caught(|| work(self));
    }

    pub(crate) fn define(&mut self, definition: &MetricDefinition) {
        self.catalog.define(definition);
    }

    pub(crate) fn begin(&mut self, total_epochs: usize, starting_epoch: usize) {
        self.total_epochs = total_epochs;
        self.epoch = starting_epoch.saturating_sub(1);
    }

    pub(crate) fn update(&mut self, section: Section, state: &MetricState) {
        let MetricState::Numeric(metric, Some(entry)) = state else { return };
        let Some(index) = self.catalog.index(&metric.metric_id) else { return };
        let Some(series) = self.catalog.get(index) else { return };
        if let NumericEntry::Final(burn) = entry {
            let value = series.stored(self.split.means.epoch_value(index, *burn));
            self.epoch_values.push((series.path(section), value, series.definition.clone()));
            return;
        }
        let value = entry.current();
        if section == Section::Train && series.burn_name == "Loss" {
            self.progress.loss(value);
        }
        let count = burn_values::count(entry);
        self.split.readings.push(Reading { series: index, value, count });
    }

    pub(crate) fn begin_split(&mut self, split: &str, total_items: usize) {
        if split == "train" {
            self.epoch += 1;
            let total = (self.total_epochs > 0).then_some(self.total_epochs as u64);
            self.progress.begin_epoch(self.epoch as u64, total);
        }
        let validates = split != "train";
        self.split = RunningSplit { validates, total_items, ..RunningSplit::default() };
    }

    /// Values that came after the last batch are those of the whole split: not all of Burn's
    /// metrics mark them as final.
    pub(crate) fn end_split(&mut self) {
        let section = if self.split.validates { Section::Valid } else { Section::Train };
        for reading in std::mem::take(&mut self.split.readings) {
            let Some(series) = self.catalog.get(reading.series) else { continue };
            let value = series.stored(reading.value);
            self.epoch_values.push((series.path(section), value, series.definition.clone()));
        }
    }

    /// How many batches there will be is known when the first one shows its size.
    pub(crate) fn batch(&mut self, processed: usize) {
        let split = &mut self.split;
        let items = processed.saturating_sub(split.processed);
        if split.items_per_step == 0 {
            let batches = split.total_items.div_ceil(items.max(1));
            self.progress.begin_batches((items > 0 && batches > 0).then_some(batches as u64));
        }
        if items > 0 {
            split.items_per_step = items;
        }
        split.means.add(split.items_per_step as u64, 1, &split.readings);
        split.readings.clear();
        // Several devices show one step's progress one after the other.
        if items > 0 || processed == 0 {
            self.progress.batch();
        }
        split.processed = processed;
    }

    pub(crate) fn end_epoch(&mut self) {
        let values = std::mem::take(&mut self.epoch_values);
        let shown = values.iter().map(|(name, value, of)| (name.as_str(), *value, of.clone()));
        self.progress.end_epoch(shown);
    }

    /// A test of the evaluator begins.
    pub(crate) fn begin_test(&mut self, name: &str, total_items: usize) {
        self.progress.begin_evaluation(&format!("test/{name}"));
        self.split = RunningSplit { total_items, ..RunningSplit::default() };
    }

    /// A test is over, with these values.
    pub(crate) fn end_test<'a>(
        &mut self,
        values: impl IntoIterator<Item = (&'a str, f64, Definition)>,
    ) {
        self.progress.end_epoch(values);
    }

    pub(crate) fn finish(&mut self) {
        self.progress.finish();
    }
}
