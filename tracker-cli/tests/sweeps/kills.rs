//! Sweeps and trainings that are killed at any moment.

use std::{
    collections::BTreeMap,
    env,
    process::Child,
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use tracker_core::{RunId, State, studies::StudyFolder};
use tracker_study::{Journal, Plan, sampler_of};

use crate::support::{Place, ends, lives, signal, spawn, wait_for};

#[test]
fn trainings_outlive_their_sweep_and_are_watched_on() {
    let place = Place::of(3);
    let slow = ["--epochs", "30", "--pause", "100", "{args}"];
    let mut sweep = spawn(place.sweep(&["-j", "2"], &slow));
    place.wait_for_begun(2);
    sweep.kill().unwrap();
    sweep.wait().unwrap();
    assert!(
        place.marks("begin").iter().all(|(_, pid)| lives(*pid)),
        "a training ended with its sweep"
    );
    place.sweeps(&["-j", "2"], &slow);
    assert_eq!(place.states(), ["complete"; 3]);
    assert_eq!((place.marks("begin").len(), place.marks("end").len()), (3, 3));
}

#[test]
fn a_training_that_is_killed_is_tried_again_and_fails_if_it_is_killed_again() {
    let place = Place::of(1);
    let mut sweep =
        spawn(place.sweep(&["--retry", "1"], &["--epochs", "600", "--pause", "100", "{args}"]));
    for count in 1..=2 {
        place.wait_for_begun(count);
        let (_, pid) = place.marks("begin")[count - 1];
        wait_for("a value", || place.shown()["all_trials"][0]["intermediate"].as_u64() > Some(0));
        signal(pid, Signal::KILL);
    }
    assert!(ends(&mut sweep));
    assert_eq!(place.states(), ["failed"]);
    let runs = place.store().runs().unwrap().runs;
    assert!(runs.len() == 2 && runs.iter().all(|run| run.state() == State::Crashed));
}

#[test]
fn a_sweep_that_is_killed_with_its_trainings_leaves_nothing_behind_that_is_lost() {
    let place = Place::of(2);
    let words = ["--epochs", "10", "--pause", "100", "{args}"];
    let mut sweep = spawn(place.sweep(&["-j", "2"], &words));
    place.wait_for_begun(2);
    sweep.kill().unwrap();
    sweep.wait().unwrap();
    place.marks("begin").iter().for_each(|(_, pid)| signal(*pid, Signal::KILL));
    place.sweeps(&["-j", "2"], &words);
    assert_eq!(place.states(), ["complete"; 2]);
}

#[test]
fn a_trial_that_was_begun_and_never_started_is_begun_by_another_sweep() {
    let place = Place::of(1);
    // As a sweep leaves it that is killed in between.
    let text = std::fs::read_to_string(place.path("study.toml")).unwrap();
    let plan = serde_json::json!({
        "project": "sweeps", "name": "rates", "method": "random", "run_cap": 1, "seed": 7,
        "metric": { "name": "valid/score", "goal": "maximize" },
        "parameters": { "lr": { "min": 1e-4, "max": 1.0, "distribution": "log_uniform_values" } },
    });
    let folder = StudyFolder::create(&place.root(), "sweeps", "rates").unwrap();
    let plan = Plan::from_json(&plan).unwrap();
    let mut journal = Journal::create(&folder, &plan).unwrap();
    folder.write_definition(&text).unwrap();
    journal.begin_trial(&*sampler_of(&plan), Some(&RunId::generate())).unwrap();
    place.sweeps(&[], &["{args}"]);
    assert_eq!((place.states(), place.marks("begin").len()), (vec!["complete".to_owned()], 1));
}

/// How many kills there are: more by `TRACKER_SWEEP_KILLS`.
fn kills() -> usize {
    env::var("TRACKER_SWEEP_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(16)
}

/// Numbers that are the same each time (Knuth's generator).
struct Draws(u64);

impl Draws {
    fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

#[test]
fn four_workers_on_one_study_lose_no_trial_and_train_none_twice_to_its_end_whatever_is_killed() {
    let kills = kills();
    let cap = (kills as u64).max(12);
    let place = Place::of(cap);
    let worker = || {
        let words = ["--epochs", "4", "--pause", "60", "{args}"];
        spawn(place.sweep(&["--retry", "1000"], &words))
    };
    let mut workers: Vec<Child> = (0..4).map(|_| worker()).collect();
    let mut draws = Draws(7);
    place.wait_for_begun(1);
    for _ in 0..kills {
        thread::sleep(Duration::from_millis(draws.below(250)));
        let alive: Vec<u32> =
            place.marks("begin").iter().map(|(_, pid)| *pid).filter(|pid| lives(*pid)).collect();
        if draws.below(2) == 0 && !alive.is_empty() {
            signal(alive[draws.below(alive.len() as u64) as usize], Signal::KILL);
        } else {
            let place = draws.below(4) as usize;
            workers[place].kill().unwrap();
            workers[place].wait().unwrap();
            workers[place] = worker();
        }
    }
    let since = Instant::now();
    for worker in &mut workers {
        assert!(ends(worker), "a worker failed after {:?}", since.elapsed());
    }
    let shown = place.shown();
    let trials = shown["all_trials"].as_array().unwrap();
    assert_eq!(trials.len() as u64, cap);
    assert!(trials.iter().all(|trial| trial["state"] == "complete"), "{shown:#}");
    // To its end came each trial once.
    let mut finished: BTreeMap<u64, usize> = BTreeMap::new();
    for run in place.store().runs().unwrap().runs {
        if run.state() == State::Finished {
            *finished.entry(run.info().about["study"]["trial"].as_u64().unwrap()).or_default() += 1;
        }
    }
    assert_eq!(finished, (0..cap).map(|trial| (trial, 1)).collect());
}
