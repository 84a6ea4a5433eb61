//! What the server of `tracker ui` says of a store, asked over a socket.

use std::time::Duration;

use serde_json::{Value, json};
use tracker_core::{Definition, metrics};

use super::{
    server::{Server, id},
    stops,
    support::{FIRST, SECOND, Store},
};

/// The header and the floats of the first curve.
pub(crate) fn curve(server: &Server, asked: &Value) -> (Value, Vec<Vec<f64>>) {
    let answer = server.post("/api/v1/curves", asked);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let word = |at: usize| u32::from_le_bytes(answer.body[at..at + 4].try_into().unwrap());
    assert_eq!((&answer.body[..4], word(4), word(12)), (&b"TRKC"[..], 1, 0));
    let start = 16 + word(8) as usize;
    let header: Value = serde_json::from_slice(&answer.body[16..start]).unwrap();
    let series = &header["series"][0];
    let points = usize::try_from(series["points"].as_u64().unwrap()).unwrap();
    let mut at = start + usize::try_from(series["offset"].as_u64().unwrap()).unwrap();
    let mut columns = Vec::new();
    for column in series["columns"].as_array().unwrap() {
        let is_single = series[if column == "x" { "x" } else { "y" }] == "f32";
        let size = if is_single { 4 } else { 8 };
        let bytes = &answer.body[at..at + points * size];
        let float = |bytes: &[u8]| match bytes.try_into() {
            Ok(four) => f64::from(f32::from_le_bytes(four)),
            Err(_) => f64::from_le_bytes(bytes.try_into().unwrap()),
        };
        columns.push(bytes.chunks(size).map(float).collect());
        at = (at + points * size).next_multiple_of(8);
    }
    (header, columns)
}

/// With a smoothing weight, curves are kept. A second attempt takes the first one's points back and
/// ends at the same step, after as many points.
#[test]
fn a_run_that_is_resumed_to_the_same_end_shows_its_new_curve() {
    let store = Store::new();
    let train = |run: tracker_core::Run, value: f64| {
        for step in 1..50_u64 {
            run.log_at(step, metrics! { "loss" => value });
        }
        let name = id(&run);
        run.finish().unwrap();
        name
    };
    let first = store.init("first").start().unwrap();
    first.log_at(0_u64, metrics! { "loss" => 0.0 });
    let run = train(first, 1.0);
    let server = Server::of(&store);
    let asked = json!({ "metrics": ["loss"], "runs": [run], "smooth": 0.5 });
    let last_value = |server: &Server| {
        let (header, columns) = curve(server, &asked);
        assert_eq!(header["series"][0]["total"], 50);
        assert_eq!(header["series"][0]["last_step"], 49);
        columns[1].last().copied()
    };
    assert_eq!(last_value(&server), Some(1.0));
    let resumed = store.init("first").resume(run.clone()).start().unwrap();
    resumed.resume_after(0_u64).unwrap();
    assert_eq!(train(resumed, 2.0), run);
    assert_eq!(last_value(&server), Some(2.0));
}

#[test]
fn a_run_that_is_named_often_is_compared_once_and_too_many_are_refused() {
    let store = Store::new();
    store.trained(FIRST, "a", &json!({}), 0.0, 1);
    let server = Server::of(&store);
    let compare = |runs: &[String]| {
        let query: Vec<String> = runs.iter().map(|run| format!("run={run}")).collect();
        server.get(&format!("/api/v1/compare?{}", query.join("&")))
    };
    let often = compare(&vec![FIRST.to_owned(); 1_500]);
    assert_eq!((often.status, &often.json()["runs"]), (200, &json!([FIRST])));
    let many: Vec<String> = (0..1_001).map(|number| number.to_string()).collect();
    let refused = compare(&many);
    assert_eq!(refused.status, 400);
    assert_eq!(refused.json()["error"], "more than 1000 runs at once");
}

