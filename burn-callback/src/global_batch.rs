//! From batches to global batches: one batch of each device that trains, before any accumulation.
//!
//! Invariant: each batch is in one global batch, and these come out in the order of their numbers.
//! `devices_that_train_apart_make_one_global_batch_in_any_order` fails without the numbers,
//! `a_device_apart_whose_data_ran_out_holds_nobody_up` without the bound on those that are open.

use std::collections::VecDeque;

use crate::{split::Reading, step_metric::Batch};

/// How many global batches may wait for devices that train apart. They wait for each other to share
/// gradients, so that they are at most one batch apart; more means that a device has no more data.
const MOST_OPEN: usize = 4;

/// One batch of each device, as one.
#[derive(Debug, Clone, Default)]
pub(crate) struct GlobalBatch {
    /// How many items it took on all devices; 0 if the data loader does not tell.
    pub(crate) items: u64,
    /// Its learning rates.
    pub(crate) rates: Vec<f64>,
    /// Whether it is the epoch's last one.
    pub(crate) completed: bool,
    /// The values of all its batches.
    pub(crate) readings: Vec<Reading>,
    /// How many batches it has.
    pub(crate) batches: usize,
}

/// Puts the batches of one optimizer step on several devices together.
///
/// Three orders occur. One device: each batch is a global batch. Several devices under one loop:
/// its batches follow each other and repeat its progress. Devices that train apart (Burn's
/// `ExecutionStrategy::ddp`): each counts its own batches by the number of devices, they come in
/// any order, some even after the end of their epoch was told. With Burn 0.22, batches of one number
/// repeat their progress; with Burn 0.23, each adds to it.
#[derive(Debug, Default)]
pub(crate) struct GlobalBatches {
    open: VecDeque<OpenBatch>,
    /// How many batches a global batch takes: learned from the first one.
    batches_in_each: Option<usize>,
    devices: Devices,
    /// The first batch, until the second tells what its number means.
    first: Option<(usize, Batch, Vec<Reading>)>,
    /// Whether the numbers of the batches were none that is known.
    unsure: bool,
    /// The epoch of the batch that began the last global batch.
    epoch: Option<usize>,
    last: Option<Last>,
}

/// How the devices train, as the numbers of their batches tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Devices {
    #[default]
    Unseen,
    /// The first batch had this number: that of devices which train apart, or of all batches before.
    Unsure(u64),
    Together,
    /// So many train apart.
    Apart(u64),
}

impl Devices {
    /// What the second batch tells. Devices that train apart number their batches by multiples; a strategy
    /// that counts over the whole training goes on by one.
    fn seen(self, number: Option<u64>) -> Self {
        match (self, number) {
            (Self::Unsure(first), Some(number)) if number.is_multiple_of(first) => {
                Self::Apart(first)
            }
            (Self::Unseen, Some(first)) if first > 1 => Self::Unsure(first),
            (Self::Unseen | Self::Unsure(_), _) => Self::Together,
            (known, _) => known,
        }
    }
}

#[derive(Debug)]
struct OpenBatch {
    epoch: usize,
    /// Which global batch of the epoch, from 1, where devices train apart.
    number: u64,
    /// How many items were processed with it.
    processed: u64,
    batch: GlobalBatch,
}

/// The progress of the global batch before.
#[derive(Debug, Clone, Copy)]
struct Last {
    epoch: usize,
    processed: u64,
    items: u64,
}

impl GlobalBatches {
    /// Takes a batch of a training split, and gives the global batches that it completes.
    pub(crate) fn take(
        &mut self,
        epoch: usize,
        batch: Batch,
        readings: Vec<Reading>,
    ) -> Vec<GlobalBatch> {
        let before = self.devices;
        self.devices = before.seen(batch.iteration);
        if let (Devices::Unsure(first), Devices::Together) = (before, self.devices) {
            self.unsure = batch.iteration != Some(first + 1);
        }
        if let Devices::Unsure(_) = self.devices {
            self.first = Some((epoch, batch, readings));
            return Vec::new();
        }
        let mut full = self.take_held();
        full.extend(self.take_known(epoch, batch, readings));
        full
    }

    fn take_held(&mut self) -> Vec<GlobalBatch> {
        match self.first.take() {
            Some((epoch, batch, readings)) => self.take_known(epoch, batch, readings),
            None => Vec::new(),
        }
    }

    fn take_known(
        &mut self,
        epoch: usize,
        batch: Batch,
        readings: Vec<Reading>,
    ) -> Vec<GlobalBatch> {
        match (self.devices, batch.iteration) {
            (Devices::Apart(devices), Some(iteration)) => {
                self.take_apart(epoch, iteration / devices, batch, readings)
            }
            _ => self.take_together(epoch, batch, readings),
        }
    }

    /// Whether the numbers of the first batches have just told nothing, so that each counts alone.
    pub(crate) fn unsure(&mut self) -> bool {
        std::mem::take(&mut self.unsure)
    }

