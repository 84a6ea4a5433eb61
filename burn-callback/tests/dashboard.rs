//! What a person sees of a training with Burn's dashboard, on a real terminal. `script`, a part of
//! util-linux, makes one.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic, its helpers too")]

mod common;

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use burn::train::{EvaluatorBuilder, metric::AccuracyMetric};
use burn_callback::prelude::*;
use common::{Slow, learner, loader, training};

/// What takes a terminal to its other screen, and back.
const ENTER: &str = "\x1b[?1049h";
const LEAVE: &str = "\x1b[?1049l";

/// Runs a test of this file as a process of its own on a terminal of 40 lines; gives all that it
/// wrote there.
fn on_a_terminal(test: &str, store: &Path) -> String {
    let program = std::env::current_exe().unwrap();
    let command = format!(
        "stty rows 40 cols 120; exec {} --exact {test} --ignored --nocapture",
        program.display()
    );
    let output = Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .env("TRACKER_TEST_STORE", store)
        .env("TERM", "xterm-256color")
        .env_remove("CI")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let written = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{written}");
    written
}

/// What stays on the terminal, of what was written before and after its other screen was shown.
fn seen(written: &str) -> (String, String) {
    let (before, shown) = written.split_once(ENTER).expect("the dashboard is shown");
    let (shown, after) = shown.split_once(LEAVE).expect("the dashboard is closed");
    assert!(shown.contains("Accuracy"), "the dashboard has its metrics: {shown}");
    (before.to_owned(), after.to_owned())
}

fn run() -> Run {
    let store = std::env::var_os("TRACKER_TEST_STORE").unwrap();
    init("points").dir(store).signals(false).start().unwrap()
}

fn warn(run: &Run, text: &str) {
    run.record(Event::Problem(Problem::new(text, text, "do otherwise")));
}

#[test]
#[ignore = "started by another test as a process of its own"]
fn a_training() {
    let run = run();
    warn(&run, "a warning before it");
    let result = training(run.dir(), 2)
        .summary()
        .metric_train(Slow(Duration::from_millis(20)))
        .track(&run)
        .launch(learner(0.01));
    warn(&run, "a warning beneath it");
    println!("{}", run.finish().unwrap());
    println!("the report was printed");
    drop(result);
    println!("the result was dropped");
}

#[test]
fn the_report_and_all_warnings_are_seen_while_the_result_of_the_training_lives() {
    let store = tempfile::tempdir().unwrap();
    let (before, after) = seen(&on_a_terminal("a_training", store.path()));
    assert!(before.contains("warning: a warning before it"), "{before}");
    let places = [
        "Learner Summary",
        "warning: a warning beneath it",
        "valid/accuracy",
        "the report was printed",
        "the result was dropped",
    ]
    .map(|text| after.find(text).unwrap_or_else(|| panic!("{text} is not in {after}")));
    assert!(places.is_sorted(), "{places:?} in {after}");
    assert!(!after.contains(ENTER), "{after}");
}

#[test]
#[ignore = "started by another test as a process of its own"]
fn a_training_with_an_evaluation() {
    let run = run();
    let result = training(run.dir(), 2)
        .metric_train(Slow(Duration::from_millis(20)))
        .track(&run)
        .launch(learner(0.01));
    let evaluate = |renderer| {
        EvaluatorBuilder::new(run.dir())
            .renderer(renderer)
            .metrics((AccuracyMetric::new(),))
            .with_application_logger(None)
            .build(result.model.clone())
            .eval("points", loader())
            .renderer
    };
    let renderer = evaluate(result.renderer);
    println!("{}", run.finish().unwrap());
    let mut renderer = evaluate(renderer);
    renderer.manual_close();
    println!("all is over");
}

#[test]
fn an_evaluation_is_shown_in_the_dashboard_of_its_training_until_the_run_is_finished() {
    let store = tempfile::tempdir().unwrap();
    let (_, after) = seen(&on_a_terminal("a_training_with_an_evaluation", store.path()));
    assert!(after.contains("test/points/accuracy"), "{after}");
    assert!(after.contains("all is over"), "{after}");
    assert!(!after.contains(ENTER), "{after}");
}
