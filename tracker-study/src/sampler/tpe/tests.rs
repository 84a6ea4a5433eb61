//! That estimators are those of Optuna, and find what they are asked for.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use fastrand::Rng;
use serde_json::json;

use super::estimator::Estimator;
use crate::{
    Domain, Method, Parameter, Params, Space,
    sampler::{
        gp,
        tests::{choice, complete, float, plan, study},
    },
};

#[test]
fn it_finds_a_smaller_value_of_branin_than_chance() {
    let median = |method: Method| {
        let mut found: Vec<f64> =
            (0..9).map(|seed| gp::tests::best_of_branin(method, seed)).collect();
        found.sort_by(f64::total_cmp);
        found[4]
    };
    let (found, by_chance) = (median(Method::Tpe), median(Method::Random));
    assert!(found < by_chance, "{found}, by chance {by_chance}");
}

fn estimator(domain: &Domain, values: &[f64]) -> Option<Estimator> {
    let trials: Vec<Params> =
        values.iter().map(|value| Params::from([("one".to_owned(), *value)])).collect();
    let parameter = Parameter::new("one", domain.clone());
    Estimator::new(&[&parameter], &trials.iter().collect::<Vec<_>>())
}

fn density(estimator: &Estimator, value: f64) -> f64 {
    estimator.density(&[value])
}

#[test]
fn what_is_estimated_is_a_probability() {
    let float = |log: bool, step: Option<f64>| Domain::Float { low: 0.5, high: 8.0, log, step };
    for domain in [float(false, None), float(true, None)] {
        let estimator = estimator(&domain, &[0.5, 1.0, 1.1, 7.0]).unwrap();
        // By the middles of small cells, on the domain's scale.
        let (cells, ends) = (
            20_000,
            if matches!(domain, Domain::Float { log: true, .. }) {
                (0.5_f64.ln(), 8.0_f64.ln())
            } else {
                (0.5, 8.0)
            },
        );
        let sum: f64 = (0..cells)
            .map(|cell| {
                density(&estimator, domain.of_unit((f64::from(cell) + 0.5) / f64::from(cells)))
                    .exp()
            })
            .sum();
        let sum = sum * (ends.1 - ends.0) / f64::from(cells);
        assert!((sum - 1.0).abs() < 1e-3, "{domain:?}: {sum}");
    }
    let counted = [
        float(false, Some(0.7)),
        Domain::Int { low: 1, high: 40, log: true, step: 1 },
        Domain::Int { low: -3, high: 40, log: false, step: 5 },
        Domain::Choice {
            choices: vec![json!(1), json!(2), json!(3)],
            disabled: BTreeSet::from([1]),
        },
    ];
    for domain in counted {
        let first = domain.of_unit(0.0);
        let estimator = estimator(&domain, &[first, first, domain.of_unit(1.0)]).unwrap();
        let values: BTreeSet<u64> =
            (0..=4_000).map(|at| domain.of_unit(f64::from(at) / 4_000.0).to_bits()).collect();
        let sum: f64 =
            values.iter().map(|bits| density(&estimator, f64::from_bits(*bits)).exp()).sum();
        assert!((sum - 1.0).abs() < 1e-9, "{domain:?}: {sum}");
    }
}

#[test]
fn values_are_drawn_where_trials_have_them() {
    let domain = Domain::Float { low: 0.0, high: 1.0, log: false, step: None };
    let estimator =
        estimator(&domain, &[0.2, 0.21, 0.22, 0.2, 0.21, 0.22, 0.2, 0.21, 0.22]).unwrap();
    let mut draws = Rng::with_seed(1);
    let near = (0..1_000).filter(|_| (estimator.draw(&mut draws)[0] - 0.21).abs() < 0.2).count();
    assert!(near > 800, "{near}");
    assert!(density(&estimator, 0.21) > density(&estimator, 0.9));
}

#[test]
fn one_value_needs_no_estimator() {
    assert!(
        estimator(&Domain::Float { low: 1.0, high: 1.0, log: false, step: None }, &[]).is_none()
    );
    assert!(estimator(&Domain::Int { low: 7, high: 8, log: false, step: 3 }, &[7.0]).is_none());
    let choices = vec![json!("a"), json!("b")];
    assert!(estimator(&Domain::Choice { choices, disabled: BTreeSet::from([0]) }, &[]).is_none());
}

#[test]
fn a_condition_s_parameter_is_learnt_from_the_trials_that_have_it() {
    let space = Space::new(vec![
        choice("kind", &["plain", "tuned"], &[]),
        float("rate", 0.0, 1.0).when("kind", vec![1]),
    ]);
    let trials = study(&plan(Method::Tpe, space, 3), 60, |number, params| {
        let loss = params.get("rate").map_or(1.0, |rate| (rate - 0.3).abs());
        complete(number, params, vec![loss])
    });
    let late = &trials[30..];
    let near = late
        .iter()
        .filter_map(|trial| trial.params.get("rate"))
        .filter(|rate| (*rate - 0.3).abs() < 0.1);
    let near = near.count();
    assert!(near >= 10, "{near} of 30");
}
