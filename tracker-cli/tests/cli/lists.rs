//! `tracker ls`.

use serde_json::json;
use tracker_core::{Alert, Tracker, metrics};

use crate::support::{FIRST, SECOND, Store, THIRD, assert_text, finish_as_if, texts};

fn store() -> Store {
    let store = Store::new();
    store.trained(FIRST, "baseline", &json!({"lr": 0.1}), 0.0, 50);
    store.trained(SECOND, "wide", &json!({"lr": 0.2}), 1.0, 3);
    store.trained(THIRD, "baseline", &json!({}), 2.0, 2);
    store
}

#[test]
fn runs_are_listed_with_their_telling_metrics() {
    assert_text!(store().prints(&["ls"]));
}

#[test]
fn a_narrow_terminal_loses_whole_columns() {
    let store = store();
    let output = store.command(&["ls"]).env("COLUMNS", "50").output().unwrap();
    assert_text!(texts(&output).0);
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let store = store();
    for width in [40_usize, 60, 80, 200] {
        let output = store.command(&["ls"]).env("COLUMNS", width.to_string()).output().unwrap();
        assert!(texts(&output).0.lines().all(|line| line.chars().count() <= width));
    }
}

#[test]
fn the_runs_of_one_project_are_listed_alone() {
    let store = store();
    tracker_core::init("other").dir(store.path()).signals(false).start().unwrap().finish().unwrap();
    assert!(store.prints(&["ls"]).contains("other"));
    let listed = store.prints(&["ls", "mnist"]);
    assert!(!listed.contains("other") && !listed.contains("project"));
    assert_eq!(listed.lines().count(), 6);
}

#[test]
fn the_runs_that_fit_are_listed_in_the_order_and_with_the_columns_that_are_asked_for() {
    let store = store();
    let csv = |args: &[&str]| store.prints(&[&["ls", "--csv", "--columns"], args].concat());
    assert_eq!(csv(&["name,lr", "--where", "lr > 0.15"]), "name,lr\nwide,0.2\n");
    let by_rate = csv(&["id,lr", "--sort", "lr", "--reverse"]);
    assert_eq!(by_rate, format!("id,lr\n{SECOND},0.2\n{FIRST},0.1\n{THIRD},\n"));
    assert_eq!(csv(&["id", "--sort", "valid/accuracy", "-n", "1"]).lines().count(), 2);
    assert_eq!(csv(&["name", "--reverse", "-n", "2"]), "name\nbaseline\nwide\n");
    let found = store.json(&["ls", "--where", "wide", "--json"]);
    assert_eq!(found["runs"].as_array().unwrap().len(), 1);
    assert_text!(store.prints(&["ls", "--columns", "name,state,lr,valid/loss", "--sort", "lr"]));
}

#[test]
fn what_makes_no_sense_or_finds_nothing_is_told() {
    let store = store();
    for (args, said) in [
        (&["--where", "lrr = 3"][..], "no run has `lrr`, at character 1\nhint: did you mean `lr`?"),
        (&["--sort", "accuracy"], "no run has `accuracy`"),
        (&["--columns", "name,foo"], "no run has `foo`"),
        (&["--where", "lr <"], "a value is missing at the end"),
    ] {
        let output = store.tracker(&[&["ls"], args].concat());
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        let (out, err) = texts(&output);
        assert!(out.is_empty() && err.contains(said), "{args:?}: {err}");
    }
    let output = store.tracker(&["ls", "--where", "lr > 3"]);
    let (out, err) = texts(&output);
    assert_eq!((output.status.code(), out.as_str()), (Some(0), ""));
    assert_eq!(err, "none of 3 runs fits `lr > 3`\n");
    let (_, err) = texts(&store.tracker(&["ls", "--where", "duration < 10000"]));
    assert!(err.contains("is taken as seconds"), "{err}");
}

