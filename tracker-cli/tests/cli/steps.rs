//! What the server tells of one step, of marks, and of where two runs differ.

use std::{
    fs::{self, OpenOptions},
    io::Write,
};

use serde_json::{Value, json};
use tracker_core::{Alert, Artifact, Event, Histogram, Image, Step, Tracker, init, metrics};

use crate::{
    server::{Server, id},
    support::Store,
};

const LATE: u64 = u64::MAX - 1;

/// A run with something at its steps, also at one that is no number of JavaScript.
fn recorded(store: &Store) -> String {
    let run = store.init("a").start().unwrap();
    for step in [0, 10, 20, LATE] {
        run.log_at(step, metrics! { "loss" => step as f64 });
    }
    run.log_at(10_u64, metrics! { "norm" => f64::NAN });
    run.log_media("samples", 10_u64, Image::gray8(1, 1, vec![0]).unwrap());
    run.record(Event::Text { name: "poem".into(), step: Step(15), text: "words".into() });
    run.log_histogram("weights", 5_u64, Histogram::new(0.0, 1.0, vec![1, 2]));
    run.alert(Alert::warning("look").at(20_u64));
    let file = run.dir().join("model.bin");
    fs::write(&file, "weights").unwrap();
    run.log_artifact(Artifact::of_file("model", "1", &file).unwrap().kind("model").step(20_u64));
    let (folder, name) = (run.path().to_owned(), id(&run));
    run.finish().unwrap();
    let mut said = OpenOptions::new();
    let mut said = said.create(true).append(true).open(folder.join("messages-r0a1.jsonl")).unwrap();
    for (second, level) in ["info", "warning", "error"].into_iter().enumerate() {
        let line = json!({
            "time": format!("2026-01-01T12:00:{second:02}.000000Z"), "step": second * 10, "level": level,
            "source": "log", "target": "train", "text": format!("said at {}", second * 10),
        });
        writeln!(said, "{line}").unwrap();
    }
    let mut events = OpenOptions::new();
    let mut events = events.append(true).open(folder.join("events-r0a1.jsonl")).unwrap();
    let knob = json!({
        "time": "2026-01-01T12:00:09.000000Z", "kind": "knob", "name": "lr", "from_step": 20, "value": 0.5, "by": "a@b",
    });
    writeln!(events, "{knob}").unwrap();
    name
}

fn at(server: &Server, run: &str, step: &str) -> Value {
    server.get(&format!("/api/v1/runs/{run}/at?step={step}")).json()
}

fn names<'a>(of: &'a Value, field: &str) -> Vec<(&'a str, &'a Value)> {
    let rows = of[field].as_array().unwrap();
    rows.iter().map(|row| (row["name"].as_str().unwrap_or_default(), &row["step"])).collect()
}

#[test]
fn a_step_has_the_last_of_everything_up_to_it_and_what_happened_at_it() {
    let store = Store::new();
    let run = recorded(&store);
    let server = Server::of(&store);
    let of = at(&server, &run, "20");
    let values: Vec<(&Value, &Value)> =
        of["values"].as_array().unwrap().iter().map(|row| (&row["step"], &row["value"])).collect();
    assert_eq!(values, [(&json!(20), &json!(20.0)), (&json!(10), &json!("NaN"))]);
    assert_eq!(names(&of, "media"), [("samples", &json!(10))]);
    assert_eq!(names(&of, "texts"), [("poem", &json!(15))]);
    assert_eq!(names(&of, "histograms"), [("weights", &json!(5))]);
    assert_eq!(of["alerts"][0]["text"], "look");
    assert_eq!((&of["turned"][0]["name"], &of["turned"][0]["value"]), (&json!("lr"), &json!(0.5)));
    assert_eq!(of["artifacts"][0]["name"], "model");
    let said: Vec<&Value> =
        of["messages"].as_array().unwrap().iter().map(|row| &row["text"]).collect();
    assert_eq!(said, ["said at 0", "said at 10", "said at 20"]);
    assert_eq!(
        (&of["before"], &of["behind"], &of["left_out"]),
        (&json!(15), &Value::Null, &json!(0))
    );

    let early = at(&server, &run, "7");
    assert_eq!((early["media"].as_array().unwrap().len(), &early["behind"]), (0, &json!(10)));
    assert_eq!(early["messages"].as_array().unwrap().len(), 3);
    let late = at(&server, &run, &u64::MAX.to_string());
    assert_eq!(late["step"], json!(u64::MAX.to_string()));
    assert_eq!(late["values"][0]["step"], json!(LATE.to_string()), "with all digits");
}

