//! What counts as a spike, a plateau, a standstill: one definition each, for all that look for them.

use std::time::{Duration, Instant};

/// The part of a window that must be filled before it says what is usual.
const WARM: usize = 4;

/// A value below this is as good as zero, where all values are positive: how many times larger another one
/// is says nothing.
const NOTHING: f64 = 1e-6;

/// Once the window is full, one point in so many enters it, and it spans as many times its size: that is enough
/// to know what is usual, and costs a fraction.
const SELDOM: u64 = 4;

/// Finite values of a metric, in the order in which they came and by size.
#[derive(Debug, Clone)]
struct Window {
    size: usize,
    came: Vec<f64>,
    /// The place of the oldest, once it is full.
    oldest: usize,
    sorted: Vec<f64>,
}

impl Window {
    fn new(size: usize) -> Self {
        let [came, sorted] = [Vec::with_capacity(size), Vec::with_capacity(size)];
        Self { size, came, oldest: 0, sorted }
    }

    fn is_full(&self) -> bool {
        self.came.len() == self.size
    }

    fn push(&mut self, value: f64) {
        // Of two zeros, one has a sign, and no other order.
        let value = value + 0.0;
        let to = self.place(value);
        if !self.is_full() {
            self.came.push(value);
            self.sorted.insert(to, value);
            return;
        }
        let old = std::mem::replace(&mut self.came[self.oldest], value);
        self.oldest = (self.oldest + 1) % self.size;
        let from = self.place(old);
        // What lies between moves by one place, and the new value takes the one that is free.
        if from < to {
            self.sorted.copy_within(from + 1..to, from);
            self.sorted[to - 1] = value;
        } else {
            self.sorted.copy_within(to..from, to + 1);
            self.sorted[to] = value;
        }
    }

    fn place(&self, value: f64) -> usize {
        self.sorted.partition_point(|known| *known < value)
    }

    fn is_warm(&self) -> bool {
        self.sorted.len() * WARM >= self.size
    }

    /// The value that so many quarters of all are below of.
    fn quarter(&self, quarters: usize) -> f64 {
        let last = self.sorted.len() - 1;
        self.sorted[last * quarters / 4]
    }
}

/// How many values in a row must be larger than all before them, where none of them is large enough to be a
/// spike by itself.
const ROW: u32 = 8;

/// The share of the deviations that each of them must be above what is usual.
const LESS: f64 = 1.0 / 3.0;

/// Finds values that are far above what is usual.
///
/// Let m be the median of the values of a window, and d half the distance between their quartiles, which is their
/// median absolute deviation where they lie evenly about m. Where all of them are positive, both are taken
/// of the logarithms: losses of batches lie unevenly about their median, with a long tail above it, and a
/// distance that is usual late in a training is none early in it. A spike is more than `deviations` times d above
/// m, more than twice m, and twice as far above m as any value of the window.
///
/// It is a spike, too, if several values in a row are greater than all of the window, more than twice m, and
/// a third of the deviations above it: a loss that has left for good, as when a layer is dead.
#[derive(Debug, Clone)]
pub(crate) struct Spikes {
    window: Window,
    deviations: f64,
    /// How many high values have come in a row.
    high: u32,
}

/// How far above what is usual a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Height {
    Usual,
    High,
    /// Twice as far as any before.
    Far,
}

/// A value that is far above what is usual.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spike {
    /// What is usual.
    pub(crate) usual: f64,
    /// How many values before this one it began.
    pub(crate) since: u32,
}

impl Spikes {
    pub(crate) fn new(window: usize, deviations: f64) -> Self {
        Self { window: Window::new(window), deviations, high: 0 }
    }

    /// What is usual, once enough is known.
    pub(crate) fn usual(&self) -> Option<f64> {
        self.window.is_warm().then(|| self.window.quarter(2))
    }

    /// The least of what is usual, once enough is known.
    pub(crate) fn least(&self) -> Option<f64> {
        self.window.is_warm().then(|| self.window.quarter(0))
    }

    /// Looks at the next finite value.
    pub(crate) fn look(&mut self, value: f64) -> Option<Spike> {
        if !self.window.is_warm() {
            return None;
        }
        let usual = self.window.quarter(2);
        // Cheap, and enough for almost all points.
        if value <= usual + usual.abs() {
            self.high = 0;
            return None;
        }
        let height = self.height(value, usual);
        self.high = if height == Height::Usual { 0 } else { self.high.saturating_add(1) };
        let since = self.high.saturating_sub(1);
        match height {
            Height::Usual => None,
            Height::Far => Some(Spike { usual, since }),
            Height::High => (self.high >= ROW).then_some(Spike { usual, since }),
        }
    }

