//! Texts that would steer a terminal come out of no command, whoever put them into the store.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Stdio,
    sync::Arc,
};

use serde_json::{Value, json};
use tracker_core::{
    Artifact, Definition, Event, Histogram, Level, Step, Tracker,
    flight::{FlightRecord, FlightStep, FlightValues},
    read::{RunReader, Store as Reader},
    studies::StudyFolder,
    text::is_unseen,
};
use tracker_study::{Journal, Plan};

use crate::{
    hostile::name_all,
    support::{FIRST, SECOND, Store, THIRD, command, edit, finish_as_if, texts},
    terminal::Terminal,
};

/// Sequences of seven and of eight bits, marks that turn the direction of writing, characters that
/// end lines or have no width, and what a spreadsheet would compute.
const EVIL: &str = "=HYPERLINK(\u{1b}]0;title\u{7}\u{1b}[2J\u{9b}31m\u{9d}0;x\u{9c}\u{202e}\u{2066}\
                    \u{2028}\u{2029}\u{200b}\u{feff}\r\u{8}\u{7f})";

/// A file of the first run, whose version is such a text.
const WEIGHTS: &str = "01KX3F2A000000000000000AAA:weights";

/// A table with such texts where the names of runs and metrics stand.
const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files/unseen.csv");

/// A study whose choices are such texts.
const STUDY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files/unseen.toml");

/// A knob of such a name.
const EVIL_KNOB: &str = "\u{1b}[2J\u{202e}=0.5";

/// Where runs are sent.
const SENT: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/unseen-sent");

/// No place, by such a name.
const EVIL_PLACE: &str = "\u{1b}[2J\u{202e}://bucket";

/// Where event files go.
const EVENT_FILES: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/unseen-event-files");

fn mirror() -> Vec<Vec<&'static str>> {
    vec![
        vec![FIRST, "--to", "tensorboard", EVENT_FILES],
        vec![FIRST, "--to", "tensorboard", EVENT_FILES, "--json", "--again"],
        vec![FIRST, "--to", "tensorboard", EVENT_FILES, "--once"],
        vec!["--where", EVIL, "--to", "tensorboard", EVENT_FILES],
        vec![FIRST, "--to", "tensorboard", "/dev/null/no-folder"],
        vec![EVIL, "--to", "tensorboard", EVENT_FILES],
    ]
}

