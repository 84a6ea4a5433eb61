//! Stores that are damaged, or were made to do harm.

use std::{fs, path::Path};

use serde_json::{Value, json};
use tracker_core::{Cell, Run, Table, metrics};

use super::{
    server::{Server, percent},
    support::{FIRST, SECOND, Store, edit, texts},
};

const HOSTILE: [&str; 8] = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "\u{1b}[2J\u{1b}[31mred\u{1b}]0;title\u{7}",
    "\u{9b}31mred\r\u{8}\u{8}",
    "evil\u{202e}gnp\u{2066}\u{200f}\u{61c}",
    "two\nlines\ttabs\0null",
    "../../../etc/passwd",
    "",
];

/// Marks that turn the direction of writing.
const TURNING: [char; 13] = [
    '\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}',
    '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}', '\u{9b}',
];

/// What a terminal takes for letters and line ends, and nothing else.
#[track_caller]
fn assert_harmless(text: &str) {
    let is_harmful = |c: char| (c.is_control() && c != '\n') || TURNING.contains(&c);
    assert!(!text.contains(is_harmful), "{text:?}");
}

/// What `tracker` prints and says of a store that is not well, if it does what it can. It says so
/// where it leaves something out.
#[track_caller]
fn shown(store: &Store, args: &[&str]) -> (String, String) {
    let output = store.tracker(args);
    let (out, err) = texts(&output);
    let expected = if err.contains("warning: ") { 2 } else { 0 };
    assert_eq!(output.status.code(), Some(expected), "{args:?}: {out}{err}");
    assert_harmless(&out);
    assert_harmless(&err);
    (out, err)
}

/// Puts a text wherever people name things.
pub(crate) fn name_all(folder: &Path, text: &str) {
    edit(folder, |file| {
        for field in ["name", "project", "group", "notes", "message"] {
            file[field] = json!(text);
        }
        file["tags"] = json!([text, text]);
        file["config"] = json!({ text: text, "list": [text], "nested": { text: { text: 1 } } });
        file["about"] = json!({ text: { text: text } });
        file["definitions"]["valid/loss"]["unit"] = json!(text);
        file["definitions"]["valid/loss"]["display_name"] = json!(text);
        for field in ["host", "os", "arch", "directory", "git_commit", "git_branch", "tracker"] {
            file["provenance"][field] = json!(text);
        }
        file["provenance"]["command"] = json!([text, text]);
        file["problems"] = json!([{ "kind": text, "message": text, "hint": text, "count": 1 }]);
        let summary = file["summary"]["valid/loss"].clone();
        file["summary"][text] = summary;
    });
}

#[test]
fn hostile_texts_in_a_run_file_do_nothing_to_a_terminal() {
    let store = Store::new();
    let folder = store.trained(FIRST, "a", &json!({}), 0.0, 2);
    store.trained(SECOND, "good", &json!({}), 0.0, 1);
    let long = "x".repeat(10_000);
    for text in HOSTILE.into_iter().chain([&*long]) {
        name_all(&folder, text);
        let (list, _) = shown(&store, &["ls"]);
        assert!(list.contains("good"), "{list}");
        assert!(list.lines().all(|line| line.chars().count() <= 80), "{text:.40}: {list}");
        let (page, _) = shown(&store, &["show", FIRST]);
        assert!(page.contains(FIRST), "{page}");
        let (lines, _) = shown(&store, &["watch", "--plain", FIRST]);
        assert!(lines.starts_with("step 99 ") && lines.contains(" finished"), "{lines}");
        let (_, hint) = shown(&store, &["compare", FIRST, SECOND, "--metric", "valid/loss"]);
        assert_eq!(hint, "");
        for command in ["ls", "show"] {
            let json = store.json(&[command, "--json"]);
            assert!(json["runs"].is_array() || json["run"].is_object());
        }
        let refused = store.tracker(&["show", "no such run"]);
        assert_harmless(&texts(&refused).1);
        let refused = store.tracker(&["ls", "no such project"]);
        assert_harmless(&texts(&refused).1);
    }
}

