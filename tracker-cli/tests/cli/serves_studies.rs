//! What the server tells of studies.

use std::fs;

use serde_json::{Value, json};
use tracker_core::studies::StudyFolder;
use tracker_study::{Begun, Domain, Journal, Params, Plan, Record, TrialState, sampler_of};

use super::{server::Server, support::Store};

fn study(store: &Store, name: &str, plan: &Value) -> Journal {
    let mut plan = plan.clone();
    (plan["project"], plan["name"]) = (json!("mnist"), json!(name));
    let plan = Plan::from_json(&plan).unwrap();
    let folder = StudyFolder::create(store.path(), "mnist", name).unwrap();
    Journal::create(&folder, &plan).unwrap()
}

fn plan() -> Value {
    json!({
        "method": "random", "run_cap": 30, "seed": 3,
        "metric": { "name": "loss", "goal": "minimize" },
        "early_terminate": { "type": "median", "min_iter": 2 },
        "parameters": {
            "lr": { "min": 1e-5, "max": 1e-1, "log": true },
            "act": { "values": ["relu", "gelu"] },
            "alpha": { "min": 0.0, "max": 1.0, "when": { "act": ["gelu"] } },
        },
    })
}

/// Trains so many trials; the fourth of each ten is pruned, and the last one still trains.
fn trained(journal: &mut Journal, trials: usize) {
    for at in 0..trials {
        let sampler = sampler_of(&journal.study().plan);
        let Begun::Trial(number) = journal.begin_trial(&*sampler, None).unwrap() else { return };
        let lr = journal.study().trials[number].params["lr"];
        let loss = (lr.log10() + 3.0).powi(2) + 0.1;
        for nth in 1..=3 {
            journal.report(number, nth, loss + 1.0 / nth as f64).unwrap();
        }
        if at + 1 == trials {
            return;
        }
        if at % 10 == 3 {
            journal.finish(number, TrialState::Pruned, &[]).unwrap();
        } else {
            journal.finish(number, TrialState::Complete, &[loss]).unwrap();
        }
    }
}

#[test]
fn a_study_is_listed_and_shown_as_it_is_now() {
    let store = Store::new();
    let mut journal = study(&store, "rates", &plan());
    study(&store, "empty", &plan());
    trained(&mut journal, 25);
    let server = Server::of(&store);
    let listed = server.json("/api/v1/studies?project=mnist");
    let names: Vec<&Value> =
        listed["studies"].as_array().unwrap().iter().map(|study| &study["name"]).collect();
    assert_eq!(names, ["empty", "rates"]);
    assert_eq!(server.json("/api/v1/studies?project=other")["studies"], json!([]));
    let told = &listed["studies"][1]["told"];
    assert_eq!((&told["method"], &told["run_cap"]), (&json!("random"), &json!(30)));
    let counts =
        json!({ "all": 25, "waiting": 0, "running": 1, "complete": 21, "pruned": 3, "failed": 0 });
    assert_eq!(told["trials"], counts);
    let best = usize::try_from(told["best"].as_u64().unwrap()).unwrap();
    let values = journal.study().trials.iter().filter_map(|trial| trial.values.first());
    let least = values.copied().fold(f64::INFINITY, f64::min);
    assert_eq!(journal.study().trials[best].values, [least]);
    assert_eq!(told["best_values"], json!([least]));

    let shown = server.json("/api/v1/studies/mnist/rates");
    assert_eq!(shown["trials"], counts);
    assert_eq!(shown["front_trials"], json!([best]));
    assert_eq!(shown["early_terminate"]["type"], "median");
    assert_eq!(shown["parameters"][0]["log"], true);
    let when = json!([{ "parameter": "act", "values": ["gelu"] }]);
    assert_eq!(shown["parameters"][2]["when"], when);
    let importance = &shown["importance"][0];
    assert_eq!((&importance["metric"], &importance["trials"]), (&json!("loss"), &json!(21)));
    let shares = importance["shares"].as_array().unwrap();
    let mut told: Vec<&str> =
        shares.iter().map(|share| share["parameter"].as_str().unwrap()).collect();
    told.sort_unstable();
    assert_eq!(told, ["act", "alpha", "lr"]);
    let sum: f64 = shares.iter().map(|share| share["share"].as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-9);
    let trials = shown["listed"].as_array().unwrap();
    assert_eq!((trials.len(), &trials[3]["state"]), (25, &json!("pruned")));
    assert_eq!(trials[24]["state"], "running");
    assert_eq!(trials[0]["on_the_way"].as_array().unwrap().len(), 3);
    assert_eq!(trials[0]["params"].get("alpha").is_some(), trials[0]["params"]["act"] == "gelu");

    // What others append is there in the next answer, and only what is asked for.
    journal.finish(24, TrialState::Complete, &[0.01]).unwrap();
    let after = server.json("/api/v1/studies/mnist/rates?from=24&count=1");
    assert_eq!((&after["best"], &after["from"]), (&json!(24), &json!(24)));
    assert_eq!(after["listed"].as_array().unwrap().len(), 1);
    assert_eq!(server.json("/api/v1/studies/mnist/rates?from=99")["listed"], json!([]));
}

