//! From global batches to optimizer steps, also where gradients are accumulated.
//!
//! Invariant: a step has as many global batches as the optimizer gathers over, but for the last one of
//! an epoch, and each is in one step. `a_step_may_gather_any_number_of_batches` and
//! `a_learning_rate_of_zero_counts_each_batch` fail without the look at the first rates.

use crate::{compat, global_batch::GlobalBatch};

/// How many global batches with a learning rate of 0 are kept back before they are taken for steps:
/// more than people gather gradients over, and few enough to keep.
const LONGEST_LOOK: usize = 1_024;

/// One optimizer step: its number, and each metric's mean over its batches.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) number: u64,
    pub(crate) items: u64,
    pub(crate) rates: Vec<f64>,
    pub(crate) values: Vec<(usize, f64)>,
}

impl Step {
    /// What is left to say of a step that was told without its rates.
    fn of_rates(number: u64, rates: &[f64]) -> Self {
        Self { number, items: 0, rates: rates.to_vec(), values: Vec::new() }
    }
}

/// Counts optimizer steps.
///
/// With `.grads_accumulation(n)` the optimizer steps after every `n` global batches and after the
/// last of an epoch. Burn keeps `n` to itself, but a learner's rate is 0 until its first step. So the
/// global batches that begin a training with a rate of 0 are kept back until the rate tells whether
/// they are parts of one step, or steps of a schedule that begins at 0. Where there are too many, each
/// is taken for a step, and [`guessed`](Self::guessed) says so.
///
/// Burn 0.23 takes the last step of an epoch after its batches were told of. If it gathers fewer of them
/// than the others, its rate is that of the batches which come next, before they have made a step. A first
/// epoch whose rates are all 0 may then be one step; the next one tells.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    next: u64,
    global_batches_per_step: Option<usize>,
    waiting: Vec<GlobalBatch>,
    guessed: bool,
    /// A step that waits for its rate.
    late: Option<u64>,
    /// Whether the first epoch may have been one step.
    unsure: bool,
}

impl Steps {
    /// The first step has this number.
    pub(crate) fn begin_at(&mut self, step: u64) {
        self.next = step;
    }

    /// The optimizer steps after this many global batches.
    pub(crate) fn set_global_batches_per_step(&mut self, count: usize) {
        self.global_batches_per_step = Some(count.max(1));
    }

    /// The number of the last step of the epoch, of which so many global batches are yet to come.
    pub(crate) fn last_after(&self, coming: u64) -> u64 {
        let batches = self.waiting.len() as u64 + coming;
        let in_each = self.global_batches_per_step.map_or(u64::MAX, |count| count as u64);
        (self.next + batches.div_ceil(in_each)).saturating_sub(1)
    }

    /// Takes a global batch, and gives the steps that are complete.
    pub(crate) fn take(&mut self, batch: GlobalBatch) -> Vec<Step> {
        let late = self.late.take().map(|number| Step::of_rates(number, &batch.rates));
        if std::mem::take(&mut self.unsure) && !has_no_rate(&batch) {
            self.global_batches_per_step = Some(usize::MAX);
            self.guessed = true;
        }
        self.waiting.push(batch);
        if self.global_batches_per_step.is_none() {
            self.global_batches_per_step = learn(&self.waiting);
            if self.waiting.len() >= LONGEST_LOOK && self.waiting.iter().all(has_no_rate) {
                self.global_batches_per_step = Some(1);
                self.guessed = true;
            }
        }
        let full = self.global_batches_per_step.map(|count| self.full_steps(count));
        late.into_iter().chain(full.into_iter().flatten()).collect()
    }

    /// Whether the rates have just told nothing for so long that each batch was taken for a step.
    pub(crate) fn guessed(&mut self) -> bool {
        std::mem::take(&mut self.guessed)
    }

    /// The epoch is over: what waits is a step, or, where training was cut short, what is left of
    /// one.
    pub(crate) fn end_epoch(&mut self) -> Vec<Step> {
        let count = self.global_batches_per_step.unwrap_or_else(|| {
            // The last batch of an epoch has a rate, if the loader says that it is the last.
            let unsure = |batch: &GlobalBatch| has_no_rate(batch) && !batch.completed;
            self.guessed = self.waiting.len() > 1 && self.waiting.iter().all(unsure);
            self.unsure = compat::LAST_STEP_IS_LATE
                && self.waiting.len() > 1
                && self.waiting.iter().all(has_no_rate);
            at_the_end(&self.waiting)
        });
        self.global_batches_per_step = Some(count);
        let mut steps = self.full_steps(count);
        let rest = std::mem::take(&mut self.waiting);
        if !rest.is_empty() {
            steps.push(self.step(&rest, count));
        }
        steps
    }