#[test]
fn runs_of_a_list_show_best_values_by_the_direction_that_any_of_them_knows() {
    let store = Store::new();
    let train = |name: &str, loss: Definition| {
        let run = store.init(name).start().unwrap();
        run.define("loss", loss);
        for (step, value) in [0.5, 0.3, 0.4].into_iter().enumerate() {
            run.log_at(step as u64, metrics! { "loss" => value, "rate" => value });
        }
        let id = id(&run);
        run.finish().unwrap();
        id
    };
    train("told", Definition::new().lower_is_better());
    let untold = train("untold", Definition::new().unit("nats"));
    let server = Server::of(&store);
    let runs = server.json("/api/v1/runs?project=mnist");
    for run in runs["runs"].as_array().unwrap() {
        assert_eq!(run["summary"]["loss"]["best"], 0.3, "{run}");
        assert_eq!(run["summary"]["rate"]["best"], Value::Null, "{run}");
    }
    let known = &runs["definitions"]["loss"];
    assert_eq!((&known["direction"], &known["unit"]), (&json!("lower"), &json!("nats")));
    let own = server.json(&format!("/api/v1/runs/{untold}"));
    assert_eq!(own["summary"]["loss"]["best"], Value::Null, "{own}");
}

#[test]
fn settings_keep_their_digits_and_runs_their_place_in_the_project() {
    let store = Store::new();
    let config = json!({ "seed": u64::MAX, "lr": 0.1, "one": 1.0, "a.b": 1, "a": { "b": 2 } });
    store.trained(FIRST, "a", &config, 0.0, 2);
    store.trained(SECOND, "b", &json!({ "seed": u64::MAX - 1, "lr": 0.1 }), 0.0, 1);
    let server = Server::of(&store);
    let runs = server.json("/api/v1/runs?project=mnist");
    let place = |at: usize| (runs["runs"][at]["name"].clone(), runs["runs"][at]["ordinal"].clone());
    assert_eq!([place(0), place(1)], [(json!("b"), json!(1)), (json!("a"), json!(0))]);
    let exact = json!({ "seed": "18446744073709551615", "one": "1.0" });
    let run = server.json(&format!("/api/v1/runs/{FIRST}"));
    assert_eq!((&run["config_exact"], &run["ordinal"]), (&exact, &json!(0)));
    assert_eq!(runs["runs"][1]["config_exact"], exact);
    let compared = server.json(&format!("/api/v1/compare?run={FIRST}&run={SECOND}"));
    let setting = |path: &str| {
        let rows = compared["config"].as_array().unwrap();
        rows.iter().find(|row| row["path"] == path).unwrap().clone()
    };
    assert_eq!(setting("seed")["values"][1]["exact"], "18446744073709551614");
    assert_eq!(setting("lr")["values"][1].get("exact"), None);
    assert_eq!(setting("\"a.b\"")["values"][0]["value"], 1);
    assert_eq!(setting("a.b")["values"][0]["value"], 2);
}

#[test]
fn a_store_may_be_missing_appear_and_vanish() {
    let store = Store::new();
    let folder = store.path().to_owned();
    std::fs::remove_dir(&folder).unwrap();
    let server = Server::of(&store);
    assert_eq!(server.json("/api/v1/store")["projects"], json!([]));
    assert_eq!(server.json("/api/v1/runs")["runs"], json!([]));
    store.init("first").start().unwrap().finish().unwrap();
    assert_eq!(server.json("/api/v1/runs")["runs"][0]["name"], "first");
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(server.json("/api/v1/runs")["runs"], json!([]));
    std::fs::create_dir(&folder).unwrap();
}

#[test]
fn hostile_names_are_text_and_two_runs_may_have_one_name() {
    let store = Store::new();
    let names = ["<img src=x onerror=alert(1)>", "right\u{202e}left", "same", "same"];
    for name in names {
        store.init(name).start().unwrap().finish().unwrap();
    }
    let server = Server::of(&store);
    let answer = server.get("/api/v1/runs");
    assert!(answer.head.to_lowercase().contains("content-type: application/json"));
    let runs = answer.json()["runs"].as_array().unwrap().clone();
    let mut shown: Vec<&str> = runs.iter().map(|run| run["name"].as_str().unwrap()).collect();
    shown.sort_unstable();
    let mut wanted = names.to_vec();
    wanted.sort_unstable();
    assert_eq!(shown, wanted);
    let path = format!("/api/v1/runs/{}/edit", runs[0]["id"].as_str().unwrap());
    for name in ["\u{1b}[31mred", &"x".repeat(10_000), ""] {
        let answer = server.post(&path, &json!({ "name": name }));
        assert_eq!(answer.status, 400, "{name:.20}");
        assert!(answer.json()["hint"].is_string());
    }
    let answer = server.post(&path, &json!({ "name": "new", "tags": ["a"] }));
    assert_eq!(answer.json()["name"], "new");
    assert_eq!(server.json("/api/v1/runs")["runs"][0]["tags"], json!(["a"]));
}

