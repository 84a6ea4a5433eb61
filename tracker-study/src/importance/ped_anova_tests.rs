#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::{Domain, Goal, Params};

fn choice(count: usize) -> Domain {
    let choices = (0..count).map(|at| json!(format!("choice {at}"))).collect();
    Domain::Choice { choices, disabled: BTreeSet::new() }
}

fn loss() -> [Metric; 1] {
    [Metric::new("loss", Goal::Minimize)]
}

fn complete(number: usize, value: f64, params: &[(&str, f64)]) -> Trial {
    let params: Params = params.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
    let mut trial = Trial::new(number, params);
    trial.state = TrialState::Complete;
    trial.values = vec![value];
    trial
}

/// By hand: of twenty trials, ten of each choice, the two best have the first one. With the prior, their density is
/// 2/3 · (3/4, 1/4) + 1/3 · (1/2, 1/2) = (2/3, 1/3), that of all is (1/2, 1/2); so ½ · (4/3 − 1)² + ½ · (2/3 − 1)² = 1/9.
#[test]
fn the_divergence_of_a_choice_is_that_by_hand() {
    let domain = choice(2);
    let cells = cells_of(&domain).unwrap();
    let all: Vec<f64> = (0..20).map(|at| f64::from(at % 2)).collect();
    let (top, all) = (density(&domain, cells, &[0.0, 0.0]), density(&domain, cells, &all));
    assert!((top[0] - 2.0 / 3.0).abs() < 1e-9 && (all[1] - 0.5).abs() < 1e-9, "{top:?} {all:?}");
    assert!((pearson(&top, &all) - 1.0 / 9.0).abs() < 1e-9);
}

/// By hand, as above: the parameter is there in ten of twenty trials, and in both of the best: 1² / (1/2) · divergence.
#[test]
fn a_conditional_parameter_is_looked_at_over_the_trials_that_have_it() {
    let domain = choice(2);
    let parameter = Parameter::new("depth", domain.clone()).when("kind", vec![0]);
    let trials: Vec<Trial> = (0..20)
        .map(|at| {
            let value = at as f64;
            let depth: &[(&str, f64)] =
                if at < 10 { &[("depth", f64::from(u8::from(at >= 5)))] } else { &[] };
            complete(at, value, depth)
        })
        .collect();
    let told: Vec<(&Trial, f64)> = trials.iter().map(|trial| (trial, trial.values[0])).collect();
    let best = best_of(&told);
    assert_eq!(best.iter().filter(|is_best| **is_best).count(), 2);
    assert!((weighed(&parameter, &told, &best) - 2.0 / 9.0).abs() < 1e-9);
}

#[test]
fn shares_add_up_and_the_parameter_that_decides_has_the_greatest() {
    let space = Space::new(vec![
        Parameter::new("idle", Domain::Float { low: 0.0, high: 1.0, log: false, step: None }),
        Parameter::new("lr", Domain::Float { low: 1e-5, high: 1.0, log: true, step: None }),
        Parameter::new("fixed", Domain::Int { low: 3, high: 3, log: false, step: 1 }),
    ]);
    let mut draw = Draws(1);
    let trials: Vec<Trial> = (0..100)
        .map(|at| {
            let lr = 10_f64.powf(-5.0 * draw.next());
            let params = [("idle", draw.next()), ("lr", lr), ("fixed", 3.0)];
            complete(at, (lr.log10() + 3.0).abs(), &params)
        })
        .collect();
    let told = importance(&space, &loss(), 0, &trials);
    assert_eq!((told.trials, told.best, told.shares[0].0.as_str()), (100, 10, "lr"));
    assert!(told.shares[0].1 > 0.8, "{told:?}");
    assert!((told.shares.iter().map(|(_, share)| share).sum::<f64>() - 1.0).abs() < 1e-12);
    assert_eq!(told.shares[2], ("fixed".to_owned(), 0.0));
}