/// What each command is tried with. `ui` prints an address and serves; what it serves has tests of
/// its own.
fn cases() -> BTreeMap<&'static str, Vec<Vec<&'static str>>> {
    let mut cases = BTreeMap::from([
        ("ls", ls()),
        ("show", show()),
        ("compare", compare()),
        ("diverge", diverge()),
        ("mirror", mirror()),
        (
            "export",
            vec![
                vec![FIRST, "--to", "tensorboard", EVENT_FILES],
                vec![FIRST, "--to", "tensorboard", EVENT_FILES, "--json"],
                vec!["--where", EVIL, "--to", "tensorboard", EVENT_FILES],
                vec![FIRST, "--to", "tensorboard", "/dev/null/no-folder"],
                vec![FIRST, "--to", "csv"],
                vec![FIRST, "--to", "jsonl"],
                vec![FIRST, "--json"],
                vec![FIRST, "--to", "csv", "--output", "no/such/folder"],
                vec![FIRST, "--media", "/dev/null/no-folder"],
            ],
        ),
        ("fork", fork()),
        ("flight", vec![vec![FIRST], vec![EVIL]]),
        ("import", imports()),
        (
            "artifact",
            vec![
                vec!["ls", FIRST],
                vec!["ls", FIRST, "--json"],
                vec!["get", WEIGHTS, env!("CARGO_TARGET_TMPDIR")],
                vec!["get", WEIGHTS, env!("CARGO_TARGET_TMPDIR"), "--json", "--force"],
                vec!["get", "01KX3F2A000000000000000AAA:none"],
                vec!["get", EVIL],
            ],
        ),
        (
            "logs",
            vec![
                vec![FIRST],
                vec![FIRST, "--json", "--level", "trace", "--grep", EVIL],
                vec![FIRST, "--last", "5", "--follow"],
                vec![FIRST, "--source", "run"],
            ],
        ),
        (
            "report",
            vec![
                vec![FIRST, SECOND, "--output", "-", "--title", EVIL, "--code"],
                vec![FIRST, "--output", "no/such/folder", "--force"],
                vec![FIRST, "--output", "-", "--view", EVIL],
                vec![FIRST, "--output", "-", "--view", "/p/mnist?q=loss"],
                vec![FIRST, "--output", "-", "--chart", EVIL],
                vec![FIRST, "--output", "-", "--notes", EVIL],
                vec!["no such run"],
            ],
        ),
        (
            "watch",
            vec![
                vec![FIRST, "--plain"],
                vec![FIRST, "--plain", "--all"],
                vec![FIRST, "--json"],
                vec![],
            ],
        ),
        ("checkpoint", vec![vec![FIRST], vec![FIRST, "--json"], vec![EVIL]]),
        (
            "set",
            vec![vec![FIRST], vec![FIRST, "--json"], vec![FIRST, EVIL], vec![FIRST, EVIL_KNOB]],
        ),
        ("sweep", sweep()),
        ("study", study()),
        ("sql", sql()),
        ("sync", sync()),
        ("stop", vec![vec![FIRST, "--why", EVIL], vec![FIRST, "--now"], vec![FIRST, "--json"]]),
        (
            "doctor",
            vec![vec![], vec!["--json"], vec![FIRST], vec!["--seal"], vec!["--seal", "--force"]],
        ),
        ("gc", vec![vec!["--dry-run"], vec!["--dry-run", "--json"], vec!["--older-than", "900"]]),
        ("completions", vec![vec!["bash"]]),
        (
            "rm",
            vec![
                vec!["no such run"],
                vec!["--undo", EVIL],
                vec![FIRST, "--yes"],
                vec!["--where", EVIL],
                vec![SECOND, "--yes", "--json", "--force"],
            ],
        ),
        // What agents are answered, `agents_misled.rs` looks at: on a terminal the command waits for one.
        ("mcp", vec![vec!["--skill"], vec!["--allow", "note,tag", "--skill"]]),
        ("ui", vec![]),
    ]);
    cases.extend(changes());
    cases
}

fn sync() -> Vec<Vec<&'static str>> {
    vec![
        vec![FIRST, "--to", SENT, "--follow"],
        vec!["--all", "--to", SENT, "--limit", "100MB/s", "--artifacts", "media"],
        vec!["--left", "--to", SENT],
        vec![FIRST, "--to", SENT, "--check"],
        vec![FIRST, "--to", SENT, "--check=deep"],
        vec![FIRST, "--to", EVIL_PLACE],
        vec![FIRST, "--to", SENT, "--limit", EVIL],
        vec![EVIL, "--to", SENT],
        vec![FIRST, "--from", SENT],
        vec!["--all", "--from", SENT],
        vec![EVIL, "--from", SENT],
        vec![FIRST, "--from", EVIL_PLACE],
        vec![FIRST],
    ]
}

/// Where DuckDB is not installed, it is said.
fn sql() -> Vec<Vec<&'static str>> {
    vec![
        vec![],
        vec!["--live"],
        vec!["--live", "--print"],
        vec!["SELECT 1", "--csv"],
        vec!["SELECT 1", "--json"],
    ]
}

/// Trainings that print such texts and fail.
fn sweep() -> Vec<Vec<&'static str>> {
    let fails = "printf '\\033[2J\\033]0;x\\007\\xe2\\x80\\xae'; exit 3";
    vec![
        vec![EVIL, "--", "true", "{args}"],
        vec![STUDY, "--", EVIL],
        vec![STUDY, "--", EVIL, "{args}"],
        vec![STUDY, "--from", EVIL, "--", "true", "{args}"],
        vec![
            STUDY, "--jobs", "2", "--gpus", "0", "--retry", "0", "--", "sh", "-c", fails, "{args}",
        ],
    ]
}