    fn height(&self, value: f64, median: f64) -> Height {
        let (low, high) = (self.window.quarter(1), self.window.quarter(3));
        let (least, greatest) = (self.window.quarter(0), self.window.quarter(4));
        let (is_high, is_far) = if least >= 0.0 {
            let [low, median, high, greatest] =
                [low, median, high, greatest].map(|value| value.max(NOTHING));
            let (times, most) = (value / median, greatest / median);
            // In logarithms: ln(times) > 2 · ln(most), and > deviations · ln(high / low) / 2. The powers last,
            // which few values come to.
            let is_above = |share: f64| times > (high / low).powf(self.deviations * share / 2.0);
            let is_high = times > 2.0 && times > most && is_above(LESS);
            (is_high, times > most * most && is_above(1.0))
        } else {
            let (above, deviation) = (value - median, (high - low) / 2.0);
            let is_above = |share: f64| above > self.deviations * share * deviation;
            let is_high = value > greatest && above > median.abs() && is_above(LESS);
            (is_high, above > 2.0 * (greatest - median) && is_above(1.0))
        };
        match (is_high, is_far) {
            (false, _) => Height::Usual,
            (true, false) => Height::High,
            (true, true) => Height::Far,
        }
    }

    /// Adds the `count`th finite value to those that say what is usual, unless high values are coming that
    /// must show first whether they are.
    pub(crate) fn add(&mut self, value: f64, count: u64) {
        let is_open = self.high > 0 && self.high < ROW;
        if !is_open && (count.is_multiple_of(SELDOM) || !self.window.is_full()) {
            self.window.push(value);
        }
    }
}

/// Finds metrics that do not get better any more.
#[derive(Debug, Clone)]
pub(crate) struct Plateau {
    best: Option<f64>,
    since: usize,
    patience: usize,
}

impl Plateau {
    pub(crate) fn new(patience: usize) -> Self {
        Self { best: None, since: 0, patience }
    }

    /// The least value, where as many finite ones as are waited for came after it. Then the wait begins
    /// anew.
    pub(crate) fn look(&mut self, value: f64) -> Option<f64> {
        match self.best {
            Some(best) if value >= best => self.since += 1,
            _ => (self.best, self.since) = (Some(value), 0),
        }
        if self.since < self.patience {
            return None;
        }
        self.since = 0;
        self.best
    }
}

/// Finds trainings that log nothing any more: for ten times the longest pause that they have made so far,
/// and for a while at least. The longest, as a pause for a validation is none that is usual.
#[derive(Debug, Clone)]
pub(crate) struct Standstill {
    patience: Duration,
    longest: Duration,
    last: Option<Instant>,
}

/// How many times its longest pause a training may be silent.
const TIMES: u32 = 10;

impl Standstill {
    pub(crate) fn new(patience: Duration) -> Self {
        Self { patience, longest: Duration::ZERO, last: None }
    }

    /// Points came.
    pub(crate) fn moved(&mut self, now: Instant) {
        if let Some(last) = self.last.replace(now) {
            self.longest = self.longest.max(now.saturating_duration_since(last));
        }
    }

    /// For how long nothing has come, if that is too long.
    pub(crate) fn look(&self, now: Instant) -> Option<Duration> {
        let silent = now.saturating_duration_since(self.last?);
        (silent > self.patience.max(self.longest * TIMES)).then_some(silent)
    }

    /// The longest pause so far.
    pub(crate) fn longest(&self) -> Duration {
        self.longest
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spikes(values: impl IntoIterator<Item = f64>) -> Spikes {
        let mut spikes = Spikes::new(128, 10.0);
        for (count, value) in (1..).zip(values) {
            spikes.add(value, count);
        }
        spikes
    }

    /// Values between -1 and 1 that look drawn.
    fn noise() -> impl Iterator<Item = f64> {
        let mut state = 7_u64;
        std::iter::repeat_with(move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
        })
    }

