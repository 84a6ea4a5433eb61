//! What Burn may ask back: the values that early stopping and best checkpoints decide on.

use std::{collections::HashMap, sync::Arc};

use burn::train::metric::{
    MetricDefinition, MetricEntry, MetricId, NumericEntry,
    store::{MetricsUpdate, Split},
};

/// What Burn said of a metric in an epoch.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EpochValue {
    /// Burn's name of the metric.
    pub(crate) name: String,
    pub(crate) epoch: usize,
    pub(crate) split: Split,
    /// In Burn's unit.
    pub(crate) value: f64,
}

/// The values of each epoch as Burn reads them back without tracking, to the last bit.
///
/// Burn decides on what its file logger has written: the text of each entry, not the number beside
/// it. A metric of the user's own may write `{:.2}`, and one that is registered as text has no
/// number at all; what Burn decides on is the text. Of each epoch a sum is kept, so a long training
/// does not grow in memory.
#[derive(Debug, Default)]
pub(crate) struct BurnValues {
    names: HashMap<MetricId, Arc<str>>,
    splits: HashMap<Split, Metrics>,
}

/// What was told of each metric in each epoch.
type Metrics = HashMap<Arc<str>, HashMap<usize, Told>>;

impl BurnValues {
    /// Learns the name by which Burn will ask for a metric.
    pub(crate) fn define(&mut self, definition: &MetricDefinition) {
        self.names.insert(definition.metric_id.clone(), Arc::from(definition.name.as_str()));
    }

    /// Takes what would be written of an update, in the order in which it would be.
    pub(crate) fn take(&mut self, update: &MetricsUpdate, epoch: usize, split: &Split) {
        for entry in &update.entries {
            self.take_entry(entry, epoch, split);
        }
        for numeric in &update.entries_numeric {
            self.take_entry(&numeric.entry, epoch, split);
        }
    }

    fn take_entry(&mut self, entry: &MetricEntry, epoch: usize, split: &Split) {
        if entry.serialized_entry.is_not_available() {
            return;
        }
        let Some(name) = self.names.get(&entry.metric_id) else { return };
        let told = told(&mut self.splits, Arc::clone(name), epoch, split);
        let lines = entry.serialized_entry.serialized.split('\n');
        lines.filter(|line| !line.is_empty()).for_each(|line| told.add(line));
    }

    /// Takes over what earlier attempts of a run measured.
    pub(crate) fn seed(&mut self, values: &[EpochValue]) {
        for EpochValue { name, epoch, split, value } in values {
            told(&mut self.splits, Arc::from(name.as_str()), *epoch, split).last = Some(*value);
        }
    }

    /// The value of an epoch; `None` if nothing was told of it. A strategy of the user's own may also ask
    /// for a metric as Burn's files spell it.
    ///
    /// # Errors
    /// If Burn could not read what was told, in Burn's words.
    pub(crate) fn value(
        &self,
        name: &str,
        epoch: usize,
        split: &Split,
    ) -> Result<Option<f64>, String> {
        let epochs = self.splits.get(split).and_then(|metrics| {
            let is_spelled_so = |own: &&Arc<str>| spelled(own) == spelled(name);
            let in_same_file = || metrics.get(metrics.keys().filter(is_spelled_so).min()?);
            metrics.get(name).or_else(in_same_file)
        });
        epochs.and_then(|epochs| epochs.get(&epoch)).map_or(Ok(None), Told::value)
    }
}

/// The name of a metric's file.
fn spelled(name: &str) -> String {
    name.replace(' ', "_")
}

fn told<'a>(
    splits: &'a mut HashMap<Split, Metrics>,
    name: Arc<str>,
    epoch: usize,
    split: &Split,
) -> &'a mut Told {
    let metrics = splits.entry(split.clone()).or_default();
    metrics.entry(name).or_default().entry(epoch).or_default()
}

/// What was told of a metric in one epoch.
#[derive(Debug, Clone, Copy, Default)]
struct Told {
    /// The sum of all batches' values and of what they count; `None` before the first.
    sum: Option<(f64, usize)>,
    /// The value that stands for the whole epoch.
    last: Option<f64>,
    unreadable: bool,
}