fn study() -> Vec<Vec<&'static str>> {
    vec![
        vec!["ls"],
        vec!["ls", "--json"],
        vec!["ls", EVIL],
        vec!["show", "evil"],
        vec!["show", "evil", "--json"],
        vec!["show", "evil", "--log", "0"],
        vec!["show", EVIL],
        vec!["edit", "evil", "--set", EVIL],
        vec!["edit", "evil", "--set", "lr.max=0.5", "--run-cap", "7", "--json"],
        vec!["edit", "evil", "--disable", EVIL],
        vec!["edit", "evil", "--enable", EVIL],
        vec!["enqueue", "evil", EVIL],
        vec!["enqueue", "evil", "lr=0.25", "--json"],
        vec!["stop", "evil", "--let-finish"],
        vec!["stop", "evil", "--json"],
    ]
}

/// A study in whose journal such texts stand.
fn begin_study(root: &Path, text: &str) {
    let plan = json!({
        "project": "mnist", "name": "evil", "metric": { "name": "loss", "goal": "minimize" },
        "parameters": { "lr": { "min": 0.1, "max": 1.0 } },
    });
    let folder = StudyFolder::create(root, "mnist", "evil").unwrap();
    Journal::create(&folder, &Plan::from_json(&plan).unwrap()).unwrap();
    let choice = json!({ "name": "CategoricalDistribution", "attributes": { "choices": [text] } });
    let trial = json!({
        "op_code": 4, "worker_id": text, "study_id": 0, "state": 0, "value": null, "values": null,
        "datetime_start": "2026-01-01T00:00:00.000000+00:00", "params": { text: 0 },
        "distributions": { text: choice.to_string() }, "system_attrs": { text: text },
        "user_attrs": { "tracker:why": text, text: text }, "intermediate_values": {},
    });
    let end = json!({
        "op_code": 6, "worker_id": text, "trial_id": 0, "state": 3, "values": null,
        "datetime_complete": "2026-01-01T00:00:01.000000+00:00",
    });
    let journal = fs::read_to_string(folder.journal_path()).unwrap();
    fs::write(folder.journal_path(), format!("{journal}{trial}\n{end}\n")).unwrap();
    fs::write(folder.trial_log_path(0), text).unwrap();
}

/// What changes runs, and takes it back.
fn changes() -> Vec<(&'static str, Vec<Vec<&'static str>>)> {
    vec![
        (
            "note",
            vec![
                vec![SECOND, EVIL],
                vec![SECOND, EVIL, "--append", "--json"],
                vec![FIRST, EVIL, "--append"],
                vec!["--where", EVIL, "text"],
                vec!["--where", "name = good", EVIL],
                vec!["--project", EVIL],
                vec!["--project", "digits", EVIL],
                vec!["--project", "digits", "--json"],
            ],
        ),
        (
            "tag",
            vec![
                vec![SECOND, EVIL],
                vec![SECOND, "x", "--json"],
                vec![FIRST, "-none"],
                vec!["--where", "name = good", "+y", EVIL],
            ],
        ),
        (
            "mv",
            vec![
                vec![FIRST, EVIL],
                vec![FIRST, "archive"],
                vec![FIRST, "archive"],
                vec!["--where", EVIL, "archive"],
                vec!["--where", "name = good", "archive", "--json"],
                vec!["--project", EVIL, "digits"],
                vec!["--project", "archive", "digits"],
                vec!["archive"],
            ],
        ),
        (
            "undo",
            vec![vec!["--list"], vec!["--list", "--json"], vec![EVIL], vec![], vec!["--json"]],
        ),
    ]
}