#[test]
fn nothing_is_told_of_too_few_trials_of_equal_ones_and_of_those_without_a_number() {
    let space = Space::new(vec![Parameter::new("a", choice(2))]);
    let none = |trials: &[Trial]| importance(&space, &loss(), 0, trials).shares.is_empty();
    assert!(none(&[]));
    assert!(none(&[complete(0, 1.0, &[("a", 0.0)])]));
    let equal: Vec<Trial> = (0..30).map(|at| complete(at, 1.0, &[("a", 1.0)])).collect();
    assert!(none(&equal));
    let broken: Vec<Trial> = (0..30).map(|at| complete(at, f64::NAN, &[("a", 1.0)])).collect();
    assert!(none(&broken));
    assert!(importance(&space, &loss(), 1, &equal).shares.is_empty());
}

/// The figures are those of Optuna 5.0.0 on the same trials: `tests/neighbours/make_importance.py` prints them.
#[test]
fn the_shares_are_those_of_optuna() {
    let (space, trials) = drawn_study();
    for (goal, expected) in [(Goal::Minimize, OPTUNA_MINIMIZES), (Goal::Maximize, OPTUNA_MAXIMIZES)]
    {
        let told = importance(&space, &[Metric::new("value", goal)], 0, &trials);
        assert_eq!(told.trials, 120);
        for (name, expected) in expected {
            let (_, share) = told.shares.iter().find(|(known, _)| known == name).unwrap();
            assert!((share - expected).abs() < 1e-9, "{goal:?} {name}: {share}, not {expected}");
        }
    }
}

const OPTUNA_MINIMIZES: [(&str, f64); 6] = [
    ("lr", 0.795_518_191_871_725),
    ("layers", 0.098_977_109_080_541_84),
    ("hidden", 0.045_483_129_493_179_425),
    ("act", 0.035_482_603_035_815_04),
    ("dropout", 0.017_739_799_826_143_578),
    ("alpha", 0.006_799_166_692_595_125),
];
const OPTUNA_MAXIMIZES: [(&str, f64); 6] = [
    ("layers", 0.362_582_217_665_943_45),
    ("hidden", 0.211_333_206_129_494_6),
    ("act", 0.164_482_029_610_980_32),
    ("lr", 0.157_522_853_395_637_24),
    ("dropout", 0.091_134_961_614_630_13),
    ("alpha", 0.012_944_731_583_314_216),
];

/// Numbers from 0 to 1, the same ones in `tests/neighbours/make_importance.py`.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> f64 {
        self.0 = self.0 * 48_271 % 2_147_483_647;
        self.0 as f64 / 2_147_483_647.0
    }
}

/// A study with each kind of parameter; `alpha` is there with one of the activations alone.
fn drawn_study() -> (Space, Vec<Trial>) {
    let domains = [
        ("lr", Domain::Float { low: 1e-5, high: 1e-1, log: true, step: None }),
        ("dropout", Domain::Float { low: 0.0, high: 0.5, log: false, step: Some(0.1) }),
        ("hidden", Domain::Int { low: 32, high: 512, log: true, step: 1 }),
        ("layers", Domain::Int { low: 1, high: 8, log: false, step: 1 }),
        ("act", choice(3)),
    ];
    let mut parameters: Vec<Parameter> =
        domains.into_iter().map(|(name, domain)| Parameter::new(name, domain)).collect();
    let alpha = Domain::Float { low: 0.0, high: 1.0, log: false, step: None };
    parameters.push(Parameter::new("alpha", alpha).when("act", vec![1]));
    let space = Space::new(parameters);
    let mut draws = Draws(7);
    let trials = (0..120).map(|number| {
        let lr = 10_f64.powf(-5.0 + 4.0 * draws.next());
        let dropout = (draws.next() * 6.0).floor().min(5.0) * 0.1;
        let hidden = (32.0 * 16_f64.powf(draws.next())).floor();
        let layers = 1.0 + (draws.next() * 8.0).floor();
        let act = (draws.next() * 3.0).floor();
        let alpha = draws.next();
        let worse = if act == 1.0 { (alpha - 0.7).abs() } else { 0.3 + 0.2 * act };
        let value = (lr.log10() + 3.0).powi(2) + 0.3 * dropout + 0.1 * layers + worse
            - 0.05 * hidden.ln()
            + 0.2 * draws.next();
        let mut params = vec![
            ("lr", lr),
            ("dropout", dropout),
            ("hidden", hidden),
            ("layers", layers),
            ("act", act),
        ];
        if act == 1.0 {
            params.push(("alpha", alpha));
        }
        complete(number, value, &params)
    });
    let trials = trials.collect();
    (space, trials)
}