#[test]
fn hostile_texts_in_a_run_file_are_no_more_than_texts_to_the_page() {
    let store = Store::new();
    let folder = store.trained(FIRST, "a", &json!({}), 0.0, 2);
    store.trained(SECOND, "good", &json!({}), 0.0, 1);
    let long = "x".repeat(10_000);
    let server = Server::of(&store);
    for text in HOSTILE.into_iter().chain([&*long]) {
        name_all(&folder, text);
        for target in ["/api/v1/store", "/api/v1/runs", &format!("/api/v1/runs/{FIRST}")] {
            let answer = server.get(target);
            assert_eq!(answer.status, 200, "{target} {text:.40}");
            assert_eq!(answer.header("content-type"), Some("application/json"));
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
            assert!(!answer.head.contains("alert") && !answer.head.contains("xxxx"));
        }
        let run = server.json(&format!("/api/v1/runs/{FIRST}"));
        for field in ["name", "group", "notes", "message"] {
            assert_eq!(run[field], text, "{field}");
        }
        assert_eq!(run["config"][text], text);
        assert_eq!(run["project"], "mnist", "it is of the project in whose folder it lies");
        let compared = server.json(&format!("/api/v1/compare?run={FIRST}&run={SECOND}"));
        assert_eq!(compared["runs"], json!([FIRST, SECOND]));
        let asked = json!({ "metrics": [text], "runs": [FIRST, SECOND] });
        assert_eq!(server.post("/api/v1/curves", &asked).status, 200, "{text:.40}");
        let encoded = percent(text);
        let of_project = server.json(&format!("/api/v1/runs?project={encoded}"));
        assert_eq!(of_project["runs"], json!([]), "{text:.40}");
    }
}

/// A run file that is none any more, and the way in which it is not.
fn damages() -> Vec<(&'static str, Vec<u8>)> {
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        ("empty", Vec::new()),
        ("cut", text("{\"version\": 1, \"id\": \"01K")),
        ("no JSON", text("<html>")),
        ("no object", text("[1, 2, 3]")),
        ("no fields", text("{\"version\": 1}")),
        ("wrong kinds", text("{\"version\": 1, \"id\": 5, \"name\": [], \"project\": {}}")),
        ("bytes", vec![0xff; 4096]),
        ("zeros", vec![0; 4096]),
        ("deep", [vec![b'['; 100_000], vec![b']'; 100_000]].concat()),
    ]
}

#[test]
fn a_run_with_a_damaged_file_is_listed_with_a_warning_and_the_rest_goes_on() {
    let store = Store::new();
    let folder = store.trained(FIRST, "a", &json!({}), 0.0, 2);
    store.trained(SECOND, "good", &json!({}), 0.0, 1);
    let server = Server::of(&store);
    for (kind, bytes) in damages() {
        fs::write(folder.join("run.json"), bytes).unwrap();
        let (list, warning) = shown(&store, &["ls"]);
        assert!(list.contains("good") && list.contains(&FIRST[..8]), "{kind}: {list}");
        assert!(warning.contains("damaged") && warning.contains("run.json"), "{kind}: {warning}");
        let (page, _) = shown(&store, &["show", FIRST]);
        assert!(page.contains("damaged") && page.contains("valid/loss"), "{kind}: {page}");
        let (lines, _) = shown(&store, &["watch", "--plain", FIRST]);
        assert!(lines.starts_with("step 99 ") && lines.contains("damaged"), "{kind}: {lines}");
        let (lines, _) = shown(&store, &["watch", "--json", FIRST]);
        let end: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
        assert_eq!((&end["run"], &end["state"]), (&json!(FIRST), &json!("crashed")), "{kind}");

        let listed = server.json("/api/v1/runs");
        assert_eq!(listed["runs"].as_array().unwrap().len(), 2, "{kind}");
        assert!(listed["warnings"][0].as_str().unwrap().contains("run.json"), "{kind}");
        let run = server.json(&format!("/api/v1/runs/{FIRST}"));
        assert!(run["warnings"].to_string().contains("run.json"), "{kind}");
        assert_eq!(run["summary"]["valid/loss"]["count"], 5, "{kind}");
        let asked = json!({ "metrics": ["valid/loss"], "runs": [FIRST, SECOND] });
        assert_eq!(server.post("/api/v1/curves", &asked).status, 200, "{kind}");
        server.json(&format!("/api/v1/compare?run={FIRST}&run={SECOND}"));
        for part in ["events", "messages", "artifacts", "histograms?name=a"] {
            server.json(&format!("/api/v1/runs/{FIRST}/{part}"));
        }
    }
}

#[test]
fn a_run_of_a_newer_version_or_without_a_file_is_passed_over_and_named() {
    let store = Store::new();
    let folder = store.trained(FIRST, "a", &json!({}), 0.0, 2);
    store.trained(SECOND, "good", &json!({}), 0.0, 1);
    let server = Server::of(&store);
    edit(&folder, |file| file["version"] = json!(99));
    for word in ["newer tracker", "run.json"] {
        let (list, warning) = shown(&store, &["ls"]);
        assert!(list.contains("good") && !list.contains(&FIRST[..8]), "{list}");
        assert!(warning.contains(word), "{warning}");
        let error = store.fails(&["show", FIRST]);
        assert!(error.contains("no run matches") && error.contains("hint: "), "{error}");
        assert!(store.fails(&["watch", FIRST]).contains("hint: "));
        let listed = server.json("/api/v1/runs");
        assert_eq!(listed["runs"].as_array().unwrap().len(), 1);
        assert!(listed["warnings"][0].as_str().unwrap().contains(word), "{listed}");
        assert_eq!(server.get(&format!("/api/v1/runs/{FIRST}")).status, 404);
        // The second time round, the file is missing.
        fs::remove_dir_all(&folder).unwrap();
        fs::create_dir(&folder).unwrap();
    }
}