    fn take_together(
        &mut self,
        epoch: usize,
        batch: Batch,
        readings: Vec<Reading>,
    ) -> Vec<GlobalBatch> {
        let repeats = self.open.back().is_some_and(|open| {
            open.epoch == epoch && open.processed == batch.processed && batch.processed > 0
        });
        let mut full = if repeats { Vec::new() } else { self.close() };
        match self.open.back_mut() {
            Some(open) => open.add(batch, readings),
            None => self.begin(epoch, 0, batch, readings),
        }
        let batches = self.open.back().map_or(0, |open| open.batch.batches);
        if self.batches_in_each == Some(batches) {
            full.extend(self.close());
        }
        full
    }

    fn take_apart(
        &mut self,
        epoch: usize,
        number: u64,
        batch: Batch,
        readings: Vec<Reading>,
    ) -> Vec<GlobalBatch> {
        let begins = self.epoch != Some(epoch);
        // The end of an epoch is told by one device, while another may still be in it.
        let late = |open: &OpenBatch| open.epoch < epoch && open.number == number && begins;
        let own = |open: &OpenBatch| open.epoch == epoch && open.number == number;
        if let Some(open) = self.open.iter_mut().find(|open| own(open) || late(open)) {
            open.add(batch, readings);
        } else {
            self.begin(epoch, number, batch, readings);
        }
        self.full_batches(epoch)
    }

    fn begin(&mut self, epoch: usize, number: u64, batch: Batch, readings: Vec<Reading>) {
        let mut open = OpenBatch { epoch, number, processed: 0, batch: GlobalBatch::default() };
        open.add(batch, readings);
        self.open.push_back(open);
        self.epoch = Some(epoch);
    }

    /// The global batches that have a batch of every device, and those that no longer get one.
    fn full_batches(&mut self, epoch: usize) -> Vec<GlobalBatch> {
        let devices = if let Devices::Apart(devices) = self.devices { devices } else { 1 };
        let mut full = Vec::new();
        while let Some(first) = self.open.front() {
            let later = self.open.iter().filter(|open| open.epoch == epoch).count();
            let is_over = first.epoch < epoch && later > 1;
            if (first.batch.batches as u64) < devices && self.open.len() <= MOST_OPEN && !is_over {
                break;
            }
            full.extend(self.take_first());
        }
        full
    }

    /// The first that waits, with the number of its items: all its batches have told of them.
    fn take_first(&mut self) -> Option<GlobalBatch> {
        let OpenBatch { epoch, processed, mut batch, .. } = self.open.pop_front()?;
        batch.items = self.items(epoch, processed);
        Some(batch)
    }

    /// How many items a global batch takes, from what was processed before it.
    fn items(&mut self, epoch: usize, processed: u64) -> u64 {
        let items = match self.last.filter(|last| last.epoch == epoch) {
            None => processed,
            Some(last) if processed > last.processed => processed - last.processed,
            // The same round on the next device, or a device whose data ran out.
            Some(last) => last.items,
        };
        self.last = Some(Last { epoch, processed, items });
        items
    }

    /// The split is over. Devices that train apart may still send batches of it.
    pub(crate) fn end_split(&mut self) -> Vec<GlobalBatch> {
        match self.devices {
            Devices::Apart(_) | Devices::Unsure(_) => Vec::new(),
            Devices::Unseen | Devices::Together => self.close(),
        }
    }

    /// Gives what waits for more batches.
    pub(crate) fn close(&mut self) -> Vec<GlobalBatch> {
        let mut full = self.take_held();
        if let Some(first) = self.open.front() {
            self.batches_in_each.get_or_insert(first.batch.batches);
        }
        full.extend(std::iter::from_fn(|| self.take_first()));
        full
    }

    /// How many global batches wait for batches of other devices.
    pub(crate) fn waiting(&self) -> usize {
        self.open.len() + usize::from(self.first.is_some())
    }
}

impl OpenBatch {
    fn add(&mut self, batch: Batch, readings: Vec<Reading>) {
        self.processed = self.processed.max(batch.processed);
        self.batch.add(batch, readings);
    }
}

