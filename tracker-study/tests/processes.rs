//! Several processes and one journal.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    env,
    path::Path,
    process::{Child, Command},
    thread,
    time::Duration,
};

use fastrand::Rng;
use serde_json::json;
use tracker_core::{read::Store, studies::StudyFolder};
use tracker_study::{Asked, Begun, Journal, Params, Plan, Sampler, TrialState};

const STORE: &str = "TRACKER_STUDY_TEST_STORE";
const WORK: &str = "TRACKER_STUDY_TEST_WORK";

#[derive(Debug)]
struct Chance;

impl Sampler for Chance {
    fn ask(&self, asked: &Asked<'_>, draws: &mut Rng) -> Option<Params> {
        Some(asked.space.fill(|parameter| parameter.domain.of_unit(draws.f64())))
    }
}

fn create(store: &Path, cap: u64) -> StudyFolder {
    let folder = StudyFolder::create(store, "mnist", "rates").unwrap();
    let plan = Plan::from_json(&json!({
        "project": "mnist",
        "run_cap": cap,
        "metric": { "name": "loss", "goal": "minimize" },
        "parameters": { "lr": { "min": 1e-5, "max": 1e-1, "log": true } },
    }));
    Journal::create(&folder, &plan.unwrap()).unwrap();
    folder
}

/// This test's program again, as a worker on the store.
fn start(store: &Path, work: &str) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "works_for_the_other_tests", "--nocapture"]);
    command.env(STORE, store).env(WORK, work).spawn().unwrap()
}

/// What the other tests' processes do; nothing where nobody asked for it.
#[test]
fn works_for_the_other_tests() {
    let (Ok(store), Ok(work)) = (env::var(STORE), env::var(WORK)) else { return };
    let folder = StudyFolder::open(&Store::open(store).unwrap(), "mnist", "rates").unwrap();
    let mut journal = Journal::open(&folder).unwrap();
    match work.parse::<usize>() {
        Ok(number) => {
            for n in 1..=1_000 {
                journal.report(number, n, n as f64).unwrap();
            }
        }
        Err(_) => {
            while let Begun::Trial(number) = journal.begin_trial(&Chance, None).unwrap() {
                journal.report(number, 1, 0.5).unwrap();
                journal.finish(number, TrialState::Complete, &[0.5]).unwrap();
            }
        }
    }
}

#[test]
fn two_processes_append_a_thousand_values_each() {
    let store = tempfile::tempdir().unwrap();
    let folder = create(store.path(), 10);
    let mut journal = Journal::open(&folder).unwrap();
    let workers: Vec<Child> = (0..2)
        .map(|_| match journal.begin_trial(&Chance, None).unwrap() {
            Begun::Trial(number) => start(store.path(), &number.to_string()),
            other => panic!("{other:?}"),
        })
        .collect();
    for mut worker in workers {
        assert!(worker.wait().unwrap().success());
    }
    journal.read_on().unwrap();
    for trial in &journal.study().trials {
        assert!((1..=1_000).all(|n| trial.intermediate[&n] == n as f64));
    }
    let text = std::fs::read_to_string(folder.journal_path()).unwrap();
    assert_eq!(text.lines().filter(|line| line.contains("\"op_code\":7,")).count(), 2_000);
}

/// However often workers are killed: what was appended is whole, and no more trials begin than the cap.
#[test]
fn workers_that_are_killed_leave_a_journal_that_others_go_on_with() {
    let store = tempfile::tempdir().unwrap();
    let folder = create(store.path(), 200);
    let mut draws = Rng::with_seed(7);
    for _ in 0..12 {
        let mut workers: Vec<Child> = (0..2).map(|_| start(store.path(), "ask")).collect();
        thread::sleep(Duration::from_millis(draws.u64(20..150)));
        for worker in &mut workers {
            let _ = worker.kill();
            worker.wait().unwrap();
        }
    }
    assert!(start(store.path(), "ask").wait().unwrap().success());
    let journal = Journal::open(&folder).unwrap();
    assert_eq!(journal.study().begun(), 200);
    assert_eq!(journal.study().trials.len(), 200);
    assert!(journal.study().warnings.is_empty(), "{:?}", journal.study().warnings);
}
