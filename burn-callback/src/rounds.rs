//! From batches to rounds: one batch of each device that trains.
//!
//! Invariant: each batch is in one round, and rounds come out in the order of their numbers.
//! `devices_that_train_apart_make_one_round_in_any_order` fails without the numbers,
//! `a_device_apart_whose_data_ran_out_holds_nobody_up` without the bound on rounds that are open.

use std::collections::VecDeque;

use crate::{probe::Batch, split::Reading};

/// How many rounds may wait for devices that train apart. They wait for each other to share
/// gradients, so that they are at most a round apart; more means that a device has no more data.
const MOST_OPEN: usize = 4;

/// One batch of each device, as one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Round {
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
/// Three orders occur. One device: each batch is a round. Several devices under one loop: a
/// round's batches follow each other and repeat its progress. Devices that train apart (Burn's
/// `ExecutionStrategy::ddp`): each counts its own batches by the number of devices, they come in
/// any order, some even after the end of their epoch was told.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    open: VecDeque<OpenRound>,
    /// How many batches a round takes: learned from the first one.
    batches_per_round: Option<usize>,
    /// How many devices train apart; `None` if they train together, or nothing was seen yet.
    apart: Option<u64>,
    began: bool,
    last: Option<Last>,
}

#[derive(Debug)]
struct OpenRound {
    epoch: usize,
    /// Which round of the epoch, from 1, where devices train apart.
    number: u64,
    round: Round,
}

/// The progress of the batch before.
#[derive(Debug, Clone, Copy)]
struct Last {
    epoch: usize,
    processed: u64,
    items: u64,
}

impl Rounds {
    /// Takes a batch of a training split, and gives the rounds that it completes.
    pub(crate) fn take(
        &mut self,
        epoch: usize,
        batch: Batch,
        readings: Vec<Reading>,
    ) -> Vec<Round> {
        if !std::mem::replace(&mut self.began, true) {
            self.apart = batch.iteration.filter(|iteration| *iteration > 1);
        }
        match (self.apart, batch.iteration) {
            (Some(devices), Some(iteration)) => {
                self.take_apart(epoch, iteration / devices.max(1), batch, readings)
            }
            _ => self.take_together(epoch, batch, readings),
        }
    }

    fn take_together(&mut self, epoch: usize, batch: Batch, readings: Vec<Reading>) -> Vec<Round> {
        let repeats = self.last.is_some_and(|last| {
            last.epoch == epoch && last.processed == batch.processed && batch.processed > 0
        });
        let items = self.items(epoch, batch.processed);
        let mut full = if repeats { Vec::new() } else { self.close() };
        match self.open.back_mut() {
            Some(open) => open.round.add(batch, readings),
            None => self.open.push_back(OpenRound::new(epoch, 0, items, batch, readings)),
        }
        let batches = self.open.back().map_or(0, |open| open.round.batches);
        if self.batches_per_round == Some(batches) {
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
    ) -> Vec<Round> {
        let begins = self.last.is_none_or(|last| last.epoch != epoch);
        // The end of an epoch is told by one device, while another may still be in it.
        let late = |open: &OpenRound| open.epoch < epoch && open.number == number && begins;
        let own = |open: &OpenRound| open.epoch == epoch && open.number == number;
        if let Some(open) = self.open.iter_mut().find(|open| own(open) || late(open)) {
            open.round.add(batch, readings);
        } else {
            let items = self.items(epoch, batch.processed);
            self.open.push_back(OpenRound::new(epoch, number, items, batch, readings));
        }
        self.full_rounds(epoch)
    }

    /// The rounds that have a batch of every device, and those that no longer get one.
    fn full_rounds(&mut self, epoch: usize) -> Vec<Round> {
        let devices = self.apart.unwrap_or(1);
        let mut full = Vec::new();
        while let Some(first) = self.open.front() {
            let later = self.open.iter().filter(|open| open.epoch == epoch).count();
            let is_over = first.epoch < epoch && later > 1;
            if (first.round.batches as u64) < devices && self.open.len() <= MOST_OPEN && !is_over {
                break;
            }
            full.extend(self.open.pop_front().map(|open| open.round));
        }
        full
    }

    /// How many items a new round takes, from what was processed before it.
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
    pub(crate) fn end_split(&mut self) -> Vec<Round> {
        if self.apart.is_some() { Vec::new() } else { self.close() }
    }

    /// Gives what waits for more batches.
    pub(crate) fn close(&mut self) -> Vec<Round> {
        let open = std::mem::take(&mut self.open);
        if let Some(first) = open.front() {
            self.batches_per_round.get_or_insert(first.round.batches);
        }
        open.into_iter().map(|open| open.round).collect()
    }

    /// How many rounds wait for batches of other devices.
    pub(crate) fn waiting(&self) -> usize {
        self.open.len()
    }
}

impl OpenRound {
    fn new(epoch: usize, number: u64, items: u64, batch: Batch, readings: Vec<Reading>) -> Self {
        let mut round = Round { items, ..Round::default() };
        round.add(batch, readings);
        Self { epoch, number, round }
    }
}

impl Round {
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

    /// The values of each round, and its items.
    fn given(rounds: &[Round]) -> Vec<(Vec<f64>, u64)> {
        let values = |round: &Round| round.readings.iter().map(|reading| reading.value).collect();
        rounds.iter().map(|round| (values(round), round.items)).collect()
    }

    fn all(orders: &[(usize, u64, u64, f64)]) -> Vec<(Vec<f64>, u64)> {
        let mut rounds = Rounds::default();
        let mut seen = Vec::new();
        for (epoch, iteration, processed, value) in orders {
            seen.extend(rounds.take(*epoch, batch(*iteration, *processed), reading(*value)));
        }
        seen.extend(rounds.close());
        given(&seen)
    }

    #[test]
    fn on_one_device_only_the_first_batch_waits_for_the_second() {
        let mut rounds = Rounds::default();
        assert_eq!(given(&rounds.take(1, batch(1, 64), reading(1.0))), []);
        let both = [(vec![1.0], 64), (vec![2.0], 36)];
        assert_eq!(given(&rounds.take(1, batch(2, 100), reading(2.0))), both);
        assert_eq!(given(&rounds.take(2, batch(1, 64), reading(3.0))), [(vec![3.0], 64)]);
    }

    #[test]
    fn devices_under_one_loop_repeat_the_progress_of_their_round() {
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
    fn a_loader_without_progress_still_counts_rounds() {
        let seen = all(&[(1, 1, 0, 1.0), (1, 2, 0, 2.0), (1, 3, 0, 3.0)]);
        assert_eq!(seen, [(vec![1.0], 0), (vec![2.0], 0), (vec![3.0], 0)]);
    }

    /// Two devices as Burn 0.22.1 lets them run apart: one ahead of the other, both in turns, the
    /// last batch of an epoch after its end and after the beginning of the next one.
    #[test]
    fn devices_that_train_apart_make_one_round_in_any_order() {
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

    #[test]
    fn a_device_apart_whose_data_ran_out_holds_nobody_up() {
        let mut rounds = Rounds::default();
        rounds.take(1, batch(2, 64), reading(0.0));
        rounds.take(1, batch(2, 64), reading(0.0));
        let alone: Vec<_> = (2..12)
            .flat_map(|number| {
                rounds.take(1, batch(2 * number, 64 + number), reading(number as f64))
            })
            .collect();
        assert!(alone.len() >= 6, "{}", alone.len());
    }
}
