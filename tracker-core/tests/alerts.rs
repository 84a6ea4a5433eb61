//! A run tells by itself of what is never right, and of what its program asks it to watch for.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use tracker_core::{
    Alert, Event, Level, Outcome, Rule, Run, RunBuilder, Step, Stop, Tracker, init, read::Store,
};

fn builder(store: &Path) -> RunBuilder {
    init("watched").dir(store).code_changes(false).system_metrics(false).signals(false)
}

fn train(run: &Run, losses: impl IntoIterator<Item = f64>) {
    for (step, loss) in (0_u64..).zip(losses) {
        run.log_at(step, [("train/loss", loss)]);
    }
}

/// The alerts of the only run of a store.
fn alerts(store: &Path) -> Vec<Alert> {
    let run = Store::open(store).unwrap().find("@latest").unwrap();
    run.alerts().unwrap().into_iter().map(|(_, alert)| alert).collect()
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < until, "{what}");
        thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_loss_that_is_no_number_and_one_that_jumps_are_told_without_being_asked_for() {
    let store = tempfile::tempdir().unwrap();
    let run = builder(store.path()).start().unwrap();
    let steady = |step: u32| 0.5 + f64::from(step % 7) / 100.0;
    train(&run, (0..200).map(|step| if step == 150 { 40.0 } else { steady(step) }));
    run.log_at(200, [("train/loss", f64::NAN), ("valid/loss", f64::INFINITY)]);
    let report = run.finish().unwrap();
    assert_eq!(report.problems(), []);
    assert_eq!(report.alerts().count, 3);
    assert!(report.to_string().contains("alert: valid/loss is ∞ at step 200 (and 2 before)"));

    let told = alerts(store.path());
    let [spike, nan, _] = &told[..] else { panic!("{told:?}") };
    assert_eq!(
        (spike.rule.as_str(), spike.step, spike.value),
        ("spike", Some(Step(150)), Some(40.0))
    );
    assert_eq!(spike.text, "train/loss jumped to 40 at step 150, from about 0.5300");
    assert!(nan.value.unwrap().is_nan());
    assert_eq!((nan.level, nan.metric.as_deref()), (Level::Warning, Some("train/loss")));
    assert!(told.iter().all(|alert| alert.hint.is_some()));
    assert_eq!(run.reader().unwrap().info().alerts, *report.alerts());
}

#[test]
fn a_run_that_wants_no_rules_has_none() {
    let store = tempfile::tempdir().unwrap();
    let run = builder(store.path()).default_rules(false).start().unwrap();
    train(&run, [f64::NAN]);
    assert_eq!(run.finish().unwrap().alerts().count, 0);
    assert_eq!(alerts(store.path()), []);
}

#[test]
fn a_training_that_is_resumed_keeps_the_alerts_of_before() {
    let store = tempfile::tempdir().unwrap();
    let run = builder(store.path()).start().unwrap();
    train(&run, [f64::NAN]);
    run.finish().unwrap();
    let run = builder(store.path()).resume(run.id().to_string()).start().unwrap();
    run.resume_after(3_u64).unwrap();
    train(&run, [f64::NAN]);
    assert_eq!(run.finish().unwrap().alerts().count, 2);
    assert_eq!(alerts(store.path()).len(), 2);
}

#[test]
fn a_run_that_ended_without_alerts_is_not_searched_for_them_until_it_goes_on() {
    let store = tempfile::tempdir().unwrap();
    let run = builder(store.path()).start().unwrap();
    run.record(Event::Message { level: Level::Info, text: "begins".into() });
    let id = run.id().to_string();
    run.finish().unwrap();
    let before = Store::open(store.path()).unwrap().find("@latest").unwrap();
    let now = before.snapshot().unwrap();
    assert_eq!((now.alerts().unwrap(), now.events_in_memory()), (Vec::new(), 0));
    assert_eq!(before.alerts().unwrap(), []);

    let run = builder(store.path()).resume(id).start().unwrap();
    run.alert(Alert::warning("it goes on"));
    run.finish().unwrap();
    assert_eq!(before.alerts().unwrap().len(), 1, "whoever opened it before sees them too");
    assert_eq!(now.alerts().unwrap().len(), 1);
}

#[test]
fn a_rule_may_ask_the_training_to_stop() {
    let store = tempfile::tempdir().unwrap();
    let rule = Rule::above("train/*", 10.0).level(Level::Error).stop(Stop::AfterEpoch);
    let run = builder(store.path()).rule(rule).start().unwrap();
    assert_eq!(run.requests().stop, Stop::No);
    train(&run, [11.0]);
    wait_until("nobody asked it to stop", || run.requests().stop == Stop::AfterEpoch);
    let report = run.finish().unwrap();
    let Outcome::Stopped(reason) = report.outcome() else { panic!("{report}") };
    assert!(
        reason.starts_with("the rule `above` asked to stop after this epoch: train/loss is 11")
    );
    assert_eq!(alerts(store.path())[0].level, Level::Error);
}