fn imports() -> Vec<Vec<&'static str>> {
    vec![
        vec![TABLE, "--dry-run"],
        vec![TABLE, "--dry-run", "--json", "--map", "ignore=lr"],
        vec![TABLE, "--yes", "--project", "imported", "--group", EVIL, "--tag", EVIL],
        vec![TABLE, "--yes", "--json", "--from", "csv"],
        vec![TABLE, "--yes", "--project", EVIL],
        vec![TABLE, "--yes", "--map", EVIL],
        vec![TABLE, "--yes", "--from", EVIL],
        vec![EVIL],
    ]
}

fn fork() -> Vec<Vec<&'static str>> {
    vec![
        vec!["01KX3F2A000000000000000AAA@2"],
        vec!["01KX3F2A000000000000000AAA@2", "--json"],
        vec![FIRST],
        vec![EVIL],
    ]
}

fn ls() -> Vec<Vec<&'static str>> {
    vec![
        vec!["--where", EVIL, "--sort", "name", "--reverse", "--count", "3"],
        vec!["--columns", "name,notes,tag"],
        vec!["--where", "x = 3"],
        vec![],
        vec!["--csv"],
        vec!["--json"],
        vec!["no such project"],
        vec!["--store", EVIL],
        vec!["--store", "s3://"],
    ]
}

fn compare() -> Vec<Vec<&'static str>> {
    vec![
        vec![FIRST, SECOND],
        vec![FIRST, SECOND, "--diff", "--group"],
        vec![FIRST, SECOND, "--group=lr", "--json"],
        vec!["@group:none", SECOND],
        vec![FIRST, SECOND, "--group=lr", "--baseline", "none", "--pair", "lr", "--at", "last"],
        vec![FIRST, SECOND, "--group=lr", "--baseline", "no such group"],
        vec![FIRST, SECOND, "--group=no such setting"],
        vec![FIRST, SECOND, "--group=tag"],
        vec![FIRST, SECOND, "--group=config:lr"],
        vec![FIRST, SECOND, "--group=project", "--table", "markdown"],
        vec![FIRST, SECOND, "--group=lr", "--table", "latex"],
        vec![FIRST, SECOND, "--group", "--table", "csv"],
        vec![FIRST, SECOND, "--code"],
        vec![FIRST, SECOND, "--code", "--json"],
        vec![FIRST, SECOND, "--metric", "no such metric"],
        vec![FIRST, FIRST],
    ]
}

fn diverge() -> Vec<Vec<&'static str>> {
    vec![
        vec![FIRST, SECOND],
        vec![FIRST, SECOND, "--all", "--json"],
        vec![FIRST, SECOND, "--metric", "*", "--tolerance", "1e-3", "--check"],
        vec![FIRST, SECOND, "--metric", "no such metric"],
        vec![FIRST, FIRST],
    ]
}

fn show() -> Vec<Vec<&'static str>> {
    vec![
        vec![FIRST, "--metric", EVIL],
        vec![FIRST],
        vec![FIRST, "--json"],
        vec![FIRST, "--flight"],
        vec![FIRST, "--flight", "--json"],
        vec![SECOND, "--flight"],
        vec![FIRST, "--diagnose"],
        vec![FIRST, "--diagnose", "--json"],
        vec![SECOND, "--diagnose"],
        vec![FIRST, "--patch"],
        vec![FIRST, "--media", EVIL],
        vec![FIRST, "--media", EVIL, "--step", "3", "--json"],
        vec![FIRST, "--media", EVIL, "--step", "4"],
        vec![FIRST, "--media", EVIL, "--save", "/dev/null/no-folder"],
        vec![FIRST, "--media", "no such media"],
        vec![SECOND],
        vec![SECOND, "--json"],
        vec![EVIL],
    ]
}

