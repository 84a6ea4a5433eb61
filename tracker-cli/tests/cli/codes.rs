//! The code of runs: `tracker show`, `show --patch`, `compare --code`, and what the server says.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

use super::{
    server::Server,
    support::{FIRST, SECOND, Store, assert_text, texts},
};

const COMMIT: &str = "0123abcd";

/// A patch that changes one line of each file.
fn patch(files: &[(&str, &str)]) -> String {
    let of_file = |(path, line): &(&str, &str)| {
        format!(
            "diff --git a/{path} b/{path}\nindex 1111111..2222222 100644\n--- a/{path}\n\
             +++ b/{path}\n@@ -1,3 +1,3 @@ fn main\n first\n-second\n+{line}\n third\n"
        )
    };
    files.iter().map(of_file).collect()
}

/// Says of a run what git would have said.
fn record(folder: &Path, files: &[(&str, &str)], kept: &str, patch: impl AsRef<[u8]>) {
    let files: Vec<Value> =
        files.iter().map(|(path, status)| json!({ "path": path, "status": status })).collect();
    let code = json!({
        "version": 1, "commit": COMMIT, "dirty": !files.is_empty(), "files": files,
        "files_cut": false, "patch_kept": kept,
    });
    fs::write(folder.join("code.json"), code.to_string()).unwrap();
    fs::write(folder.join("code.patch"), patch).unwrap();
    super::support::edit(folder, |file| {
        file["provenance"]["git_dirty"] = json!(!files.is_empty());
    });
}

/// Two runs: one file changed in the first, one in the second, one in both alike, one differently,
/// and one that git does not track.
fn two(store: &Store) -> [PathBuf; 2] {
    let [first, second] =
        [(FIRST, "a"), (SECOND, "b")].map(|(id, name)| store.trained(id, name, &json!({}), 0.0, 2));
    let modified = |names: &[&'static str]| -> Vec<(&'static str, &'static str)> {
        names.iter().map(|name| (*name, "modified")).collect()
    };
    let files = [modified(&["alike.rs", "both.rs", "first.rs"]), vec![("notes", "untracked")]];
    let text = patch(&[("alike.rs", "same"), ("both.rs", "one"), ("first.rs", "only")]);
    record(&first, &files.concat(), "whole", text);
    let files = [modified(&["alike.rs", "both.rs", "second.rs"]), vec![("notes", "untracked")]];
    let text = patch(&[("alike.rs", "same"), ("both.rs", "two"), ("second.rs", "only")]);
    record(&second, &files.concat(), "whole", text);
    [first, second]
}

#[test]
fn show_says_in_a_line_whether_the_code_had_changes() {
    let store = Store::new();
    let [first, second] = two(&store);
    let line = |page: &str| {
        let line = page.lines().find(|line| line.trim_start().starts_with("git ")).unwrap();
        line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line(&store.prints(&["show", "a"])), "0123abcd on main, with changes in 4 files");
    record(&second, &[], "none", "");
    assert_eq!(line(&store.prints(&["show", "b"])), "0123abcd on main, without changes");
    fs::remove_file(first.join("code.json")).unwrap();
    assert_eq!(line(&store.prints(&["show", "a"])), "0123abcd on main, with changes");
    fs::write(first.join("code.json"), "{").unwrap();
    let page = store.prints(&["show", "a"]);
    assert!(page.contains("code.json") && page.contains("hint: remove the file"), "{page}");
}

#[test]
fn json_has_the_files_and_the_patch() {
    let store = Store::new();
    two(&store);
    let code = &store.json(&["show", "a", "--json"])["run"]["code"];
    assert_eq!((&code["commit"], &code["dirty"]), (&json!(COMMIT), &json!(true)));
    assert_eq!(code["files"][3], json!({ "path": "notes", "status": "untracked" }));
    assert!(code["patch"].as_str().unwrap().contains("+only\n"));
    let compared = store.json(&["compare", "a", "b", "--code", "--json"]);
    assert!(compared["code"][SECOND]["patch"].as_str().unwrap().contains("+two\n"));
    let wanted = json!({
        "alike.rs": "alike", "both.rs": "differently", "first.rs": "first", "notes": "unknown",
        "second.rs": "second",
    });
    assert_eq!(compared["code_differences"], json!({ SECOND: wanted }));
}