impl Told {
    fn add(&mut self, line: &str) {
        let (value, count) = match NumericEntry::deserialize(line) {
            Ok(NumericEntry::Final(value)) => return self.last = Some(value),
            Ok(NumericEntry::Value(value)) => (value, 1),
            Ok(NumericEntry::Aggregated { aggregated_value, count }) => {
                (aggregated_value * count as f64, count)
            }
            Err(_) => return self.unreadable = true,
        };
        self.sum = Some(match self.sum {
            Some((sum, total)) => (sum + value, total.saturating_add(count)),
            None => (value, count),
        });
    }

    /// As Burn's event store makes it of all entries of an epoch.
    fn value(&self) -> Result<Option<f64>, String> {
        if self.unreadable {
            return Err("Parsing numeric entry errors".to_owned());
        }
        Ok(self.last.or_else(|| self.sum.map(|(sum, total)| sum / total as f64)))
    }
}

/// How many units an entry's value is the mean of.
pub(crate) fn count(entry: &NumericEntry) -> usize {
    match entry {
        NumericEntry::Value(_) | NumericEntry::Final(_) => 1,
        NumericEntry::Aggregated { count, .. } => *count,
    }
}

#[cfg(test)]
mod tests {
    use burn::train::metric::{MetricAttributes, SerializedEntry};

    use super::*;

    fn id(name: &str) -> MetricId {
        MetricId::new(Arc::new(name.to_owned()))
    }

    /// Knows these metrics, and no value of them.
    fn values_of(names: &[&str]) -> BurnValues {
        let mut values = BurnValues::default();
        for name in names {
            values.define(&MetricDefinition {
                metric_id: id(name),
                name: Arc::new((*name).to_owned()),
                description: None,
                attributes: MetricAttributes::None,
            });
        }
        values
    }

    fn text(name: &str, serialized: &str) -> MetricsUpdate {
        let entry = SerializedEntry::new(String::new(), serialized.to_owned());
        MetricsUpdate::new(vec![MetricEntry::new(id(name), entry)], vec![])
    }

    #[test]
    fn an_epoch_that_was_never_logged_has_no_values() {
        let mut values = values_of(&["Loss", "Accuracy"]);
        values.take(&text("Loss", "1"), 2, &Split::Train);
        values.take(&text("Accuracy", "N/A"), 2, &Split::Train);
        assert_eq!(values.value("Loss", 2, &Split::Train), Ok(Some(1.0)));
        assert_eq!(values.value("Loss", 1, &Split::Train), Ok(None));
        assert_eq!(values.value("Loss", 3, &Split::Train), Ok(None));
        assert_eq!(values.value("Loss", 2, &Split::Valid), Ok(None));
        assert_eq!(values.value("Accuracy", 2, &Split::Train), Ok(None));
    }

    #[test]
    fn batches_add_up_until_the_final_value_stands_for_them() {
        let mut values = values_of(&["Accuracy"]);
        values.take(&text("Accuracy", "100,3"), 1, &Split::Valid);
        values.take(&text("Accuracy", "0,1"), 1, &Split::Valid);
        assert_eq!(values.value("Accuracy", 1, &Split::Valid), Ok(Some(75.0)));
        values.take(&text("Accuracy", "70,final"), 1, &Split::Valid);
        assert_eq!(values.value("Accuracy", 1, &Split::Valid), Ok(Some(70.0)));
    }

    #[test]
    fn a_metric_is_also_found_as_burns_files_spell_it() {
        let mut values = values_of(&["Top 5 Accuracy", "a b", "a_b"]);
        values.take(&text("Top 5 Accuracy", "50"), 1, &Split::Valid);
        for (name, value) in [("a b", "1"), ("a_b", "2")] {
            values.take(&text(name, value), 1, &Split::Valid);
        }
        assert_eq!(values.value("Top_5_Accuracy", 1, &Split::Valid), Ok(Some(50.0)));
        assert_eq!(values.value("a b", 1, &Split::Valid), Ok(Some(1.0)));
        assert_eq!(values.value("a_b", 1, &Split::Valid), Ok(Some(2.0)));
    }

    #[test]
    fn what_burn_cannot_read_back_stays_an_error() {
        let mut values = values_of(&["Matrix"]);
        values.take(&text("Matrix", "1\n2, 3"), 1, &Split::Valid);
        assert!(values.value("Matrix", 1, &Split::Valid).is_err());
        assert_eq!(values.value("Matrix", 2, &Split::Valid), Ok(None), "of this epoch alone");
    }
}