/// A store in which the text stands wherever a text may stand.
pub(crate) fn store_of(text: &str) -> Store {
    let store = Store::new();
    let run = store.init("a").config(&json!({ "lr": 0.1 })).start().unwrap();
    run.define("valid/loss", Definition::new().lower_is_better().unit(text).display_name(text));
    for step in 0..5_u64 {
        run.log_at(step, vec![("valid/loss".to_owned(), 0.5), (text.to_owned(), 1.0)]);
    }
    run.record(Event::Text { name: text.into(), step: Step(1), text: text.into() });
    run.record(Event::Message { level: Level::Warning, text: text.into() });
    run.log_histogram(text, 3_u64, Histogram::new(0.0, 1.0, vec![1, 2]));
    run.record(Event::Artifact(Artifact::new(text, text).kind(text).alias(text)));
    run.log_artifact(Artifact::new("checkpoint/model", text).step(1_u64));
    let weights = run.dir().join("weights");
    fs::write(&weights, "weights").unwrap();
    run.log_artifact(Artifact::of_file("weights", text, weights).unwrap());
    run.dataset(text, text);
    run.record(Event::Flight(Arc::new(flight(text))));
    let folder = finish_as_if(&run, FIRST, 1);
    name_all(&folder, text);
    name_metric(&folder, text);
    log_media(&folder, text);
    turn(&folder, text);
    say(&folder, text);
    fs::write(folder.join("packages.json"), json!({ text: text }).to_string()).unwrap();
    change_code(&folder, text);
    fs::create_dir_all(store.path().join("mnist").join("\u{1b}[2J\u{202e}no run")).unwrap();
    let folder = store.trained(SECOND, "good", &json!({ "lr": 0.2 }), 0.0, 2);
    use_of_first(&folder, text);
    begin_study(store.path(), text);
    store
}

/// A record of the last steps, at the end of which the gradient of a tensor of this name is NaN.
fn flight(text: &str) -> FlightRecord {
    let step = |step: u64| FlightStep {
        step: Step(step),
        values: vec![FlightValues {
            gradient: Some(if step < 40 { 1.0 } else { f32::NAN }),
            ..FlightValues::default()
        }],
        ..FlightStep::default()
    };
    FlightRecord { tensors: vec![text.into()], steps: (0..50).map(step).collect() }
}

/// Has the program of a run say it.
fn say(folder: &Path, text: &str) {
    let message = json!({
        "time": "2026-01-01T00:00:00.000000Z", "step": 1, "level": "error", "source": text,
        "target": text, "text": text, "fields": { text: text, "lines": format!("{text}\n{text}") },
    });
    fs::write(folder.join("messages-r0a1.jsonl"), format!("{message}\n")).unwrap();
}

/// Says of a run that it used what the first one made, and what a run made that is not there, of which it is
/// a fork.
fn use_of_first(folder: &Path, text: &str) {
    edit(folder, |file| {
        file["uses"] = json!(true);
        file["parent"] = json!({
            "run": THIRD, "name": text, "project": text, "step": 1, "writers": [], "resumes": [],
        });
    });
    let line = |run: &str| {
        let line = json!({
            "time": "2026-01-01T00:00:00.000000Z", "kind": "used", "name": text, "type": text,
            "version": text, "sha256": text, "run": run, "project": text, "path": text,
        });
        format!("{line}\n")
    };
    fs::write(folder.join("events-r0a1.jsonl"), [line(FIRST), line(THIRD)].concat()).unwrap();
}

/// Gives the points of a metric a name that no log call would have kept.
fn name_metric(folder: &Path, text: &str) {
    let run = RunReader::open(folder).unwrap();
    let mut points = run.points().unwrap();
    text.clone_into(&mut points.series[0].metric);
    let part = fs::read_dir(folder.join("scalars")).unwrap().next().unwrap().unwrap().path();
    let mut bytes = Vec::new();
    points.write_parquet(&run.info().id, &mut bytes).unwrap();
    fs::write(part, bytes).unwrap();
}

