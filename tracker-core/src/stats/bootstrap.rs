//! Intervals of what has no distribution of its own.

use crate::stats::{Interval, draws::Draws};

/// How often groups are drawn again, unless they are so large that it would take seconds.
const ROUNDS: usize = 10_000;

/// The most results that are drawn, in as many rounds as these make, and the fewest rounds.
const MOST_DRAWS: usize = 20_000_000;
const FEWEST_ROUNDS: usize = 1_000;

/// So that the same results have the same interval each time.
const SEED: u64 = 0x7261_6e64;

/// Between which values a statistic of some groups lies with the probability `level`, by the percentiles of 10,000
/// times in which each group is drawn anew from its own finite results, fewer for
/// more than 2,000 results: B. Efron, "Bootstrap methods: another look at
/// the jackknife", Ann. Statist. 7 (1979). The draws are always the same. `None` if a group has fewer than two
/// results, or the statistic is `None`.
///
/// ```
/// use tracker_core::stats::{bootstrap, interquartile_mean};
///
/// let results = [0.91, 0.92, 0.90, 0.95, 0.93];
/// let interval = bootstrap([&results], 0.95, |[drawn]| interquartile_mean(drawn)).unwrap();
/// assert!(interval.contains(0.92));
/// ```
pub fn bootstrap<const GROUPS: usize>(
    groups: [&[f64]; GROUPS],
    level: f64,
    statistic: impl Fn([&[f64]; GROUPS]) -> Option<f64>,
) -> Option<Interval> {
    let groups = groups.map(finite);
    let mut drawn = groups.clone();
    by_places(groups.each_ref().map(Vec::len), level, |places| {
        for ((drawn, group), places) in drawn.iter_mut().zip(&groups).zip(places) {
            for (slot, place) in drawn.iter_mut().zip(places) {
                *slot = *group.get(*place)?;
            }
        }
        statistic(drawn.each_ref().map(Vec::as_slice))
    })
}

pub(crate) fn finite(values: &[f64]) -> Vec<f64> {
    values.iter().copied().filter(|value| value.is_finite()).collect()
}

/// As [`bootstrap`], of groups of these sizes, for a statistic that asks which results were drawn: with what it knows
/// of them beforehand it may be much quicker.
pub(crate) fn by_places<const GROUPS: usize>(
    sizes: [usize; GROUPS],
    level: f64,
    mut statistic: impl FnMut([&[usize]; GROUPS]) -> Option<f64>,
) -> Option<Interval> {
    if GROUPS == 0 || sizes.iter().any(|size| *size < 2) {
        return None;
    }
    let mut draws = Draws::new(SEED);
    let mut drawn = sizes.map(|size| vec![0; size]);
    let rounds = (MOST_DRAWS / sizes.iter().sum::<usize>()).clamp(FEWEST_ROUNDS, ROUNDS);
    let mut found = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        for (places, size) in drawn.iter_mut().zip(sizes) {
            places.fill_with(|| draws.below(size));
        }
        found.push(statistic(drawn.each_ref().map(Vec::as_slice))?);
    }
    found.sort_unstable_by(f64::total_cmp);
    let outside = (1.0 - level) / 2.0;
    Some(Interval { low: percentile(&found, outside)?, high: percentile(&found, 1.0 - outside)? })
}

/// The value below which a share of the sorted values lies, between two of them in proportion, as numpy has it.
#[expect(clippy::cast_sign_loss, reason = "a place in a list is not negative")]
fn percentile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share.clamp(0.0, 1.0) * (sorted.len().checked_sub(1)?) as f64;
    let below = *sorted.get(place.floor() as usize)?;
    let above = *sorted.get(place.ceil() as usize)?;
    Some(below + (above - below) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{interquartile_mean, probability_of_greater};

    const A: [f64; 5] = [0.912, 0.918, 0.909, 0.921, 0.915];

    /// The percentiles of all ways to draw five results anew, which are 3,125.
    fn exact() -> Interval {
        let mut all = Vec::new();
        for way in 0..5_usize.pow(5) {
            let drawn: Vec<f64> = (0..5).map(|at| A[way / 5_usize.pow(at) % 5]).collect();
            all.push(interquartile_mean(&drawn).unwrap());
        }
        all.sort_unstable_by(f64::total_cmp);
        Interval { low: percentile(&all, 0.025).unwrap(), high: percentile(&all, 0.975).unwrap() }
    }

    #[test]
    fn its_ends_are_those_of_all_ways_to_draw() {
        let found = bootstrap([&A], 0.95, |[drawn]| interquartile_mean(drawn)).unwrap();
        let exact = exact();
        assert!((found.low - exact.low).abs() < 3e-4, "{found:?} for {exact:?}");
        assert!((found.high - exact.high).abs() < 3e-4, "{found:?} for {exact:?}");
    }

    #[test]
    fn it_is_the_same_each_time() {
        let of = || {
            bootstrap([&A, &[0.917, 0.921, 0.915]], 0.95, |[baseline, other]| {
                probability_of_greater(baseline, other)
            })
        };
        assert_eq!(of(), of());
        assert!(of().unwrap().contains(0.7));
    }

    #[test]
    fn one_result_has_no_interval() {
        assert_eq!(bootstrap([&[1.0, f64::NAN]], 0.95, |[drawn]| interquartile_mean(drawn)), None);
    }

    #[test]
    fn percentiles_lie_between_values_as_those_of_numpy() {
        assert_eq!(percentile(&[1.0, 2.0, 4.0, 8.0], 0.5), Some(3.0));
        assert_eq!(percentile(&[1.0, 2.0, 4.0, 8.0], 0.025), Some(1.075));
        assert_eq!(percentile(&[], 0.5), None);
    }
}
