//! In which order a training goes over its data: the same again after a kill.

use std::{fmt, mem};

use serde::{Deserialize, Serialize};

use crate::adapter::recorder::EpochNumber;

/// In which order a training goes over its data: another one in each epoch, and the same one whenever it
/// is asked for again. A training that goes on in the middle of an epoch needs nothing else to get the
/// batches that are left.
///
/// Nothing is stored: the index at a place is computed, in some 50 ns.
///
/// ```
/// use tracker_core::Order;
///
/// let order = Order::shuffled(1_000, 7);
/// for epoch in 1..=2 {
///     for batch in order.batches(epoch, 64) {
///         assert!(batch.len() <= 64);
///     }
/// }
/// let again: Vec<usize> = order.epoch(2).collect();
/// assert_eq!(order.epoch(2).nth(500), Some(again[500]));
/// assert_ne!(again, order.epoch(1).collect::<Vec<_>>());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    len: usize,
    /// `None` for that of the data itself.
    seed: Option<u64>,
}

impl Order {
    /// Each epoch goes over all of `len` items, shuffled by `seed` and the epoch's number.
    pub fn shuffled(len: usize, seed: u64) -> Self {
        Self { len, seed: Some(seed) }
    }

    /// Each epoch goes over `len` items as they come.
    pub fn sequential(len: usize) -> Self {
        Self { len, seed: None }
    }

    /// How many items an epoch goes over.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The indices of an epoch. Those left out by [`nth`](Iterator::nth) and `skip` cost nothing.
    pub fn epoch(&self, epoch: impl EpochNumber) -> EpochOrder {
        let shuffle = self.seed.map(|seed| Shuffle::new(self.len, seed, epoch.epoch_number()));
        EpochOrder { shuffle, next: 0, end: self.len }
    }

    /// The index at a place of an epoch; `None` beyond its end.
    pub fn index(&self, epoch: impl EpochNumber, place: usize) -> Option<usize> {
        self.epoch(epoch).nth(place)
    }

    /// The indices of an epoch in batches of `size`, of which the last may be smaller; 0 is taken for 1.
    pub fn batches(&self, epoch: impl EpochNumber, size: usize) -> OrderedBatches {
        OrderedBatches { indices: self.epoch(epoch), size: size.max(1) }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seed {
            Some(seed) => write!(f, "{} items shuffled by seed {seed}", self.len),
            None => write!(f, "{} items as they come", self.len),
        }
    }
}

/// The indices of one epoch; see [`Order::epoch`].
#[derive(Debug, Clone)]
pub struct EpochOrder {
    shuffle: Option<Shuffle>,
    next: usize,
    end: usize,
}

impl EpochOrder {
    fn at(&self, place: usize) -> usize {
        self.shuffle.map_or(place, |shuffle| shuffle.at(place as u64) as usize)
    }
}

impl Iterator for EpochOrder {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.nth(0)
    }

    fn nth(&mut self, count: usize) -> Option<usize> {
        let place = self.next.saturating_add(count).min(self.end);
        self.next = (place + 1).min(self.end);
        (place < self.end).then(|| self.at(place))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.end - self.next;
        (left, Some(left))
    }
}

impl ExactSizeIterator for EpochOrder {}

/// The indices of one epoch in batches; see [`Order::batches`].
#[derive(Debug, Clone)]
pub struct OrderedBatches {
    indices: EpochOrder,
    size: usize,
}

impl OrderedBatches {
    /// Leaves out the last batch if it is smaller than the others.
    #[must_use]
    pub fn drop_last(mut self) -> Self {
        self.indices.end -= self.indices.len() % self.size;
        self
    }

    /// Loads each batch when it is asked for. Unlike [`map`](Iterator::map), it loads none of those that
    /// are left out when a training goes on in the middle of an epoch.
    ///
    /// ```
    /// use tracker_core::Order;
    ///
    /// let data = ["a", "b", "c"];
    /// let load = |indices: Vec<usize>| indices.iter().map(|index| data[*index]).collect::<String>();
    /// let batches: Vec<String> = Order::sequential(3).batches(1, 2).load(load).collect();
    /// assert_eq!(batches, ["ab", "c"]);
    /// ```
    pub fn load<T, F: FnMut(Vec<usize>) -> T>(self, load: F) -> LoadedBatches<F> {
        LoadedBatches { batches: self, load }
    }
}

impl Iterator for OrderedBatches {
    type Item = Vec<usize>;

    fn next(&mut self) -> Option<Vec<usize>> {
        let batch: Vec<usize> = self.indices.by_ref().take(self.size).collect();
        (!batch.is_empty()).then_some(batch)
    }

    fn nth(&mut self, count: usize) -> Option<Vec<usize>> {
        let left_out = count.saturating_mul(self.size);
        self.indices.next = self.indices.next.saturating_add(left_out).min(self.indices.end);
        self.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.indices.len().div_ceil(self.size);
        (left, Some(left))
    }
}

impl ExactSizeIterator for OrderedBatches {}

/// Batches that are loaded when they are asked for; see [`OrderedBatches::load`].
#[derive(Clone)]
pub struct LoadedBatches<F> {
    batches: OrderedBatches,
    load: F,
}

impl<F> fmt::Debug for LoadedBatches<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadedBatches").field("batches", &self.batches).finish_non_exhaustive()
    }
}

impl<T, F: FnMut(Vec<usize>) -> T> Iterator for LoadedBatches<F> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.batches.next().map(&mut self.load)
    }

    fn nth(&mut self, count: usize) -> Option<T> {
        self.batches.nth(count).map(&mut self.load)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.batches.size_hint()
    }
}