#[test]
fn runs_without_points_and_with_no_finite_one_are_shown() {
    let store = Store::new();
    let empty = store.init("empty").start().unwrap();
    empty.define("never", tracker_core::Definition::new().lower_is_better());
    empty.finish().unwrap();
    let nan = store.init("nan").start().unwrap();
    for step in 0..3_u64 {
        nan.log_at(step, metrics! { "loss" => f64::NAN, "far" => f64::NEG_INFINITY });
    }
    nan.finish().unwrap();
    let (list, warning) = shown(&store, &["ls"]);
    assert!(list.contains("empty") && list.contains("NaN") && list.contains("-∞"), "{list}");
    assert_eq!(warning, "");
    assert!(shown(&store, &["show", "empty"]).0.contains("none yet"));
    let (page, _) = shown(&store, &["show", "nan"]);
    assert!(page.contains("× 3 not finite, NaN at step 0"), "{page}");
    assert_eq!(shown(&store, &["watch", "--plain", "empty"]).0, "empty finished\n");
    let (lines, _) = shown(&store, &["watch", "--plain", "nan"]);
    assert_eq!(lines.lines().filter(|line| line.contains("loss NaN")).count(), 3, "{lines}");
    let compared = shown(&store, &["compare", "empty", "nan"]).0;
    assert!(compared.contains("NaN"), "{compared}");

    let server = Server::of(&store);
    let runs = server.json("/api/v1/runs");
    assert_eq!(runs["runs"][1]["summary"], json!({}));
    let loss = &runs["runs"][0]["summary"]["loss"];
    assert_eq!(
        (&loss["last"], &loss["min"], &loss["count"]),
        (&json!("NaN"), &json!(null), &json!(3))
    );
    let run = server.json(&format!("/api/v1/runs/{}", empty.id()));
    assert_eq!(run["metrics"], json!([]));
    let asked = json!({ "metrics": ["never"], "runs": [empty.id(), nan.id()] });
    assert_eq!(server.post("/api/v1/curves", &asked).status, 200);
}

/// Runs a command that must come to an end by itself, and is given little memory.
fn ends(store: &Store, args: &[&str]) -> (Option<i32>, String) {
    let mut command = std::process::Command::new("sh");
    let bounded = "ulimit -v 4000000; exec timeout 30 \"$0\" \"$@\"";
    command.arg("-c").arg(bounded).arg(env!("CARGO_BIN_EXE_tracker")).args(args);
    let output = command.arg("--dir").arg(store.path()).output().unwrap();
    let (out, err) = texts(&output);
    (output.status.code(), out + &err)
}

#[test]
fn no_command_hangs_or_fills_the_memory_for_what_lies_in_place_of_a_file() {
    let store = Store::new();
    let folder = store.trained(FIRST, "a", &json!({}), 0.0, 2);
    store.trained(SECOND, "good", &json!({}), 0.0, 1);
    let part = fs::read_dir(folder.join("scalars")).unwrap().next().unwrap().unwrap().path();
    let files = ["run.json", "events-r0a1.jsonl", "edits.jsonl", "summary-r0a1.json"];
    for path in files.map(|name| folder.join(name)).iter().chain([&part]) {
        for is_endless in [false, true] {
            let aside = folder.join("aside");
            let was_there = fs::rename(path, &aside).is_ok();
            if is_endless {
                std::os::unix::fs::symlink("/dev/zero", path).unwrap();
            } else {
                let made = std::process::Command::new("mkfifo").arg(path).status();
                assert!(made.unwrap().success());
            }
            for args in [&["ls"][..], &["show", FIRST], &["export", FIRST], &["note", FIRST, "x"]] {
                let (code, said) = ends(&store, args);
                assert!(matches!(code, Some(0..=2)), "{args:?} {}: {said}", path.display());
                assert!(!said.contains("panicked"), "{said}");
            }
            assert!(ends(&store, &["ls"]).1.contains("good"));
            fs::remove_file(path).unwrap();
            if was_there {
                fs::rename(&aside, path).unwrap();
            }
        }
    }
}

