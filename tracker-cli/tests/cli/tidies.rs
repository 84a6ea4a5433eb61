//! `tracker doctor`, `gc` and `rm`.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, SystemTime},
};

use serde_json::json;
use tracker_core::{Outcome, Tracker as _, init, metrics};

use crate::support::{FIRST, SECOND, Store, edit, texts};

const CHILD_STORE: &str = "TRACKER_TEST_DYING_CHILD";

/// The process that is killed; in a normal test run it does nothing.
#[test]
fn the_child_trains_until_it_is_killed() {
    let Some(root) = env::var_os(CHILD_STORE).map(PathBuf::from) else { return };
    let run = init("mnist").name("doomed").dir(&root).start().unwrap();
    for step in 0..1_000_u32 {
        run.log_at(step, metrics! { "loss" => 1.0 / f64::from(step + 1) });
    }
    // What was logged last is still in memory, where that outlives the process.
    if cfg!(feature = "portable") {
        run.flush(Duration::from_secs(30)).unwrap();
    }
    fs::write(root.join(".logged"), "").unwrap();
    thread::sleep(Duration::from_mins(1));
}

/// A run whose process was killed with `kill -9`, with its ring where `ring` says: in the folder,
/// no other test that starts a run seals it as a leftover.
fn killed(store: &Store, ring: &str) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "tidies::the_child_trains_until_it_is_killed"])
        .env(CHILD_STORE, store.path())
        .env("TRACKER_RING", ring)
        // A program that is about to start has the locks of the process that starts it.
        .env("TRACKER_CODE_CHANGES", "off")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !store.path().join(".logged").exists() {
        assert!(child.try_wait().unwrap().is_none(), "the child ended by itself");
        thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

fn age(path: &Path, hours: u64) {
    let time = SystemTime::now() - Duration::from_hours(hours);
    fs::File::open(path).unwrap().set_modified(time).unwrap();
}

fn folder(store: &Store, run: &str) -> PathBuf {
    let shown = store.json(&["show", run, "--json"]);
    shown["run"]["path"].as_str().unwrap().replace("STORE", store.path().to_str().unwrap()).into()
}

#[test]
fn a_store_that_is_well_is_said_to_be() {
    let store = Store::new();
    store.trained(FIRST, "baseline", &json!({}), 0.0, 4);
    assert_eq!(store.prints(&["doctor"]), "all is well with 1 run\n");
    assert_eq!(store.json(&["doctor", "--json"])["findings"], json!([]));
}

#[test]
fn runs_that_went_wrong_are_named_where_no_file_is_to_be_mended() {
    let store = Store::new();
    store.trained(FIRST, "fine", &json!({}), 0.0, 4);
    let crashed = store.trained(SECOND, "gone", &json!({}), 0.0, 3);
    edit(&crashed, |file| {
        (file["state"], file["finished_at"]) = (json!("running"), json!(null));
    });
    let run = store.init("nan").start().unwrap();
    run.log_at(1, metrics! { "loss" => f64::NAN });
    run.finish_as(Outcome::Failed("the loss is NaN".into())).unwrap();
    assert_eq!(
        store.prints(&["doctor"]),
        "nothing is to be mended in 3 runs; 1 crashed (gone); 1 failed (nan); 1 diverged (nan)\n"
    );
    let wrong = &store.json(&["doctor", "--json"])["went_wrong"];
    assert_eq!(wrong["crashed"], json!([SECOND]));
    assert_eq!(wrong["failed"], wrong["diverged"]);
    assert_eq!(store.prints(&["doctor", "fine"]), "all is well with 1 run\n");
}

#[test]
fn a_killed_run_is_found_and_sealed() {
    let store = Store::new();
    killed(&store, "folder");
    let output = store.tracker(&["doctor"]);
    let (out, _) = texts(&output);
    assert_eq!(output.status.code(), Some(1), "{out}");
    assert!(out.contains("doomed") && out.contains("hint: type `tracker doctor --seal`"), "{out}");

    let sealed = store.json(&["doctor", "--seal", "--json"]);
    assert_eq!(sealed["sealed"][0]["points"], 1_000);
    assert_eq!(sealed["findings"], json!([]));
    let shown = store.json(&["show", "doomed", "--json"]);
    assert_eq!(shown["run"]["state"], "crashed");
    assert_eq!(shown["run"]["summary"]["loss"]["count"], 1_000);
    assert!(!folder(&store, "doomed").join("live").exists());
    assert_eq!(store.prints(&["doctor"]), "nothing is to be mended in 1 run; 1 crashed (doomed)\n");
}

#[test]
fn one_run_of_several_is_looked_at_and_sealed() {
    let store = Store::new();
    killed(&store, "folder");
    store.trained(FIRST, "baseline", &json!({}), 0.0, 4);
    let sealed = store.json(&["doctor", "baseline", "--seal", "--force", "--json"]);
    assert_eq!((&sealed["sealed"], &sealed["runs"]), (&json!([]), &json!(1)));
    assert_eq!(store.tracker(&["doctor"]).status.code(), Some(1), "the other run is as it was");
    let sealed = store.json(&["doctor", "doomed", "--seal", "--json"]);
    assert_eq!(sealed["sealed"][0]["points"], 1_000);
    assert_eq!(
        store.prints(&["doctor"]),
        "nothing is to be mended in 2 runs; 1 crashed (doomed)\n"
    );
}

#[test]
fn a_run_that_lives_is_neither_sealed_nor_removed() {
    let store = Store::new();
    let run = store.init("alive").start().unwrap();
    run.log([("loss", 1.0)]);
    assert_eq!(store.prints(&["doctor", "--seal"]), "all is well with 1 run, 1 of them live\n");
    assert_eq!(store.prints(&["gc"]), "there is nothing to remove\n");
    let refused = store.fails(&["rm", "alive", "--yes"]);
    assert!(refused.contains("still trains") && refused.contains("hint: stop it"), "{refused}");
    run.log([("loss", 2.0)]);
    run.finish().unwrap();
    assert_eq!(store.json(&["show", "alive", "--json"])["run"]["summary"]["loss"]["count"], 2);
}

#[test]
fn damage_and_strangers_are_named_with_a_way_out() {
    let store = Store::new();
    let run = store.trained(FIRST, "baseline", &json!({}), 0.0, 4);
    let part = fs::read_dir(run.join("scalars")).unwrap().next().unwrap().unwrap().path();
    fs::write(&part, "no Parquet").unwrap();
    fs::create_dir(store.path().join("mnist/stray")).unwrap();
    let newer = store.trained(SECOND, "newer", &json!({}), 0.0, 3);
    crate::support::edit(&newer, |file| file["version"] = json!(99));
    let output = store.tracker(&["doctor", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = found["findings"].as_array().unwrap();
    let kinds: Vec<&str> =
        findings.iter().map(|finding| finding["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["foreign", "foreign", "damaged"], "{found}");
    assert!(findings.iter().any(|finding| finding["hint"].as_str().unwrap().contains("update")));
    let (page, _) = texts(&store.tracker(&["doctor"]));
    assert!(page.contains("stray") && page.contains("3 findings in 1 run"), "{page}");
}

#[test]
fn garbage_is_listed_before_it_is_removed() {
    let store = Store::new();
    let run = store.trained(FIRST, "baseline", &json!({}), 0.0, 4);
    let unfinished = run.join("scalars/r0a1-0-9.parquet.tmp");
    let removed = store.path().join("mnist").join(format!(".removed-{SECOND}"));
    let unborn = run.join("live/.new-r0a2");
    for folder in [&removed, &unborn] {
        fs::create_dir_all(folder).unwrap();
    }
    fs::write(&unfinished, vec![0; 2_048]).unwrap();
    fs::write(run.join("run.json.tmp"), "a file that is being written").unwrap();
    age(&unfinished, 2);
    age(&unborn, 2);
    age(&removed, 2);
    let page = store.prints(&["gc", "--dry-run"]);
    assert!(page.contains("3 items of 2.0 KiB would be removed"), "{page}");
    assert!(unfinished.exists());
    let listed = store.json(&["gc", "--json"]);
    assert_eq!((&listed["removed"], &listed["bytes"]), (&json!(true), &json!(2_048)));
    assert!(!unfinished.exists() && !removed.exists() && !unborn.exists());
    assert!(run.join("run.json.tmp").exists(), "what is young may be somebody's work");
    assert_eq!(store.prints(&["gc"]), "there is nothing to remove\n");
    assert_eq!(store.json(&["show", "baseline", "--json"])["run"]["warnings"], json!([]));
}

#[test]
fn runs_are_deleted_with_all_that_they_hold() {
    let store = Store::new();
    let first = store.trained(FIRST, "baseline", &json!({}), 0.0, 4);
    let second = store.trained(SECOND, "wide", &json!({}), 0.0, 3);
    let refused = store.command(&["rm", "wide"]).stdin(Stdio::null()).output().unwrap();
    let (_, err) = texts(&refused);
    assert_eq!(refused.status.code(), Some(1));
    assert!(err.contains("hint: type `--yes`"), "{err}");
    assert!(second.exists());
    let removed = store.json(&["rm", "wide", SECOND, "--yes", "--json"]);
    assert_eq!(removed["removed"][0]["id"], SECOND);
    assert!(removed["bytes"].as_u64().unwrap() > 1_000);
    assert!(!second.exists() && first.exists());
    let left = fs::read_dir(store.path().join("mnist")).unwrap().count();
    assert_eq!(left, 1, "nothing hidden stays");
    let unknown = store.fails(&["rm", "wide", "--yes"]);
    assert!(unknown.contains("hint: "), "{unknown}");
}

/// The rings of a run in memory.
fn rings(run: &str) -> usize {
    let rings = fs::read_dir("/dev/shm").unwrap();
    let names = rings.map(|ring| ring.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains(run)).count()
}

#[test]
fn the_memory_of_a_killed_run_is_given_back() {
    let store = Store::new();
    killed(&store, "");
    let run = store.json(&["show", "doomed", "--json"])["run"]["id"].as_str().unwrap().to_owned();
    // Another test that starts a run may be sealing it already.
    while rings(&run) > 0 {
        store.tracker(&["doctor", "--seal"]);
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(store.json(&["show", "doomed", "--json"])["run"]["summary"]["loss"]["count"], 1_000);
}

#[test]
fn a_killed_run_can_be_removed() {
    let store = Store::new();
    killed(&store, "folder");
    store.prints(&["rm", "doomed", "--yes"]);
    assert_eq!(store.json(&["ls", "--json"])["runs"], json!([]));
    assert_eq!(store.prints(&["doctor"]), "all is well with 0 runs\n");
}
