//! Files of a run that are damaged: every command does what it can, and says what it left out.

use std::{fs, path::Path, process::Output};

use serde_json::json;

use super::{
    crashes::doomed,
    server::Server,
    support::{FIRST, SECOND, Store, edit, texts},
};

/// Asserts that a command did what it could, and told that something is missing.
#[track_caller]
fn assert_left_out(output: &Output, told: &str) {
    // What goes to standard output may be Parquet.
    let err = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}: {err}");
    assert!(err.contains("warning: ") && err.contains(told), "{err}");
    assert!(!err.contains("panicked"), "{err}");
}

/// The file in a folder whose name has these ends.
fn file_in(folder: &Path, begin: &str, end: &str) -> std::path::PathBuf {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let fits = |name: &std::ffi::OsString| {
        let name = name.to_str().unwrap();
        name.starts_with(begin) && name.ends_with(end)
    };
    folder.join(names.into_iter().find(fits).unwrap())
}

#[test]
fn a_part_that_the_decoder_panics_over_is_a_warning_of_every_command() {
    let store = Store::new();
    let folder = store.trained(FIRST, "damaged", &json!({}), 0.0, 2);
    store.trained(SECOND, "good", &json!({}), 0.0, 1);
    let part = file_in(&folder.join("scalars"), "r0a1", ".parquet");
    let report = store.path().join("report.html");
    let report = report.to_str().unwrap();
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tracker-core/tests/cases/parts");
    for case in fs::read_dir(cases).unwrap() {
        fs::copy(case.unwrap().path(), &part).unwrap();
        for format in ["csv", "jsonl", "parquet"] {
            assert_left_out(
                &store.tracker(&["export", "damaged", "--to", format]),
                "failed to read",
            );
        }
        for args in [
            &["show", "damaged"][..],
            &["show", "damaged", "--json"],
            &["compare", "damaged", "good"],
            &["watch", "--plain", "damaged"],
            &["report", "damaged", "--force", "-o", report],
            &["ls"],
        ] {
            let output = store.tracker(args);
            let (out, err) = texts(&output);
            assert!(matches!(output.status.code(), Some(0 | 2)), "{args:?}: {out}{err}");
            assert!(!err.contains("panicked"), "{args:?}: {err}");
        }
    }
    fs::write(&part, "no part at all").unwrap();
    for args in [
        &["export", "damaged", "--to", "csv"][..],
        &["show", "damaged"],
        &["show", "damaged", "--json"],
        &["compare", "damaged", "good"],
        &["watch", "--plain", "damaged"],
        &["report", "damaged", "--force", "-o", report],
    ] {
        assert_left_out(&store.tracker(args), part.file_name().unwrap().to_str().unwrap());
    }
}

#[test]
fn a_log_of_which_nothing_can_be_read_is_told_and_kept() {
    let store = Store::new();
    let mut child = doomed(&store);
    child.kill().unwrap();
    child.wait().unwrap();
    let folder = file_in(&store.path().join("mnist"), "0", "");
    let log = file_in(&folder.join("live/r0a1"), "log-", "");
    let noise = b"noise ".repeat(1_000);
    fs::write(&log, &noise).unwrap();

    assert_left_out(
        &store.tracker(&["export", "doomed", "--to", "csv"]),
        "log-0: it holds nothing that can be read",
    );
    assert_left_out(&store.tracker(&["ls"]), "log-0");
    let listed = Server::of(&store).json("/api/v1/runs")["warnings"].to_string();
    assert!(listed.contains("log-0: it holds nothing"), "{listed}");
    assert_left_out(&store.tracker(&["show", "doomed", "--json"]), "log-0");
    let sealed = store.tracker(&["doctor", "--seal"]);
    let (told, _) = texts(&sealed);
    assert_eq!(sealed.status.code(), Some(1), "{told}");
    assert!(told.contains("damaged-r0a1-log-0") && !told.contains("all is well"), "{told}");
    assert_eq!(fs::read(folder.join("damaged-r0a1-log-0")).unwrap(), noise);
    for args in [&["export", "doomed", "--to", "csv"][..], &["show", "doomed"], &["ls"]] {
        assert_left_out(&store.tracker(args), "not all of");
    }
}

#[test]
fn a_line_of_events_that_cannot_be_read_is_told() {
    let store = Store::new();
    let folder = store.trained(FIRST, "baseline", &json!({}), 0.0, 2);
    let events = folder.join("events-r0a1.jsonl");
    let mut lines = fs::read(&events).unwrap();
    lines.extend_from_slice(b"{\"kind\":\"of a later version\"}\nno line\n{\"cut");
    fs::write(&events, lines).unwrap();
    assert_left_out(&store.tracker(&["show", "baseline"]), "2 lines of ");
}

#[test]
fn the_page_of_a_run_tells_what_of_it_could_not_be_read() {
    let store = Store::new();
    let folder = store.trained(FIRST, "damaged", &json!({}), 0.0, 2);
    store.trained(SECOND, "good", &json!({}), 0.0, 1);
    fs::write(folder.join("events-r0a1.jsonl"), "no line\nno line\n{\"cut").unwrap();
    let part = file_in(&folder.join("scalars"), "r0a1", ".parquet");
    fs::write(&part, "no part at all").unwrap();
    let server = Server::of(&store);
    let warnings = |id: &str| server.json(&format!("/api/v1/runs/{id}"))["warnings"].clone();
    let told = warnings(FIRST).to_string();
    assert!(told.contains("2 lines of ") && told.contains("events-r0a1.jsonl"), "{told}");
    assert!(told.contains(part.file_name().unwrap().to_str().unwrap()), "{told}");
    assert_eq!(warnings(SECOND), json!([]));
}

#[test]
fn a_run_of_many_metrics_is_shown_in_short() {
    let store = Store::new();
    let folder = store.trained(FIRST, "wide", &json!({}), 0.0, 2);
    edit(&folder, |file| {
        let summary = file["summary"]["valid/loss"].clone();
        for number in 0..5_000 {
            file["summary"][format!("layer/{number:04}")] = summary.clone();
        }
        file["tags"] = (0..5_000).map(|number| format!("tag-{number}")).collect();
    });
    let page = store.prints(&["show", "wide"]);
    assert!(page.lines().count() < 150, "{page}");
    assert!(page.contains("… and 4963 more: `--metric NAME` shows one"), "{page}");
    assert!(page.contains("… and 4950 more: --json has all"), "{page}");
    let page = store.prints(&["show", "wide", "--metric", "layer/48??"]);
    assert!(page.contains("layer/4899") && !page.contains("more: `--metric"), "{page}");
    assert!(!page.contains("layer/4799") && !page.contains("valid/loss"), "{page}");
    store.trained(SECOND, "narrow", &json!({}), 0.0, 1);
    let compared = store.prints(&["compare", "wide", "narrow"]);
    assert!(compared.contains("… and 4963 more: `--metric NAME` shows one"), "{compared}");
    let refused = store.fails(&["show", "wide", "--metric", "nothing"]);
    assert!(refused.contains("the run has no metric `nothing`"), "{refused}");
    assert!(refused.contains("and 4995 more"), "{refused}");
}
