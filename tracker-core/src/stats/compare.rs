//! Whether one group of runs is better than another.

use std::collections::BTreeMap;

use crate::stats::{Interval, Spread, StudentT, spread};

/// The fewest results of each group, and the fewest pairs, from which anything is concluded.
pub const FEWEST: usize = 3;

/// Differences of less than this share of the results are what is left of rounding.
const ROUNDING: f64 = 1e-13;

/// The result of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    value: f64,
    key: Option<String>,
}

impl Sample {
    /// A run's result.
    pub fn of(value: f64) -> Self {
        Self { value, key: None }
    }

    /// What it shares with one run of the other group, most often the seed.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// The result itself.
    pub fn value(&self) -> f64 {
        self.value
    }
}

/// How the mean of one group differs from that of another.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Difference {
    /// The mean of the other group less that of the baseline.
    pub mean: f64,
    /// The standard error of that.
    pub standard_error: f64,
    /// The degrees of freedom of Student's t.
    pub degrees: f64,
    /// How likely a difference of this size or more is if there is none, to both sides.
    pub p: f64,
    /// How many pairs of runs were compared; `None` where the groups were compared as a whole.
    pub pairs: Option<usize>,
    /// The results that were compared, of the baseline and of the other group.
    pub n: [usize; 2],
}

/// Why nothing can be said of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Undecided {
    /// One of the groups has fewer than [`FEWEST`] finite results, namely so many.
    TooFew(usize),
    /// The results do not scatter: what was to differ by chance, such as the seed, changes nothing.
    NoSpread,
}

impl Difference {
    /// Between which values the difference lies with this probability, such as 0.95.
    pub fn interval(&self, level: f64) -> Interval {
        let student = StudentT::new(self.degrees);
        let reach = student.map_or(f64::NAN, |student| student.quantile(0.5 + level / 2.0));
        Interval::around(self.mean, reach * self.standard_error)
    }

    fn new(
        mean: f64,
        standard_error: f64,
        degrees: f64,
        (pairs, n): (Option<usize>, [usize; 2]),
    ) -> Option<Self> {
        let student = StudentT::new(degrees)?;
        let p = (2.0 * student.tail((mean / standard_error).abs())).min(1.0);
        Some(Self { mean, standard_error, degrees, p, pairs, n })
    }
}

/// Compares the results of a group with those of a baseline by Student's t. Where [`FEWEST`] runs or more have the
/// key of exactly one run of the other group, these pairs are compared, and the rest is left out; else the groups as
/// a whole, whose variances may differ: B. L. Welch, "The generalization of 'Student's' problem when several different
/// population variances are involved", Biometrika 34 (1947). Results that are not finite are left out.
///
/// # Errors
/// If there are too few results, or they do not scatter.
pub fn compare(baseline: &[Sample], other: &[Sample]) -> Result<Difference, Undecided> {
    let (baseline, other) = (finite(baseline), finite(other));
    let fewest = baseline.len().min(other.len());
    if fewest < FEWEST {
        return Err(Undecided::TooFew(fewest));
    }
    let pairs = pairs(&baseline, &other);
    let difference = if pairs.len() < FEWEST { welch(&baseline, &other) } else { paired(&pairs) };
    difference.ok_or(Undecided::NoSpread)
}

fn finite(samples: &[Sample]) -> Vec<&Sample> {
    samples.iter().filter(|sample| sample.value.is_finite()).collect()
}

/// The results of runs that share their key with one run of the other group, and with none of their own.
fn pairs(baseline: &[&Sample], other: &[&Sample]) -> Vec<[f64; 2]> {
    let other = by_key(other);
    let baseline = by_key(baseline).into_iter();
    baseline.filter_map(|(key, value)| Some([value?, (*other.get(key)?)?])).collect()
}

/// Each key's result; `None` where several runs have the key.
fn by_key<'a>(samples: &[&'a Sample]) -> BTreeMap<&'a str, Option<f64>> {
    let mut values: BTreeMap<&str, Option<f64>> = BTreeMap::new();
    for sample in samples {
        let Some(key) = &sample.key else { continue };
        values.entry(key).and_modify(|value| *value = None).or_insert(Some(sample.value));
    }
    values
}

fn paired(pairs: &[[f64; 2]]) -> Option<Difference> {
    let differences: Vec<f64> = pairs.iter().map(|[first, second]| second - first).collect();
    let spread = spread(&differences)?;
    let error = scatter(&spread, pairs.iter().flatten().copied())?;
    let n = pairs.len();
    Difference::new(spread.mean, error, n as f64 - 1.0, (Some(n), [n, n]))
}

fn welch(baseline: &[&Sample], other: &[&Sample]) -> Option<Difference> {
    let of = |samples: &[&Sample]| -> Option<(Spread, f64)> {
        let values: Vec<f64> = samples.iter().map(|sample| sample.value).collect();
        let spread = spread(&values)?;
        Some((spread, scatter(&spread, values.iter().copied()).unwrap_or(0.0)))
    };
    let (first, first_error) = of(baseline)?;
    let (second, second_error) = of(other)?;
    let squares = [first_error.powi(2), second_error.powi(2)];
    let both: f64 = squares.iter().sum();
    // As shares of both, so that the squares of small numbers are not lost.
    let parts = squares.map(|square| (square / both).powi(2));
    let degrees = 1.0 / (parts[0] / (first.n as f64 - 1.0) + parts[1] / (second.n as f64 - 1.0));
    Difference::new(second.mean - first.mean, both.sqrt(), degrees, (None, [first.n, second.n]))
}

