#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::{Metric, Params, Space, TrialState};

fn plan(early_terminate: EarlyTerminate, goal: Goal) -> Plan {
    Plan {
        project: "p".into(),
        name: "lr".into(),
        method: crate::Method::Random,
        run_cap: None,
        seed: 0,
        metrics: vec![Metric::new("loss", goal)],
        early_terminate: Some(early_terminate),
        space: Space::default(),
    }
}

/// Adds the next value to a trial, and lets a judge look at it; whether it goes on.
fn log(trials: &mut [Trial], number: usize, value: f64, judge: &dyn Judge, goal: Goal) -> Verdict {
    let n = trials[number].intermediate.len() as u64 + 1;
    trials[number].intermediate.insert(n, value);
    let verdict = judge.judge(&trials[number], trials, goal);
    let (Verdict::GoOn { rung } | Verdict::Prune { rung, .. }) = &verdict;
    trials[number].rungs.extend(*rung);
    verdict
}

/// A made-up training: the values of a trial get better with `n`, more or less.
fn made_up(seed: i64, trial: i64, n: i64, sign: i64) -> f64 {
    let quality = (trial * trial * 31 + trial * 17 + seed * 13) % 700;
    let noise = (trial * 7_919 + n * 104_729 + seed * 15_485_863) % 300;
    (quality + noise + sign * 50 * n) as f64 / 1_000.0
}

/// For each of 30 trials of nine values, one after the other: the value at which it was pruned, or 0.
fn ends(early_terminate: EarlyTerminate, goal: Goal, seed: i64) -> Vec<u64> {
    let judge = judge_of(&plan(early_terminate, goal)).unwrap();
    let sign = if goal == Goal::Maximize { 1 } else { -1 };
    let mut trials: Vec<Trial> = Vec::new();
    for number in 0..30_usize {
        trials.push(Trial::new(number, Params::new()));
        let is_pruned = (1..10).any(|n| {
            let value = made_up(seed, number as i64, n, sign);
            let verdict = log(&mut trials, number, value, &*judge, goal);
            matches!(verdict, Verdict::Prune { .. })
        });
        trials[number].state = if is_pruned { TrialState::Pruned } else { TrialState::Complete };
    }
    let end = |trial: &Trial| match trial.state {
        TrialState::Pruned => trial.intermediate.len() as u64,
        _ => 0,
    };
    trials.iter().map(end).collect()
}

// The ends of these six are those of Optuna 5.0; `tests/neighbours/judges.py` asks it.

#[test]
fn asha_ends_trials_where_optuna_does() {
    let asha = EarlyTerminate::Asha { min_iter: 1, eta: 3 };
    assert_eq!(
        ends(asha, Goal::Maximize, 1),
        [0, 1, 0, 3, 0, 1, 1, 1, 1, 3, 0, 1, 3, 0, 1, 1, 3, 1, 0, 1, 1, 1, 0, 1, 1, 1, 3, 9, 1, 3]
    );
    assert_eq!(
        ends(asha, Goal::Minimize, 2),
        [0, 1, 1, 1, 1, 3, 1, 1, 3, 1, 1, 1, 1, 1, 3, 1, 1, 1, 1, 1, 3, 3, 1, 0, 1, 3, 1, 1, 1, 1]
    );
}

#[test]
fn hyperband_ends_trials_where_optuna_does() {
    let hyperband = EarlyTerminate::Hyperband { min_iter: 1, max_iter: 9, eta: 3 };
    assert_eq!(
        ends(hyperband, Goal::Maximize, 1),
        [0, 0, 9, 0, 0, 9, 3, 0, 3, 0, 0, 0, 1, 0, 1, 1, 3, 3, 0, 1, 3, 1, 0, 3, 1, 1, 9, 0, 3, 0]
    );
    assert_eq!(
        ends(hyperband, Goal::Minimize, 2),
        [0, 0, 1, 3, 3, 9, 3, 1, 3, 1, 1, 0, 1, 1, 3, 1, 3, 9, 3, 1, 3, 0, 0, 0, 1, 3, 0, 9, 1, 1]
    );
}