#[test]
fn curves_are_exact_where_points_are_few_and_show_extremes_where_they_are_many() {
    let store = Store::new();
    let run = store.init("curves").start().unwrap();
    let values = |step: u64| if step == 7_000 { 100.0 } else { 1.0 / (step + 1) as f64 };
    for step in 0..10_000_u64 {
        run.log_at(step, metrics! { "loss" => values(step), "epoch" => step / 1000 });
    }
    run.log_at(0_u64, metrics! { "one" => 3.0 });
    for step in 0..5_u64 {
        run.log_at(step, metrics! { "nan" => f64::NAN });
    }
    run.log_at(u64::MAX, metrics! { "far" => 1.0 });
    let id = id(&run);
    run.finish().unwrap();
    let server = Server::of(&store);
    let ask = |more: Value| {
        let mut asked = json!({ "metrics": ["loss"], "runs": [id] });
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (header, columns) = curve(&server, &asked);
        (header["series"][0].clone(), columns)
    };

    let (series, columns) = ask(json!({ "buckets": 100 }));
    assert_eq!(series["exact"], false);
    assert_eq!(series["total"], 10_000);
    assert!(columns[0].len() <= 100);
    assert!(columns[3].contains(&100.0), "the spike survives");

    let (series, columns) = ask(json!({ "from": 6_990, "to": 7_009 }));
    assert_eq!(series["exact"], true);
    assert_eq!(series["columns"], json!(["x", "last"]));
    assert_eq!(columns[0], (6_990..7_010).map(f64::from).collect::<Vec<_>>());
    assert_eq!(columns[1][10], 100.0);

    let (_, columns) = ask(json!({ "smooth": 0.9, "from": 10, "to": 20 }));
    let (mut last, mut power) = (0.0, 1.0);
    let wanted: Vec<f64> = (0..=20)
        .map(|step| {
            last = last * 0.9 + (1.0 - 0.9) * values(step);
            power *= 0.9;
            last / (1.0 - power)
        })
        .collect();
    for (shown, wanted) in columns[2].iter().zip(&wanted[10..]) {
        assert!((shown - wanted).abs() < 1e-6, "{shown} {wanted}");
    }

    let (_, columns) = ask(json!({ "x": "epoch", "from": 2_998, "to": 3_001 }));
    assert_eq!(columns[0], [2.0, 2.0, 3.0, 3.0]);
    let (series, columns) = ask(json!({ "x": "relative", "buckets": 50 }));
    assert!(columns[0].is_sorted() && columns[0][0] >= 0.0);
    assert_eq!(series["x"], "f64", "single precision does not hold these times");

    let (series, columns) = ask(json!({ "metrics": ["one"] }));
    assert_eq!((series["points"].clone(), columns[1][0]), (json!(1), 3.0));
    let (series, columns) = ask(json!({ "metrics": ["nan"] }));
    assert!(columns[1].iter().all(|value| value.is_nan()));
    let stretch = json!({ "step": 0, "x": 0.0, "last_x": 4.0, "value": "NaN", "count": 5 });
    assert_eq!(series["not_finite"], json!([stretch]));
    assert_eq!(series["diverged"], json!({ "step": 0, "x": 0.0, "value": "NaN" }));
    let (series, _) = ask(json!({ "metrics": ["far"] }));
    assert_eq!(series["last_step"], u64::MAX.to_string());
    let (series, _) = ask(json!({ "metrics": ["missing"] }));
    assert_eq!(series["points"], 0);

    let (header, _) = curve(&server, &json!({ "metrics": ["one", "loss"], "runs": [id, "gone"] }));
    let names: Vec<_> = header["series"].as_array().unwrap().iter().collect();
    let named = |at: usize| (names[at]["metric"].as_str().unwrap(), &names[at]["points"]);
    assert_eq!(names.len(), 4);
    assert_eq!((named(0), named(1)), (("one", &json!(1)), ("one", &json!(0))));
    assert_eq!((named(2), named(3)), (("loss", &json!(1500)), ("loss", &json!(0))));
    assert_eq!(header["warnings"], json!(["there is no run gone"]));
}

