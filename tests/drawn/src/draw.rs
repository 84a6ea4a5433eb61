//! What is drawn from a seed.

use std::ops::RangeInclusive;

/// A small generator: the same seed draws the same training on every machine.
#[derive(Debug)]
pub(crate) struct Draw(u64);

impl Draw {
    /// A generator of its own for each seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// As splitmix64 does it.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A seed for something else.
    pub(crate) fn seed(&mut self) -> u64 {
        self.next() >> 32
    }

    /// A number in this range.
    pub(crate) fn within(&mut self, range: RangeInclusive<usize>) -> usize {
        let count = (range.end() - range.start() + 1) as u64;
        range.start() + (self.next() % count) as usize
    }

    /// Whether something happens that does so once in so many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.within(1..=times) == 1
    }

    /// Something, once in so many times.
    pub(crate) fn maybe<T>(
        &mut self,
        times: usize,
        draw: impl FnOnce(&mut Self) -> T,
    ) -> Option<T> {
        self.once_in(times).then(|| draw(self))
    }

    /// One of these.
    pub(crate) fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.within(0..=of.len() - 1)].clone()
    }

    /// So many, each drawn by itself.
    pub(crate) fn several<T>(
        &mut self,
        count: usize,
        mut draw: impl FnMut(&mut Self) -> T,
    ) -> Vec<T> {
        (0..count).map(|_| draw(self)).collect()
    }

    /// From -1 to 1.
    pub(crate) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }

    /// How many batches make a step: most often one, at times far more than an epoch has.
    pub(crate) fn accumulation(&mut self) -> usize {
        match self.within(0..=5) {
            0..=2 => 1,
            3 | 4 => self.within(2..=5),
            _ => self.within(6..=200),
        }
    }

    /// A number as a metric may have it.
    pub(crate) fn number(&mut self) -> f64 {
        let odd =
            [0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, 5e-324];
        match self.within(0..=5) {
            0 => self.one(&odd),
            1 => self.share() * 1e300,
            2 => self.share() * 1e-300,
            _ => self.share() * 10.0,
        }
    }
}