#[test]
fn the_median_ends_trials_where_optuna_does() {
    let median = EarlyTerminate::Median { startup: 5, min_iter: 2 };
    assert_eq!(
        ends(median, Goal::Maximize, 1),
        [0, 0, 0, 0, 0, 5, 0, 2, 2, 0, 0, 2, 0, 0, 2, 2, 5, 2, 0, 2, 2, 2, 0, 2, 2, 2, 2, 0, 2, 0]
    );
    assert_eq!(
        ends(median, Goal::Minimize, 2),
        [0, 0, 0, 0, 0, 6, 2, 2, 0, 2, 2, 2, 2, 2, 2, 2, 2, 8, 2, 2, 6, 6, 0, 8, 2, 2, 2, 2, 2, 2]
    );
}

#[test]
fn asha_lets_the_first_go_on_and_then_the_best_third() {
    let judge = Halving::new(1, 3);
    let mut trials: Vec<Trial> = (0..6).map(|number| Trial::new(number, Params::new())).collect();
    let mut goes_on = |number: usize, value: f64| {
        let verdict = log(&mut trials, number, value, &judge, Goal::Maximize);
        matches!(verdict, Verdict::GoOn { rung: Some((0, at)) } if at == value)
    };
    // One, two: the best goes on. Of three to five a third is one, of six it is two.
    assert!(goes_on(0, 0.5));
    assert!(!goes_on(1, 0.4));
    assert!(goes_on(2, 0.6));
    assert!(!goes_on(3, 0.55));
    assert!(goes_on(4, 0.6));
    assert!(goes_on(5, 0.6));
}

#[test]
fn a_verdict_says_what_was_needed() {
    let judge = Halving::new(1, 3);
    let mut trials: Vec<Trial> = (0..2).map(|number| Trial::new(number, Params::new())).collect();
    log(&mut trials, 0, 0.74, &judge, Goal::Maximize);
    let verdict = log(&mut trials, 1, 0.61, &judge, Goal::Maximize);
    let why = "0.6100 at value 1, needs 0.7400".to_owned();
    assert_eq!(verdict, Verdict::Prune { rung: Some((0, 0.61)), why });
}

#[test]
fn between_rungs_everybody_goes_on() {
    let judge = Halving::new(2, 2);
    let mut trials: Vec<Trial> = (0..2).map(|number| Trial::new(number, Params::new())).collect();
    for value in [0.1, 0.2, 0.3, 0.4] {
        log(&mut trials, 0, value, &judge, Goal::Minimize);
    }
    assert_eq!(trials[0].rungs, [(0, 0.2), (1, 0.4)].into());
    assert_eq!(log(&mut trials, 1, 0.9, &judge, Goal::Minimize), Verdict::go_on());
    assert!(matches!(
        log(&mut trials, 1, 0.9, &judge, Goal::Minimize),
        Verdict::Prune { rung: Some((0, _)), .. }
    ));
}

#[test]
fn what_is_no_finite_number_ends_a_trial_under_every_judge() {
    let all = [
        EarlyTerminate::Asha { min_iter: 5, eta: 2 },
        EarlyTerminate::Hyperband { min_iter: 5, max_iter: 40, eta: 2 },
        EarlyTerminate::Median { startup: 5, min_iter: 5 },
    ];
    for (early_terminate, value) in all
        .into_iter()
        .flat_map(|one| [(one, f64::NAN), (one, f64::INFINITY), (one, -f64::INFINITY)])
    {
        let judge = judge_of(&plan(early_terminate, Goal::Maximize)).unwrap();
        let mut trials = [Trial::new(0, Params::new())];
        let verdict = log(&mut trials, 0, value, &*judge, Goal::Maximize);
        let Verdict::Prune { rung: None, why } = verdict else { panic!("{verdict:?}") };
        assert_eq!(why, format!("{value} at value 1, needs a finite number"));
    }
}

#[test]
fn bounds_that_no_training_has_do_no_harm() {
    let huge = u64::MAX;
    for early_terminate in [
        EarlyTerminate::Asha { min_iter: huge, eta: huge },
        EarlyTerminate::Asha { min_iter: 0, eta: 0 },
        EarlyTerminate::Hyperband { min_iter: 1, max_iter: huge, eta: 2 },
        EarlyTerminate::Hyperband { min_iter: huge, max_iter: 1, eta: huge },
        EarlyTerminate::Median { startup: 0, min_iter: 0 },
    ] {
        assert_eq!(ends(early_terminate, Goal::Maximize, 3).len(), 30);
    }
}

#[test]
fn a_plan_without_a_judge_has_none() {
    let mut plan = plan(EarlyTerminate::Median { startup: 5, min_iter: 1 }, Goal::Minimize);
    plan.early_terminate = None;
    assert!(judge_of(&plan).is_none());
}