#[test]
fn what_differs_between_runs_is_told_with_its_kind() {
    let store = Store::new();
    store.trained(FIRST, "a", &json!({ "lr": 1 }), 0.0, 2);
    store.trained(SECOND, "b", &json!({ "lr": "1", "also": null }), 0.0, 1);
    let server = Server::of(&store);
    let compared = server.json(&format!("/api/v1/compare?run={FIRST}&run={SECOND}"));
    assert_eq!(
        compared["config"],
        json!([
            {"path": "lr", "differs": true, "values": [
                {"kind": "number", "value": 1}, {"kind": "string", "value": "1"}]},
            {"path": "also", "differs": true, "values": [
                {"kind": "missing"}, {"kind": "null", "value": null}]},
        ])
    );
}

#[test]
fn packages_of_different_versions_are_told_and_equal_ones_are_not() {
    let store = Store::new();
    let first = store.trained(FIRST, "a", &json!({}), 0.0, 2);
    let second = store.trained(SECOND, "b", &json!({}), 0.0, 1);
    let list = |burn: &str| json!({ "burn": burn, "serde": "1.0.0" }).to_string();
    std::fs::write(first.join("packages.json"), list("0.17.0")).unwrap();
    std::fs::write(second.join("packages.json"), list("0.18.0")).unwrap();
    let server = Server::of(&store);
    let path = format!("/api/v1/compare?run={FIRST}&run={SECOND}");
    let wanted = json!([{ "name": "burn", "versions": ["0.17.0", "0.18.0"] }]);
    assert_eq!(server.json(&path)["packages"], wanted);
    std::fs::write(second.join("packages.json"), "{").unwrap();
    let compared = server.json(&path);
    assert_eq!((&compared["packages"], &compared["warnings"][1]), (&json!([]), &json!(null)));
    assert!(compared["warnings"][0].as_str().unwrap().contains("packages.json"));
}

#[test]
fn a_run_that_does_not_run_cannot_be_stopped() {
    let store = Store::new();
    store.trained(FIRST, "a", &json!({}), 0.0, 2);
    let server = Server::of(&store);
    let path = format!("/api/v1/runs/{FIRST}/stop");
    let answer = server.post(&path, &json!({ "when": "now" }));
    assert_eq!(answer.status, 409);
    assert!(answer.json()["hint"].is_string());
    assert_eq!(server.post(&path, &json!({ "when": "never" })).status, 400);
}

#[test]
fn a_training_in_another_process_is_stopped_by_the_page() {
    let store = Store::new();
    let child = stops::training(&store);
    let server = Server::of(&store);
    let id = server.json("/api/v1/runs")["runs"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/runs/{id}");
    while server.json(&path)["listens_to_stop"] != true {
        std::thread::sleep(Duration::from_millis(5));
    }
    let asked = json!({ "when": "now", "why": "out of budget" });
    let answer = server.post(&format!("{path}/stop"), &asked);
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    stops::wait(child);
    let run = server.json(&path);
    assert_eq!((&run["state"], &run["message"]), (&json!("stopped"), &answer.json()["reason"]));
}

#[test]
fn a_training_that_does_not_listen_is_not_asked_to_stop() {
    let store = Store::new();
    let run = store.init("deaf").start().unwrap();
    let server = Server::of(&store);
    let path = format!("/api/v1/runs/{}", id(&run));
    assert_eq!(server.json(&path)["listens_to_stop"], false);
    let answer = server.post(&format!("{path}/stop"), &json!({ "when": "epoch" }));
    assert_eq!(answer.status, 409);
    assert!(answer.json()["hint"].as_str().unwrap().contains("kill "));
    run.finish().unwrap();
}