#[test]
fn a_rule_of_one_process_stops_the_others_of_the_run() {
    let store = tempfile::tempdir().unwrap();
    let run = builder(store.path()).start().unwrap();
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "second_process", "--ignored"])
        .envs([("TRACKER_RUN_ID", run.id().as_str()), ("TRACKER_RANK", "1")])
        .env("TRACKER_DIR", store.path())
        .status();
    assert!(status.unwrap().success());
    wait_until("the first process heard nothing", || run.requests().stop == Stop::Now);
    run.finish().unwrap();
    let told = run.reader().unwrap();
    assert_eq!(told.info().alerts.count, 1, "the list knows those of all processes");
    assert_eq!(told.alerts().unwrap().len(), 1);
}

#[test]
#[ignore = "started by another test as a process of its own"]
fn second_process() {
    let run = init("watched").rule(Rule::not_finite("*").stop(Stop::Now)).default_rules(false);
    let run = run.start().unwrap();
    train(&run, [f64::NAN]);
    run.finish().unwrap();
}

#[test]
fn closures_and_commands_hear_of_each_alert() {
    let store = tempfile::tempdir().unwrap();
    let (heard, written) = (Arc::new(Mutex::new(Vec::new())), store.path().join("heard"));
    let run = builder(store.path())
        .on_alert({
            let heard = Arc::clone(&heard);
            move |alert| heard.lock().unwrap().push(alert.text.clone())
        })
        .on_alert_run(["tee", "-a", &written.to_string_lossy()])
        .start()
        .unwrap();
    run.alert(Alert::info("hello").metric("reward").at(7));
    train(&run, [f64::NAN]);
    assert_eq!(run.finish().unwrap().problems(), []);
    assert_eq!(*heard.lock().unwrap(), ["hello", "train/loss is NaN at step 0"]);
    let lines = fs::read_to_string(written).unwrap();
    let lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["alert"]["step"], 7);
    assert_eq!(lines[0]["run"]["id"], run.id().as_str());
    assert_eq!(lines[1]["alert"]["value"], "NaN");
}

#[test]
fn what_is_done_about_an_alert_may_fail_and_harms_nothing() {
    let store = tempfile::tempdir().unwrap();
    let run = builder(store.path())
        .on_alert(|_| panic!("the user's closure gave up"))
        .on_alert_run(["/no/such/program"])
        .on_alert_run(Vec::<String>::new())
        .start()
        .unwrap();
    run.alert(Alert::warning("one"));
    run.alert(Alert::warning("two"));
    let report = run.finish().unwrap();
    let [problem] = report.problems() else { panic!("{report}") };
    assert_eq!((problem.kind.as_str(), problem.count), ("alert-action-failed", 4));
    assert_eq!(report.state(), tracker_core::State::Finished);
    assert_eq!(alerts(store.path()).len(), 2);
}

#[test]
fn a_rule_that_means_nothing_is_refused_and_one_that_never_looked_is_told() {
    let store = tempfile::tempdir().unwrap();
    let error = builder(store.path()).rule(Rule::above("loss", f64::NAN)).start().unwrap_err();
    assert!(error.to_string().contains("invalid rule `above loss`"), "{error}");
    let run = builder(store.path()).rule(Rule::spike("train/los")).start().unwrap();
    train(&run, [1.0]);
    let report = run.finish().unwrap();
    let [problem] = report.problems() else { panic!("{report}") };
    assert_eq!(problem.kind, "rule-without-metric");
    assert!(problem.message.contains("`train/los`"), "{}", problem.message);
}

#[test]
fn alerts_of_a_program_are_kept_to_the_last_one_however_many_they_are() {
    let store = tempfile::tempdir().unwrap();
    let run = builder(store.path()).start().unwrap();
    for step in 0..1_000_u64 {
        run.alert(Alert::warning(format!("number {step}")).at(step).value(f64::NEG_INFINITY));
    }
    let report = run.finish().unwrap();
    assert_eq!((report.problems(), report.alerts().count), (&[][..], 1_000));
    let told = alerts(store.path());
    assert_eq!((told.len(), told[999].text.as_str()), (1_000, "number 999"));
    assert_eq!(told[999].value, Some(f64::NEG_INFINITY));
    run.alert(Alert::warning("late"));
    assert_eq!(run.status().problems[0].kind, "logged-after-finish");
}
