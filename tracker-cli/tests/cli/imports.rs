//! `tracker import`.

use std::{fs, path::PathBuf};

use crate::support::{FIRST, Store, finish_as_if, texts};

const TABLE: &str = "step,loss,accuracy\n0,0.5,0.25\n1,0.25,0.5\n2,nan,0.75\n";

fn file(store: &Store, name: &str, text: &str) -> PathBuf {
    let folder = store.path().join(".elsewhere/mnist");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_table_is_imported_once_and_again_when_it_has_grown() {
    let store = Store::new();
    let path = file(&store, "wide.csv", TABLE);
    let import = ["import", path.to_str().unwrap(), "--yes"];
    let out = store.prints(&import);
    assert!(out.contains("new") && out.contains("mnist/wide") && out.contains("6 points"), "{out}");
    let shown = store.prints(&["show", "wide"]);
    assert!(shown.contains("imported") && shown.contains("wide.csv"), "{shown}");
    assert!(store.prints(&import).contains("already there"));
    fs::write(&path, format!("{TABLE}3,0.1,1.0\n")).unwrap();
    store.prints(&["tag", "wide", "+good"]);
    let out = store.prints(&import);
    assert!(out.contains("replaced") && out.contains("8 points"), "{out}");
    let listed = store.json(&["ls", "--json"]);
    assert_eq!(listed["runs"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(listed["runs"][0]["tags"][0], "good");
}

#[test]
fn a_table_is_shown_first_and_imported_by_nobody_who_cannot_be_asked() {
    let store = Store::new();
    let path = file(&store, "wide.csv", TABLE);
    let output = store.command(&["import", path.to_str().unwrap()]);
    let output = { output }.stdin(std::process::Stdio::null()).output().unwrap();
    let (out, err) = texts(&output);
    assert_eq!((output.status.code(), &*out), (Some(1), ""));
    assert!(err.contains("accuracy") && err.contains("--yes"), "{err}");
    let out = store.prints(&["import", path.to_str().unwrap(), "--dry-run"]);
    assert!(out.contains("would come") && out.contains("6 points"), "{out}");
    assert_eq!(store.json(&["ls", "--json"])["runs"].as_array().unwrap().len(), 0);
}

#[test]
fn what_did_not_come_over_is_told_and_the_project_is_as_it_is_wanted() {
    let store = Store::new();
    let path = file(&store, "wide.csv", TABLE);
    let path = path.to_str().unwrap();
    let words = ["--project", "digits", "--group", "old", "--tag", "a", "--tag", "b"];
    let args =
        [&["import", path, "--yes", "--json", "--map", "ignore=accuracy"], &words[..]].concat();
    let answer = store.json(&args);
    let run = &answer["runs"][0];
    assert_eq!((&run["tool"], &run["arrival"]), (&"csv".into(), &"new".into()));
    assert_eq!((&run["project"], &run["points"]), (&"digits".into(), &3.into()));
    assert!(run["left_out"].to_string().contains("accuracy"), "{answer}");
    let shown = store.json(&["show", "wide", "--json"]);
    assert_eq!(shown["run"]["group"], "old");
    assert_eq!(shown["run"]["tags"], serde_json::json!(["a", "b"]));
}

#[test]
fn what_is_exported_comes_back_bit_for_bit() {
    let (from, to) = (Store::new(), Store::new());
    let run = from.init("values").start().unwrap();
    for (step, value) in [(0, 0.1), (7, f64::NAN), (u64::MAX, -0.0), (8, 5e-324)] {
        run.log_at(step, [("loss", value)]);
    }
    finish_as_if(&run, FIRST, 1);
    let exported = from.prints(&["export", "values", "--to", "csv"]);
    let path = file(&to, "values.csv", &exported);
    to.prints(&["import", path.to_str().unwrap(), "--yes"]);
    let again = to.prints(&["export", "@latest", "--to", "csv"]);
    let points = |csv: &str| -> Vec<Vec<String>> {
        let lines = csv.lines().skip(1).map(|line| line.split(',').map(str::to_owned));
        lines.map(|cells| cells.skip(1).take(4).collect()).collect()
    };
    assert_eq!(points(&again), points(&exported));
}

#[test]
fn what_cannot_be_imported_is_told_with_the_way_out() {
    let store = Store::new();
    let path = file(&store, "README.md", "# hello\n");
    let said = store.fails(&["import", path.to_str().unwrap()]);
    assert!(said.contains("--from") && said.contains("tensorboard"), "{said}");
    let said = store.fails(&["import", "no/such/place"]);
    assert!(said.contains("no/such/place") && said.contains("hint: "), "{said}");
}