    /// As losses of small batches are: their logarithms lie evenly.
    fn losses() -> impl Iterator<Item = f64> {
        let mut noise = noise();
        std::iter::repeat_with(move || {
            let normal: f64 = noise.by_ref().take(12).sum::<f64>() / 2.0;
            (normal - 3.0).exp()
        })
    }

    #[test]
    fn a_loss_that_jumps_is_a_spike_and_one_that_varies_as_losses_do_is_none() {
        let mut spikes = spikes(losses().take(200));
        for (count, loss) in (201..).zip(losses().skip(200).take(100_000)) {
            assert_eq!(spikes.look(loss), None, "{loss}");
            spikes.add(loss, count);
        }
        assert!(spikes.look(1e4).is_some());
    }

    #[test]
    fn a_loss_that_hardly_varies_may_still_be_twice_as_large() {
        let mut usual = spikes(noise().take(128).map(|noise| 3.0 + noise / 20.0));
        assert_eq!(usual.look(5.9), None);
        assert!(usual.look(6.5).is_some());
        let mut still = spikes([2.3; 64]);
        assert!(still.look(4.7).is_some_and(|spike| spike.usual == 2.3));
    }

    #[test]
    fn a_loss_that_has_left_for_good_is_a_spike_though_none_of_its_values_is() {
        let mut spikes = spikes(losses().take(200));
        let high = losses().take(200).fold(0.0, f64::max) * 1.2;
        let told = |spike: Option<Spike>| spike.map(|spike| spike.since);
        for (count, _) in (201..).zip(0..7) {
            assert_eq!(told(spikes.look(high)), None);
            spikes.add(high, count);
        }
        assert_eq!(told(spikes.look(high)), Some(7));
        assert_eq!(told(spikes.look(high * 0.1)), None);
        assert_eq!(told(spikes.look(high)), None, "a row begins anew");
    }

    #[test]
    fn values_of_both_signs_spike_beyond_twice_of_what_was_seen() {
        let mut spikes = spikes(noise().take(200));
        for (count, value) in (201..).zip(noise().skip(200).take(50_000)) {
            assert_eq!(spikes.look(value), None, "{value}");
            spikes.add(value, count);
        }
        assert!(spikes.look(20.0).is_some());
        assert_eq!(spikes.look(-20.0), None, "a loss that falls is welcome");
    }

    #[test]
    fn a_loss_that_is_as_good_as_zero_may_double() {
        assert_eq!(spikes([0.0; 128]).look(1e-9), None);
        assert!(spikes([0.0; 128]).look(0.1).is_some());
    }

    #[test]
    fn too_few_values_say_nothing() {
        assert_eq!(spikes([1.0; 31]).look(1e9), None);
        assert!(spikes([1.0; 32]).look(1e9).is_some());
    }

    #[test]
    fn a_plateau_is_told_each_time_that_so_many_points_were_no_better() {
        let mut plateau = Plateau::new(3);
        let told: Vec<_> = [5.0, 4.0, 4.0, 4.5, 4.0, 4.0, 4.0, 4.0, 3.0, 3.0]
            .map(|value| plateau.look(value).is_some())
            .into_iter()
            .enumerate()
            .filter_map(|(index, told)| told.then_some(index))
            .collect();
        assert_eq!(told, [4, 7]);
    }

    #[test]
    fn a_training_stands_still_after_ten_times_its_longest_pause() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut standstill = Standstill::new(Duration::from_mins(5));
        assert_eq!(standstill.look(after(1_000)), None, "it has not begun");
        standstill.moved(after(0));
        standstill.moved(after(1));
        assert_eq!(standstill.look(after(300)), None);
        assert_eq!(standstill.look(after(302)), Some(Duration::from_secs(301)));
        standstill.moved(after(61));
        assert_eq!(standstill.look(after(660)), None);
        assert!(standstill.look(after(662)).is_some());
    }

    proptest! {
        #[test]
        fn a_window_is_the_last_values_in_order(
            values in prop::collection::vec(prop::num::f64::NORMAL | prop::num::f64::ZERO, 1..200),
            size in 1..40_usize,
        ) {
            let mut window = Window::new(size);
            for (index, value) in values.iter().enumerate() {
                window.push(*value);
                let mut last = values[(index + 1).saturating_sub(size)..=index].to_vec();
                last.sort_by(f64::total_cmp);
                prop_assert_eq!(&window.sorted, &last);
            }
        }
    }
}
