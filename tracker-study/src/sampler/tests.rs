//! What all samplers keep to.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::of_plan::{draws_of, sampler_of};
use crate::{
    Asked, DIVERGED, Domain, Goal, Method, Metric, Parameter, Params, Plan, Space, Trial,
    TrialState,
};

/// All but the grid, which must count the values.
pub(super) const FREE: [Method; 5] =
    [Method::Auto, Method::Gp, Method::Tpe, Method::Random, Method::Quasi];

pub(super) fn float(name: &str, low: f64, high: f64) -> Parameter {
    Parameter::new(name, Domain::Float { low, high, log: false, step: None })
}

pub(super) fn int(name: &str, low: i64, high: i64) -> Parameter {
    Parameter::new(name, Domain::Int { low, high, log: false, step: 1 })
}

pub(super) fn choice(name: &str, choices: &[&str], disabled: &[usize]) -> Parameter {
    let choices = choices.iter().map(|choice| Value::from(*choice)).collect();
    Parameter::new(name, Domain::Choice { choices, disabled: disabled.iter().copied().collect() })
}

/// All kinds of domains.
fn all_kinds() -> Vec<Parameter> {
    vec![
        float("plain", -1.0, 1.0),
        Parameter::new("log", Domain::Float { low: 1e-6, high: 1e2, log: true, step: None }),
        Parameter::new("step", Domain::Float { low: 0.0, high: 1.0, log: false, step: Some(0.3) }),
        int("int", -3, 12),
        Parameter::new("stepped", Domain::Int { low: 1, high: 100, log: false, step: 7 }),
        Parameter::new("octave", Domain::Int { low: 1, high: 4096, log: true, step: 1 }),
        choice("choice", &["a", "b", "c", "d"], &[1, 2]),
        float("narrow", 0.1, 0.1 + f64::EPSILON),
        float("only", 3.0, 3.0),
        int("one", 5, 5),
        choice("last", &["x", "y"], &[0]),
        float("wide", -1e308, 1e308),
    ]
}

/// Spaces with all kinds of domains, with conditions, and with next to nothing.
pub(super) fn spaces() -> Vec<Space> {
    let mut conditional = all_kinds();
    conditional.push(float("deep", 0.0, 1.0).when("choice", vec![3]));
    conditional.push(choice("inner", &["p", "q"], &[]).when("choice", vec![0, 3]));
    conditional.push(int("deepest", 1, 9).when("inner", vec![1]).when("choice", vec![0]));
    conditional.push(float("never", 0.0, 1.0).when("choice", vec![1]));
    conditional.push(float("nowhere", 0.0, 1.0).when("unknown", vec![0]));
    vec![
        Space::new(all_kinds()),
        Space::new(conditional),
        Space::new(vec![float("x", 0.0, 1.0)]),
        Space::new(vec![int("few", 0, 2), choice("c", &["a", "b"], &[])]),
        Space::new(vec![float("only", 3.0, 3.0)]),
        Space::new(Vec::new()),
    ]
}

/// A plan whose losses are to be small.
pub(super) fn plan(method: Method, space: Space, seed: u64) -> Plan {
    let mut plan = Plan::new("project", "study", vec![Metric::new("loss", Goal::Minimize)], space);
    plan.method = method;
    plan.seed = seed;
    plan
}

pub(super) fn ask(plan: &Plan, trials: &[Trial]) -> Option<Params> {
    let asked = Asked::new(&plan.space, &plan.metrics, trials);
    sampler_of(plan).ask(&asked, &mut draws_of(plan, trials.len()))
}

pub(super) fn complete(number: usize, params: Params, values: Vec<f64>) -> Trial {
    let mut trial = Trial::new(number, params);
    trial.state = TrialState::Complete;
    trial.values = values;
    trial
}

/// A study of so many trials, each ended by what `ended` makes of it.
pub(super) fn study(
    plan: &Plan,
    count: usize,
    mut ended: impl FnMut(usize, Params) -> Trial,
) -> Vec<Trial> {
    let mut trials: Vec<Trial> = Vec::new();
    for number in 0..count {
        let Some(params) = ask(plan, &trials) else { break };
        trials.push(ended(number, params));
    }
    trials
}

/// A loss of all numbers that stand for values.
fn some_loss(params: &Params) -> f64 {
    params.values().map(|value| (value.abs() + 1.0).ln()).sum()
}

pub(super) fn assert_in_space(space: &Space, params: &Params, what: &str) {
    let mut expected = BTreeSet::new();
    for parameter in space.parameters() {
        if !space.is_active(parameter, params) {
            continue;
        }
        expected.insert(parameter.name.clone());
        let value = params[&parameter.name];
        assert!(parameter.domain.holds(value), "{what}: {} is {value}", parameter.name);
        match &parameter.domain {
            Domain::Choice { disabled, .. } => {
                assert!(!disabled.iter().any(|place| *place as f64 == value), "{what}: {params:?}");
            }
            Domain::Float { low, step: Some(step), .. } => {
                let steps = (value - low) / step;
                assert!(
                    (steps - steps.round()).abs() < 1e-9,
                    "{what}: {} is {value}",
                    parameter.name
                );
            }
            Domain::Int { low, step, .. } => {
                assert_eq!((value as i64 - low) % step, 0, "{what}: {} is {value}", parameter.name);
            }
            Domain::Float { .. } => {}
        }
    }
    assert_eq!(params.keys().cloned().collect::<BTreeSet<_>>(), expected, "{what}");
}