#[test]
fn json_has_exactly_the_promised_shape() {
    let store = Store::new();
    let run = store.init("odd").tags(["a"]).config(&json!({"lr": 0.1})).start().unwrap();
    run.log_at(u64::MAX, metrics! { "nan" => f64::NAN, "up" => f64::INFINITY });
    run.log_at(1, metrics! { "up" => f64::NEG_INFINITY, "loss" => 0.5 });
    finish_as_if(&run, FIRST, 1);

    let listed = store.json(&["ls", "--json"]);
    let shown = &listed["runs"][0];
    let summary = json!({
        "loss": {"last": 0.5, "min": 0.5, "max": 0.5, "best": null, "count": 1, "step": 1},
        "nan": {"last": "NaN", "min": null, "max": null, "best": null, "count": 1, "step": u64::MAX},
        "up": {
            "last": "Infinity", "min": null, "max": null, "best": null, "count": 2, "step": u64::MAX,
        },
    });
    let last = &shown["alerts"]["last"];
    assert_eq!((&last["value"], &last["step"]), (&json!("Infinity"), &json!(u64::MAX)));
    let wanted = json!({"version": 1, "runs": [{
        "id": FIRST, "name": "odd", "project": "mnist", "state": "finished",
        "started_at": shown["started_at"], "finished_at": shown["finished_at"],
        "seconds": 185.0, "trained_seconds": 185.0,
        "config": {"lr": 0.1}, "tags": ["a"], "alerts": {"count": 2, "last": last}, "summary": summary,
    }]});
    assert_eq!(listed, wanted);
    assert!(shown["started_at"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn what_somebody_should_look_at_is_counted_in_the_list_and_told_with_the_run() {
    let store = Store::new();
    let run = store.init("watched").start().unwrap();
    run.log_at(7_u64, metrics! { "loss" => f64::NAN });
    run.flush(std::time::Duration::from_secs(10)).unwrap();
    run.alert(Alert::error("the data has\u{202e} holes").hint("look at it"));
    run.finish().unwrap();
    store.init("calm").start().unwrap().finish().unwrap();

    let listed = store.prints(&["ls"]);
    let columns = |line: usize| listed.lines().nth(line).unwrap().split_whitespace();
    assert!(columns(0).any(|title| title == "alerts"), "{listed}");
    assert!(listed.lines().any(|line| line.starts_with("watched") && line.contains(" 2 ")));
    let shown = store.prints(&["show", "watched"]);
    let alerts = shown.split("Alerts\n").nth(1).unwrap();
    assert!(alerts.contains("warning  loss is NaN at step 7"), "{shown}");
    assert!(alerts.contains("error    the data has") && !alerts.contains('\u{202e}'), "{shown}");
    assert!(alerts.contains("hint: look at it"), "{shown}");
    let events = &store.json(&["show", "watched", "--json"])["run"]["events"];
    assert_eq!(events[1]["kind"], "alert");
    assert!(!store.prints(&["show", "calm"]).contains("Alerts"));
}

#[test]
fn json_has_the_best_value_where_a_direction_is_known() {
    let store = store();
    let listed = store.json(&["ls", "--json"]);
    assert_eq!(listed["runs"][0]["summary"]["valid/loss"]["best"], json!(1.0 / 7.0));
    assert_eq!(listed["runs"][2]["name"], "baseline");
}

#[test]
fn an_empty_store_says_what_to_type_next() {
    let store = Store::new();
    let (out, err) = texts(&store.tracker(&["ls"]));
    assert_eq!(out, "");
    assert!(err.contains("no runs yet") && err.contains("tracker_core::init"), "{err}");
    assert_eq!(store.json(&["ls", "--json"]), json!({"version": 1, "runs": []}));
}

#[test]
fn a_run_that_lives_is_running() {
    let store = Store::new();
    let run = store.init("alive").start().unwrap();
    assert_eq!(store.json(&["ls", "--json"])["runs"][0]["state"], "running");
    assert_eq!(store.json(&["ls", "--json"])["runs"][0]["finished_at"], json!(null));
    run.finish().unwrap();
    assert_eq!(store.json(&["ls", "--json"])["runs"][0]["state"], "finished");
}

#[test]
fn short_ids_of_a_list_find_their_runs() {
    let store = store();
    let list = store.prints(&["ls"]);
    for line in list.lines().skip(3) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let run = store.json(&["show", words[1], "--json"]);
        assert_eq!(run["run"]["name"], words[0]);
        assert!(run["run"]["id"].as_str().unwrap().starts_with(words[1]));
    }
}

#[test]
fn folders_that_are_no_runs_are_told_and_passed_over() {
    let store = store();
    std::fs::create_dir(store.path().join("mnist/stray")).unwrap();
    let output = store.tracker(&["ls"]);
    let (out, err) = texts(&output);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(out.lines().count(), 6);
    assert!(err.starts_with("warning: ") && err.contains("stray"), "{err}");
}

#[test]
fn csv_has_settings_and_all_metrics_and_no_formulas() {
    let store = Store::new();
    store.trained(FIRST, "baseline", &json!({"lr": -0.5, "model": {"act": "relu"}}), 0.0, 50);
    let run = store.init("=cmd|' /C calc'!A0").tags(["@sum", "b"]).notes("-1\n+1").start().unwrap();
    run.log_at(1, metrics! { "=odd" => f64::NAN, "valid/loss" => f64::NEG_INFINITY });
    finish_as_if(&run, SECOND, 3);
    let csv = store.prints(&["ls", "--csv"]);
    let (titles, rows) = csv.split_once('\n').unwrap();
    assert_eq!(
        titles,
        "id,name,project,group,state,started_at,finished_at,seconds,trained_seconds,tags,notes,config.lr,\
         config.model.act,last.=odd,last.epoch,last.valid/accuracy,best.valid/accuracy,\
         last.valid/loss,best.valid/loss"
    );
    let odd = "\"'-1\n+1\",,,NaN,,,,-inf,\n";
    assert!(rows.starts_with(&format!("{SECOND},'=cmd|' /C calc'!A0,mnist,,finished,")), "{rows}");
    assert!(rows.contains(&format!(",185.0,185.0,'@sum b,{odd}{FIRST},baseline,")), "{rows}");
    assert!(rows.ends_with(",,,-0.5,relu,,4.0,0.9,0.9,0.2,0.2\n"), "{rows}");
}

#[test]
fn names_are_whole_in_a_pipe_and_cut_where_there_is_no_room() {
    let store = Store::new();
    let long = "a-name-of-more-than-24-characters-that-differs-at-its-end";
    for end in ["one", "two"] {
        let run = store.init(&format!("{long}-{end}")).start().unwrap();
        let metrics = (0..6).map(|index| (format!("valid/metric-number-{index}"), 0.5));
        run.log_at(1, metrics.collect::<Vec<_>>());
        run.finish().unwrap();
    }
    let output = store.command(&["ls"]).env_remove("COLUMNS").output().unwrap();
    let listed = texts(&output).0;
    for words in [&*format!("{long}-one"), &*format!("{long}-two"), "metric-number-5"] {
        assert!(listed.contains(words), "{words}: {listed}");
    }
    assert_eq!(listed.lines().count(), 5, "{listed}");
    let cut = store.prints(&["ls"]);
    assert!(cut.contains('…') && !cut.contains("at-its-end"), "{cut}");
}

#[test]
fn a_heading_says_whether_its_values_are_the_best_or_the_last() {
    let store = Store::new();
    for name in ["a", "b"] {
        let run = store.init(name).start().unwrap();
        // What one run knows of a metric holds for all.
        if name == "a" {
            run.define("loss", tracker_core::Definition::new().lower_is_better());
        }
        for (step, loss) in [0.5, 0.25, 0.75].into_iter().enumerate() {
            run.log_at(step as u64, metrics! { "loss" => loss, "time" => loss });
        }
        run.finish().unwrap();
    }
    let listed = store.prints(&["ls"]);
    let lines: Vec<&str> = listed.lines().collect();
    let heads = [0, 1].map(|line| lines[line].split_whitespace().rev().take(2).collect::<Vec<_>>());
    assert_eq!(heads, [["time", "loss"], ["(last)", "(best)"]], "{listed}");
    for line in &lines[2..] {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words[words.len() - 2..], ["0.2500", "0.7500"], "{listed}");
    }
    let groups = store.prints(&["compare", "a", "b", "--group=project"]);
    assert!(groups.contains("loss ↓ (best)") && groups.contains("time (last)"), "{groups}");
}
