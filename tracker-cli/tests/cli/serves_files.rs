//! Files, histograms and words of a run, as the server gives them.

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use serde_json::{Value, json};
use tracker_core::{Artifact, Event, Histogram, Level, Run, Tracker};

use super::{
    server::{Answer, Server, id, percent},
    support::{FIRST, Store},
};

#[test]
fn artifacts_come_from_the_runs_own_folder_alone() {
    let store = Store::new();
    let run = store.init("artifacts").start().unwrap();
    let id = id(&run);
    let folder = store.path().join("mnist").join(&id);
    std::fs::create_dir_all(folder.join("files")).unwrap();
    std::fs::write(folder.join("files/page.svg"), "<svg onload='alert(1)'/>").unwrap();
    std::fs::write(folder.join("files/dot.png"), "pixels").unwrap();
    let outside = tempfile::NamedTempFile::new().unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.join("files/link")).unwrap();
    for file in ["files/page.svg", "files/dot.png", "files/link"] {
        let artifact = Artifact::of_file(file, "1", folder.join(file)).unwrap();
        run.record(Event::Artifact(artifact.relative_to(&folder)));
    }
    run.record(Event::Artifact(Artifact::of_file("outside", "1", outside.path()).unwrap()));
    run.finish().unwrap();
    let server = Server::of(&store);
    let listed = server.json(&format!("/api/v1/runs/{id}/artifacts"));
    let content: Vec<&Value> =
        listed["artifacts"].as_array().unwrap().iter().map(|known| &known["content"]).collect();
    assert!(content[2].is_null() && content[3].is_null());
    let svg = server.get(content[0].as_str().unwrap());
    let head = svg.head.to_lowercase();
    assert!(head.contains("content-disposition: attachment") && !head.contains("image/svg"));
    let png = server.get(content[1].as_str().unwrap());
    assert!(png.head.to_lowercase().contains("content-type: image/png"));
    assert_eq!(png.body, b"pixels");
    for number in ["2", "3", "4", "99999999999999999999", "-1"] {
        let path = format!("/api/v1/runs/{id}/artifacts/{number}/content");
        assert!([400, 404].contains(&server.get(&path).status), "{number}");
    }
}

/// The files of a run, as they are listed.
fn listed(server: &Server, id: &str) -> Vec<Value> {
    server.json(&format!("/api/v1/runs/{id}/artifacts"))["artifacts"].as_array().unwrap().clone()
}

fn kind_and_disposition(answer: &Answer) -> (&str, &str) {
    let header = |name| answer.header(name).unwrap();
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert!(header("content-security-policy").starts_with("default-src 'none'; "));
    (header("content-type"), header("content-disposition"))
}

/// A file of the run, recorded under its own name.
fn keep(run: &Run, file: &str, bytes: &[u8]) {
    let path = run.dir().join(file);
    fs::write(&path, bytes).unwrap();
    let artifact = Artifact::of_file(file, "1", &path).unwrap();
    run.record(Event::Artifact(artifact.relative_to(run.path())));
}

#[test]
fn only_pictures_without_scripts_are_shown_in_place() {
    let store = Store::new();
    let run = store.init("files").start().unwrap();
    let html = b"<script>alert(1)</script>";
    let pictures = ["a.png", "b.jpg", "c.JPEG", "d.webp", "e.gif"];
    let downloads = [
        "f.svg",
        "g.html",
        "h.htm",
        "i.xhtml",
        "j.xml",
        "k.js",
        "l.pdf",
        "m.txt",
        "n",
        "o.png.html",
        "p.png ",
        "q.bmp",
        ".png.svg",
    ];
    for file in pictures.iter().chain(&downloads) {
        keep(&run, file, html);
    }
    run.finish().unwrap();
    let server = Server::of(&store);
    let files = listed(&server, run.id().as_str());
    assert_eq!(files.len(), pictures.len() + downloads.len());
    for (file, name) in files.iter().zip(pictures.iter().chain(&downloads)) {
        let answer = server.get(file["content"].as_str().unwrap());
        let (kind, disposition) = kind_and_disposition(&answer);
        if pictures.contains(name) {
            assert!(kind.starts_with("image/") && kind != "image/svg+xml", "{name}: {kind}");
            assert!(disposition.starts_with("inline; "), "{name}: {disposition}");
        } else {
            assert_eq!(kind, "application/octet-stream", "{name}");
            assert!(disposition.starts_with("attachment; "), "{name}: {disposition}");
        }
        assert_eq!(answer.body, html, "{name}");
    }
}