#[test]
fn tidying_a_store_of_somebody_else_touches_nothing_of_ones_own() {
    let store = Store::new();
    let folder = store.trained(FIRST, "a", &json!({}), 0.0, 2);
    let home = tempfile::tempdir().unwrap();
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_hours(5);
    for hidden in [".ssh", ".new-r0a1"] {
        fs::create_dir(home.path().join(hidden)).unwrap();
        fs::write(home.path().join(hidden).join("id"), "secret").unwrap();
        fs::File::open(home.path().join(hidden)).unwrap().set_modified(long_ago).unwrap();
    }
    fs::write(home.path().join("thesis.tmp"), "secret").unwrap();
    fs::File::open(home.path().join("thesis.tmp")).unwrap().set_modified(long_ago).unwrap();
    fs::remove_dir_all(folder.join("scalars")).unwrap();
    for name in ["live", "scalars"] {
        std::os::unix::fs::symlink(home.path(), folder.join(name)).unwrap();
    }
    let (code, said) = ends(&store, &["gc"]);
    assert_eq!(code, Some(0), "{said}");
    let (_, said) = ends(&store, &["doctor", "--seal"]);
    assert!(said.contains("link"), "{said}");
    ends(&store, &["rm", FIRST, "--yes"]);
    assert!(home.path().join(".ssh/id").exists() && home.path().join(".new-r0a1/id").exists());
    assert!(home.path().join("thesis.tmp").exists());
}

/// Records of the last steps as a stranger would log them, of a tensor of this name.
fn log_flights(run: &Run, tensor: &str, count: u64) {
    for step in 0..count {
        let [at, name] = [step.to_string(), tensor.to_owned()].map(Cell::Text);
        let [weight, gradient, change] = [1.0, f64::NAN, f64::INFINITY].map(Cell::Number);
        let tensors = Table::new(["step", "tensor", "weight", "gradient", "change"]);
        let batches = Table::new(["step", "epoch", "batch", "learning rate", "samples"]);
        let batch = [at.clone(), (-1).into(), 1e300.into(), f64::NAN.into(), "1 x 2".into()];
        let tables = [tensors.row([at, name, weight, gradient, change]), batches.row(batch)];
        run.log_media("flight", step, tables);
    }
}

#[test]
fn hostile_texts_of_forks_knobs_and_last_steps_do_nothing_to_a_terminal() {
    for text in HOSTILE {
        let store = Store::new();
        let parent = store.init("parent").start().unwrap();
        parent.log_at(3_u64, metrics! { "loss" => 1.0 });
        log_flights(&parent, text, 1);
        parent.finish().unwrap();
        let fork = store.init("fork").fork("parent@3").start().unwrap();
        fork.finish().unwrap();
        edit(parent.path(), |file| {
            file["name"] = json!(text);
            file["knobs"] = json!({ text: { "default": 1.0, "value": 1e300, "since": u64::MAX } });
        });
        edit(fork.path(), |file| {
            file["name"] = json!(text);
            for field in ["name", "project"] {
                file["parent"][field] = json!(text);
            }
        });
        let [parent, fork] = [&parent, &fork].map(|run| run.id().to_string());
        for args in [
            &["show", &parent][..],
            &["show", &fork],
            &["show", &parent, "--flight"],
            &["set", &parent],
            &["fork", &parent, "--json"],
            &["fork", &format!("{parent}@3")],
            &["flight", &parent],
            &["set", &parent, &format!("{}=1", text.replace('\0', ""))],
            &["rm", &parent, "--yes"],
            &["rm", &parent, "--yes", "--force"],
            &["show", &fork],
        ] {
            let (out, err) = texts(&store.tracker(args));
            assert!(!format!("{out}{err}").contains("panicked"), "{args:?}: {err}");
            assert_harmless(&out);
            assert_harmless(&err);
        }
    }
}

#[test]
fn of_any_number_of_records_of_last_steps_the_last_ones_are_read() {
    let store = Store::new();
    let run = store.init("many").start().unwrap();
    log_flights(&run, "layer", 70);
    run.finish().unwrap();
    let check = |answer: &Value, count: usize, left_out: usize| {
        let flights = answer["flights"].as_array().unwrap();
        assert_eq!((flights.len(), &answer["left_out"]), (count, &json!(left_out)));
        assert_eq!(flights[count - 1]["step"], 69);
        assert_eq!(flights[count - 1]["steps"][0]["samples"], json!(["1", "2"]));
    };
    check(&store.json(&["show", "many", "--flight", "--json"]), 64, 6);
    let server = Server::of(&store);
    let path = format!("/api/v1/runs/{}/flights", run.id());
    check(&server.json(&path), 64, 6);
    check(&server.json(&format!("{path}?step=69")), 1, 0);
    let shown = store.prints(&["show", "many", "--flight"]);
    assert_eq!(shown.matches("the last steps before").count(), 16);
    assert!(shown.contains("… and 54 earlier ones"), "{shown}");
}
