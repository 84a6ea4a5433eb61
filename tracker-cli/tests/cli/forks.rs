//! `tracker fork`, and what is told of forks.

use std::{env, fs, path::PathBuf, process::Command};

use serde_json::json;
use tracker_core::{Artifact, init, metrics};

use crate::{
    server::{Server, id},
    serves::curve,
    support::{FIRST, SECOND, Store, command, finish_as_if, texts},
};

const CHILD: &str = "TRACKER_TEST_FORKING_CHILD";

/// An unchanged program; in a normal test run it does nothing.
#[test]
fn the_child_trains_as_the_environment_says() {
    if env::var_os(CHILD).is_none() {
        return;
    }
    let run = init("mnist").name("fork").signals(false).code_changes(false).start().unwrap();
    run.log([("valid/loss", 0.125)]);
    run.finish().unwrap();
}

fn program() -> [String; 3] {
    let program = env::current_exe().unwrap().to_string_lossy().into_owned();
    [program, "--exact".into(), "forks::the_child_trains_as_the_environment_says".into()]
}

/// A run of five epochs with a checkpoint after the second, at step 199.
fn parent(store: &Store) -> PathBuf {
    let run = store.init("calm-otter").start().unwrap();
    let path = run.dir().join("model-epoch-2.bin");
    fs::write(&path, "weights").unwrap();
    for epoch in 0..5_u32 {
        run.log_at(epoch * 100 + 99, metrics! { "valid/loss" => 1.0 / f64::from(epoch + 1) });
    }
    let model = Artifact::of_file("checkpoint/model", "epoch-2", &path).unwrap();
    run.log_artifact(model.step(199_u64).epoch(2).relative_to(run.path()));
    finish_as_if(&run, FIRST, 2)
}

/// A fork of it after step 250, whose points are at 299 and 399.
fn forked(store: &Store) -> PathBuf {
    let run = store.init("brisk-hare").fork("calm-otter@250").start().unwrap();
    for step in [299_u64, 399] {
        run.log_at(step, metrics! { "valid/loss" => 0.125 });
    }
    finish_as_if(&run, SECOND, 1)
}

#[test]
fn without_a_program_it_says_what_a_fork_would_begin_with() {
    let store = Store::new();
    parent(&store);
    let told = store.prints(&["fork", "calm-otter@250"]);
    assert!(told.contains("has its curves up to step 250"), "{told}");
    assert!(told.contains("the checkpoint epoch-2 of step 199, after epoch 2"), "{told}");
    assert!(told.contains("next: `tracker fork calm-otter@250 -- COMMAND`"), "{told}");
    let told = store.prints(&["fork", "@latest@100"]);
    assert!(told.contains("there is no checkpoint up to there"), "{told}");
    let json = store.json(&["fork", "calm-otter", "--json"]);
    assert_eq!((&json["step"], &json["name"]), (&json!(199), &json!("calm-otter")));
    assert_eq!(json["checkpoint"], json!({"version": "epoch-2", "step": 199, "epoch": 2}));

    let error = store.fails(&["fork", "calm-otter@500"]);
    assert!(error.contains("has not come to step 500"), "{error}");
    assert!(error.contains("hint: its last step is 499: `calm-otter@499`"), "{error}");
    fs::remove_file(store.path().join("mnist").join(FIRST).join("files/model-epoch-2.bin"))
        .unwrap();
    let output = store.tracker(&["fork", "calm-otter@250"]);
    let (_, told) = texts(&output);
    assert!(told.contains("passed over the checkpoint epoch-2"), "{told}");
}

#[test]
fn a_program_as_it_is_goes_on_from_the_step() {
    let store = Store::new();
    parent(&store);
    let fork = |point: &str, program: &[String]| {
        let mut tracker = command(&["--dir"]);
        tracker.arg(store.path()).args(["fork", point, "--"]).args(program).env(CHILD, "1");
        tracker.output().unwrap()
    };
    let output = fork("@latest@250", &program());
    let (_, told) = texts(&output);
    assert!(output.status.success(), "{told}");
    assert!(
        told.contains(&format!("tracker: forked from calm-otter ({FIRST}) after step 250")),
        "{told}"
    );
    let run = &store.json(&["show", "fork", "--json"])["run"];
    assert_eq!(run["forked_from"]["run_name"], "calm-otter");
    assert_eq!(run["summary"]["valid/loss"]["step"], 251);
    assert_eq!(run["artifacts"][0]["step"], 199);

    let output = fork("calm-otter@250", &["no-such-program".to_owned()]);
    let (_, told) = texts(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        told.contains("failed to start `no-such-program`") && told.contains("hint: "),
        "{told}"
    );
    let output = fork("calm-otter@250", &["sh".into(), "-c".into(), "exit 7".into()]);
    assert_eq!(output.status.code(), Some(7));
}

