#![allow(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::json;
use tracker_core::{
    Outcome, Run, RunId, Stop, Tracker, control::StopRequest, init, read::Store,
    studies::StudyFolder,
};

use super::*;
use crate::{Begun, DIVERGED, Journal, Plan, Result, TrialState, sampler_of};

/// A study with a store of its own, in which trials begin as a sweep begins them.
struct Place {
    root: tempfile::TempDir,
    journal: Journal,
    watcher: Watcher,
}

impl Place {
    fn new(terminate: &serde_json::Value) -> Self {
        let root = tempfile::tempdir().unwrap();
        let mut plan = json!({
            "project": "mnist", "name": "rates", "method": "random",
            "metric": { "name": "loss", "goal": "minimize", "value": "best" },
            "parameters": { "lr": { "min": 1e-5, "max": 1e-1, "log": true } },
        });
        if !terminate.is_null() {
            plan["early_terminate"] = terminate.clone();
        }
        let folder = StudyFolder::create(root.path(), "mnist", "rates").unwrap();
        let journal = Journal::create(&folder, &Plan::from_json(&plan).unwrap()).unwrap();
        let watcher = Watcher::new(Store::open(root.path()).unwrap());
        Self { root, journal, watcher }
    }

    fn begin(&mut self) -> (usize, RunId) {
        let id = RunId::generate();
        let sampler = sampler_of(&self.journal.study().plan);
        let begun = self.journal.begin_trial(&*sampler, Some(&id)).unwrap();
        let Begun::Trial(number) = begun else { panic!("{begun:?}") };
        (number, id)
    }

    fn train(&mut self) -> (usize, Run) {
        let (number, id) = self.begin();
        let run = init("mnist").dir(self.root.path()).id(id).system_metrics(false);
        (number, run.signals(false).default_rules(false).start().unwrap())
    }

    fn look(&mut self) -> Vec<(usize, Seen)> {
        self.watcher.look(&mut self.journal).unwrap()
    }

    fn write(&mut self, number: usize, ended: &Ended) -> Result<()> {
        self.journal.change(|study| Ok((ended.records(study.trial(number)?), ())))
    }

    fn trial(&self, number: usize) -> &crate::Trial {
        &self.journal.study().trials[number]
    }
}

fn only(seen: &[(usize, Seen)]) -> Seen {
    let [(_, seen)] = seen else { panic!("{seen:?}") };
    seen.clone()
}

#[test]
fn values_become_intermediate_ones_and_the_best_is_the_result() {
    let mut place = Place::new(&json!(null));
    let (number, run) = place.train();
    for value in [3.0, 1.0] {
        run.log([("loss", value), ("other", 7.0)]);
    }
    assert!(matches!(only(&place.look()), Seen::Trains { is_asked_to_stop: false, .. }));
    assert_eq!(place.trial(number).intermediate, [(1, 3.0), (2, 1.0)].into());
    run.log([("loss", 2.0)]);
    run.finish().unwrap();
    let seen = only(&place.look());
    assert_eq!(seen, Seen::Ended(Ended::Complete(vec![1.0])));
    assert_eq!(place.trial(number).intermediate.len(), 3);
    place.write(number, &Ended::Complete(vec![1.0])).unwrap();
    assert_eq!(
        (place.trial(number).state, &place.trial(number).values[..]),
        (TrialState::Complete, &[1.0][..])
    );
    assert!(place.look().is_empty());
}

