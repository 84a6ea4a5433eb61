//! Studies with all that their page shows: conditions, trials that were pruned, failed, diverged, train and wait; one
//! with two metrics; one that has just begun.

use std::path::Path;

use serde_json::{Map, Value, json};
use tracker_core::{Run, init, metrics, read::Store, studies::StudyFolder};
use tracker_study::{Begun, DIVERGED, Journal, Plan, Trial, TrialState, sampler_of};

/// How many values a training logs that goes on to its end.
const VALUES: u64 = 12;
/// After how many a judge looks at it.
const JUDGED: u64 = 4;

pub(crate) fn write(store: &Path) {
    searched(store);
    two_metrics(store);
    begin(store, &plan("just-begun", &json!({ "name": "loss", "goal": "minimize" }), &rates()));
}

/// Trains one more trial of the first study to its end.
pub(crate) fn more(store: &Path) {
    let opened = Store::open(store).unwrap();
    let folder = StudyFolder::open(&opened, "studies", "digits").unwrap();
    let mut journal = Journal::open(&folder).unwrap();
    train(store, &mut journal, &mut Vec::new());
}

fn searched(store: &Path) {
    let parameters = json!({
        "lr": { "min": 1e-5, "max": 1e-1, "log": true },
        "hidden": { "min": 32, "max": 512, "log": true },
        "dropout": { "min": 0.0, "max": 0.5, "q": 0.1 },
        "act": { "values": ["relu", "gelu", "tanh"] },
        "alpha": { "min": 0.0, "max": 1.0, "when": { "act": ["gelu"] } },
        "batch_size": { "values": [16, 32, 64, 128] },
    });
    let metric = json!({ "name": "valid/accuracy", "goal": "maximize", "value": "best" });
    let mut plan = plan("digits", &metric, &parameters);
    plan["run_cap"] = json!(64);
    plan["early_terminate"] = json!({ "type": "asha", "min_iter": JUDGED, "eta": 3 });
    let mut journal = begin(store, &plan);
    let mut seen = Vec::new();
    for _ in 0..58 {
        train(store, &mut journal, &mut seen);
    }
    // Two that train, and two that somebody has asked for.
    for _ in 0..2 {
        let (number, run) = next(store, &mut journal);
        for nth in 1..=3 {
            let value = accuracy(&journal.study().trials[number], nth);
            run.log_at(nth, metrics! { "valid/accuracy" => value });
            journal.report(number, nth, value).unwrap();
        }
        run.finish().unwrap();
    }
    for lr in [0.002, 0.004] {
        journal.enqueue(json!({ "lr": lr, "act": "gelu" }).as_object().unwrap()).unwrap();
    }
}

/// A trial from its beginning to its end; `seen` is what others had come to when they were judged.
fn train(store: &Path, journal: &mut Journal, seen: &mut Vec<f64>) {
    let (number, run) = next(store, journal);
    let trial = journal.study().trials[number].clone();
    let mut best = 0.0_f64;
    for nth in 1..=VALUES {
        let value = accuracy(&trial, nth);
        best = best.max(value);
        run.log_at(nth, metrics! { "valid/accuracy" => value });
        journal.report(number, nth, value).unwrap();
        if number % 19 == 18 && nth == 2 {
            if number == 37 {
                journal.attribute(number, DIVERGED, &Value::Bool(true)).unwrap();
            }
            journal.finish(number, TrialState::Failed, &[]).unwrap();
            run.finish().unwrap();
            return;
        }
        if nth == JUDGED {
            seen.push(value);
            let better = seen.iter().filter(|other| **other > value).count();
            if seen.len() >= 6 && better * 2 > seen.len() {
                journal.finish(number, TrialState::Pruned, &[]).unwrap();
                run.finish().unwrap();
                return;
            }
        }
    }
    journal.finish(number, TrialState::Complete, &[best]).unwrap();
    run.finish().unwrap();
}

/// The next trial of the study, and the run that trains it.
fn next(store: &Path, journal: &mut Journal) -> (usize, Run) {
    let study = journal.study();
    let (name, number) = (study.name.clone(), study.trials.len());
    let sampler = sampler_of(&study.plan);
    let run = init("studies").name(format!("{name}-{number}")).dir(store).signals(false);
    let run = run.code_changes(false).start().unwrap();
    let Begun::Trial(number) = journal.begin_trial(&*sampler, Some(run.id())).unwrap() else {
        panic!("no more trials")
    };
    run.describe("study", json!({ "name": name, "trial": number }));
    (number, run)
}

fn accuracy(trial: &Trial, nth: u64) -> f64 {
    let value = |name: &str| trial.params.get(name).copied().unwrap_or_default();
    let off = (value("lr").log10() + 2.7).abs();
    // relu, gelu, tanh
    let of_act = if value("act") == 0.0 {
        0.02
    } else if value("act") == 1.0 {
        0.0
    } else {
        0.06
    };
    let worse = 0.035 * off * off
        + 0.02 * (value("hidden").ln() - 5.3).abs()
        + 0.05 * value("dropout")
        + of_act
        + 0.04 * (value("alpha") - 0.3).abs();
    let wave = (trial.number as f64 * 12.9 + nth as f64 * 2.3).sin();
    let reached = (0.985 - worse + 0.003 * wave).clamp(0.1, 1.0);
    reached * (1.0 - 0.7 * (-(nth as f64) / (2.0 + 1.5 * off)).exp())
}

fn two_metrics(store: &Path) {
    let mut plan = plan(
        "size-or-speed",
        &Value::Null,
        &json!({
            "width": { "min": 8, "max": 256, "log": true },
            "layers": { "min": 1, "max": 8 },
            "lr": { "min": 1e-4, "max": 1e-1, "log": true },
        }),
    );
    let plan_fields = plan.as_object_mut().unwrap();
    plan_fields.remove("metric");
    plan_fields.insert(
        "metrics".into(),
        json!([
            { "name": "valid/loss", "goal": "minimize" },
            { "name": "images_per_second", "goal": "maximize" },
        ]),
    );
    let mut journal = begin(store, &plan);
    for _ in 0..40 {
        let sampler = sampler_of(&journal.study().plan);
        let Begun::Trial(number) = journal.begin_trial(&*sampler, None).unwrap() else { break };
        let params = &journal.study().trials[number].params;
        let (width, layers, lr) = (params["width"], params["layers"], params["lr"]);
        let size = width * layers;
        let loss = 0.2 + 3.0 / size.sqrt() + 0.1 * (lr.log10() + 2.5).powi(2);
        journal.finish(number, TrialState::Complete, &[loss, 90_000.0 / (20.0 + size)]).unwrap();
    }
}

fn plan(name: &str, metric: &Value, parameters: &Value) -> Value {
    json!({
        "project": "studies", "name": name, "method": "auto", "seed": 7, "metric": metric,
        "parameters": parameters,
    })
}

fn rates() -> Value {
    Value::Object(Map::from_iter([(
        "lr".to_owned(),
        json!({ "min": 1e-5, "max": 1e-1, "log": true }),
    )]))
}

fn begin(store: &Path, plan: &Value) -> Journal {
    let plan = Plan::from_json(plan).unwrap();
    let folder = StudyFolder::create(store, &plan.project, &plan.name).unwrap();
    Journal::create(&folder, &plan).unwrap()
}
