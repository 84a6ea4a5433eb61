//! `tracker compare`.

use serde_json::{Value, json};
use tracker_core::metrics;

use crate::support::{FIRST, SECOND, Store, THIRD, assert_text, edit, finish_as_if, texts};

fn store() -> Store {
    let store = Store::new();
    let shared = |lr: Value, more: Value| json!({"lr": lr, "batch_size": 64, "optimizer": {"kind": "adam", "decay": more}});
    store.trained(FIRST, "baseline", &shared(json!(1), json!(null)), 0.0, 3);
    let folder = store.trained(SECOND, "wide", &shared(json!("1"), json!(0.5)), 1.0, 2);
    edit(&folder, |file| {
        file["config"]["optimizer"].as_object_mut().unwrap().remove("decay");
        file["provenance"]["git_commit"] = json!("4567ef01");
        file["provenance"]["host"] = json!("other-box");
    });
    store
}

#[test]
fn runs_stand_side_by_side() {
    assert_text!(store().prints(&["compare", "baseline", "wide"]));
}

#[test]
fn only_what_differs_is_shown_on_request() {
    assert_text!(store().prints(&["compare", "baseline", "wide", "--diff", "--metric", "epoch"]));
}

#[test]
fn equal_configs_differ_in_nothing() {
    let store = Store::new();
    store.trained(FIRST, "a", &json!({"lr": 1}), 0.0, 3);
    store.trained(SECOND, "b", &json!({"lr": 1}), 0.0, 2);
    let page = store.prints(&["compare", "a", "b", "--diff"]);
    assert!(page.contains("Config (the same in all)"), "{page}");
    assert!(!page.contains('*'), "nothing is best among equals: {page}");
}

#[test]
fn runs_of_one_name_are_told_apart_by_their_ids() {
    let store = Store::new();
    store.trained(SECOND, "baseline", &json!({"lr": 1}), 0.0, 3);
    store.trained(THIRD, "baseline", &json!({"lr": 2}), 1.0, 2);
    assert_text!(store.prints(&["compare", "01KX3F9B0", "01KX3F9B1", "--metric", "valid/loss"]));
}

#[test]
fn many_runs_go_on_in_further_tables() {
    let store = Store::new();
    for index in 0..9 {
        let run =
            store.init(&format!("run-{index}")).config(&json!({"seed": index})).start().unwrap();
        run.log_at(0, metrics! { "loss" => f64::from(index) });
        finish_as_if(&run, &format!("01KX3F{index}B000000000000000AAA"), 1);
    }
    let names: Vec<String> = (0..9).map(|index| format!("run-{index}")).collect();
    let mut args = vec!["compare"];
    args.extend(names.iter().map(String::as_str));
    let page = store.prints(&args);
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
    assert!(page.contains("I run-8"), "{page}");
}

#[test]
fn a_metric_that_one_run_lacks_is_missing_there_only() {
    let store = store();
    let run = store.init("other").start().unwrap();
    run.log_at(0, metrics! { "only/here" => 1.0 });
    finish_as_if(&run, THIRD, 1);
    let compared = store.json(&["compare", "baseline", "other", "--metric", "only/*", "--json"]);
    assert_eq!(compared["metrics"]["only/here"]["values"][FIRST], json!(null));
    assert_eq!(compared["metrics"]["only/here"]["values"][THIRD]["last"], 1.0);
    assert!(store.prints(&["compare", "baseline", "other"]).contains("only/here"));
}

#[test]
fn json_keeps_types_and_tells_missing_from_null() {
    let store = store();
    let compared = store.json(&["compare", "baseline", "wide", "--diff", "--json"]);
    assert_eq!(compared["version"], 1);
    let wanted = json!({
        "lr": {"differs": true, "values": {FIRST: 1, SECOND: "1"}},
        "optimizer.decay": {"differs": true, "values": {FIRST: null}},
    });
    assert_eq!(compared["config"], wanted);
    assert_eq!(compared["metrics"]["valid/loss"]["best"], json!([SECOND]));
    assert_eq!(compared["metrics"]["valid/loss"]["direction"], "lower");
    assert_eq!(compared["metrics"]["epoch"]["best"], json!([]));
    assert_eq!(compared["runs"][1]["id"], SECOND);
    let whole = store.json(&["compare", "baseline", "wide", "--json"]);
    assert_eq!(whole["config"]["batch_size"]["differs"], false);
}

