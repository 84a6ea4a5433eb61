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
