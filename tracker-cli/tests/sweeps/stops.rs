//! Sweeps and studies that people end, and trainings that do not stop.

use rustix::process::Signal;
use tracker_core::State;

use crate::support::{Place, ends, signal, spawn, study, wait_for};

const SLOW: [&str; 5] = ["--epochs", "600", "--pause", "50", "{args}"];

#[test]
fn ctrl_c_stops_trainings_and_their_trials_wait_for_the_next_sweep() {
    let place = Place::of(2);
    let mut sweep = spawn(place.sweep(&["-j", "2"], &SLOW));
    place.wait_for_begun(2);
    wait_for("runs", || place.store().runs().is_ok_and(|all| all.runs.len() == 2));
    signal(sweep.id(), Signal::INT);
    assert!(!ends(&mut sweep));
    assert_eq!(place.states(), ["waiting", "waiting"]);
    let runs = place.store().runs().unwrap().runs;
    assert!(runs.iter().all(|run| run.state() == State::Stopped), "{runs:?}");
    place.sweeps(&["-j", "2"], &["{args}"]);
    assert_eq!(place.states(), ["complete", "complete"]);
}

#[test]
fn a_training_that_hangs_and_one_that_does_not_listen_end_by_a_signal() {
    let text = study("rates", 2).replace("method = \"random\"", "method = \"grid\"").replace(
        "lr = { min = 1e-4, max = 1.0, distribution = \"log_uniform_values\" }",
        "how = { values = [\"hang\", \"deaf\"] }",
    );
    let place = Place::new(&text);
    let mut sweep = spawn(place.sweep(&["-j", "2"], &["--pause", "50", "{args}"]));
    place.wait_for_begun(2);
    wait_for("a run", || place.store().runs().is_ok_and(|all| all.runs.len() == 1));
    signal(sweep.id(), Signal::INT);
    assert!(!ends(&mut sweep));
    let states = place.states();
    assert!(states.iter().all(|state| state == "waiting"), "{states:?}");
}

#[test]
fn a_study_that_is_stopped_begins_no_more_trials_until_somebody_sweeps_it_again() {
    let place = Place::of(3);
    let mut sweep = spawn(place.sweep(&[], &SLOW));
    place.wait_for_begun(1);
    wait_for("a run", || place.store().runs().is_ok_and(|all| all.runs.len() == 1));
    let stopped = place.json(&["stop", "rates", "--json"]);
    assert_eq!(stopped["asked"].as_array().unwrap().len(), 1);
    assert!(ends(&mut sweep));
    assert_eq!(place.states(), ["waiting"]);
    assert_eq!(place.shown()["stopped"], true);
    place.sweeps(&[], &["{args}"]);
    assert_eq!(place.states(), ["complete"; 3]);
}
