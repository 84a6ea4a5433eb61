//! That the process says what it should, and finds what it is asked for.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use fastrand::Rng;

use super::{
    coordinates::{Coordinates, Point},
    density::Known,
    improvement::log_expected,
    matrix::Lower,
    model::Model,
    standard::standardized,
};
use crate::{
    Method, Params, Space,
    sampler::{
        history::{History, Seen},
        tests::{choice, complete, float, plan, study},
    },
};

/// Branin's function (Dixon and Szegö 1978). Its smallest value is 0.397887.
fn branin(params: &Params) -> f64 {
    use std::f64::consts::PI;
    let (x, y) = (params["x"], params["y"]);
    let bend = y - 5.1 / (4.0 * PI * PI) * x * x + 5.0 / PI * x - 6.0;
    bend * bend + 10.0 * (1.0 - 1.0 / (8.0 * PI)) * x.cos() + 10.0
}

/// The best value of Branin's function within 40 trials.
pub(in crate::sampler) fn best_of_branin(method: Method, seed: u64) -> f64 {
    let space = Space::new(vec![float("x", -5.0, 10.0), float("y", 0.0, 15.0)]);
    let trials = study(&plan(method, space, seed), 40, |number, params| {
        let value = branin(&params);
        complete(number, params, vec![value])
    });
    trials.iter().map(|trial| trial.values[0]).fold(f64::INFINITY, f64::min)
}

#[test]
fn it_finds_a_smaller_value_of_branin_than_chance_and_nearly_the_smallest() {
    for seed in 0..5 {
        let (found, by_chance) =
            (best_of_branin(Method::Gp, seed), best_of_branin(Method::Random, seed));
        assert!(found < by_chance && found < 0.41, "seed {seed}: {found}, by chance {by_chance}");
    }
}

#[test]
fn a_factor_solves_and_inverts_its_matrix() {
    let size = 13;
    let cell = |row: usize, column: usize| {
        (-0.1 * row.abs_diff(column) as f64).exp() + if row == column { 0.5 } else { 0.0 }
    };
    let cells = (0..size).flat_map(|row| (0..=row).map(move |column| cell(row, column))).collect();
    let factor = Lower::new(size, cells).factor().unwrap();
    let inverse = factor.inverse();
    for right in 0..size {
        let mut solved: Vec<f64> = (0..size).map(|row| f64::from(row == right)).collect();
        factor.solve(&mut solved);
        factor.solve_transposed(&mut solved);
        for (row, value) in solved.iter().enumerate() {
            let (low, high) = (row.min(right), row.max(right));
            assert!((value - inverse[high * (high + 1) / 2 + low]).abs() < 1e-12);
            let product: f64 = (0..size).map(|at| cell(row, at) * solved[at]).sum();
            assert!((product - f64::from(row == right)).abs() < 1e-12);
        }
    }
}

#[test]
fn what_is_not_positive_definite_has_no_factor() {
    assert!(Lower::new(2, vec![1.0, 2.0, 1.0]).factor().is_none());
    assert!(Lower::new(2, vec![1.0, f64::NAN, 1.0]).factor().is_none());
}

#[test]
fn the_density_of_settings_has_the_gradient_that_it_says() {
    let space = Space::new(vec![
        float("x", 0.0, 1.0),
        choice("c", &["a", "b", "c"], &[]),
        float("y", 0.0, 1.0),
    ]);
    let coordinates = Coordinates::new(&space);
    let mut draws = Rng::with_seed(1);
    let points: Vec<Point> =
        (0..17).map(|_| coordinates.snapped(&[draws.f64(), draws.f64(), draws.f64()])).collect();
    let losses = points.iter().map(|point| (3.0 * point[0]).sin() + point[1] * point[2]).collect();
    let known = Known::new(&coordinates, &points.iter().collect::<Vec<_>>(), losses);
    let at = [0.3, -0.5, 1.0, 0.2, -4.0];
    let (_, gradient) = known.density(&at).unwrap();
    for (axis, slope) in gradient.iter().enumerate() {
        let value = |by: f64| {
            let mut moved = at;
            moved[axis] += by;
            known.density(&moved).unwrap().0
        };
        let measured = (value(1e-5) - value(-1e-5)) / 2e-5;
        assert!(
            (measured - slope).abs() < 1e-5 * (1.0 + slope.abs()),
            "{axis}: {measured} {slope}"
        );
    }
}

#[test]
fn it_knows_what_it_was_told_and_little_far_from_it() {
    let space = Space::new(vec![float("x", 0.0, 1.0)]);
    let coordinates = Coordinates::new(&space);
    let params: Vec<Params> =
        (0..9).map(|at| Params::from([("x".to_owned(), f64::from(at) / 16.0)])).collect();
    let results = params.iter().map(|params| Seen { params, loss: (12.0 * params["x"]).sin() });
    let history = History { results: results.collect(), pending: Vec::new() };
    let model = Model::new(&coordinates, &history).unwrap();
    let losses =
        standardized(&history.results.iter().map(|seen| seen.loss).collect::<Vec<_>>()).losses;
    for (params, loss) in params.iter().zip(losses) {
        let (mean, deviation) = model.says(&[params["x"]]);
        assert!((mean - loss).abs() < 0.05 && deviation < 0.1, "{mean} {deviation}, told {loss}");
    }
    assert!(model.says(&[1.0]).1 > 5.0 * model.says(&[0.25]).1);
}

#[test]
fn expected_improvement_is_smooth_where_its_formula_changes_and_never_infinite() {
    // An improvement of 1 with a deviation near 0 is that improvement; of 0, the density's height.
    assert!(log_expected(0.0, 1e-9, 1.0).abs() < 1e-9);
    assert!((log_expected(0.0, 1.0, 0.0) - 0.398_942_280_401_432_7_f64.ln()).abs() < 1e-12);
    let (before, behind) = (log_expected(6.0 + 1e-9, 1.0, 0.0), log_expected(6.0 - 1e-9, 1.0, 0.0));
    assert!((before - behind).abs() < 5e-3, "{before} {behind}");
    let mut last = f64::INFINITY;
    for mean in 0..2_000 {
        let next = log_expected(f64::from(mean), 1.0, 0.0);
        assert!(next.is_finite() && next < last, "{mean}: {next}");
        last = next;
    }
}

#[test]
fn one_terrible_loss_does_not_hide_how_the_others_differ() {
    let losses = standardized(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 1e9]).losses;
    assert!(losses[1] - losses[0] > 0.1, "{losses:?}");
    assert!(losses.is_sorted(), "{losses:?}");
}

#[test]
fn values_become_points_and_points_the_same_values() {
    let space = Space::new(vec![
        choice("c", &["a", "b", "c"], &[1]),
        float("x", -2.0, 5.0),
        float("y", 0.0, 1.0).when("c", vec![2]),
    ]);
    let coordinates = Coordinates::new(&space);
    for (first, is_there) in [(0.1, false), (0.9, true)] {
        let point = coordinates.snapped(&[first, 0.25, 0.75]);
        let params = coordinates.params(&point);
        assert_eq!(params.contains_key("y"), is_there);
        assert_eq!(coordinates.of(&params), Some(point.clone()));
        assert_eq!(coordinates.snapped(&coordinates.units(&point)), point);
    }
    let outside = Params::from([("c".to_owned(), 0.0), ("x".to_owned(), 9.0)]);
    assert_eq!(coordinates.of(&outside), None);
}
