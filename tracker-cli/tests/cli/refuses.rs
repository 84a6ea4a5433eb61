//! What is refused, and the way out that is told.

use serde_json::json;

use crate::support::{FIRST, SECOND, Store, THIRD, assert_text, command, texts};

fn store() -> Store {
    let store = Store::new();
    store.trained(FIRST, "baseline", &json!({}), 0.0, 4);
    store.trained(SECOND, "wide", &json!({}), 0.0, 3);
    store.trained(THIRD, "deep", &json!({}), 0.0, 2);
    store
}

#[test]
fn an_unknown_run_is_an_error_with_a_hint() {
    let store = store();
    let errors: Vec<String> = ["nothing", "base", "@latest~9", "@newest", "@best:gain", ""]
        .map(|reference| store.fails(&["show", reference]))
        .into();
    assert_text!(errors.join("\n"));
}

#[test]
fn an_ambiguous_id_names_the_runs_that_it_fits() {
    assert_text!(store().fails(&["export", "01KX3F9B", "--to", "csv"]));
}

#[test]
fn an_unknown_project_names_the_known_ones() {
    assert_text!(store().fails(&["ls", "imagenet"]));
}

#[test]
fn an_empty_store_has_no_run_to_show() {
    assert_text!(Store::new().fails(&["show", "@latest"]));
}

#[test]
fn a_store_that_is_no_folder_or_not_there_is_an_error_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    for path in [file, folder.path().join("missing")] {
        let output = command(&["ls", "--dir", path.to_str().unwrap()]).output().unwrap();
        let (out, err) = texts(&output);
        assert_eq!((output.status.code(), out.as_str()), (Some(1), ""));
        assert!(err.starts_with("error: failed to open the store "), "{err}");
        assert!(err.contains("\nhint: ") && err.contains("--dir"), "{err}");
    }
}

#[test]
fn the_store_is_found_by_its_variable_and_from_the_working_directory() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join(".tracker");
    let run = tracker_core::init("mnist").dir(&root).signals(false).start().unwrap();
    run.finish().unwrap();
    let inside = command(&["ls"]).current_dir(folder.path()).output().unwrap();
    assert!(texts(&inside).0.contains(run.name()));
    let named = command(&["ls"]).current_dir("/").env("TRACKER_DIR", &root).output().unwrap();
    assert!(texts(&named).0.contains(run.name()));
}

#[test]
fn a_wrong_command_line_exits_with_2() {
    for args in [&["frobnicate"][..], &["export", "x"], &["export", "x", "--to", "xls"], &[]] {
        assert_eq!(command(args).output().unwrap().status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn a_full_disk_behind_standard_output_is_an_error() {
    let Ok(full) = std::fs::File::options().write(true).open("/dev/full") else { return };
    let store = store();
    let output = store.command(&["ls", "--json"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(texts(&output).1.starts_with("error: failed to write to standard output"));
}

#[test]
fn help_says_what_a_run_may_be_named_by() {
    let (help, _) = texts(&command(&["--help"]).output().unwrap());
    for word in [
        "ls",
        "show",
        "compare",
        "export",
        "stop",
        "note",
        "tag",
        "@latest~1",
        "@best:METRIC",
        "--dir",
    ] {
        assert!(help.contains(word), "{word}");
    }
}

#[test]
fn a_best_run_without_a_direction_asks_for_one() {
    let store = store();
    let error = store.fails(&["show", "@best:epoch"]);
    assert!(error.contains("`@best:min:epoch` or `@best:max:epoch`"), "{error}");
    assert_eq!(store.json(&["show", "@best:max:epoch", "--json"])["run"]["name"], "deep");
    assert_eq!(store.json(&["show", "@best:valid/loss", "--json"])["run"]["name"], "deep");
}

#[test]
fn completions_need_no_store() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = command(&["completions", shell]).current_dir("/").output().unwrap();
        let (script, err) = texts(&output);
        assert!(output.status.success(), "{err}");
        for word in ["compare", "completions", "append"] {
            assert!(script.contains(word), "{shell} {word}");
        }
    }
    assert_eq!(command(&["completions", "csh"]).output().unwrap().status.code(), Some(2));
}