impl<T, F: FnMut(Vec<usize>) -> T> ExactSizeIterator for LoadedBatches<F> {}

/// How often the halves of a number are mixed with each other. Four make the permutation as good as
/// random for whoever does not know the keys (Luby and Rackoff, 1988); small ones need more.
const ROUNDS: usize = 8;

/// A permutation of the numbers below `len` that is computed number by number.
///
/// A Feistel network permutes the numbers of an even number of bits: it adds to one half what a hash
/// makes of the other one, which can be undone whatever the hash is. That range may hold up to four
/// times as many numbers as there are: a number beyond them is permuted again until one within comes
/// ("cycle walking", Black and Rogaway, 2002), which leaves a permutation of those within.
#[derive(Debug, Clone, Copy)]
struct Shuffle {
    len: u64,
    half_bits: u32,
    keys: [u64; ROUNDS],
}

impl Shuffle {
    fn new(len: usize, seed: u64, epoch: f64) -> Self {
        let bits = u64::BITS - (len as u64).saturating_sub(1).leading_zeros();
        let mut state = mix(seed ^ mix(epoch.to_bits()));
        let keys = std::array::from_fn(|_| {
            state = mix(state);
            state
        });
        Self { len: len as u64, half_bits: bits.div_ceil(2).max(1), keys }
    }

    /// The number at a place below `len`.
    fn at(&self, place: u64) -> u64 {
        let mut number = self.permute(place);
        while number >= self.len {
            number = self.permute(number);
        }
        number
    }

    fn permute(&self, number: u64) -> u64 {
        let mask = (1 << self.half_bits) - 1;
        let (mut left, mut right) = (number >> self.half_bits, number & mask);
        for key in self.keys {
            left ^= mix(right ^ key) & mask;
            mem::swap(&mut left, &mut right);
        }
        left << self.half_bits | right
    }
}

/// A number from which nothing tells the one that it came from: the finalizer of `SplitMix64` (Steele, Lea
/// and Flood, 2014).
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ number >> 31
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sorted(indices: impl Iterator<Item = usize>) -> Vec<usize> {
        let mut indices: Vec<usize> = indices.collect();
        indices.sort_unstable();
        indices
    }

    proptest! {
        #[test]
        fn an_epoch_goes_over_each_item_once(len in 0_usize..5_000, seed: u64, epoch: u32) {
            let order = Order::shuffled(len, seed);
            prop_assert_eq!(sorted(order.epoch(epoch)), (0..len).collect::<Vec<_>>());
        }

        #[test]
        fn what_is_left_out_changes_nothing_of_the_rest(
            len in 1_usize..300, size in 0_usize..70, skipped in 0_usize..40, drop_last: bool,
        ) {
            let order = Order::shuffled(len, 1);
            let batches = || {
                let batches = order.batches(3, size);
                if drop_last { batches.drop_last() } else { batches }
            };
            let all: Vec<Vec<usize>> = batches().collect();
            prop_assert_eq!(all.len(), batches().len());
            let mut rest = batches();
            if skipped > 0 {
                rest.nth(skipped - 1);
            }
            prop_assert_eq!(rest.len(), all.len().saturating_sub(skipped));
            prop_assert_eq!(rest.collect::<Vec<_>>(), all.into_iter().skip(skipped).collect::<Vec<_>>());
        }
    }

    #[test]
    fn all_items_come_to_all_places_alike() {
        const LEN: usize = 10;
        const EPOCHS: u32 = 20_000;
        let mut counts = [[0_u32; LEN]; LEN];
        for epoch in 0..EPOCHS {
            for (place, item) in Order::shuffled(LEN, 5).epoch(epoch).enumerate() {
                counts[place][item] += 1;
            }
        }
        let expected = f64::from(EPOCHS) / LEN as f64;
        let far = |count: &u32| (f64::from(*count) - expected).powi(2) / expected;
        let chi_squared: f64 = counts.iter().flatten().map(far).sum();
        // 81 degrees of freedom: 99.9 % of fair shuffles stay below.
        assert!(chi_squared < 126.1, "{chi_squared}");
    }

    #[test]
    fn neighbours_part() {
        let order: Vec<usize> = Order::shuffled(60_000, 9).epoch(1).collect();
        let neighbours = order.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) == 1).count();
        // Two on average.
        assert!(neighbours < 12, "{neighbours}");
    }

    #[test]
    fn epochs_and_seeds_have_orders_of_their_own_that_never_change() {
        let order = |seed, epoch: i32| Order::shuffled(6, seed).epoch(epoch).collect::<Vec<_>>();
        assert_eq!(order(7, 1), order(7, 1));
        assert_ne!(order(7, 1), order(7, 2));
        assert_ne!(order(7, 1), order(8, 1));
        // Checkpoints rely on it in all versions to come.
        assert_eq!([order(7, 1), order(7, 2)], [[1, 5, 0, 2, 4, 3], [2, 4, 0, 3, 5, 1]]);
    }

    #[test]
    fn load_gets_only_the_batches_that_are_asked_for() {
        let mut loaded = Vec::new();
        let mut batches = Order::sequential(10).batches(1, 3).load(|indices| loaded.push(indices));
        assert_eq!(batches.len(), 4);
        batches.nth(1);
        batches.next();
        assert_eq!(loaded, [vec![3, 4, 5], vec![6, 7, 8]]);
    }
}
