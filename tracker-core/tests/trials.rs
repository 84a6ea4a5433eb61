//! Runs that are trials of a study.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::process::Command;

use tracker_core::{RunBuilder, RunId, init, read::Store};

fn quiet(root: &std::path::Path) -> RunBuilder {
    init("mnist").dir(root).signals(false).system_metrics(false)
}

#[test]
fn a_trial_says_of_which_study_it_is_and_has_the_id_that_was_made_before() {
    let folder = tempfile::tempdir().unwrap();
    let id = RunId::generate();
    quiet(folder.path()).study("lr", 7).id(id.clone()).start().unwrap().finish().unwrap();
    let run = Store::open(folder.path()).unwrap().run(&id).unwrap();
    let info = run.info();
    assert_eq!((info.study(), info.group_or_study(), &info.group), (Some("lr"), Some("lr"), &None));
    assert_eq!(info.about["study"]["trial"], 7);
}

#[test]
fn a_run_that_goes_on_as_a_trial_says_so_and_keeps_what_it_said() {
    let folder = tempfile::tempdir().unwrap();
    let id = RunId::generate();
    let run = quiet(folder.path()).id(id.clone()).start().unwrap();
    run.describe("model", serde_json::json!({ "layers": 3 }));
    run.finish().unwrap();
    quiet(folder.path()).id(id.clone()).study("lr", 0).start().unwrap().finish().unwrap();
    let run = Store::open(folder.path()).unwrap().run(&id).unwrap();
    assert_eq!(run.info().study(), Some("lr"));
    assert_eq!(run.info().about["model"]["layers"], 3);
}

#[test]
fn a_name_that_no_study_has_begins_no_run() {
    let folder = tempfile::tempdir().unwrap();
    let text = quiet(folder.path()).study("two\nlines", 0).start().unwrap_err().to_string();
    assert!(text.contains("study") && text.contains("hint: "), "{text}");
}

/// Starts two runs as a program does that a study has started.
#[test]
#[ignore = "the tests below start it as a program of its own"]
fn program() {
    for _ in 0..2 {
        init("mnist").system_metrics(false).start().unwrap().finish().unwrap();
    }
}

fn program_with(variables: &[(&str, &str)], root: &std::path::Path) -> (bool, String) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "program"])
        .env("TRACKER_DIR", root)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn the_environment_makes_the_first_run_of_a_program_a_trial_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let said = program_with(&[("TRACKER_STUDY", "lr"), ("TRACKER_TRIAL", "3")], folder.path());
    assert!(said.0, "{}", said.1);
    let runs = Store::open(folder.path()).unwrap().runs().unwrap().runs;
    let mut studies: Vec<_> = runs.iter().map(|run| run.info().study()).collect();
    studies.sort_unstable();
    assert_eq!(studies, [None, Some("lr")]);
}

#[test]
fn half_of_what_the_environment_should_say_begins_no_run() {
    let folder = tempfile::tempdir().unwrap();
    for variables in [("TRACKER_STUDY", "lr"), ("TRACKER_TRIAL", "3")] {
        let (is_fine, text) = program_with(&[variables], folder.path());
        assert!(!is_fine && text.contains("TRACKER_STUDY") && text.contains("TRACKER_TRIAL"));
    }
}
