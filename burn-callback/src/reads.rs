//! What Burn may ask back: the values that early stopping and best checkpoints decide on.

use std::collections::HashMap;

use burn::train::metric::{NumericEntry, store::Split};

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

/// Burn's own values of each epoch, in Burn's own units. Of each epoch one entry is kept, so a
/// long training does not grow in memory.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    splits: HashMap<Split, HashMap<String, HashMap<usize, NumericEntry>>>,
}

impl Reads {
    pub(crate) fn add(&mut self, name: &str, epoch: usize, split: &Split, entry: &NumericEntry) {
        let metrics = self.splits.entry(split.clone()).or_default();
        if !metrics.contains_key(name) {
            metrics.insert(name.to_owned(), HashMap::new());
        }
        if let Some(epochs) = metrics.get_mut(name) {
            let known = epochs.get(&epoch);
            let merged = known.map_or_else(|| entry.clone(), |known| merge(known, entry));
            epochs.insert(epoch, merged);
        }
    }

    /// Takes over what earlier attempts of a run measured.
    pub(crate) fn seed(&mut self, values: &[EpochValue]) {
        for EpochValue { name, epoch, split, value } in values {
            self.add(name, *epoch, split, &NumericEntry::Final(*value));
        }
    }

    pub(crate) fn of(&self, name: &str, epoch: usize, split: &Split) -> Vec<NumericEntry> {
        let epochs = self.splits.get(split).and_then(|metrics| metrics.get(name));
        epochs.and_then(|epochs| epochs.get(&epoch)).cloned().into_iter().collect()
    }
}

/// The two as one, as Burn would average them. A final value stands for all before it.
fn merge(known: &NumericEntry, new: &NumericEntry) -> NumericEntry {
    if let NumericEntry::Final(_) = new {
        return new.clone();
    }
    let (known_count, new_count) = (count(known), count(new));
    let total = known_count + new_count;
    let sum = weighed(known, known_count) + weighed(new, new_count);
    let aggregated_value = if total == 0 { new.current() } else { sum / total as f64 };
    NumericEntry::Aggregated { aggregated_value, count: total }
}

/// The value times its count. A value of nothing, such as a batch of padding only, adds nothing.
fn weighed(entry: &NumericEntry, count: usize) -> f64 {
    if count == 0 { 0.0 } else { entry.current() * count as f64 }
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
    use super::*;

    fn entry(aggregated_value: f64, count: usize) -> NumericEntry {
        NumericEntry::Aggregated { aggregated_value, count }
    }

    #[test]
    fn an_epoch_that_was_never_logged_has_no_values() {
        let mut reads = Reads::default();
        reads.add("Loss", 2, &Split::Train, &entry(1.0, 1));
        assert!(reads.of("Loss", 1, &Split::Train).is_empty());
        assert!(reads.of("Loss", 3, &Split::Train).is_empty());
        assert!(reads.of("Loss", 2, &Split::Valid).is_empty());
        assert!(reads.of("Accuracy", 2, &Split::Train).is_empty());
    }

    #[test]
    fn batches_add_up_until_the_final_value_stands_for_them() {
        let mut reads = Reads::default();
        reads.add("Accuracy", 1, &Split::Valid, &entry(100.0, 3));
        reads.add("Accuracy", 1, &Split::Valid, &entry(0.0, 1));
        let so_far = reads.of("Accuracy", 1, &Split::Valid);
        assert!((so_far[0].current() - 75.0).abs() < 1e-12, "{so_far:?}");
        reads.add("Accuracy", 1, &Split::Valid, &NumericEntry::Final(70.0));
        let last = reads.of("Accuracy", 1, &Split::Valid);
        assert!(matches!(last[..], [NumericEntry::Final(70.0)]), "{last:?}");
    }
}
