//! What a sweep cannot do, and what it says then.

use std::fs;

use crate::support::{Place, failed, study};

/// What a sweep of this file says, which cannot begin.
fn refused(study: &str) -> String {
    Place::new(study).fails(&[], &["{args}"])
}

#[test]
fn a_file_with_a_typo_is_refused_with_what_is_meant() {
    let all = study("rates", 2);
    for (right, wrong) in [
        ("run_cap", "runcap"),
        ("goal = \"maximize\"", "goal = \"max\""),
        ("method = \"random\"", "method = \"randm\""),
        ("min = 1e-4, max = 1.0", "min = 1.0, max = 1e-4"),
        ("min = 1e-4", "min = 0"),
        ("project = \"sweeps\"", ""),
        ("project = \"sweeps\"", "project = \"../sweeps\""),
        ("name = \"rates\"", "name = \"../rates\""),
        ("seed = 7", "seed = 2026-01-01"),
        ("seed = 7", "seed = 7\nseed = 8"),
        ("max = 1.0", "max = inf"),
    ] {
        let error = refused(&all.replace(right, wrong));
        assert!(error.contains("hint: ") || error.contains("line "), "{wrong}: {error}");
    }
    assert!(Place::new("x").fails(&[], &["{args}"]).contains("study.toml"));
    let place = Place::of(1);
    let missing = place.tracker(&["sweep", "none.toml", "--", "train", "{args}"]).output().unwrap();
    assert!(failed(&missing).contains("failed to open none.toml"));
    assert!(!place.root().exists(), "nothing was to be made");
}

#[test]
fn a_command_without_a_place_or_with_a_wrong_one_is_refused() {
    let place = Place::of(1);
    assert!(place.fails(&[], &[]).contains("the command has no place for a value"));
    let error = place.fails(&[], &["--lr", "{rl}"]);
    assert!(
        error.contains("`{rl}` of the command is no parameter of the study\nhint: it has lr"),
        "{error}"
    );
    let error = place
        .tracker(&["sweep", "study.toml", "--", "no-such-program", "{args}"])
        .output()
        .unwrap();
    assert!(failed(&error).contains("failed to start `no-such-program`"));
    // The trial was not lost by that.
    place.sweeps(&[], &["{args}"]);
    assert_eq!(place.states(), ["complete"]);
}

#[test]
fn a_command_that_fails_at_once_is_given_up_after_three_with_what_it_printed() {
    let place = Place::of(9);
    let error = place.fails(&[], &["--how", "fail", "{args}"]);
    assert!(
        error.contains("no such data set") && error.contains("three trainings in a row"),
        "{error}"
    );
    assert!(!error.contains('\u{1b}'), "{error:?}");
    assert_eq!(place.marks("begin").len(), 3);
    place.sweeps(&["-j", "2"], &["{args}"]);
    let states = place.states();
    assert_eq!(states.iter().filter(|state| *state == "complete").count(), 8, "{states:?}");
}

#[test]
fn a_metric_that_is_never_logged_is_named_beside_those_that_are() {
    let place = Place::of(9);
    let error = place.fails(&[], &["--how", "silent", "{args}"]);
    assert!(error.contains("valid/score was never logged, but"), "{error}");
    assert!(error.contains("train/score"), "{error}");
}

#[test]
fn a_result_that_is_no_number_is_a_failure_that_is_not_tried_again() {
    let place = Place::of(2);
    place.sweeps(&[], &["--how", "nan", "{args}"]);
    assert_eq!((place.states(), place.marks("begin").len()), (vec!["failed".to_owned(); 2], 2));
}

#[test]
fn another_study_of_the_same_name_is_refused() {
    let place = Place::of(1);
    place.sweeps(&[], &["{args}"]);
    fs::write(place.path("study.toml"), study("rates", 1).replace("max = 1.0", "max = 2.0"))
        .unwrap();
    let error = place.fails(&[], &["{args}"]);
    assert!(
        error.contains("there is a study rates already") && error.contains("lr.max differs"),
        "{error}"
    );
    assert!(error.contains("--from rates"), "{error}");
}

#[test]
fn a_line_that_was_cut_off_is_no_harm() {
    let place = Place::of(2);
    place.sweeps(&[], &["{args}"]);
    let journal = place.study().journal_path();
    let mut text = fs::read_to_string(&journal).unwrap();
    text.push_str("{\"op_code\": 4, \"worker_id\": \"x\", \"study_id\": 0, \"dateti");
    fs::write(&journal, text).unwrap();
    fs::write(place.path("study.toml"), study("rates", 3)).unwrap();
    place.sweeps(&[], &["{args}"]);
    assert_eq!(place.states(), ["complete"; 3]);
    let text = fs::read_to_string(&journal).unwrap();
    assert!(text.lines().all(|line| line.starts_with('{') && line.ends_with('}')), "{text}");
}
