//! A study in a program that is killed, and goes on by the same call.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

use std::{env, path::Path, process::Command};

use tracker_core::{read::Store, studies::StudyFolder};
use tracker_study::{Error, Journal, Method, Results, Study, TrialState};

const TRIALS: u64 = 6;

/// Trains until there are six trials; in the trial that `DIES_IN` names, the program dies at once, in the middle of a run
/// or, for the names that begin with `-`, before it has one.
fn study(root: &Path) -> tracker_study::Result<Results> {
    let dies_in = env::var("DIES_IN").unwrap_or_default();
    let study = Study::new("rates").project("mnist").dir(root).seed(3).method(Method::Random);
    study.float("x", 0.0..=1.0).minimize("loss").run(TRIALS, |trial| {
        if dies_in == format!("-{}", trial.number()) {
            std::process::abort();
        }
        let run = trial.init("mnist").signals(false).system_metrics(false).start()?;
        run.log([("loss", trial.float("x")?)]);
        if dies_in == trial.number().to_string() {
            std::process::abort();
        }
        run.finish()?;
        Ok::<_, Error>(())
    })
}

#[test]
#[ignore = "the tests below start it as a program of its own"]
fn program() {
    study(Path::new(&env::var_os("STUDY_ROOT").unwrap())).unwrap();
}

fn program_that_dies_in(trial: &str, root: &Path) {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "program"])
        .env("STUDY_ROOT", root)
        .env("DIES_IN", trial)
        .output()
        .unwrap();
    assert!(!output.status.success(), "it should have died");
}

fn journal(root: &Path) -> Journal {
    let store = Store::open(root).unwrap();
    Journal::open(&StudyFolder::open(&store, "mnist", "rates").unwrap()).unwrap()
}

#[test]
fn the_same_call_goes_on_after_each_death_with_the_same_values_and_no_trial_twice() {
    let root = tempfile::tempdir().unwrap();
    program_that_dies_in("1", root.path());
    let begun = journal(root.path()).study().trials.clone();
    assert_eq!((begun.len(), begun[1].state), (2, TrialState::Running));
    program_that_dies_in("-3", root.path());
    let results = study(root.path()).unwrap();

    let trials = results.trials();
    assert_eq!(trials.len() as u64, TRIALS, "{results}");
    assert!(trials.iter().all(|trial| trial.state == TrialState::Complete), "{results}");
    assert_eq!(trials[1].params, begun[1].params);
    for trial in trials {
        assert_eq!(trial.values[0], trial.params["x"]);
    }
    // The run that died is the only one that came to nothing.
    let runs = Store::open(root.path()).unwrap().runs().unwrap().runs;
    let finished = runs.iter().filter(|run| run.state() == tracker_core::State::Finished);
    assert_eq!((runs.len() as u64, finished.count() as u64), (TRIALS + 1, TRIALS));
}

#[test]
fn a_trial_whose_program_dies_each_time_fails_in_the_end() {
    let root = tempfile::tempdir().unwrap();
    for _ in 0..3 {
        program_that_dies_in("0", root.path());
    }
    let results = study(root.path()).unwrap();
    let states: Vec<TrialState> = results.trials().iter().map(|trial| trial.state).collect();
    assert_eq!(states[0], TrialState::Failed, "{results}");
    assert!(states[1..].iter().all(|state| *state == TrialState::Complete), "{results}");
    assert_eq!(states.len() as u64, TRIALS);
}