#[test]
fn the_name_of_a_download_is_a_name_and_no_header() {
    let store = Store::new();
    let run = store.init("files").start().unwrap();
    let long = format!("{}.txt", "x".repeat(200));
    for name in
        ["a\"; filename=evil.exe", "a\r\nSet-Cookie: b=c", "\u{202e}gnp.exe", "%2e%2e", &long]
    {
        keep(&run, name, b"bytes");
    }
    run.finish().unwrap();
    let server = Server::of(&store);
    for file in listed(&server, run.id().as_str()) {
        let answer = server.get(file["content"].as_str().unwrap());
        assert_eq!((answer.status, &*answer.body), (200, &b"bytes"[..]));
        assert_eq!(answer.header("set-cookie"), None);
        let (_, disposition) = kind_and_disposition(&answer);
        let name = disposition.strip_prefix("attachment; filename=\"").unwrap();
        let name = name.strip_suffix('"').unwrap();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        assert!(!name.is_empty() && name.len() <= 100 && name.chars().all(is_plain), "{name}");
    }
}

#[test]
fn files_that_are_gone_or_no_files_have_no_content_and_the_rest_has() {
    let store = Store::new();
    let run = store.init("files").start().unwrap();
    let id = id(&run);
    for file in ["gone", "folder", "pipe", "closed", "moved", "here"] {
        keep(&run, file, file.as_bytes());
    }
    run.finish().unwrap();
    let server = Server::of(&store);
    let before = listed(&server, &id);
    assert!(before.iter().all(|file| file["content"].is_string()));
    let dir = run.dir();
    for file in ["gone", "folder", "pipe", "moved"] {
        fs::remove_file(dir.join(file)).unwrap();
    }
    fs::create_dir(dir.join("folder")).unwrap();
    // Whoever opens a pipe waits for somebody to write to it.
    let made = Command::new("mkfifo").arg(dir.join("pipe")).status();
    assert!(made.is_ok_and(|made| made.success()));
    std::os::unix::fs::symlink("/etc/hostname", dir.join("moved")).unwrap();
    fs::set_permissions(dir.join("closed"), fs::Permissions::from_mode(0o000)).unwrap();
    // Nothing is closed to root.
    let is_closed = fs::File::open(dir.join("closed")).is_err();
    for (number, file) in listed(&server, &id).iter().enumerate() {
        let answer = server.get(before[number]["content"].as_str().unwrap());
        let name = file["name"].as_str().unwrap();
        if name == "here" || (name == "closed" && !is_closed) {
            assert_eq!((answer.status, answer.text()), (200, name.to_owned()));
        } else {
            assert!(file["content"].is_null(), "{name}");
            assert_eq!(answer.status, 404, "{name}");
            assert!(answer.json()["hint"].is_string());
        }
    }
}

