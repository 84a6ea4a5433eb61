//! A log in the order of a part: by metric's name, then by step, then as stored.
//!
//! The slots stay where they are in the file's bytes; only their indexes, of four bytes each, are
//! put in order, and rows are decoded when a column asks for them.

use std::ops::Range;

use crate::{
    Writer,
    format::{
        log_file::LogScan,
        slot::{DEFINITION, SLOT_BYTES, Slot},
    },
};

/// In place of the key of a slot that is no point.
const NO_POINT: u32 = DEFINITION;

/// The points of a log, in order.
#[derive(Debug)]
pub(crate) struct SortedLog<'a> {
    /// All slots, in the order in which they were stored.
    slots: &'a [[u8; SLOT_BYTES]],
    /// The seq of the first slot.
    first: u64,
    /// Indexes of the slots that are points, in the order of the part's rows.
    order: Vec<u32>,
    /// The metrics by name.
    pub(crate) metrics: Vec<MetricRows>,
    /// How many records of the log are not whole.
    pub(crate) damaged: u64,
    /// How many points have a step that a signed integer cannot hold.
    pub(crate) huge_steps: u64,
}

/// Where a metric's points are among the rows of a part.
#[derive(Debug)]
pub(crate) struct MetricRows {
    pub(crate) name: String,
    pub(crate) rows: Range<usize>,
    /// Whether the points were logged in the order of their steps.
    in_order: bool,
}

/// One row of a part.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    slot: &'a [u8; SLOT_BYTES],
    pub(crate) seq: u64,
}

impl Row<'_> {
    pub(crate) fn step(self) -> u64 {
        self.word::<0>()
    }

    pub(crate) fn time(self) -> i64 {
        self.word::<1>().cast_signed()
    }

    pub(crate) fn value(self) -> f64 {
        f64::from_bits(self.word::<2>())
    }

    fn word<const INDEX: usize>(self) -> u64 {
        let (words, _) = self.slot.as_chunks();
        u64::from_le_bytes(words[INDEX])
    }
}

impl<'a> SortedLog<'a> {
    /// Puts a log's points in order.
    ///
    /// # Errors
    /// If a newer tracker wrote the log, its version.
    pub(crate) fn new(bytes: &'a [u8], writer: Writer, first: u64) -> Result<Self, u32> {
        let mut keys = Keys::default();
        let mut huge_steps = 0;
        // Apart from the slots, so that the second look at them reads a tenth of the memory.
        let mut key_of_slot = Vec::with_capacity(bytes.len() / SLOT_BYTES);
        let scan = LogScan::read(bytes, writer, first, |index, slot: Slot| {
            key_of_slot.resize(index, NO_POINT);
            key_of_slot.push(slot.key);
            keys.add(&slot);
            huge_steps += u64::from(slot.step > i64::MAX.cast_unsigned());
        })?;
        let (metrics, next) = keys.places(&scan);
        let mut sorted = Self {
            slots: scan.slots,
            first,
            order: keys.partition(&key_of_slot, next),
            metrics,
            damaged: scan.damaged,
            huge_steps,
        };
        sorted.sort_by_step();
        Ok(sorted)
    }

    /// How many slots the log has, points or not.
    pub(crate) fn slots(&self) -> u64 {
        self.slots.len() as u64
    }

    /// How many points there are.
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// Some rows of the part.
    pub(crate) fn rows(&self, rows: Range<usize>) -> impl ExactSizeIterator<Item = Row<'a>> {
        self.order[rows].iter().map(|index| self.row(*index))
    }

    fn row(&self, index: u32) -> Row<'a> {
        Row { slot: &self.slots[index as usize], seq: self.first + u64::from(index) }
    }

    fn sort_by_step(&mut self) {
        let mut order = std::mem::take(&mut self.order);
        for metric in self.metrics.iter().filter(|metric| !metric.in_order) {
            let place = |index: &u32| (self.row(*index).step(), *index);
            order[metric.rows.clone()].sort_unstable_by_key(place);
        }
        self.order = order;
    }
}

/// What is known of one key's points while the log is read.
#[derive(Debug)]
struct Key {
    number: u32,
    points: usize,
    last_step: u64,
    in_order: bool,
}

/// The keys that occur in a log, in the order of keys.
#[derive(Debug, Default)]
struct Keys(Vec<Key>);