#[test]
fn a_run_and_its_forks_name_each_other() {
    let store = Store::new();
    parent(&store);
    forked(&store);
    let told = store.prints(&["show", "brisk-hare"]);
    assert!(told.contains("forked from  calm-otter after step 250"), "{told}");
    assert!(store.prints(&["show", "calm-otter"]).contains("brisk-hare after step 250"));
    let json = &store.json(&["show", "calm-otter", "--json"])["run"];
    assert_eq!(json["forked_from"], json!(null));
    assert_eq!(json["forks"][0]["run"], SECOND);
    let exported = store.prints(&["export", "brisk-hare", "--to", "csv"]);
    assert_eq!(exported.lines().count(), 3, "its own rows: {exported}");

    let server = Server::of(&store);
    let fork = server.json(&format!("/api/v1/runs/{SECOND}"));
    let expected = json!({
        "run": FIRST, "run_name": "calm-otter", "project": "mnist", "step": 250, "is_there": true,
    });
    assert_eq!(fork["forked_from"], expected);
    let parent = server.json(&format!("/api/v1/runs/{FIRST}"));
    assert_eq!(parent["forks"][0]["run_name"], "brisk-hare");
    assert_eq!(parent["forked_from"], json!(null));
    fs::remove_dir_all(store.path().join("mnist").join(FIRST)).unwrap();
    let fork = server.json(&format!("/api/v1/runs/{SECOND}"));
    assert_eq!(fork["forked_from"]["is_there"], false);
    let told = store.tracker(&["show", "brisk-hare"]);
    let (told, _) = texts(&told);
    assert!(told.contains("calm-otter after step 250, which is not in this store"), "{told}");
}

#[test]
fn a_report_names_the_run_that_one_was_forked_from() {
    let store = Store::new();
    parent(&store);
    forked(&store);
    let report = store.prints(&["report", "brisk-hare", "--output", "-"]);
    assert!(report.contains(r#""forked_from":{"run":"01KX3F2A000000000000000AAA""#));
    let report = store.prints(&["report", "calm-otter", "--output", "-"]);
    assert!(report.contains(r#""forks":[]"#), "only those that it holds");
}

#[test]
fn curves_on_the_page_begin_with_the_parents() {
    let store = Store::new();
    parent(&store);
    let fork = store.init("brisk-hare").fork("calm-otter@250").start().unwrap();
    for step in [299_u64, 399] {
        fork.log_at(step, metrics! { "valid/loss" => 0.125 });
    }
    fork.finish().unwrap();
    let fork = id(&fork);
    let server = Server::of(&store);
    let points = |run: &str, axis: &str| {
        let asked = json!({"runs": [run], "metrics": ["valid/loss"], "x": axis});
        let (header, mut columns) = curve(&server, &asked);
        assert_eq!(header["series"].as_array().unwrap().len(), 1, "{header}");
        columns.swap_remove(0)
    };
    assert_eq!(points(&fork, "step"), [99.0, 199.0, 299.0, 399.0]);
    assert_eq!(points(&fork, "relative").len(), 2, "of its own time alone");
    assert_eq!(points(&fork, "wall").len(), 4);
}

#[test]
fn a_run_whose_forks_stay_is_not_deleted_unless_that_is_wanted() {
    let store = Store::new();
    parent(&store);
    forked(&store);
    let error = store.fails(&["rm", "calm-otter", "--yes"]);
    assert!(error.contains("the curves of brisk-hare begin with its own"), "{error}");
    assert!(error.contains("hint: delete its forks too, or type `--force`"), "{error}");
    store.prints(&["rm", "calm-otter", "--yes", "--force"]);
    let output = store.tracker(&["show", "brisk-hare"]);
    let (told, _) = texts(&output);
    assert!(told.contains("from which it was forked, is missing"), "{told}");

    let store = Store::new();
    parent(&store);
    forked(&store);
    assert!(store.prints(&["rm", "calm-otter", "brisk-hare", "--yes"]).contains("deleted 2 runs"));
}

#[test]
fn the_program_gets_the_store_that_was_named() {
    let store = Store::new();
    parent(&store);
    let mut tracker = Command::new(env!("CARGO_BIN_EXE_tracker"));
    tracker.env("TRACKER_DIR", store.path()).args(["fork", "calm-otter@99", "--"]);
    let output = tracker.args(["sh", "-c", "echo $TRACKER_DIR $TRACKER_FORK"]).output().unwrap();
    let (told, _) = texts(&output);
    assert_eq!(told.trim(), format!("{} {FIRST}@99", store.path().display()));
}
