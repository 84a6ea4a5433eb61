//! `tracker report`: what stands in the file, and what is refused. `web/flows` opens it in a browser.

use std::{fs, process::Command, thread};

use serde_json::json;
use tracker_core::Artifact;

use super::support::{FIRST, SECOND, Store};

fn two_runs() -> Store {
    let store = Store::new();
    store.trained(FIRST, "first", &json!({ "lr": 0.01 }), 1.0, 2);
    store.trained(SECOND, "</script><i>second</i>", &json!({ "lr": "0.01" }), 2.0, 1);
    store
}

#[test]
fn a_report_is_one_file_that_asks_nobody() {
    let store = two_runs();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.html");
    let path = file.to_str().unwrap();
    let output = store.command(&["report", FIRST, SECOND, "-o", path]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(output.stdout.is_empty(), "data goes to the file");
    let html = fs::read_to_string(&file).unwrap();
    for outside in ["src=\"", "href=\"http", "@import", "url(http"] {
        let head = html.split("<script").next().unwrap();
        assert!(!head.contains(outside), "{outside}");
    }
    assert!(html.contains("default-src 'none'"));
    assert_eq!(html.matches("</script>").count(), 2, "nothing ends a script before its end");
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn a_report_replaces_no_file_unless_it_is_told_to() {
    let store = two_runs();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.html");
    fs::write(&file, "mine").unwrap();
    let path = file.to_str().unwrap();
    let output = store.command(&["report", FIRST, "-o", path]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("hint: add --force"), "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    let output = store.command(&["report", FIRST, "-o", path, "--force"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(fs::read_to_string(&file).unwrap().starts_with("<!doctype html>"));
}

#[test]
fn a_report_goes_to_standard_output_and_knows_no_other_runs() {
    let store = two_runs();
    let output = store.command(&["report", FIRST, "-o", "-", "--title", "</script><b>"]).output();
    let html = String::from_utf8(output.unwrap().stdout).unwrap();
    assert!(html.ends_with("</html>\n"));
    assert!(!html.contains("</script><b>"));
    assert_eq!(html.matches("</script>").count(), 2);
    let unknown = store.command(&["report", "nobody", "-o", "-"]).output().unwrap();
    assert_eq!(unknown.status.code(), Some(1));
}

/// What the page finds in a report.
fn saved(html: &str) -> serde_json::Value {
    let begin = html.find("id=\"tracker-report\">").unwrap() + "id=\"tracker-report\">".len();
    let end = begin + html[begin..].find("</script>").unwrap();
    serde_json::from_str(&html[begin..end]).unwrap()
}

#[test]
fn a_report_has_words_and_the_charts_that_were_chosen_in_their_order() {
    let store = two_runs();
    let folder = tempfile::tempdir().unwrap();
    let notes = folder.path().join("why.md");
    fs::write(&notes, "# Why\n\nBecause <script>alert(1)</script>.").unwrap();
    let notes = notes.to_str().unwrap();
    let args = ["report", FIRST, SECOND, "-o", "-", "--notes", notes, "--chart", "valid/loss"];
    let html =
        store.prints(&[&args[..], &["--chart", "*/accuracy", "--chart", "valid/*"]].concat());
    assert_eq!(html.matches("</script>").count(), 2, "words end no script");
    let saved = saved(&html);
    assert_eq!(saved["notes"], "# Why\n\nBecause <script>alert(1)</script>.");
    let charts: Vec<&str> =
        saved["charts"].as_array().unwrap().iter().map(|chart| chart.as_str().unwrap()).collect();
    assert_eq!(charts, ["valid/loss", "valid/accuracy"]);
}

#[test]
fn charts_and_words_that_are_not_there_are_told() {
    let store = two_runs();
    let said = |args: &[&str]| {
        let args = [&["report", FIRST, "-o", "-"], args].concat();
        let output = store.command(&args).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(said(&["--chart", "train/los"]).contains("no run has the metric `train/los`"));
    let missing = said(&["--notes", "no/such.md"]);
    assert!(missing.contains("failed to read the notes in no/such.md: No such file"), "{missing}");
    let folder = tempfile::tempdir().unwrap();
    let binary = folder.path().join("binary");
    fs::write(&binary, [0xff, 0xfe, 0x00]).unwrap();
    assert!(said(&["--notes", binary.to_str().unwrap()]).contains("is no text in UTF-8"));
}

#[test]
fn a_report_holds_the_newest_pictures_and_says_how_many_have_no_room() {
    let store = Store::new();
    let run = store.init(FIRST).start().unwrap();
    let folder = run.dir();
    for version in ["1", "2", "3"] {
        let file = folder.join(format!("{version}.png"));
        fs::write(&file, vec![version.as_bytes()[0]; 2_000_000]).unwrap();
        run.log_artifact(Artifact::of_file("sample", version, &file).unwrap());
    }
    let script = folder.join("script.svg");
    fs::write(&script, "<svg onload='alert(1)'/>").unwrap();
    run.log_artifact(Artifact::of_file("script", "1", &script).unwrap());
    run.finish().unwrap();
    let output = store.command(&["report", "@latest", "-o", "-"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("1 picture found no room"), "{said}");
    let html = String::from_utf8(output.stdout).unwrap();
    // Base64 of "111", "222", "333".
    let held = ["MTEx", "MjIy", "MzMz"].map(|letters| html.contains(&letters.repeat(9)));
    assert_eq!(held, [false, true, true]);
    assert_eq!(html.matches("data:image/").count(), 2);
}

#[test]
fn what_is_no_file_gets_the_report_and_is_not_replaced() {
    use std::os::unix::fs::FileTypeExt;
    let store = two_runs();
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let read = thread::spawn({
        let pipe = pipe.clone();
        move || fs::read_to_string(pipe).unwrap()
    });
    let path = pipe.to_str().unwrap();
    let output = store.command(&["report", FIRST, "-o", path, "--force"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
    assert!(read.join().unwrap().ends_with("</html>\n"));
}