#[test]
fn one_run_is_nothing_to_compare() {
    let store = store();
    let error = store.fails(&["compare", "baseline", FIRST]);
    assert!(
        error.contains("name one run, baseline (01KX3F2A)") && error.contains("hint: "),
        "{error}"
    );
    let error = store.fails(&["compare", "baseline"]);
    assert!(
        error.contains("`baseline` is one run") && error.contains("hint: name another"),
        "{error}"
    );
}

#[test]
fn an_unknown_metric_is_an_error_that_names_the_known_ones() {
    let error = store().fails(&["compare", "baseline", "wide", "--metric", "acc*"]);
    assert_text!(error);
}

#[test]
fn colored_curves_have_colored_letters() {
    let store = store();
    let command = || store.command(&["compare", "baseline", "wide"]);
    let colored = texts(&command().env("CLICOLOR_FORCE", "1").output().unwrap()).0;
    assert!(colored.starts_with("\x1b[1;36mA\x1b[0m") && colored.contains("\x1b[1;33mB\x1b[0m"));
    let plain = texts(&command().env("NO_COLOR", "1").output().unwrap()).0;
    assert!(!plain.contains('\x1b'));
}

#[test]
fn groups_of_seeds_have_a_mean_and_a_deviation() {
    let store = Store::new();
    for (id, name, lr, quality) in
        [(FIRST, "a", 0.1, 0.0), (SECOND, "b", 0.1, 1.0), (THIRD, "c", 0.2, 3.0)]
    {
        store.trained(id, name, &json!({ "lr": lr }), quality, 1);
    }
    let asked = ["compare", FIRST, SECOND, THIRD, "--metric", "valid/loss", "--group=lr"];
    let text = store.prints(&asked);
    assert!(text.contains("Groups by lr (mean ± standard deviation)"), "{text}");
    assert!(text.contains("(n = 2)") && text.contains("(n = 1) *"), "{text}");
    let groups = &store.json(&[&asked[..], &["--json"]].concat())["groups"];
    let two = &groups["metrics"]["valid/loss"]["0.1"];
    let (least, greatest) = (1.0 / 6.0, 1.0 / 5.0);
    assert_eq!(two["runs"], 2);
    assert!((two["mean"].as_f64().unwrap() - f64::midpoint(least, greatest)).abs() < 1e-9);
    assert!(two["deviation"].as_f64().unwrap() > 0.0);
    assert_eq!(groups["runs"]["0.2"], json!([THIRD]));
}

#[test]
fn packages_are_compared_by_their_versions() {
    let store = Store::new();
    let first = store.trained(FIRST, "old", &json!({}), 0.0, 2);
    let second = store.trained(SECOND, "new", &json!({}), 1.0, 1);
    for (folder, version) in [(first, "0.17.0"), (second, "0.18.0")] {
        let path = folder.join("packages.json");
        let text = std::fs::read_to_string(&path).unwrap();
        let mut list: Value = serde_json::from_str(&text).unwrap();
        list["burn"] = json!(version);
        std::fs::write(path, list.to_string()).unwrap();
    }
    let text = store.prints(&["compare", FIRST, SECOND]);
    assert!(text.contains("Packages (where they differ)") && text.contains("0.18.0"), "{text}");
    let packages = &store.json(&["compare", FIRST, SECOND, "--json"])["packages"];
    assert_eq!(packages, &json!({ "burn": { FIRST: "0.17.0", SECOND: "0.18.0" } }));
}