#[test]
fn each_value_lies_in_its_domain_and_each_active_parameter_has_one() {
    for space in spaces() {
        for method in FREE {
            let plan = plan(method, space.clone(), 1);
            let trials = study(&plan, 40, |number, params| {
                assert_in_space(&space, &params, &format!("{method:?} {number}"));
                let loss = some_loss(&params);
                complete(number, params, vec![loss])
            });
            assert_eq!(trials.len(), 40);
        }
    }
}

#[test]
fn the_same_journal_gives_the_same_values_and_another_seed_others() {
    for method in FREE {
        let of = |seed: u64| {
            let plan = plan(method, spaces()[0].clone(), seed);
            study(&plan, 14, |number, params| {
                let loss = some_loss(&params);
                complete(number, params, vec![loss])
            })
        };
        assert_eq!(of(1), of(1), "{method:?}");
        assert!(
            of(1).iter().zip(&of(2)).all(|(one, other)| one.params != other.params),
            "{method:?}"
        );
    }
}

#[test]
fn nobody_is_sent_where_somebody_is() {
    let space = Space::new(vec![int("x", 0, 30), choice("c", &["a", "b"], &[])]);
    for method in [Method::Auto, Method::Gp, Method::Tpe] {
        let plan = plan(method, space.clone(), 2);
        let mut trials = study(&plan, 20, |number, params| {
            let loss = params["x"] + params["c"];
            complete(number, params, vec![loss])
        });
        let mut pending: Vec<Params> = Vec::new();
        for number in 20..30 {
            let params = ask(&plan, &trials).unwrap();
            assert!(!pending.contains(&params), "{method:?}: {params:?} twice");
            pending.push(params.clone());
            trials.push(Trial::new(number, params));
        }
    }
}

#[test]
fn without_results_a_study_stays_well_spread() {
    for method in [Method::Auto, Method::Gp, Method::Tpe] {
        let spread = plan(Method::Quasi, spaces()[1].clone(), 4);
        let learns = plan(method, spaces()[1].clone(), 4);
        let failed = |number: usize, params: Params| {
            let mut trial = Trial::new(number, params);
            trial.state = TrialState::Failed;
            trial
        };
        assert_eq!(study(&learns, 30, failed), study(&spread, 30, failed), "{method:?}");
    }
}

#[test]
fn auto_learns_by_tpe_where_there_are_conditions_many_dimensions_or_many_trials() {
    let many = Space::new((0..21).map(|i| float(&format!("x{i}"), 0.0, 1.0)).collect());
    let few = Space::new(vec![float("x", 0.0, 1.0)]);
    let cases = [
        (spaces()[1].clone(), 15, Method::Tpe),
        (many, 15, Method::Tpe),
        (few.clone(), 201, Method::Tpe),
        (few, 200, Method::Gp),
    ];
    for (space, count, method) in cases {
        let chance = plan(Method::Random, space.clone(), 0);
        let trials = study(&chance, count, |number, params| {
            let loss = some_loss(&params);
            complete(number, params, vec![loss])
        });
        let of = |method: Method| ask(&plan(method, space.clone(), 0), &trials);
        assert_eq!(of(Method::Auto), of(method), "{count} {method:?}");
    }
}

#[test]
fn a_diverged_trial_is_not_gone_near_again() {
    // Half of the range diverges; were those trials left out, nothing would be known of it.
    let space = Space::new(vec![float("lr", 0.0, 1.0)]);
    for method in [Method::Gp, Method::Tpe] {
        let plan = plan(method, space.clone(), 1);
        let trials = study(&plan, 40, |number, params| {
            let lr = params["lr"];
            let mut trial = complete(number, params, vec![(lr - 0.3) * (lr - 0.3)]);
            if lr > 0.5 {
                trial.state = TrialState::Failed;
                trial.values.clear();
                trial.attributes.insert(DIVERGED.to_owned(), json!(true));
            }
            trial
        });
        let diverged = trials[10..].iter().filter(|trial| trial.params["lr"] > 0.5).count();
        assert!(diverged <= 10, "{method:?}: {diverged} of 30");
    }
}

#[test]
fn several_metrics_are_looked_for_along_all_of_their_front() {
    // The front is between 0.2, best for the first, and 0.8, best for the second.
    let space = Space::new(vec![float("x", 0.0, 1.0), float("idle", 0.0, 1.0)]);
    for method in [Method::Gp, Method::Tpe] {
        let mut plan = plan(method, space.clone(), 1);
        plan.metrics =
            vec![Metric::new("loss", Goal::Minimize), Metric::new("accuracy", Goal::Maximize)];
        let trials = study(&plan, 60, |number, params| {
            let x = params["x"];
            let values = vec![(x - 0.2) * (x - 0.2) * 1e6, 5.0 - (x - 0.8) * (x - 0.8)];
            complete(number, params, values)
        });
        let on = |from: f64, to: f64| {
            trials[10..].iter().filter(|t| (from..=to).contains(&t.params["x"])).count()
        };
        assert!(on(0.15, 0.85) >= 40, "{method:?}: {} of 50 on the front", on(0.15, 0.85));
        assert!(on(0.15, 0.4) >= 5 && on(0.6, 0.85) >= 5, "{method:?}");
    }
}
