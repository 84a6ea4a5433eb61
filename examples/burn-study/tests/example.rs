//! Runs the example as a user does, and looks into what it stored.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

use std::{path::Path, process::Command};

use burn_callback::{
    tracker_core::{
        State,
        read::{RunReader, Store},
        studies::StudyFolder,
    },
    tracker_study::{Journal, Trial, TrialState},
};

const TRIALS: usize = 20;

fn train(root: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_burn-study"))
        .args(["--trials", "20", "--images", "1000", "--seed", "7"])
        .current_dir(root)
        .env("TRACKER_DIR", root.join("store"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn twenty_trials_find_a_better_learning_rate_than_the_usual_one_and_the_same_command_knows_them() {
    let root = tempfile::tempdir().unwrap();
    let table = train(root.path());
    let store = Store::open(root.path().join("store")).unwrap();
    let folder = StudyFolder::open(&store, "mnist", "learning-rate").unwrap();
    let journal = Journal::open(&folder).unwrap();
    let trials = &journal.study().trials;
    assert_eq!(trials.len(), TRIALS, "{table}");
    assert!(trials.iter().all(Trial::has_ended), "{table}");

    let usual = &trials[0];
    assert_eq!((usual.params["lr"], usual.state), (2e-3, TrialState::Complete));
    let complete = trials.iter().filter(|trial| trial.state == TrialState::Complete);
    let best = complete.min_by(|one, other| one.values[0].total_cmp(&other.values[0])).unwrap();
    assert!(best.values[0] < usual.values[0], "{table}");
    assert!(table.lines().nth(2).unwrap().starts_with(&best.number.to_string()), "{table}");

    let is_pruned = |trial: &&Trial| trial.state == TrialState::Pruned;
    assert!(trials.iter().filter(is_pruned).count() >= 5, "{table}");
    for trial in trials.iter().filter(is_pruned) {
        let run: RunReader = store.run(trial.run.as_ref().unwrap()).unwrap();
        let said = run.info().message.clone().unwrap_or_default();
        // One that was at its last epoch has come to its end before it heard.
        assert!(
            run.state() == State::Finished || said.starts_with("study learning-rate asked to stop"),
            "{said}"
        );
    }

    train(root.path());
    let journal = Journal::open(&folder).unwrap();
    assert_eq!(&journal.study().trials, trials, "nothing was left to train");
}