impl Keys {
    fn add(&mut self, slot: &Slot) {
        match self.find(slot.key) {
            Ok(at) => {
                let key = &mut self.0[at];
                key.points += 1;
                key.in_order &= key.last_step <= slot.step;
                key.last_step = slot.step;
            }
            Err(at) => {
                let key = Key { number: slot.key, points: 1, last_step: slot.step, in_order: true };
                self.0.insert(at, key);
            }
        }
    }

    /// Where a key is. Keys are given from 0 on, so it mostly is at its own number.
    fn find(&self, key: u32) -> Result<usize, usize> {
        if self.0.get(key as usize).is_some_and(|at| at.number == key) {
            return Ok(key as usize);
        }
        self.0.binary_search_by_key(&key, |at| at.number)
    }

    /// The metrics in the order of their names with their rows, and each key's first row.
    fn places(&self, scan: &LogScan<'_>) -> (Vec<MetricRows>, Vec<usize>) {
        let mut named: Vec<(String, usize)> =
            self.0.iter().zip(0..).map(|(key, at)| (scan.name(key.number), at)).collect();
        named.sort_unstable();
        let mut metrics: Vec<MetricRows> = Vec::new();
        let mut firsts = vec![0; self.0.len()];
        let mut next = 0;
        for (name, at) in named {
            let key = &self.0[at];
            firsts[at] = next;
            let rows = next..next + key.points;
            next = rows.end;
            match metrics.last_mut() {
                Some(last) if last.name == name => {
                    last.rows.end = rows.end;
                    last.in_order = false;
                }
                _ => metrics.push(MetricRows { name, rows, in_order: key.in_order }),
            }
        }
        (metrics, firsts)
    }

    /// The indexes of the slots by metric, otherwise as they were: a counting sort. `next` is where
    /// each key's next row goes.
    fn partition(&self, key_of_slot: &[u32], mut next: Vec<usize>) -> Vec<u32> {
        let mut order = vec![0; self.0.iter().map(|key| key.points).sum()];
        for (index, key) in key_of_slot.iter().enumerate() {
            let Ok(at) = self.find(*key) else { continue };
            order[next[at]] = index as u32;
            next[at] += 1;
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::format::{log_file::LogContents, log_header::LogHeader};

    const WRITER: Writer = Writer { rank: 0, attempt: 1 };

    fn log(points: &[(u32, u64)]) -> Vec<u8> {
        let names = vec!["b".to_owned(), "a".into(), "b".into()];
        let mut bytes = LogHeader { writer: WRITER.number(), first: 7, names }.encode();
        for (seq, (key, step)) in (7_u64..).zip(points) {
            let slot = Slot { step: *step, time: -1, value: seq, key: *key };
            bytes.extend(slot.encode(seq).iter().flat_map(|word| word.to_le_bytes()));
        }
        bytes
    }

    proptest! {
        #[test]
        fn rows_are_by_name_then_step_then_seq(
            points in prop::collection::vec((prop_oneof![0_u32..5, Just(9_000_000)], 0_u64..6), 0..60)
        ) {
            let bytes = log(&points);
            let sorted = SortedLog::new(&bytes, WRITER, 7).unwrap();
            let contents = LogContents::read(&bytes, WRITER, 7).unwrap();
            let mut expected: BTreeMap<String, Vec<(u64, u64)>> = BTreeMap::new();
            for (seq, slot) in &contents.points {
                expected.entry(contents.name(slot.key)).or_default().push((slot.step, *seq));
            }
            for rows in expected.values_mut() {
                rows.sort_unstable();
            }
            let found: BTreeMap<String, Vec<(u64, u64)>> = sorted
                .metrics
                .iter()
                .map(|metric| {
                    let rows = sorted.rows(metric.rows.clone());
                    (metric.name.clone(), rows.map(|row| (row.step(), row.seq)).collect())
                })
                .collect();
            prop_assert_eq!(found, expected);
            prop_assert!(sorted.metrics.is_sorted_by(|a, b| a.name < b.name && a.rows.end == b.rows.start));
            prop_assert!(sorted.rows(0..sorted.len()).all(|row| row.value().to_bits() == row.seq));
        }
    }

    #[test]
    fn steps_beyond_a_signed_integer_are_counted() {
        let bytes = log(&[(0, 1), (0, 1 << 63), (1, u64::MAX)]);
        let sorted = SortedLog::new(&bytes, WRITER, 7).unwrap();
        assert_eq!((sorted.huge_steps, sorted.slots(), sorted.damaged), (2, 3, 0));
    }
}
