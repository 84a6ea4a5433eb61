//! A study's journal from a program of one's own: makes a study, goes on with one, and prints what a journal says. The
//! check with Optuna (`.ci/neighbours optuna`) runs it.
//!
//! usage: journal STORE PROJECT NAME make|ask N|show

use std::{env, error::Error, path::Path};

use fastrand::Rng;
use serde_json::{Value, json};
use tracker_core::{RunId, read::Store, studies::StudyFolder};
use tracker_study::{Asked, Begun, Journal, Params, Plan, Sampler, Trial, TrialState};

/// Values by chance.
#[derive(Debug)]
struct Chance;

impl Sampler for Chance {
    fn ask(&self, asked: &Asked<'_>, draws: &mut Rng) -> Option<Params> {
        Some(asked.space.fill(|parameter| parameter.domain.of_unit(draws.f64())))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [store, project, name, "make"] => make(store, project, name),
        [store, project, name, "ask", count] => ask(&opened(store, project, name)?, count.parse()?),
        [store, project, name, "show"] => show(&opened(store, project, name)?),
        _ => Err("usage: journal STORE PROJECT NAME make|ask N|show".into()),
    }
}

fn opened(store: &str, project: &str, name: &str) -> Result<StudyFolder, Box<dyn Error>> {
    Ok(StudyFolder::open(&Store::open(store)?, project, name)?)
}

/// A study with trials of every kind.
fn make(store: &str, project: &str, name: &str) -> Result<(), Box<dyn Error>> {
    let folder = StudyFolder::create(Path::new(store), project, name)?;
    let plan = Plan::from_json(&json!({
        "project": project,
        "name": name,
        "metric": { "name": "valid/accuracy", "goal": "maximize" },
        "parameters": {
            "lr": { "min": 1e-5, "max": 1e-1, "log": true },
            "hidden": { "min": 32, "max": 512, "log": true },
            "act": { "values": ["relu", "gelu", "größe"] },
            "drop": { "min": 0.0, "max": 0.5, "q": 0.1 },
            "alpha": { "min": 0.0, "max": 1.0, "when": { "act": "gelu" } },
        },
    }))?;
    let mut journal = Journal::create(&folder, &plan)?;
    ask(&folder, 12)?;
    let number = begun(&mut journal)?;
    journal.report(number, 1, f64::NAN)?;
    journal.finish(number, TrialState::Complete, &[f64::NAN])?;
    let number = begun(&mut journal)?;
    journal.report(number, 1, 0.125)?;
    journal.rung(number, 0, 0.125)?;
    journal.finish(number, TrialState::Pruned, &[])?;
    let number = begun(&mut journal)?;
    journal.attribute(number, "note", &json!("„still“ trains"))?;
    let fixed = json!({ "lr": 0.01, "act": "relu" });
    journal.enqueue(fixed.as_object().unwrap_or(&serde_json::Map::new()))?;
    Ok(())
}

/// Trains so many trials: a value on the way, and a result that is the best near a learning rate of 0.01.
fn ask(folder: &StudyFolder, count: usize) -> Result<(), Box<dyn Error>> {
    let mut journal = Journal::open(folder)?;
    for _ in 0..count {
        let number = begun(&mut journal)?;
        let rate = journal.study().trials[number].params.values().copied().fold(0.0, f64::max);
        let value = 1.0 / (1.0 + rate.abs().ln_1p());
        journal.report(number, 1, value / 2.0)?;
        journal.finish(number, TrialState::Complete, &[value])?;
    }
    Ok(())
}

fn begun(journal: &mut Journal) -> Result<usize, Box<dyn Error>> {
    match journal.begin_trial(&Chance, Some(&RunId::generate()))? {
        Begun::Trial(number) => Ok(number),
        other => Err(format!("no trial begins: {other:?}").into()),
    }
}

fn show(folder: &StudyFolder) -> Result<(), Box<dyn Error>> {
    let journal = Journal::open(folder)?;
    let study = journal.study();
    let trial = |trial: &Trial| {
        json!({
            "number": trial.number,
            "state": format!("{:?}", trial.state),
            "params": study.plan.space.values(&trial.params),
            "values": trial.values,
            "intermediate": trial.intermediate.iter().map(|(n, value)| json!([n, value])).collect::<Value>(),
            "rungs": trial.rungs.iter().map(|(rung, value)| json!([rung, value])).collect::<Value>(),
            "attributes": trial.attributes,
        })
    };
    let all = json!({
        "plan": study.plan.to_json(),
        "revision": study.revision,
        "trials": study.trials.iter().map(trial).collect::<Value>(),
        "warnings": study.warnings,
    });
    println!("{all}");
    Ok(())
}