    fn full_steps(&mut self, count: usize) -> Vec<Step> {
        let mut steps = Vec::new();
        loop {
            let last = self.waiting.iter().take(count).position(|batch| batch.completed);
            let length = last.map_or(count, |last| last + 1);
            if self.waiting.len() < length {
                return steps;
            }
            let step: Vec<GlobalBatch> = self.waiting.drain(..length).collect();
            steps.push(self.step(&step, count));
        }
    }

    fn step(&mut self, batches: &[GlobalBatch], count: usize) -> Step {
        let number = self.next;
        self.next += 1;
        let told = batches.last().map(|batch| batch.rates.clone()).unwrap_or_default();
        let is_late = compat::LAST_STEP_IS_LATE && batches.len() < count;
        self.late = is_late.then_some(number);
        let rates = if is_late { Vec::new() } else { told };
        let items = batches.iter().map(|batch| batch.items).sum();
        Step { number, items, rates, values: means(batches) }
    }
}

/// How many global batches a step takes, as soon as the rates tell. A learner's first step sets its
/// rate; if the `k`th is the first with a rate, steps take `k` of them, unless the rate changes sooner
/// than `k` later.
fn learn(batches: &[GlobalBatch]) -> Option<usize> {
    let rate = |batch: &GlobalBatch| batch.rates.first().copied().unwrap_or(f64::NAN);
    let first = batches.iter().position(|batch| rate(batch) != 0.0)?;
    let (before, after) = batches.split_at(first);
    let length = before.len() + 1;
    let constant = after.iter().map(rate).take_while(|own| Some(*own) == after.first().map(rate));
    let same = constant.count();
    if same >= length || length == 1 {
        Some(length)
    } else if same < after.len() && !after.iter().take(same + 1).any(|batch| batch.completed) {
        Some(if length.is_multiple_of(same) { same } else { 1 })
    } else {
        None
    }
}

fn has_no_rate(batch: &GlobalBatch) -> bool {
    batch.rates.first() == Some(&0.0)
}

/// The same where the epoch ends before the rates have told.
fn at_the_end(batches: &[GlobalBatch]) -> usize {
    let rate = |batch: &GlobalBatch| batch.rates.first().copied().unwrap_or(f64::NAN);
    batches.iter().position(|batch| rate(batch) != 0.0).map_or(1, |first| first + 1)
}