impl GlobalBatch {
    fn add(&mut self, batch: Batch, readings: Vec<Reading>) {
        self.batches += 1;
        self.completed |= batch.completed;
        self.rates = batch.rates;
        self.readings.extend(readings);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(iteration: u64, processed: u64) -> Batch {
        Batch { iteration: Some(iteration), processed, completed: processed == 100, rates: vec![] }
    }

    fn reading(value: f64) -> Vec<Reading> {
        vec![Reading { series: 0, value, count: 1 }]
    }

    /// The values of each global batch, and its items.
    fn given(batches: &[GlobalBatch]) -> Vec<(Vec<f64>, u64)> {
        let values =
            |batch: &GlobalBatch| batch.readings.iter().map(|reading| reading.value).collect();
        batches.iter().map(|batch| (values(batch), batch.items)).collect()
    }

    fn all(orders: &[(usize, u64, u64, f64)]) -> Vec<(Vec<f64>, u64)> {
        let mut batches = GlobalBatches::default();
        let mut seen = Vec::new();
        for (epoch, iteration, processed, value) in orders {
            seen.extend(batches.take(*epoch, batch(*iteration, *processed), reading(*value)));
        }
        seen.extend(batches.close());
        given(&seen)
    }

    #[test]
    fn on_one_device_only_the_first_batch_waits_for_the_second() {
        let mut batches = GlobalBatches::default();
        assert_eq!(given(&batches.take(1, batch(1, 64), reading(1.0))), []);
        let both = [(vec![1.0], 64), (vec![2.0], 36)];
        assert_eq!(given(&batches.take(1, batch(2, 100), reading(2.0))), both);
        assert_eq!(given(&batches.take(2, batch(1, 64), reading(3.0))), [(vec![3.0], 64)]);
    }

    #[test]
    fn devices_under_one_loop_repeat_the_progress_of_their_global_batch() {
        let seen = all(&[
            (1, 1, 64, 1.0),
            (1, 2, 64, 2.0),
            (1, 3, 96, 3.0),
            (1, 4, 96, 4.0),
            (1, 5, 60, 5.0), // one device has no data left
            (2, 1, 64, 6.0),
            (2, 2, 64, 7.0),
        ]);
        let expected =
            [(vec![1.0, 2.0], 64), (vec![3.0, 4.0], 32), (vec![5.0], 32), (vec![6.0, 7.0], 64)];
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_strategy_that_counts_over_the_whole_training_is_no_devices_apart() {
        let seen = all(&[(7, 27, 64, 1.0), (7, 28, 96, 2.0), (7, 29, 100, 3.0), (8, 30, 64, 4.0)]);
        let expected = [(vec![1.0], 64), (vec![2.0], 32), (vec![3.0], 4), (vec![4.0], 64)];
        assert_eq!(seen, expected);
        assert_eq!(all(&[(7, 27, 64, 1.0)]), [(vec![1.0], 64)], "one batch alone is kept");
    }

    #[test]
    fn numbers_that_tell_nothing_are_said() {
        let mut batches = GlobalBatches::default();
        batches.take(1, batch(5, 64), reading(0.0));
        assert!(!batches.unsure());
        batches.take(1, batch(9, 96), reading(0.0));
        assert!(batches.unsure() && !batches.unsure(), "once");
    }

    #[test]
    fn a_loader_without_progress_still_counts_global_batches() {
        let seen = all(&[(1, 1, 0, 1.0), (1, 2, 0, 2.0), (1, 3, 0, 3.0)]);
        assert_eq!(seen, [(vec![1.0], 0), (vec![2.0], 0), (vec![3.0], 0)]);
    }

    /// Two devices as Burn 0.22.1 lets them run apart: one ahead of the other, both in turns, the
    /// last batch of an epoch after its end and after the beginning of the next one.
    #[test]
    fn devices_that_train_apart_make_one_global_batch_in_any_order() {
        let seen = all(&[
            (1, 2, 64, 1.0),
            (1, 4, 96, 3.0),
            (1, 2, 64, 2.0),
            (1, 4, 96, 4.0),
            (1, 6, 100, 5.0),
            (2, 6, 100, 6.0),
            (2, 2, 64, 7.0),
            (2, 2, 64, 8.0),
            (2, 4, 96, 9.0),
        ]);
        let expected = [
            (vec![1.0, 2.0], 64),
            (vec![3.0, 4.0], 32),
            (vec![5.0, 6.0], 4),
            (vec![7.0, 8.0], 64),
            (vec![9.0], 32),
        ];
        assert_eq!(seen, expected);
    }

    /// Two devices as Burn 0.23 lets them run apart: each round of batches before the next, and progress
    /// that goes on with each batch.
    #[test]
    fn devices_that_train_apart_in_rounds_share_the_items_of_a_round() {
        let seen = all(&[
            (1, 2, 16, 1.0),
            (1, 2, 32, 2.0),
            (1, 4, 48, 4.0),
            (1, 4, 64, 3.0),
            (1, 6, 82, 5.0),
            (1, 6, 100, 6.0),
            (2, 2, 16, 7.0),
            (2, 2, 32, 8.0),
        ]);
        let expected = [
            (vec![1.0, 2.0], 32),
            (vec![4.0, 3.0], 32),
            (vec![5.0, 6.0], 36),
            (vec![7.0, 8.0], 32),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_device_apart_whose_data_ran_out_holds_nobody_up() {
        let mut batches = GlobalBatches::default();
        batches.take(1, batch(2, 64), reading(0.0));
        batches.take(1, batch(2, 64), reading(0.0));
        let alone: Vec<_> = (2..12)
            .flat_map(|number| {
                batches.take(1, batch(2 * number, 64 + number), reading(number as f64))
            })
            .collect();
        assert!(alone.len() >= 6, "{}", alone.len());
    }
}
