//! The cases of `tests/data/queries.json`, which the page's implementation has to pass too.

use std::{collections::BTreeMap, path::Path, time::Duration};

use serde_json::{Map, Value, json};

use super::*;
use crate::{
    Definition, Error, Summary,
    read::{Elapsed, RunInfo},
};

fn cases() -> Value {
    serde_json::from_str(include_str!("../../../tests/data/queries.json")).unwrap()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| value.as_str().unwrap().parse().unwrap())
}

fn summary(value: &Value) -> Summary {
    let value = number(value);
    let finite = value.is_finite().then_some(value);
    Summary { last: value, min: finite, max: finite, best: finite, step: 1.into(), count: 1 }
}

fn fields(run: &Value, definitions: &BTreeMap<String, Definition>) -> RunFields {
    let folder = format!("/{}/{}", run["project"].as_str().unwrap(), run["id"].as_str().unwrap());
    let mut info = RunInfo::of_folder(Path::new(&folder), "").unwrap();
    info.message = None;
    info.name = text(&run["name"]).unwrap();
    (info.group, info.notes) = (text(&run["group"]), text(&run["notes"]));
    let study = text(&run["study"]).map(|name| Map::from_iter([("name".to_owned(), json!(name))]));
    info.about = study.map(|study| ("study".to_owned(), study)).into_iter().collect();
    info.tags = run["tags"].as_array().unwrap().iter().filter_map(text).collect();
    info.started_at = run["started_at"].as_str().unwrap().parse().unwrap();
    info.config = run["config"].as_object().unwrap().clone();
    info.definitions.clone_from(definitions);
    info.provenance.host = text(&run["host"]).unwrap();
    info.provenance.user = text(&run["user"]);
    info.alerts.count = run["alerts"].as_u64().unwrap();
    let metrics: &Map<String, Value> = run["metrics"].as_object().unwrap();
    let summaries = metrics.iter().map(|(name, value)| (name.clone(), summary(value))).collect();
    let passed = Duration::from_secs_f64(run["seconds"].as_f64().unwrap());
    let elapsed = Elapsed { passed, trained: passed, to_last_point: false };
    let state = serde_json::from_value(run["state"].clone()).unwrap();
    RunFields::with(&info, state, Some(elapsed), &summaries)
}

fn runs() -> Vec<RunFields> {
    let cases = cases();
    let definitions = serde_json::from_value(cases["definitions"].clone()).unwrap();
    cases["runs"].as_array().unwrap().iter().map(|run| fields(run, &definitions)).collect()
}

/// What a query comes to, in the form of the cases.
fn answer(query: &str, runs: &[RunFields], known: &KnownFields) -> Value {
    match Query::parse(query, known) {
        Ok(read) => {
            let found = runs.iter().filter(|run| read.finds(run));
            let mut answer = json!({ "finds": found.map(RunFields::name).collect::<Vec<_>>() });
            if let [note] = read.notes() {
                answer["note"] = json!(note);
            }
            answer
        }
        Err(Error::Query { message, hint, position }) => {
            json!({ "error": { "position": position, "message": message, "hint": hint } })
        }
        Err(other) => panic!("{query}: {other}"),
    }
}

#[test]
fn each_query_finds_what_it_says_or_says_where_it_makes_no_sense() {
    let (runs, mut wrong) = (runs(), Vec::new());
    let known = KnownFields::of(&runs);
    for case in cases()["cases"].as_array().unwrap() {
        let mut expected = case.clone();
        let query = expected.as_object_mut().unwrap().remove("query").unwrap();
        let answer = answer(query.as_str().unwrap(), &runs, &known);
        if answer != expected {
            wrong.push(format!("{query}: {answer}, expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn where_there_are_no_runs_no_field_is_unknown() {
    assert!(Query::parse("foo = 3", &KnownFields::default()).is_ok());
}

#[test]
fn a_regular_expression_that_cannot_be_read_is_an_error_at_its_place() {
    let known = KnownFields::of(&runs());
    for (query, at) in [("name ~ (", 7), ("name ~ \"(\"", 7), ("/(/", 1)] {
        let Err(Error::Query { position, .. }) = Query::parse(query, &known) else {
            panic!("{query} is read")
        };
        assert_eq!(position, at, "{query}");
    }
}

#[test]
fn what_nobody_types_takes_no_more_time_than_its_length() {
    let known = KnownFields::of(&runs());
    let deep = "not ".repeat(100_000) + "lr = 1";
    assert!(Query::parse(&deep, &known).is_ok());
    let words = "x ".repeat(100_000);
    assert!(Query::parse(&words, &known).is_ok());
    let many = vec!["lr = 1"; 20_000].join(" or ");
    assert!(Query::parse(&many, &known).is_ok());
    let slow = Query::parse("/(a+)+$/", &known).unwrap();
    assert!(runs().iter().all(|run| !slow.finds(run)));
}

#[test]
fn runs_are_sorted_the_best_first_and_what_is_missing_last() {
    let runs = runs();
    let known = KnownFields::of(&runs);
    let sorted = |name: &str, is_reversed: bool| {
        let field = Field::named(name, &known).unwrap();
        let mut sorted: Vec<&RunFields> = runs.iter().collect();
        sorted.sort_by(|a, b| a.compare(b, &field, is_reversed));
        sorted.into_iter().map(|run| &run.name()[..3]).collect::<Vec<_>>()
    };
    assert_eq!(sorted("valid/loss", false), ["cal", "lou", "old"]);
    assert_eq!(sorted("valid/loss", true), ["lou", "cal", "old"]);
    assert_eq!(sorted("valid/accuracy", false), ["cal", "lou", "old"]);
    assert_eq!(sorted("started", false), ["old", "lou", "cal"]);
    assert_eq!(sorted("age", false), ["old", "lou", "cal"]);
    assert_eq!(sorted("duration", false), ["lou", "old", "cal"]);
    assert_eq!(sorted("lr", false), ["cal", "lou", "old"]);
    assert_eq!(sorted("lr", true), ["lou", "cal", "old"]);
    assert_eq!(sorted("seed", false), ["lou", "cal", "old"]);
    assert_eq!(sorted("name", true), ["old", "lou", "cal"]);
    assert_eq!(sorted("broken", false), ["cal", "lou", "old"]);
    assert!(matches!(Field::named("hiden", &known), Err(Error::Query { .. })));
}