/// Media with a name that no log call would have kept.
fn log_media(folder: &Path, text: &str) {
    let picture = json!({
        "type": "image", "sha256": "0".repeat(64), "ext": "png", "bytes": 7, "width": 2, "height": 2,
        "caption": text,
    });
    let matrix = json!({ "type": "confusion_matrix", "names": [text], "counts": [1] });
    let line = json!({
        "time": "2026-01-01T00:00:00.000000Z", "kind": "media", "name": text, "step": 3,
        "items": [picture, matrix],
    });
    let events = folder.join("events-r0a1.jsonl");
    let before = fs::read_to_string(&events).unwrap();
    fs::write(events, format!("{before}{line}\n")).unwrap();
}

/// A knob with a name that no declaration would have kept.
fn turn(folder: &Path, text: &str) {
    edit(folder, |file| {
        file["knobs"] = json!({ text: { "default": 1.0, "value": 0.5, "since": 3 } });
    });
    let line = json!({
        "time": "2026-01-01T00:00:00.000000Z", "kind": "knob", "name": text, "from_step": 3,
        "value": 0.5, "by": text,
    });
    let events = folder.join("events-r0a1.jsonl");
    let before = fs::read_to_string(&events).unwrap();
    fs::write(events, format!("{before}{line}\n")).unwrap();
}

fn change_code(folder: &Path, text: &str) {
    let files = [("modified", text), ("untracked", text)];
    let files = files.map(|(status, path)| json!({ "path": path, "status": status }));
    let code = json!({
        "version": 1, "commit": text, "dirty": true, "files": files, "files_cut": false,
        "patch_kept": "whole",
    });
    fs::write(folder.join("code.json"), code.to_string()).unwrap();
    let name = text.replace(['\r', '\u{2028}', '\u{2029}'], "");
    let patch = format!(
        "diff --git a/{name} b/{name}\n--- a/{name}\n+++ b/{name}\n@@ -1 +1 @@ {name}\n-{text}\n+{text}\n"
    );
    fs::write(folder.join("code.patch"), patch).unwrap();
}

/// The text without the sequences that set colours and weights.
fn without_styles(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        match digits.strip_prefix('m') {
            Some(rest) => plain.push_str(rest),
            None => plain.extend(["\x1b[", part]),
        }
    }
    plain
}

#[track_caller]
fn assert_seen(text: &str, what: &str) {
    let unseen: BTreeSet<char> = text.chars().filter(|c| is_unseen(*c) && *c != '\n').collect();
    assert!(unseen.is_empty(), "{what} prints {unseen:?}: {text:.2000}");
}

#[test]
fn no_command_sends_a_terminal_what_steers_it() {
    let store = store_of(EVIL);
    for (name, lines) in cases() {
        for line in lines {
            let what = format!("{name} {line:?}");
            let terminal = Terminal::open();
            let mut command = store.command(&[&[name], line.as_slice()].concat());
            command.env("TERM", "dumb").env("CLICOLOR_FORCE", "1").stderr(Stdio::piped());
            let output = terminal.start(&mut command).wait_with_output().unwrap();
            assert!(output.status.code().is_some_and(|code| code < 100), "{what}: {output:?}");
            let shown = terminal.shown_until_now();
            // A terminal gets both characters at the end of a line; tabs are seen as room.
            let shown = shown.replace("\r\n", "\n").replace('\t', " ");
            assert_seen(&without_styles(&shown), &what);
            let said = String::from_utf8(output.stderr).unwrap();
            // What clap says of its own command line repeats what was typed there.
            assert_seen(&without_styles(&said), &what);
        }
    }
}