#[test]
fn code_is_compared_file_by_file_with_the_hunks_that_differ() {
    let store = Store::new();
    two(&store);
    assert_text!(store.prints(&["compare", "a", "b", "--code"]));
}

#[test]
fn of_other_commits_the_command_that_shows_them_is_told() {
    let store = Store::new();
    let [_, second] = two(&store);
    let path = second.join("code.json");
    let text = fs::read_to_string(&path).unwrap().replace(COMMIT, "4567ef01");
    fs::write(path, text).unwrap();
    let page = store.prints(&["compare", "a", "b", "--code"]);
    assert!(page.contains("to see it: git diff 0123abcd 4567ef01"), "{page}");
}

#[test]
fn code_that_nobody_knows_is_no_difference() {
    let store = Store::new();
    let [_, second] = two(&store);
    fs::remove_file(second.join("code.json")).unwrap();
    let page = store.prints(&["compare", "a", "b", "--code"]);
    assert!(page.contains("nobody knows which files were changed"), "{page}");
    let error = store.fails(&["show", "b", "--patch"]);
    assert!(error.contains("nobody knows") && error.contains("hint: "), "{error}");
}

#[test]
fn colours_and_control_characters_are_for_nobody_but_terminals_and_git() {
    let store = Store::new();
    let [first, _] = two(&store);
    let evil = "\x1b[2J\x1b]0;title\x07red\u{202e}";
    let text = patch(&[("first.rs", evil)]);
    record(&first, &[("first.rs", "modified"), (evil, "untracked")], "whole", &text);
    for args in [&["show", "a"][..], &["compare", "a", "b", "--code"]] {
        let page = store.prints(args);
        let is_plain = |c: char| c == '\n' || !(c.is_control() || c == '\u{202e}');
        assert!(page.chars().all(is_plain), "{page:?}");
    }
    let mut command = store.command(&["compare", "a", "b", "--code"]);
    let styled = texts(&command.env("CLICOLOR_FORCE", "1").output().unwrap()).0;
    assert!(styled.contains("\x1b[32m+two\x1b[0m") && !styled.contains("\x1b[2J"), "{styled:?}");
    let output = store.tracker(&["show", "a", "--patch"]);
    assert_eq!(texts(&output).0, text, "in a pipe, every byte is kept");
    assert!(!texts(&output).1.contains('\x1b'));
}

/// Runs git in a folder.
fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=me", "-c", "user.email=me@example.org"]).args(arguments);
    let output = git.current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_patch_restores_the_code_in_a_pipe_but_for_pictures_and_untracked_files() {
    let store = Store::new();
    let [first, _] = two(&store);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    git(path, &["init", "--quiet"]);
    fs::write(path.join("main.rs"), "fn main() {}\n").unwrap();
    fs::write(path.join("picture"), b"\0one").unwrap();
    git(path, &["add", "."]);
    git(path, &["commit", "--quiet", "--message", "work"]);
    let changed = b"fn main() {\r\n\tcaf\xe9();\r\n}\r\n";
    fs::write(path.join("main.rs"), changed).unwrap();
    fs::write(path.join("picture"), b"\0two").unwrap();
    let diff = Command::new("git").arg("diff").current_dir(path).output().unwrap().stdout;
    record(&first, &[("main.rs", "modified"), ("notes", "untracked")], "whole", diff);
    git(path, &["checkout", "--quiet", "."]);
    let show = store.tracker(&["show", "a", "--patch"]);
    let said = String::from_utf8_lossy(&show.stderr);
    assert!(said.contains("1 changed file with other contents than text"), "{said}");
    assert!(said.contains("not in the patch: notes"), "{said}");
    let file = path.join("patch");
    fs::write(&file, show.stdout).unwrap();
    git(path, &["apply", "--whitespace=nowarn", "patch"]);
    assert_eq!(fs::read(path.join("main.rs")).unwrap(), changed);
}