#[test]
fn a_step_that_is_none_is_refused_and_a_run_without_anything_has_nothing_at_it() {
    let store = Store::new();
    let run = store.init("empty").start().unwrap();
    let name = id(&run);
    run.finish().unwrap();
    let server = Server::of(&store);
    for step in ["", "-1", "1.5", "18446744073709551616"] {
        assert_eq!(
            server.get(&format!("/api/v1/runs/{name}/at?step={step}")).status,
            400,
            "{step}"
        );
    }
    assert_eq!(server.get(&format!("/api/v1/runs/{name}/at")).status, 400);
    let of = at(&server, &name, "3");
    for field in
        ["values", "messages", "texts", "media", "histograms", "alerts", "turned", "artifacts"]
    {
        assert_eq!(of[field], json!([]), "{field}");
    }
}

#[test]
fn marks_are_warnings_alerts_knobs_and_forks_and_a_run_that_is_gone_costs_a_warning() {
    let store = Store::new();
    let run = recorded(&store);
    let fork = init("test").dir(store.path()).signals(false).fork(format!("{run}@10"));
    let fork = fork.start().unwrap();
    let forked = id(&fork);
    fork.finish().unwrap();
    let server = Server::of(&store);
    let marks = |level: &str| -> Value {
        let asked =
            format!("/api/v1/marks?run={run}&run={forked}&run=01K00000000000000000000000{level}");
        server.get(&asked).json()
    };
    let kinds = |of: &Value, at: usize| -> Vec<(String, u64)> {
        let marks = of["runs"][at]["marks"].as_array().unwrap().iter();
        let mut kinds: Vec<_> = marks
            .map(|mark| (mark["kind"].as_str().unwrap().to_owned(), mark["step"].as_u64().unwrap()))
            .collect();
        kinds.sort();
        kinds
    };
    let of = marks("");
    // One of the NaN, and one of the program itself.
    let wanted = [("alert", 10), ("alert", 20), ("knob", 20), ("message", 10), ("message", 20)];
    assert_eq!(kinds(&of, 0), wanted.map(|(kind, step)| (kind.to_owned(), step)));
    assert_eq!(kinds(&of, 1), [("fork".to_owned(), 10)]);
    assert_eq!(of["runs"][1]["marks"][0]["text"], "forked from a after step 10");
    assert_eq!(of["warnings"].as_array().unwrap().len(), 1);
    assert_eq!(kinds(&marks("&level=trace"), 0).len(), 6);
    assert_eq!(server.get(&format!("/api/v1/marks?run={run}&level=loud")).status, 400);
    let many: Vec<String> = (0..51).map(|at| format!("run={at}")).collect();
    assert_eq!(server.get(&format!("/api/v1/marks?{}", many.join("&"))).status, 400);
}

#[test]
fn two_runs_are_told_where_they_first_differ_and_what_else_does() {
    let store = Store::new();
    let train = |name: &str, lr: f64| {
        let run = store.init(name).config(&json!({ "lr": lr, "seed": 1 })).start().unwrap();
        for step in 0..100_u64 {
            let value = if step >= 50 { lr } else { 1.0 };
            run.log_at(step, metrics! { "grad/layer2" => value, "epoch_seconds" => lr });
        }
        let name = id(&run);
        run.finish().unwrap();
        name
    };
    let [a, b] = [train("a", 0.1), train("b", 0.2)];
    let server = Server::of(&store);
    let found = server.get(&format!("/api/v1/diverge?a={a}&b={b}")).json();
    let first = &found["bitwise"][0];
    assert_eq!(
        (&first["metric"], &first["step"], &first["after"]),
        (&json!("grad/layer2"), &json!(50), &json!(49))
    );
    assert_eq!(first["values"], json!([0.1, 0.2]));
    assert_eq!(found["config"], json!([{ "name": "lr", "values": ["0.1", "0.2"] }]));
    assert_eq!(server.get(&format!("/api/v1/diverge?a={a}&b={a}")).status, 400);
    assert_eq!(server.get(&format!("/api/v1/diverge?a={a}")).status, 400);
    assert_eq!(server.get(&format!("/api/v1/diverge?a={a}&b=nothing")).status, 404);
    let shown = store.prints(&["show", &b]);
    assert!(shown.contains("lr 0.1 → 0.2"), "{shown}");
}