#[test]
fn text_and_json_have_nothing_unseen_in_a_pipe_either() {
    let store = store_of(EVIL);
    // These give others the exact bytes.
    let is_exact =
        |line: &[&str]| ["csv", "--csv", "--patch", "-"].iter().any(|w| line.contains(w));
    for (name, lines) in cases() {
        for line in lines.iter().filter(|line| !is_exact(line)) {
            let what = format!("{name} {line:?}");
            let output = store.tracker(&[&[name], line.as_slice()].concat());
            assert!(output.status.code().is_some_and(|code| code < 100), "{what}: {output:?}");
            let (out, err) = texts(&output);
            assert_seen(&out, &what);
            assert_seen(&err, &what);
            if line.contains(&"--json") || line.contains(&"jsonl") {
                let documents = serde_json::Deserializer::from_str(&out).into_iter::<Value>();
                documents.for_each(|document| drop(document.unwrap()));
            }
        }
    }
}

#[test]
fn json_and_csv_give_others_the_text_as_it_is() {
    let store = store_of(EVIL);
    let shown = store.json(&["show", FIRST, "--json"]);
    assert_eq!(shown["run"]["notes"], EVIL);
    assert_eq!(shown["run"]["config"][EVIL], EVIL);
    let keys = |line: &str| serde_json::from_str::<Value>(line).unwrap()["key"].clone();
    // The folder that is no run was left out of each list, which is told.
    let prints = |args: &[&str]| texts(&store.tracker(args)).0;
    let exported = prints(&["export", FIRST, "--to", "jsonl"]);
    assert!(exported.lines().any(|line| keys(line) == EVIL), "{exported}");
    for args in [&["export", FIRST, "--to", "csv"][..], &["ls", "--csv"]] {
        let csv = prints(args);
        assert!(csv.contains(EVIL) && csv.contains("\"'=HYPERLINK"), "{csv:?}");
        let mut cells = csv.split(&['\n', ','][..]).map(|cell| cell.trim_start_matches('"'));
        assert!(!cells.any(|cell| cell.starts_with(['=', '@'])), "{csv:?}");
    }
    let of_reader = Reader::open(store.path()).unwrap().find(FIRST).unwrap();
    assert!(of_reader.metrics().unwrap().contains(&EVIL.to_owned()));
}

/// The words under a title of a help text that a test of `begins` takes.
fn words(help: &str, begins: impl Fn(&str) -> Option<String>) -> BTreeSet<String> {
    help.lines().filter_map(|line| begins(line.trim_start())).collect()
}

/// The switches that all commands have.
const OF_ALL: [&str; 4] = ["dir", "store", "help", "version"];

#[test]
fn every_command_and_every_switch_is_tried_with_these_texts() {
    let help = |args: &[&str]| texts(&command(args).output().unwrap()).0;
    let commands = help(&["-h"]);
    let commands = commands.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let mut commands = words(commands, |line| Some(line.split(' ').next()?.to_owned()));
    commands.remove("help");
    let cases = cases();
    assert_eq!(commands, cases.keys().map(|name| (*name).to_owned()).collect());
    for (name, lines) in cases.iter().filter(|(name, _)| **name != "ui") {
        let helps = match *name {
            "artifact" => help(&["artifact", "ls", "-h"]) + &help(&["artifact", "get", "-h"]),
            "study" => ["ls", "show", "edit", "enqueue", "stop"]
                .map(|name| help(&["study", name, "-h"]))
                .concat(),
            name => help(&[name, "-h"]),
        };
        let mut options = words(&helps, |line| {
            let (_, option) = line.split_once("--").filter(|(short, _)| short.len() <= 4)?;
            Some(option.split([' ', '[', '=']).next()?.to_owned())
        });
        options.retain(|option| !OF_ALL.contains(&option.as_str()));
        let tried: BTreeSet<String> = lines
            .iter()
            .flatten()
            .filter_map(|word| word.strip_prefix("--").filter(|word| !word.is_empty()))
            .filter_map(|word| Some(word.split('=').next()?.to_owned()))
            .filter(|option| !OF_ALL.contains(&option.as_str()))
            .collect();
        assert_eq!(tried, options, "tracker {name}");
    }
}