#[test]
fn a_patch_that_is_not_there_or_cut_is_told_apart() {
    let store = Store::new();
    let [first, second] = two(&store);
    record(&first, &[], "none", "");
    let output = store.tracker(&["show", "a", "--patch"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0));
    assert!(texts(&output).1.contains("no file that git tracks was changed"));
    record(&first, &[("x", "modified")], "unknown", "");
    assert!(store.fails(&["show", "a", "--patch"]).contains("git did not give the patch"));
    record(&second, &[("x", "modified")], "cut", patch(&[("x", "y")]));
    let output = store.tracker(&["show", "b", "--patch"]);
    assert!(output.status.success() && texts(&output).1.contains("the patch is cut"));
}

#[test]
fn the_server_tells_of_changes_in_list_run_and_comparison() {
    let store = Store::new();
    let [_, second] = two(&store);
    let server = Server::of(&store);
    let runs = &server.json("/api/v1/runs")["runs"];
    assert_eq!(runs[0]["git"]["dirty"], true);
    let run = server.json(&format!("/api/v1/runs/{FIRST}"));
    assert_eq!(run["code"]["files"][0], json!({ "path": "alike.rs", "status": "modified" }));
    assert_eq!(run["code"]["patch_kept"], "whole");
    let diff = server.json(&format!("/api/v1/runs/{FIRST}/patch"));
    assert_eq!(diff["diff_cut"], false);
    assert!(diff["diff"].as_str().unwrap().contains("+only\n"));
    let path = format!("/api/v1/compare?run={FIRST}&run={SECOND}");
    let code = &server.json(&path)["code"];
    assert_eq!((&code[0]["dirty"], &code[0]["branch"]), (&json!(true), &json!("main")));
    assert!(code[1]["diff"].as_str().unwrap().contains("+two\n"));
    fs::write(second.join("code.json"), "{").unwrap();
    let compared = server.json(&path);
    assert!(compared["warnings"][0].as_str().unwrap().contains("code.json"));
    assert_eq!(compared["code"][1]["diff"], json!(null));
    let run = server.json(&format!("/api/v1/runs/{SECOND}"));
    assert!(run["warnings"].to_string().contains("code.json"), "{run}");
    assert_eq!(server.get(&format!("/api/v1/runs/{SECOND}/patch")).status, 500);
}

#[test]
fn a_comparison_of_many_long_patches_sends_a_share_of_each() {
    let store = Store::new();
    let long = patch(&[("x", &"long ".repeat(200_000))]) + &"tail\n".repeat(1_000);
    let mut asked = Vec::new();
    for index in 0..8 {
        let id = format!("01KX3F2A0000000000000000{index:02}");
        let folder = store.trained(&id, &format!("run-{index}"), &json!({}), 0.0, 2);
        record(&folder, &[("x", "modified")], "whole", patch(&[("y", "z")]).repeat(8_000));
        if index == 0 {
            record(&folder, &[("x", "modified")], "whole", &long);
        }
        asked.push(format!("run={id}"));
    }
    let server = Server::of(&store);
    let code = server.json(&format!("/api/v1/compare?{}", asked.join("&")))["code"].clone();
    let codes = code.as_array().unwrap();
    for code in codes {
        let diff = code["diff"].as_str().unwrap();
        assert!(diff.len() <= 512 << 10 && (diff.ends_with('\n') || diff.is_empty()));
        assert_eq!(code["diff_cut"], true);
    }
    assert!(codes[1]["diff"].as_str().unwrap().len() > 500 << 10);
}

#[test]
fn a_report_holds_the_patches_only_where_somebody_says_so() {
    let store = Store::new();
    two(&store);
    let report = store.prints(&["report", "a", "b", "-o", "-"]);
    assert!(report.contains("second.rs") && !report.contains("+only"), "names alone");
    let report = store.prints(&["report", "a", "b", "-o", "-", "--code"]);
    let both = |text: &str| report.matches(text).count() == 2;
    assert!(both("+one\\n") && both("+two\\n"), "once to compare, once on the run's own page");
}
