//! How often intervals hold the truth, in simulated experiments of five seeds.

use crate::stats::{Sample, compare, draws::Draws, spread};

const EXPERIMENTS: usize = 4_000;

fn uniform(draws: &mut Draws) -> f64 {
    ((draws.bits() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
}

/// By G. E. P. Box and M. E. Muller (1958).
fn normal(draws: &mut Draws) -> f64 {
    let radius = (-2.0 * uniform(draws).ln()).sqrt();
    radius * (std::f64::consts::TAU * uniform(draws)).cos()
}

/// Losses of seeds: most are small, and some are large. The mean is e^(1/8).
fn skewed(draws: &mut Draws) -> f64 {
    (0.5 * normal(draws)).exp()
}

/// The share of experiments whose interval of a mean holds it.
fn coverage_of_means(value: impl Fn(&mut Draws) -> f64, truth: f64) -> f64 {
    let mut draws = Draws::new(1);
    let holds = |_: &usize| {
        let values: [f64; 5] = std::array::from_fn(|_| value(&mut draws));
        spread(&values).unwrap().interval.unwrap().contains(truth)
    };
    (0..EXPERIMENTS).filter(holds).count() as f64 / EXPERIMENTS as f64
}

/// The share of experiments whose interval of a difference holds it; the other group is better by 1 and spreads twice
/// as far.
fn coverage_of_differences(value: impl Fn(&mut Draws) -> f64, mean: f64, are_paired: bool) -> f64 {
    let mut draws = Draws::new(2);
    let holds = |_: &usize| {
        let mut group = |shift: f64, scale: f64| -> Vec<Sample> {
            let sample = |seed: usize| {
                let sample = Sample::of(shift + scale * (value(&mut draws) - mean));
                if are_paired { sample.key(seed.to_string()) } else { sample }
            };
            (0..5).map(sample).collect()
        };
        let (baseline, other) = (group(0.0, 1.0), group(1.0, 2.0));
        compare(&baseline, &other).unwrap().interval(0.95).contains(1.0)
    };
    (0..EXPERIMENTS).filter(holds).count() as f64 / EXPERIMENTS as f64
}

#[test]
fn intervals_of_five_seeds_hold_the_truth_in_95_of_100_cases() {
    let means = coverage_of_means(normal, 0.0);
    assert!((0.94..0.97).contains(&means), "{means}");
    for are_paired in [true, false] {
        let differences = coverage_of_differences(normal, 0.0, are_paired);
        assert!((0.94..0.97).contains(&differences), "paired: {are_paired}, {differences}");
    }
}

#[test]
fn intervals_of_five_skewed_results_hold_the_truth_in_90_of_100_cases() {
    let mean = 0.125_f64.exp();
    let means = coverage_of_means(skewed, mean);
    assert!((0.90..0.97).contains(&means), "{means}");
    for are_paired in [true, false] {
        let differences = coverage_of_differences(skewed, mean, are_paired);
        assert!((0.90..0.98).contains(&differences), "paired: {are_paired}, {differences}");
    }
}

#[test]
fn a_difference_that_is_not_there_is_seen_in_5_of_100_cases() {
    let mut draws = Draws::new(3);
    let is_seen = |_: &usize| {
        let mut group =
            || -> Vec<Sample> { (0..5).map(|_| Sample::of(normal(&mut draws))).collect() };
        compare(&group(), &group()).unwrap().p < 0.05
    };
    let share = (0..EXPERIMENTS).filter(is_seen).count() as f64 / EXPERIMENTS as f64;
    assert!((0.03..0.055).contains(&share), "{share}");
}
