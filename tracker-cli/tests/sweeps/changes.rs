//! `tracker study`: what is shown of a study, and what is changed of it.

use serde_json::json;

use crate::support::{Place, failed, study};

#[test]
fn a_study_is_listed_and_shown() {
    let place = Place::of(3);
    place.sweeps(&[], &["{args}"]);
    let listed = place.prints(&["ls"]);
    assert!(
        listed.contains("rates") && listed.contains("3 of 3") && listed.contains("valid/score"),
        "{listed}"
    );
    let shown = place.prints(&["show", "sweeps/rates"]);
    for text in [
        "random, at most 3 trials, seed 7; maximizes the last valid/score",
        "0.0001 … 1.0, log",
        "best",
        "complete",
    ] {
        assert!(shown.contains(text), "no `{text}` in {shown}");
    }
    let listed = place.json(&["ls", "sweeps", "--json"]);
    assert_eq!(listed["studies"][0]["best"][0]["number"], place.shown()["best"][0]["number"]);
}

#[test]
fn edited_bounds_hold_for_later_trials_and_what_is_enqueued_comes_first() {
    let place = Place::of(1);
    place.sweeps(&[], &["{args}"]);
    let edited = place.prints(&["edit", "rates", "--set", "lr.max=0.001", "--run-cap", "5"]);
    assert!(edited.contains("0.0001 … 1.0, log → 0.0001 … 0.001, log"), "{edited}");
    let enqueued = place.json(&["enqueue", "rates", "lr=0.0005", "--json"]);
    assert_eq!((&enqueued["trial"], &enqueued["values"]), (&json!(1), &json!({ "lr": 0.0005 })));
    // The file still says what the study began with.
    place.sweeps(&["-j", "2"], &["{args}"]);
    let shown = place.shown();
    let rates: Vec<f64> = shown["all_trials"]
        .as_array()
        .unwrap()
        .iter()
        .map(|trial| trial["params"]["lr"].as_f64().unwrap())
        .collect();
    assert_eq!((rates.len(), rates[1]), (5, 0.0005));
    assert!(rates[2..].iter().all(|rate| *rate <= 0.001), "{rates:?}");
    assert_eq!(shown["revision"], 2);
}

#[test]
fn another_study_begins_with_the_results_of_one() {
    let place = Place::of(2);
    place.sweeps(&[], &["{args}"]);
    let wider = study("wider", 4).replace("max = 1.0", "max = 10.0");
    std::fs::write(place.path("study.toml"), wider).unwrap();
    place.sweeps(&["--from", "rates"], &["{args}"]);
    let shown = place.json(&["show", "wider", "--json"]);
    assert_eq!((&shown["trials"]["complete"], place.marks("begin").len()), (&json!(4), 4));
    let runs = |study: &serde_json::Value| study["all_trials"][0]["run"].clone();
    assert_eq!(runs(&shown), runs(&place.shown()));
}

#[test]
fn what_is_not_there_is_refused_with_the_nearest_name() {
    let place = Place::of(1);
    place.sweeps(&[], &["{args}"]);
    let fails =
        |words: &[&str]| failed(&place.tracker(&[&["study"], words].concat()).output().unwrap());
    let error = fails(&["show", "rats"]);
    assert!(error.contains("there is no study `rats`\nhint: there are rates"), "{error}");
    let error = fails(&["edit", "rates", "--set", "lrr.max=1"]);
    assert!(error.contains("no parameter `lrr`\nhint: it has lr"), "{error}");
    assert!(fails(&["enqueue", "rates", "lr=7"]).contains("lr cannot be `7`"));
    assert!(fails(&["enqueue", "rates", "lr=0.1", "lr=0.2"]).contains("given twice"));
    assert!(fails(&["edit", "rates"]).contains("--set lr.max=0.01"));
    assert!(fails(&["ls", "sweps"]).contains("hint: there are sweeps"));
    assert!(fails(&["show", "rates", "--log", "9"]).contains("hint: "));
}