#[test]
fn what_is_expected_over_two_parameters_is_told_where_both_are_there() {
    let store = Store::new();
    let mut journal = study(&store, "rates", &plan());
    study(&store, "empty", &plan());
    trained(&mut journal, 24);
    let server = Server::of(&store);
    let at = "/api/v1/studies/mnist/rates/surface";
    let told = server.json(&format!("{at}?x=lr&y=act"));
    assert_eq!(told["y_values"], json!(["relu", "gelu"]));
    let means = told["means"][0].as_array().unwrap();
    let (middle, edge) = (means[12].as_f64().unwrap(), means[0].as_f64().unwrap());
    assert!(middle < 1.0 && edge > 2.0, "{told}");
    let conditional = server.json(&format!("{at}?x=act&y=alpha&metric=loss"));
    assert!(conditional["means"][0][0].is_null() && conditional["means"][0][1].is_number());
    assert_eq!(server.json("/api/v1/studies/mnist/empty/surface?x=lr&y=act")["means"], json!([]));
    for (query, status) in [
        ("", 400),
        ("?x=lr", 400),
        ("?x=lr&y=unknown", 400),
        ("?x=lr&y=act&metric=unknown", 400),
        ("?x=lr&y=act&z=1", 400),
        ("?x=lr&y=lr", 200),
    ] {
        assert_eq!(server.get(&format!("{at}{query}")).status, status, "{query}");
    }
}

#[test]
fn what_is_no_study_is_refused_and_harms_no_other() {
    let store = Store::new();
    trained(&mut study(&store, "rates", &plan()), 3);
    let studies = store.path().join("mnist/.studies");
    for (name, journal) in [("broken", "no journal\n{}\n"), ("zeros", "\0\0\0\0")] {
        fs::create_dir(studies.join(name)).unwrap();
        fs::write(studies.join(name).join("journal.log"), journal).unwrap();
    }
    fs::create_dir(studies.join("without")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(studies.join("rates"), studies.join("link")).unwrap();
    let server = Server::of(&store);
    let listed = server.json("/api/v1/studies");
    for study in listed["studies"].as_array().unwrap() {
        assert_ne!(study["name"], "link");
        assert_eq!(study["told"].is_null(), study["name"] != "rates", "{study}");
        assert_eq!(study["problem"].is_string(), study["name"] != "rates", "{study}");
    }
    let long = "x".repeat(5_000);
    for (path, status) in [
        ("mnist/broken", 409),
        ("mnist/zeros", 409),
        ("mnist/without", 404),
        ("mnist/link", 404),
        ("mnist/missing", 404),
        ("other/rates", 404),
        ("mnist/rates?from=x", 400),
        ("mnist/rates?count=1001", 400),
        ("mnist/rates?page=1", 400),
        ("..%2f..%2fetc/passwd", 400),
        ("mnist/..%2frates", 400),
        ("mnist/%2e%2e", 404),
        ("mnist/a%00b", 400),
        (&format!("mnist/{long}"), 400),
        ("%2e%2e/rates", 404),
    ] {
        let answer = server.get(&format!("/api/v1/studies/{path}"));
        let told = answer.text();
        let either = [400, 404].contains(&status) && [400, 404].contains(&answer.status);
        assert!(either || answer.status == status, "{path:.60}: {} {told}", answer.status);
        assert!(
            answer.json()["hint"].is_string() && answer.body.len() < 1_000,
            "{path:.60}: {told}"
        );
    }
}

#[test]
fn an_answer_is_bounded_however_large_the_study_is() {
    let store = Store::new();
    let mut plan = plan();
    let names: Vec<String> =
        (0..64).map(|nth| format!("a_parameter_with_a_long_name_{nth}")).collect();
    plan["parameters"] =
        names.iter().map(|name| (name.clone(), json!({ "min": 0.0, "max": 1.0 }))).collect();
    plan["run_cap"] = json!(10_000);
    let mut journal = study(&store, "large", &plan);
    let unit = Domain::Float { low: 0.0, high: 1.0, log: false, step: None };
    let records = (0..1_200).map(|number| {
        let value = |nth: usize| unit.of_unit(((number * 64 + nth) as f64 * 0.618_034).fract());
        let params: Params =
            names.iter().enumerate().map(|(nth, name)| (name.clone(), value(nth))).collect();
        Record::Begin { params, run: None }
    });
    let records: Vec<Record> = records.collect();
    journal.change(|_| Ok((records.clone(), ()))).unwrap();
    let reports = (1..=3_000).map(|n| Record::Value { number: 7, n, value: 1.0 / n as f64 });
    let reports: Vec<Record> = reports.collect();
    journal.change(|_| Ok((reports.clone(), ()))).unwrap();
    let server = Server::of(&store);
    let answer = server.get("/api/v1/studies/mnist/large");
    assert!(answer.body.len() < 6_000_000, "{} bytes", answer.body.len());
    let told = answer.json();
    assert_eq!(told["trials"]["all"], 1_200);
    let listed = told["listed"].as_array().unwrap();
    assert_eq!(listed.len(), 1_000);
    assert_eq!(
        (listed[7]["reported"].clone(), listed[7]["on_the_way"][49][0].clone()),
        (json!(3_000), json!(3_000))
    );
    let rest = server.json("/api/v1/studies/mnist/large?from=1000");
    assert_eq!(rest["listed"].as_array().unwrap().len(), 200);
}