/// The standard error of a mean, if it is more than what rounding makes of results of this size.
fn scatter(spread: &Spread, results: impl Iterator<Item = f64>) -> Option<f64> {
    let size = results.fold(0.0_f64, |most, value| most.max(value.abs()));
    let error = spread.standard_error()?;
    (error.is_finite() && error > ROUNDING * size).then_some(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: [f64; 5] = [0.912, 0.918, 0.909, 0.921, 0.915];
    const B: [f64; 5] = [0.917, 0.921, 0.915, 0.922, 0.921];
    const C: [f64; 4] = [0.90, 0.95, 0.93, 0.99];

    fn alone(values: &[f64]) -> Vec<Sample> {
        values.iter().copied().map(Sample::of).collect()
    }

    fn seeded(values: &[f64], seeds: &[&str]) -> Vec<Sample> {
        values.iter().zip(seeds).map(|(value, seed)| Sample::of(*value).key(*seed)).collect()
    }

    #[track_caller]
    fn assert_close(found: f64, wanted: f64) {
        assert!((found - wanted).abs() <= 1e-9 * wanted.abs(), "{found} for {wanted}");
    }

    #[test]
    fn groups_are_compared_as_by_scipy() {
        // scipy.stats.ttest_ind(other, baseline, equal_var=False), and its confidence_interval
        let found = compare(&alone(&A), &alone(&B)).unwrap();
        assert_close(found.mean, 0.004_199_999_999_999_981_5);
        assert_close(found.p, 0.140_486_897_200_878_17);
        assert_close(found.degrees, 6.802_552_082_451_895_5);
        assert_close(found.interval(0.95).low, -0.001_789_184_711_840_062_7);
        assert_close(found.interval(0.95).high, 0.010_189_184_711_840_025);
        assert_close(found.interval(1.0 - 0.05 / 3.0).high, 0.012_142_789_682_211_889);
        assert_eq!((found.pairs, found.n), (None, [5, 5]));
        let found = compare(&alone(&A), &alone(&C)).unwrap();
        assert_close(found.mean, 0.027_500_000_000_000_08);
        assert_close(found.p, 0.241_330_480_195_875_97);
        assert_close(found.degrees, 3.075_900_058_497_155);
        assert_close(found.interval(0.95).low, -0.032_110_443_128_964_744);
    }

    #[test]
    fn pairs_are_compared_as_by_scipy_in_whatever_order_they_come() {
        // scipy.stats.ttest_rel(other, baseline)
        let mut second = seeded(&B, &["1", "2", "3", "4", "5"]);
        second.reverse();
        let found = compare(&seeded(&A, &["1", "2", "3", "4", "5"]), &second).unwrap();
        assert_close(found.mean, 0.004_2);
        assert_close(found.p, 0.012_330_582_492_616_253);
        assert_close(found.interval(0.95).low, 0.001_508_136_597_662_101_4);
        assert_close(found.interval(0.95).high, 0.006_891_863_402_337_907);
        assert_eq!((found.pairs, found.n, found.degrees), (Some(5), [5, 5], 4.0));
    }

    #[test]
    fn three_seeds_that_match_are_pairs_and_two_are_not() {
        let first = seeded(&A, &["1", "2", "3", "4", "5"]);
        let three = compare(&first, &seeded(&B, &["1", "2", "3", "6", "7"])).unwrap();
        assert_eq!(three.pairs, Some(3));
        let two = compare(&first, &seeded(&B, &["1", "2", "8", "6", "7"])).unwrap();
        assert_eq!((two.pairs, two.n), (None, [5, 5]));
    }

    #[test]
    fn a_seed_that_several_runs_of_a_group_have_makes_no_pair() {
        let first = seeded(&A, &["1", "1", "2", "3", "4"]);
        let found = compare(&first, &seeded(&B, &["1", "2", "3", "4", "4"])).unwrap();
        assert_eq!(found.pairs, None, "2 and 3 alone are unique on both sides");
    }

    #[test]
    fn too_few_finite_results_decide_nothing() {
        let few = alone(&[0.9, f64::NAN, 0.8, f64::INFINITY]);
        assert_eq!(compare(&alone(&A), &few), Err(Undecided::TooFew(2)));
        assert_eq!(compare(&[], &alone(&A)), Err(Undecided::TooFew(0)));
    }

    #[test]
    fn results_that_do_not_scatter_decide_nothing() {
        let same = alone(&[0.5; 5]);
        assert_eq!(compare(&same, &alone(&[0.6; 5])), Err(Undecided::NoSpread));
        // Each pair differs by 0.1, but for the last bits.
        let seeds = ["1", "2", "3"];
        let first = seeded(&[0.7, 0.8, 0.9], &seeds);
        let second = seeded(&[0.6, 0.7, 0.8], &seeds);
        assert_eq!(compare(&first, &second), Err(Undecided::NoSpread));
        let one_scatters = compare(&same, &alone(&B)).unwrap();
        assert_close(one_scatters.degrees, 4.0);
    }

    #[test]
    fn tiny_results_are_compared_as_great_ones() {
        let scaled = |scale: f64| {
            let of = |values: &[f64]| -> Vec<f64> { values.iter().map(|x| x * scale).collect() };
            compare(&alone(&of(&A)), &alone(&of(&B))).unwrap()
        };
        assert_close(scaled(1e-150).p, 0.140_486_897_200_878_17);
        assert_close(scaled(1e150).p, 0.140_486_897_200_878_17);
    }
}
