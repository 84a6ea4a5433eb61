//! That nothing that may stand in a journal stops a sampler.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::tests::{FREE, ask, assert_in_space, complete, int, plan, spaces, study};
use crate::{Method, Space, Trial, TrialState};

#[test]
fn results_that_say_nothing_stop_no_sampler() {
    let results: [fn(usize) -> Vec<f64>; 8] = [
        |_| vec![1.0],
        |_| vec![f64::NAN],
        |_| vec![f64::INFINITY],
        |_| vec![f64::NEG_INFINITY],
        |number| vec![if number % 2 == 0 { 1e308 } else { -1e308 }],
        |number| vec![if number % 3 == 0 { f64::NAN } else { number as f64 * 1e-300 }],
        |_| vec![],
        |_| vec![1.0, 2.0],
    ];
    for space in spaces() {
        for method in FREE {
            for (kind, result) in results.iter().enumerate() {
                let plan = plan(method, space.clone(), 3);
                study(&plan, 25, |number, params| {
                    assert_in_space(&space, &params, &format!("{method:?} {kind} {number}"));
                    complete(number, params, result(number))
                });
            }
        }
    }
}

#[test]
fn trials_that_are_all_the_same_stop_no_sampler() {
    for space in spaces() {
        for method in FREE {
            let plan = plan(method, space.clone(), 5);
            let same = ask(&plan, &[]).unwrap();
            for count in [1, 10, 60, 300] {
                let trials: Vec<Trial> =
                    (0..count).map(|n| complete(n, same.clone(), vec![n as f64])).collect();
                assert_in_space(
                    &space,
                    &ask(&plan, &trials).unwrap(),
                    &format!("{method:?} {count}"),
                );
            }
        }
    }
}

#[test]
fn trials_of_other_bounds_other_names_and_no_result_stop_no_sampler() {
    for space in spaces() {
        for method in FREE {
            let plan = plan(method, space.clone(), 5);
            let odd = |name: &str| match name {
                "plain" | "x" => f64::NAN,
                "choice" => 17.0,
                "log" => -1.0,
                _ => 1e300,
            };
            let trials: Vec<Trial> = (0..40)
                .map(|number| {
                    let mut params = space.fill(|parameter| parameter.domain.of_unit(0.3));
                    if number % 2 == 0 {
                        params = space
                            .parameters()
                            .iter()
                            .map(|one| (one.name.clone(), odd(&one.name)))
                            .collect();
                        params.insert("gone".to_owned(), 1.0);
                    }
                    let mut trial = complete(number, params, vec![number as f64]);
                    trial.state = match number % 5 {
                        0 => TrialState::Running,
                        1 => TrialState::Waiting,
                        2 => TrialState::Pruned,
                        3 => TrialState::Failed,
                        _ => TrialState::Complete,
                    };
                    trial
                })
                .collect();
            assert_in_space(&space, &ask(&plan, &trials).unwrap(), &format!("{method:?}"));
        }
    }
}

#[test]
fn more_at_once_than_there_are_values_get_values_all_the_same() {
    let space = Space::new(vec![int("x", 0, 2)]);
    for method in FREE {
        let plan = plan(method, space.clone(), 2);
        let mut trials = study(&plan, 12, |n, params| complete(n, params, vec![1.0]));
        for number in 12..24 {
            let params = ask(&plan, &trials).unwrap();
            assert_in_space(&space, &params, &format!("{method:?}"));
            trials.push(Trial::new(number, params));
        }
    }
}

#[test]
fn ten_thousand_trials_are_asked_beside() {
    for method in FREE.into_iter().chain([Method::Grid]) {
        let space = Space::new(vec![int("x", 0, 1_000), int("y", 0, 1_000)]);
        let chance = plan(Method::Random, space.clone(), 1);
        let plan = plan(method, space.clone(), 1);
        let trials: Vec<Trial> = (0..10_000)
            .map(|number| {
                let params = ask(&chance, &[]).unwrap();
                let params = params
                    .into_iter()
                    .map(|(name, value)| (name, (value + number as f64) % 1_001.0));
                complete(number, params.collect(), vec![number as f64])
            })
            .collect();
        assert_in_space(&space, &ask(&plan, &trials).unwrap(), &format!("{method:?}"));
    }
}