/// Each metric's plain mean, in the order in which the metrics come.
fn means(batches: &[GlobalBatch]) -> Vec<(usize, f64)> {
    let mut sums: Vec<(usize, f64, f64)> = Vec::new();
    for reading in batches.iter().flat_map(|batch| &batch.readings) {
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
    use crate::split::Reading;

    /// Trains epochs of `batches` batches, where the optimizer steps as Burn's learner does, and
    /// gives the numbers of the batches of each step.
    fn steps(
        epochs: usize,
        batches: usize,
        accumulation: usize,
        schedule: impl Fn(usize) -> f64,
    ) -> Vec<Vec<f64>> {
        let mut steps = Steps::default();
        let mut seen = Vec::new();
        let (mut rate, mut taken, mut number) = (0.0, 0, 0.0);
        for _ in 0..epochs {
            let mut current = 0;
            for batch in 1..=batches {
                current += 1;
                let is_last = batch == batches && !compat::LAST_STEP_IS_LATE;
                if current == accumulation || is_last {
                    rate = schedule(taken);
                    taken += 1;
                    current = 0;
                }
                seen.extend(steps.take(GlobalBatch {
                    items: 1,
                    rates: vec![rate],
                    completed: batch == batches,
                    readings: vec![Reading { series: 0, value: number, count: 1 }],
                    batches: 1,
                }));
                number += 1.0;
            }
            if current > 0 {
                rate = schedule(taken);
                taken += 1;
            }
            seen.extend(steps.end_epoch());
        }
        // A rate that is told later has no values beside it.
        seen.retain(|step| !step.values.is_empty());
        assert!(seen.iter().enumerate().all(|(index, step)| step.number == index as u64));
        seen.iter().map(|step| vec![step.values[0].1, step.items as f64]).collect()
    }

    /// What `steps` should give: the mean number and the count of each step's batches.
    fn expected(epochs: usize, batches: usize, accumulation: usize) -> Vec<Vec<f64>> {
        let mut all = Vec::new();
        for epoch in 0..epochs {
            let numbers: Vec<f64> = (0..batches).map(|n| (epoch * batches + n) as f64).collect();
            for step in numbers.chunks(accumulation) {
                all.push(vec![step.iter().sum::<f64>() / step.len() as f64, step.len() as f64]);
            }
        }
        all
    }

    #[test]
    fn batches_whose_gradients_are_accumulated_are_one_step() {
        let constant = |_: usize| 0.1;
        let decay = |step: usize| 0.9_f64.powi(step as i32);
        let warm_up = |step: usize| step as f64 * 0.01;
        for (batches, accumulation) in [(7, 1), (7, 2), (8, 2), (7, 4), (100, 8), (5, 5), (9, 6)] {
            let expected = expected(3, batches, accumulation);
            let case = format!("{batches} batches, {accumulation} a step");
            assert_eq!(steps(3, batches, accumulation, constant), expected, "constant, {case}");
            assert_eq!(steps(3, batches, accumulation, decay), expected, "decay, {case}");
            if batches > 4 * accumulation {
                assert_eq!(steps(3, batches, accumulation, warm_up), expected, "warm-up, {case}");
            }
        }
    }

    #[test]
    fn a_learning_rate_of_zero_counts_each_batch() {
        assert_eq!(steps(2, 2_000, 1, |_| 0.0), expected(2, 2_000, 1));
        assert_eq!(steps(2, 7, 1, |_| 0.0), expected(2, 7, 1));
    }

    #[test]
    fn a_step_may_gather_any_number_of_batches() {
        for (batches, accumulation) in
            [(800, 100), (900, 64), (900, 65), (3_000, 1_000), (2_500, 1_024), (90, 90)]
        {
            let expected = expected(2, batches, accumulation);
            assert_eq!(steps(2, batches, accumulation, |_| 0.1), expected, "{accumulation}");
        }
    }

    /// Burn 0.22 tells the rate of an epoch's one step with its last batch, Burn 0.23 with the next epoch.
    #[test]
    fn a_step_may_gather_a_whole_epoch() {
        for (batches, accumulation) in [(6, 9), (90, 100)] {
            let mut expected = expected(3, batches, accumulation);
            if compat::LAST_STEP_IS_LATE {
                let guessed = (0..batches).map(|number| vec![number as f64, 1.0]);
                expected.splice(..1, guessed);
            }
            assert_eq!(steps(3, batches, accumulation, |_| 0.1), expected, "{accumulation}");
        }
    }

    #[test]
    fn the_rate_of_a_step_that_is_told_early_comes_with_the_next_epoch() {
        let mut stated = Steps::default();
        stated.set_global_batches_per_step(2);
        let batch = |rate, completed| GlobalBatch {
            rates: vec![rate],
            completed,
            ..GlobalBatch::default()
        };
        let told: Vec<_> = [(0.0, false), (0.5, false), (0.5, true), (0.25, false)]
            .into_iter()
            .flat_map(|(rate, completed)| stated.take(batch(rate, completed)))
            .map(|step| (step.number, step.rates))
            .collect();
        if compat::LAST_STEP_IS_LATE {
            assert_eq!(told, [(0, vec![0.5]), (1, vec![]), (1, vec![0.25])]);
        } else {
            assert_eq!(told, [(0, vec![0.5]), (1, vec![0.5])]);
        }
    }

    #[test]
    fn where_the_rates_tell_nothing_for_too_long_it_is_said() {
        let mut steps = Steps::default();
        let batch = |rate| GlobalBatch { rates: vec![rate], ..GlobalBatch::default() };
        for _ in 1..LONGEST_LOOK {
            assert!(steps.take(batch(0.0)).is_empty() && !steps.guessed());
        }
        assert_eq!(steps.take(batch(0.0)).len(), LONGEST_LOOK);
        assert!(steps.guessed() && !steps.guessed(), "once");
    }

    #[test]
    fn a_stated_accumulation_needs_no_guess() {
        let mut stated = Steps::default();
        stated.begin_at(40);
        stated.set_global_batches_per_step(2);
        assert!(stated.take(GlobalBatch::default()).is_empty());
        assert_eq!(stated.take(GlobalBatch::default())[0].number, 40);
        assert_eq!(stated.last_after(3), 42, "two steps are yet to come");
    }
}
