#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde::{Deserialize, Serialize};
use serde_json::json;
use tracker_core::{Run, Stop, Tracker, control::StopRequest, read::Store};

use super::*;
use crate::{DIVERGED, Error, Method, Result, TrialState, WHY};

fn study(root: &Path) -> Study {
    Study::new("rates").project("mnist").dir(root).method(Method::Random).seed(1)
}

/// A study over `x` from 0 to 1.
fn over_x(root: &Path) -> Study {
    study(root).float("x", 0.0..=1.0).minimize("loss")
}

fn start(trial: &TrialHandle<'_>) -> tracker_core::Result<Run> {
    trial.init("mnist").signals(false).system_metrics(false).default_rules(false).start()
}

#[test]
fn a_study_finds_the_least_value_with_few_trials() {
    let root = tempfile::tempdir().unwrap();
    let results = over_x(root.path()).method(Method::Auto).run(25, |trial| {
        let x = trial.float("x")?;
        trial.report((x - 0.3).powi(2))
    });
    let results = results.unwrap();
    assert_eq!(results.trials().len(), 25);
    assert!(results.best_result().unwrap() < 1e-3, "{results}");
    let found = results.best_values().unwrap()["x"].as_f64().unwrap();
    assert!((found - 0.3).abs() < 0.03, "{found}");
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Args {
    x: f64,
    epochs: usize,
}

#[test]
fn each_run_says_whose_trial_it_is_and_what_it_logs_is_the_result() {
    let root = tempfile::tempdir().unwrap();
    let results = over_x(root.path()).run(3, |trial| {
        let args = trial.config(&Args { x: 7.0, epochs: 2 })?;
        assert_eq!((args.x, args.epochs), (trial.float("x")?, 2));
        let run = trial.init("mnist").config(&args).signals(false).system_metrics(false).start()?;
        run.log([("loss", args.x)]);
        run.finish()?;
        Ok::<_, Box<dyn std::error::Error>>(())
    });
    let results = results.unwrap();
    let store = Store::open(root.path()).unwrap();
    for trial in results.trials() {
        assert_eq!(trial.state, TrialState::Complete);
        assert_eq!(trial.values[0], results.values(trial)["x"].as_f64().unwrap());
        let run = store.run(trial.run.as_ref().unwrap()).unwrap();
        let about = &run.info().about["study"];
        assert_eq!((&about["name"], &about["trial"]), (&json!("rates"), &json!(trial.number)));
        assert_eq!(run.info().group.as_deref(), Some("rates"));
    }
    let text = results.to_string();
    assert!(text.starts_with("study rates: 3 trials, 3 complete, 0 pruned, 0 failed\n"), "{text}");
}

#[test]
fn a_training_without_a_run_is_told_to_end_when_others_are_better() {
    let root = tempfile::tempdir().unwrap();
    let results = over_x(root.path()).prune(Asha::new()).run(20, |trial| {
        for _ in 0..9 {
            if trial.report(trial.float("x")?)? == Stop::Now {
                break;
            }
        }
        Ok::<_, Error>(())
    });
    let results = results.unwrap();
    let pruned = results.trials().iter().filter(|trial| trial.state == TrialState::Pruned);
    let pruned: Vec<usize> = pruned.map(|trial| trial.intermediate.len()).collect();
    assert!(pruned.len() >= 10, "{results}");
    assert!(pruned.iter().all(|values| [1, 3, 9].contains(values)), "{pruned:?}");
}

#[test]
fn a_run_that_listens_is_stopped_by_the_judge() {
    let root = tempfile::tempdir().unwrap();
    let queue = |study: Study| study.enqueue(json!({ "x": 0.1 })).enqueue(json!({ "x": 0.9 }));
    let results = queue(over_x(root.path()).prune(Asha::new())).run(2, |trial| {
        let run = start(trial)?;
        run.log([("loss", trial.float("x")?)]);
        // The first ends by itself; the second would train for ever.
        while trial.number() == 1 && run.requests().stop == Stop::No {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        run.finish()?;
        Ok::<_, Box<dyn std::error::Error>>(())
    });
    let results = results.unwrap();
    let states: Vec<TrialState> = results.trials().iter().map(|trial| trial.state).collect();
    assert_eq!(states, [TrialState::Complete, TrialState::Pruned]);
    let run = Store::open(root.path()).unwrap().run(results.trials()[1].run.as_ref().unwrap());
    let said = run.unwrap().info().message.clone().unwrap();
    assert!(said.starts_with("study rates asked to stop now: pruned at value 1: 0.9000"), "{said}");
}

#[test]
fn who_a_person_stops_is_trained_again_with_the_same_values() {
    let root = tempfile::tempdir().unwrap();
    let tried = Mutex::new(Vec::new());
    let results = over_x(root.path()).run(2, |trial| {
        let run = start(trial)?;
        run.log([("loss", trial.float("x")?)]);
        tried.lock().unwrap().push((trial.number(), trial.float("x")?));
        if tried.lock().unwrap().len() == 1 {
            StopRequest::now().by("ada").send(&run.reader()?)?;
            while run.requests().stop == Stop::No {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
        }
        run.finish()?;
        Ok::<_, Box<dyn std::error::Error>>(())
    });
    let tried = tried.into_inner().unwrap();
    assert_eq!(tried.len(), 3);
    assert_eq!(tried[0], tried[1]);
    assert_eq!(results.unwrap().trials().len(), 2);
}

#[test]
fn three_that_fail_at_once_end_the_study_with_what_the_last_one_said() {
    let root = tempfile::tempdir().unwrap();
    let count = AtomicUsize::new(0);
    let result = over_x(root.path()).run(20, |_| {
        Err::<(), _>(format!("no such file {}", count.fetch_add(1, Ordering::Relaxed)))
    });
    let text = result.unwrap_err().to_string();
    assert!(text.contains("trials 0, 1, 2 failed") && text.contains("no such file 2"), "{text}");
    assert_eq!(count.into_inner(), 3);
}

#[test]
fn a_panic_is_a_failed_trial_and_the_study_goes_on() {
    let root = tempfile::tempdir().unwrap();
    let results = over_x(root.path()).run(4, |trial| {
        assert!(trial.number() != 1, "planted");
        trial.report(1.0)
    });
    let results = results.unwrap();
    assert_eq!(results.trials().len(), 4);
    let failed = &results.trials()[1];
    assert_eq!(
        (failed.state, &failed.attributes[WHY]),
        (TrialState::Failed, &json!("panicked: planted"))
    );
}

#[test]
fn a_result_that_is_no_number_and_one_that_is_not_there_are_told_apart() {
    let root = tempfile::tempdir().unwrap();
    let results = over_x(root.path()).run(3, |trial| {
        if trial.number() == 1 {
            let run = start(trial)?;
            run.log([("accuracy", 1.0)]);
            run.finish()?;
        } else {
            trial.report(if trial.number() == 0 { f64::NAN } else { 1.0 })?;
        }
        Ok::<_, Box<dyn std::error::Error>>(())
    });
    let results = results.unwrap();
    let [diverged, silent, fine] = results.trials() else { panic!() };
    assert_eq!(
        (diverged.state, &diverged.attributes[DIVERGED]),
        (TrialState::Failed, &json!(true))
    );
    assert_eq!(silent.attributes[WHY], "loss was never logged, but accuracy");
    assert_eq!(fine.state, TrialState::Complete);
}

#[test]
fn the_same_call_goes_on_and_what_was_queued_is_tried_once() -> Result<()> {
    let root = tempfile::tempdir().unwrap();
    let count = AtomicUsize::new(0);
    let run = |trials| {
        over_x(root.path()).enqueue(json!({ "x": 0.25 })).run(trials, |trial| {
            count.fetch_add(1, Ordering::Relaxed);
            trial.report(trial.float("x")?)
        })
    };
    assert_eq!(run(2)?.trials().len(), 2);
    assert_eq!(run(5)?.trials().len(), 5);
    let results = run(5)?;
    assert_eq!(count.load(Ordering::Relaxed), 5);
    let xs: Vec<f64> = results.trials().iter().map(|trial| trial.params["x"]).collect();
    assert_eq!(xs.iter().filter(|x| **x == 0.25).count(), 1);
    assert_eq!(xs[0], 0.25);
    Ok(())
}

#[test]
fn several_at_once_are_as_many_as_were_asked_for() {
    let root = tempfile::tempdir().unwrap();
    let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let results = over_x(root.path()).run_parallel(12, 4, |trial| {
        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(std::time::Duration::from_millis(30));
        now.fetch_sub(1, Ordering::SeqCst);
        trial.report(trial.float("x")?)
    });
    let results = results.unwrap();
    assert_eq!(results.trials().len(), 12);
    assert!((2..=4).contains(&most.into_inner()));
    let mut xs: Vec<u64> =
        results.trials().iter().map(|trial| trial.params["x"].to_bits()).collect();
    xs.dedup();
    assert_eq!(xs.len(), 12);
}

#[test]
fn a_parameter_with_a_condition_is_there_only_where_it_holds() {
    let root = tempfile::tempdir().unwrap();
    let study = study(root.path())
        .choice("act", ["relu", "gelu"])
        .when("act", "gelu", |on| on.float("alpha", 0.0..=1.0).step(0.25))
        .int("hidden", 8..=64)
        .log()
        .maximize("score");
    let results = study.run(12, |trial| {
        assert_eq!(trial.value("alpha").is_some(), trial.text("act")? == "gelu");
        if let Some(alpha) = trial.value("alpha") {
            assert_eq!(alpha.as_f64().unwrap() * 4.0 % 1.0, 0.0);
        }
        trial.report(trial.int("hidden")? as f64)
    });
    let results = results.unwrap();
    let with_alpha =
        results.trials().iter().filter(|trial| trial.params.contains_key("alpha")).count();
    assert!((1..12).contains(&with_alpha), "{results}");
}

#[test]
fn what_cannot_be_a_study_is_told_before_anything_is_trained() {
    let root = tempfile::tempdir().unwrap();
    let said = |study: Study| {
        let result = study.run(2, |_| Ok::<_, Error>(()));
        let text = result.unwrap_err().to_string();
        assert!(text.contains("hint: "), "{text}");
        text
    };
    assert!(said(over_x(root.path()).choice("a", ["b"]).log()).contains("`.log(..)` behind `a`"));
    assert!(said(over_x(root.path()).when("x", "y", |on| on)).contains("when(\"x\""));
    assert!(said(over_x(root.path()).float("x", 0.0..=1.0)).contains("one name"));
    assert!(said(over_x(root.path()).enqueue(json!(3))).contains("enqueue(3)"));
    said(study(root.path()).float("x", 0.0..=1.0));
    said(study(root.path()).float("x", 1.0..=0.0).minimize("loss"));
}