#[test]
fn a_record_that_leads_out_of_the_runs_folder_gives_no_file() {
    let store = Store::new();
    let other = store.trained(FIRST, "other", &json!({}), 0.0, 1);
    let run = store.init("files").start().unwrap();
    let inside = run.dir().join("inside.txt");
    fs::write(&inside, "inside").unwrap();
    std::os::unix::fs::symlink(&other, run.dir().join("sibling")).unwrap();
    std::os::unix::fs::symlink("/", run.dir().join("root")).unwrap();
    let outside = [
        "/etc/passwd",
        &inside.to_string_lossy(),
        "../../../../../../../../etc/passwd",
        &format!("../{FIRST}/run.json"),
        "files/../files/inside.txt",
        "files/sibling/run.json",
        "files/root/etc/passwd",
        "files/%2e%2e/run.json",
        "files\\inside.txt",
        "files/inside.txt\0.png",
        "~/.ssh/id_rsa",
        "",
        ".",
        "/dev/stdin",
        "/proc/self/environ",
    ];
    for (nth, path) in outside.into_iter().chain(["./files/inside.txt"]).enumerate() {
        let mut artifact = Artifact::new(format!("a{nth}"), "1");
        artifact.path = Some(path.into());
        run.record(Event::Artifact(artifact));
    }
    run.finish().unwrap();
    let server = Server::of(&store);
    let id = run.id().as_str();
    let files = listed(&server, id);
    assert_eq!(files.len(), outside.len() + 1);
    for (number, file) in files.iter().enumerate() {
        let answer = server.get(&format!("/api/v1/runs/{id}/artifacts/{number}/content"));
        if number < outside.len() {
            assert!(file["content"].is_null(), "{}", outside[number]);
            assert_eq!(answer.status, 404, "{}", outside[number]);
        } else {
            assert_eq!((answer.status, answer.text()), (200, "inside".to_owned()));
        }
    }
}

#[test]
fn a_link_of_the_run_to_a_file_of_the_run_is_followed() {
    let store = Store::new();
    let run = store.init("files").start().unwrap();
    fs::write(run.dir().join("inside.txt"), "inside").unwrap();
    std::os::unix::fs::symlink("inside.txt", run.dir().join("own")).unwrap();
    let mut artifact = Artifact::new("link", "1");
    artifact.path = Some("files/own".into());
    run.record(Event::Artifact(artifact));
    run.finish().unwrap();
    let server = Server::of(&store);
    let answer = server.get(&format!("/api/v1/runs/{}/artifacts/0/content", run.id()));
    assert_eq!((answer.status, answer.text()), (200, "inside".to_owned()));
}

#[test]
fn histograms_are_spread_over_the_steps_and_end_with_the_last() {
    let store = Store::new();
    let run = store.init("histograms").start().unwrap();
    let names = ["weights", "a/b c&d=<x>\"%\u{202e}#?", "../../etc/passwd"];
    for name in names {
        for step in 0..10_u64 {
            let spread = Histogram::new(-1.0, 1.0, vec![step, 2, 3]).not_finite(step);
            run.log_histogram(name, step, spread);
        }
    }
    run.log_histogram("odd", u64::MAX, Histogram::new(f64::NAN, f64::INFINITY, vec![]));
    run.finish().unwrap();
    let server = Server::of(&store);
    let path = format!("/api/v1/runs/{}/histograms", run.id());
    for name in names {
        let encoded = percent(name);
        let asked = |most: &str| server.json(&format!("{path}?name={encoded}{most}"));
        let steps = |told: &Value| -> Vec<u64> {
            let rows = told["rows"].as_array().unwrap();
            rows.iter().map(|row| row["step"].as_u64().unwrap()).collect()
        };
        for (most, wanted) in [
            ("", (0..10).collect()),
            ("&most=4096", (0..10).collect()),
            ("&most=5", vec![1, 3, 5, 7, 9]),
            ("&most=3", vec![2, 5, 9]),
            ("&most=1", vec![9]),
        ] {
            let told = asked(most);
            assert_eq!((steps(&told), &told["of"]), (wanted, &json!(10)), "{name} {most}");
        }
        let last = &asked("&most=1")["rows"][0];
        assert_eq!((&last["counts"], &last["not_finite"]), (&json!([9, 2, 3]), &json!(9)));
        assert_eq!((&last["min"], &last["max"]), (&json!(-1.0), &json!(1.0)));
    }
    for most in ["0", "4097", "-1", "1.5", "x", "", "99999999999999999999", "%00"] {
        let answer = server.get(&format!("{path}?name=weights&most={most}"));
        assert_eq!(answer.status, 400, "{most}");
        assert!(answer.json()["error"].as_str().unwrap().contains("most"), "{most}");
    }
    assert_eq!(server.get(&path).status, 400);
    let long = "x".repeat(20_000);
    for name in ["unknown", "", "%00", "%ff", "..%2f..%2fetc%2fpasswd%00", &long] {
        let told = server.json(&format!("{path}?name={name}"));
        assert_eq!((&told["rows"], &told["of"]), (&json!([]), &json!(0)), "{name:.40}");
    }
    let odd = server.json(&format!("{path}?name=odd"));
    assert_eq!(odd["rows"][0]["step"], u64::MAX.to_string());
    for missing in ["events", "histograms?name=a", "artifacts", "artifacts/0/content"] {
        let answer = server.get(&format!("/api/v1/runs/{FIRST}/{missing}"));
        assert_eq!(answer.status, 404, "{missing}");
        assert!(answer.json()["hint"].is_string());
    }
}

