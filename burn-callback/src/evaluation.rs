//! What Burn's evaluator measures: the values of each test.

use std::sync::Arc;

use burn::train::{
    metric::{MetricDefinition, SerializedEntry},
    renderer::MetricState,
};
use tracker_core::{Definition, Event, Point, Problem, Step, Tracker};

use crate::{
    burn_values,
    series::{Catalog, define, full_name},
    session::Session,
    split::{Reading, SplitMeans},
};

/// Averages the batches of a test. Burn's evaluator makes no value of a whole test: each metric's
/// batches are weighted by what it counts, or by their sizes where it counts batches.
pub(crate) struct Evaluation {
    session: Arc<Session>,
    catalog: Catalog,
    test: String,
    means: SplitMeans,
    readings: Vec<Reading>,
    processed: usize,
    total: usize,
    texts: Vec<(String, String)>,
}

/// One value of a test, to show.
pub(crate) type TestValue = (String, f64, Definition);

impl Evaluation {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self {
            session,
            catalog: Catalog::new(),
            test: String::new(),
            means: SplitMeans::default(),
            readings: Vec::new(),
            processed: 0,
            total: 0,
            texts: Vec::new(),
        }
    }

    pub(crate) fn define(&mut self, definition: &MetricDefinition) {
        self.catalog.define(definition);
    }

    pub(crate) fn begin(&mut self, name: &str, total_items: usize) {
        self.total = total_items;
        name.clone_into(&mut self.test);
        self.means.clear();
        self.readings.clear();
        self.texts.clear();
        self.processed = 0;
    }

    pub(crate) fn update(&mut self, state: &MetricState) {
        match state {
            MetricState::Numeric(metric, Some(entry)) => {
                let Some(series) = self.catalog.index(&metric.metric_id) else { return };
                let (value, count) = (entry.current(), burn_values::count(entry));
                self.readings.push(Reading { series, value, count });
            }
            MetricState::Generic(metric) if !metric.serialized_entry.is_not_available() => {
                let SerializedEntry { formatted, .. } = &metric.serialized_entry;
                let index = self.catalog.index(&metric.metric_id);
                let Some(series) = index.and_then(|index| self.catalog.get(index)) else { return };
                let name = series.named(&section(&self.test));
                self.texts.retain(|(known, _)| *known != name);
                self.texts.push((name, formatted.clone()));
            }
            _ => {}
        }
    }

    pub(crate) fn batch(&mut self, processed: usize) {
        let items = processed.saturating_sub(self.processed) as u64;
        self.processed = processed;
        self.means.add(items, 1, &self.readings);
        self.readings.clear();
    }

    /// The test is over. Writes its values at the last step of the training, or at 0 without one. Burn may
    /// say that it was cut short; the number of items says it too, where it was known before.
    pub(crate) fn end(&mut self, cut_short: bool) -> Vec<TestValue> {
        let mut values = Vec::new();
        let session = Arc::clone(&self.session);
        session.guarded("evaluation", |tracker| {
            let cut_short = cut_short || self.processed < self.total;
            if cut_short && self.processed > 0 {
                tracker.record(tell_of_the_cut(&self.test, self.processed, self.total));
                return;
            }
            let step = session.last_step(tracker);
            values = self.write(tracker, step);
        });
        values
    }

    fn write(&mut self, tracker: &dyn Tracker, step: u64) -> Vec<TestValue> {
        let section = section(&self.test);
        let (mut values, mut points) = (Vec::new(), Vec::new());
        for (index, series) in self.catalog.all().enumerate() {
            let Some(value) = self.means.value(index) else { continue };
            let name = full_name(tracker, &series.named(&section));
            let value = series.stored(value);
            let id = define(tracker, name.clone(), series.definition.clone());
            points.push(Point::new(id, step, value));
            values.push((name, value, series.definition.clone()));
        }
        if !points.is_empty() {
            tracker.write(&points);
        }
        for (name, text) in self.texts.drain(..) {
            let name = full_name(tracker, &name);
            tracker.record(Event::Text { name, step: Step(step), text });
        }
        values
    }
}

/// A part of a test would stand beside whole ones.
fn tell_of_the_cut(test: &str, processed: usize, total: usize) -> Event {
    let of_total = if total > 0 { format!(" of {total}") } else { String::new() };
    Event::Problem(Problem::new(
        "test-cut-short",
        format!("the test `{test}` ended after {processed}{of_total} items and is not logged"),
        "see the error in the evaluation's result, and evaluate again",
    ))
}

fn section(test: &str) -> String {
    format!("test/{test}")
}
