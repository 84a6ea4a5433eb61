//! The batches of one split on their way to rows and to the epoch's values.

use crate::{mean::Mean, probe::Batch};

/// One metric's value of one batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    /// The metric's index in the catalog.
    pub(crate) series: usize,
    /// Burn's value.
    pub(crate) value: f64,
    /// How many units Burn counts it as the mean of.
    pub(crate) count: usize,
}

/// One optimizer step: where it is, and each metric's mean over the devices.
#[derive(Debug)]
pub(crate) struct StepValues {
    pub(crate) batch: Batch,
    pub(crate) values: Vec<(usize, f64)>,
}

/// Collects the batches of a split. With several devices, one optimizer step takes a batch of
/// each; the step is given out when it has all of them.
#[derive(Debug, Default)]
pub(crate) struct SplitBatches {
    means: Vec<Mean>,
    open: Option<OpenStep>,
    /// How many batches a step takes: learned from the first step, which ends when the next
    /// begins.
    batches_per_step: Option<usize>,
    any: bool,
}

#[derive(Debug)]
struct OpenStep {
    batch: Batch,
    batches: usize,
    readings: Vec<Reading>,
}

impl SplitBatches {
    /// Takes a batch of a training split. Gives the steps that it completes: at most two.
    pub(crate) fn train(
        &mut self,
        batch: Batch,
        readings: Vec<Reading>,
    ) -> [Option<StepValues>; 2] {
        let before = if self.open.as_ref().is_some_and(|open| open.batch.step != batch.step) {
            self.close()
        } else {
            None
        };
        let open = self.open.get_or_insert(OpenStep { batch, batches: 0, readings: Vec::new() });
        open.batches += 1;
        open.readings.extend(readings);
        let full = self.batches_per_step == Some(open.batches);
        [before, if full { self.close() } else { None }]
    }

    /// Takes a batch that is no part of an optimizer step, as those of validation.
    pub(crate) fn add(&mut self, items: u64, readings: &[Reading]) {
        self.weigh(readings, items, 1);
    }

    /// Gives the step that waits for more batches, if there is one.
    pub(crate) fn close(&mut self) -> Option<StepValues> {
        let open = self.open.take()?;
        self.batches_per_step.get_or_insert(open.batches);
        self.weigh(&open.readings, open.batch.items, open.batches);
        Some(StepValues { batch: open.batch, values: over_devices(&open.readings) })
    }

    /// The epoch's value of a metric, where Burn says `burn`.
    pub(crate) fn epoch_value(&self, series: usize, burn: f64) -> f64 {
        self.means.get(series).map_or(burn, |mean| mean.epoch_value(burn))
    }

    /// Whether the split had a batch.
    pub(crate) fn any(&self) -> bool {
        self.any
    }

    /// Forgets the batches, for the next epoch.
    pub(crate) fn clear(&mut self) {
        self.means.clear();
        self.open = None;
        self.any = false;
    }

    /// Batches whose loader tells no sizes all weigh the same.
    fn weigh(&mut self, readings: &[Reading], items: u64, batches: usize) {
        self.any = true;
        let items = items.max(1) as f64 / batches.max(1) as f64;
        for reading in readings {
            if self.means.len() <= reading.series {
                self.means.resize(reading.series + 1, Mean::default());
            }
            if let Some(mean) = self.means.get_mut(reading.series) {
                mean.add(reading.value, reading.count, items);
            }
        }
    }
}

/// Each metric's plain mean, in the order in which the metrics come.
fn over_devices(readings: &[Reading]) -> Vec<(usize, f64)> {
    let mut sums: Vec<(usize, f64, f64)> = Vec::new();
    for reading in readings {
        match sums.iter_mut().find(|(series, ..)| *series == reading.series) {
            Some((_, sum, count)) => {
                *sum += reading.value;
                *count += 1.0;
            }
            None => sums.push((reading.series, reading.value, 1.0)),
        }
    }
    sums.into_iter().map(|(series, sum, count)| (series, sum / count)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(step: u64) -> Batch {
        Batch { step, items: 10, learning_rate: None }
    }

    fn reading(value: f64) -> Vec<Reading> {
        vec![Reading { series: 0, value, count: 1 }]
    }

    fn given(steps: [Option<StepValues>; 2]) -> Vec<(u64, f64)> {
        steps.into_iter().flatten().map(|step| (step.batch.step, step.values[0].1)).collect()
    }

    #[test]
    fn on_one_device_only_the_first_step_waits_for_the_second() {
        let mut split = SplitBatches::default();
        assert_eq!(given(split.train(batch(0), reading(1.0))), []);
        assert_eq!(given(split.train(batch(1), reading(2.0))), [(0, 1.0), (1, 2.0)]);
        assert_eq!(given(split.train(batch(2), reading(3.0))), [(2, 3.0)]);
        assert!(split.close().is_none());
    }

    #[test]
    fn the_batches_of_several_devices_make_one_step() {
        let mut split = SplitBatches::default();
        assert_eq!(given(split.train(batch(0), reading(1.0))), []);
        assert_eq!(given(split.train(batch(0), reading(3.0))), []);
        assert_eq!(given(split.train(batch(1), reading(5.0))), [(0, 2.0)]);
        assert_eq!(given(split.train(batch(1), reading(7.0))), [(1, 6.0)]);
        assert_eq!(given(split.train(batch(2), reading(9.0))), []);
        assert_eq!(split.close().map(|step| step.values[0].1), Some(9.0));
    }
}