#[test]
fn words_of_a_run_are_text_whatever_they_say() {
    let store = Store::new();
    let run = store.init("words").start().unwrap();
    let words = ["<script>alert(1)</script>", "\u{1b}[2J\u{7}", "a\u{202e}b", "two\nlines\0", ""];
    for (step, text) in words.iter().enumerate() {
        let (name, text, step) = ("<b>samples</b>".to_owned(), (*text).to_owned(), step.into());
        run.record(Event::Text { name, step, text: text.clone() });
        run.record(Event::Message { level: Level::Warning, text });
    }
    run.finish().unwrap();
    let server = Server::of(&store);
    let answer = server.get(&format!("/api/v1/runs/{}/events", run.id()));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    let told = answer.json();
    for kind in ["texts", "messages"] {
        let shown: Vec<&str> = told[kind]
            .as_array()
            .unwrap()
            .iter()
            .map(|told| told["text"].as_str().unwrap())
            .collect();
        assert_eq!(shown, words, "{kind}");
    }
    assert_eq!(told["texts"][4]["step"], 4);
    assert_eq!(told["texts"][0]["name"], "<b>samples</b>");
    assert_eq!(told["messages"][0]["level"], "warning");
}

#[test]
fn what_a_run_used_and_who_used_it_is_told() {
    let store = Store::new();
    let maker = store.init("maker").start().unwrap();
    keep(&maker, "model", b"weights");
    maker.finish().unwrap();
    let user = store.init("user").start().unwrap();
    user.use_artifact("maker:model").unwrap();
    user.dataset("data", user.dir());
    user.finish().unwrap();
    let server = Server::of(&store);
    let lineage = |run: &Run| server.json(&format!("/api/v1/runs/{}/lineage", id(run)));

    let of_user = lineage(&user);
    let [model, data] = [&of_user["used"][0], &of_user["used"][1]];
    assert_eq!((&model["run"], &model["run_name"]), (&json!(id(&maker)), &json!("maker")));
    assert_eq!((&model["bytes"], &model["files"]), (&json!(7), &json!(null)));
    assert_eq!((&data["type"], &data["files"]), (&json!("dataset"), &json!(0)));
    assert!(data["run"].is_null() && data["version"].is_null());
    assert_eq!(of_user["used_by"], json!([]));

    let of_maker = lineage(&maker);
    assert_eq!(of_maker["used"], json!([]));
    let by = &of_maker["used_by"][0];
    assert_eq!((&by["run"], &by["run_name"]), (&json!(id(&user)), &json!("user")));
    assert_eq!((&by["name"], &by["version"]), (&json!("model"), &json!("1")));
    assert_eq!(server.get(&format!("/api/v1/runs/{}/lineage?x=1", id(&user))).status, 400);
    assert_eq!(server.get("/api/v1/runs/none/lineage").status, 404);
}