#[test]
fn a_judge_asks_the_worse_one_to_stop_by_the_path_that_people_use() {
    let mut place = Place::new(&json!({ "type": "asha", "min_iter": 1, "eta": 3 }));
    let (_, good) = place.train();
    good.log([("loss", 0.5)]);
    place.look();
    let (number, bad) = place.train();
    bad.log([("loss", 0.75)]);
    place.look();
    while bad.requests().stop == Stop::No {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    bad.finish().unwrap();
    let seen = place.look().into_iter().find(|(seen, _)| *seen == number).unwrap().1;
    assert_eq!(seen, Seen::Ended(Ended::Pruned));
    let message = place.watcher.watched(number).unwrap().reader().unwrap().info().message.clone();
    assert_eq!(
        message.as_deref(),
        Some("study rates asked to stop now: pruned at value 1: 0.7500, needs 0.5000")
    );
    place.write(number, &Ended::Pruned).unwrap();
    let trial = place.trial(number);
    assert_eq!((trial.state, &trial.values[..]), (TrialState::Pruned, &[0.75][..]));
    assert_eq!(trial.attributes[WHY], "0.7500 at value 1, needs 0.5000");
}

#[test]
fn who_a_person_stops_is_no_worse_than_others() {
    let mut place = Place::new(&json!(null));
    let (number, run) = place.train();
    run.log([("loss", 0.5)]);
    place.look();
    StopRequest::now().by("ada").send(&run.reader().unwrap()).unwrap();
    while run.requests().stop == Stop::No {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    run.finish().unwrap();
    assert_eq!(only(&place.look()), Seen::Stopped("ada asked to stop now".into()));
    place.journal.requeue(number).unwrap();
    assert_eq!(place.trial(number).state, TrialState::Waiting);
    let params = place.trial(number).params.clone();
    assert_eq!(place.begin().0, number);
    assert_eq!(place.trial(number).params, params);
}

#[test]
fn who_is_stopped_by_a_rule_of_its_own_has_come_to_its_end() {
    let mut place = Place::new(&json!(null));
    let (_, run) = place.train();
    run.log([("loss", 0.5)]);
    StopRequest::now().by("the rule `plateau`").send(&run.reader().unwrap()).unwrap();
    while run.requests().stop == Stop::No {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    run.finish().unwrap();
    assert_eq!(only(&place.look()), Seen::Ended(Ended::Complete(vec![0.5])));
}

#[test]
fn what_fails_says_why() {
    let mut place = Place::new(&json!(null));
    let (_, run) = place.train();
    run.finish_as(Outcome::Failed("out of memory".into())).unwrap();
    let Seen::Ended(Ended::Died(why)) = only(&place.look()) else { panic!() };
    assert!(why.contains("out of memory"), "{why}");
}

#[test]
fn a_metric_that_was_never_logged_is_told_with_those_that_were() {
    let mut place = Place::new(&json!(null));
    let (number, run) = place.train();
    run.log([("train/loss", 0.5), ("accuracy", 0.9)]);
    run.finish().unwrap();
    let Seen::Ended(ended) = only(&place.look()) else { panic!() };
    let why = "loss was never logged, but accuracy, train/loss";
    assert_eq!(ended, Ended::NoResult(why.into()));
    place.write(number, &ended).unwrap();
    let trial = place.trial(number);
    assert_eq!((trial.state, trial.attributes[WHY].as_str()), (TrialState::Failed, Some(why)));
}

#[test]
fn a_result_that_is_no_number_has_diverged() {
    let mut place = Place::new(&json!(null));
    let (number, run) = place.train();
    run.log([("loss", 0.5)]);
    run.log([("loss", f64::NAN)]);
    run.finish().unwrap();
    let Seen::Ended(ended) = only(&place.look()) else { panic!() };
    assert_eq!(ended, Ended::Diverged("loss is NaN".into()));
    place.write(number, &ended).unwrap();
    let trial = place.trial(number);
    assert_eq!((trial.state, &trial.attributes[DIVERGED]), (TrialState::Failed, &json!(true)));
}

#[test]
fn a_trial_without_a_run_is_said_to_have_none() {
    let mut place = Place::new(&json!(null));
    place.begin();
    assert!(matches!(only(&place.look()), Seen::NotThere(_)));
}

#[test]
fn a_value_that_another_watcher_has_written_is_not_judged_again() {
    let mut place = Place::new(&json!({ "type": "asha", "min_iter": 1, "eta": 3 }));
    let (number, run) = place.train();
    run.log([("loss", 0.5)]);
    place.look();
    let before = place.journal.study().trials.clone();
    let mut other = Watcher::new(Store::open(place.root.path()).unwrap());
    other.look(&mut place.journal).unwrap();
    assert_eq!(place.journal.study().trials, before);
    assert_eq!(place.trial(number).rungs, [(0, 0.5)].into());
}
