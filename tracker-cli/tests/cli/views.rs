//! Saved views: what the server of the page takes and answers, and reports that open with one.

use std::fs;

use serde_json::{Value, json};

use super::{
    server::Server,
    support::{FIRST, SECOND, Store},
};

const VIEWS: &str = "/api/v1/projects/mnist/views";

fn store() -> Store {
    let store = Store::new();
    store.trained(FIRST, "first", &json!({ "lr": 0.01 }), 1.0, 2);
    store
}

fn save(server: &Server, name: &str, smooth: f64, over: &Value) -> super::server::Answer {
    let asked = json!({ "shown": { "smooth": smooth }, "over": over });
    server.post(&format!("{VIEWS}/{name}/save"), &asked)
}

#[test]
fn a_view_is_saved_listed_renamed_and_removed() {
    let store = store();
    let server = Server::of(&store);
    assert_eq!(server.json(VIEWS)["views"], json!([]));
    let saved = save(&server, "two%20words", 0.5, &Value::Null);
    assert_eq!(saved.status, 200, "{}", saved.text());
    let first = saved.json();
    assert_eq!((&first["name"], &first["shown"]), (&json!("two words"), &json!({ "smooth": 0.5 })));
    assert!(store.path().join(".views/mnist/two words.json").exists());
    let listed = server.json(VIEWS);
    assert_eq!(
        listed["views"][0],
        json!({
            "name": "two words", "revision": first["revision"], "problem": null,
        })
    );
    let second = save(&server, "two%20words", 0.6, &first["revision"]).json();
    let asked = json!({ "to": "one", "over": second["revision"] });
    let renamed = server.post(&format!("{VIEWS}/two%20words/rename"), &asked);
    assert_eq!(renamed.json()["name"], "one");
    assert_eq!(server.json(&format!("{VIEWS}/one"))["shown"]["smooth"], 0.6);
    let asked = json!({ "over": second["revision"] });
    assert_eq!(server.post(&format!("{VIEWS}/one/remove"), &asked).json()["removed"], "one");
    assert_eq!(server.get(&format!("{VIEWS}/one")).status, 404);
}

#[test]
fn of_two_windows_the_second_one_is_told_that_the_view_has_changed() {
    let store = store();
    let server = Server::of(&store);
    let known = save(&server, "a", 0.1, &Value::Null).json()["revision"].clone();
    assert_eq!(save(&server, "a", 0.2, &known).status, 200);
    let refused = save(&server, "a", 0.3, &known);
    assert_eq!(refused.status, 409);
    assert!(refused.json()["hint"].as_str().unwrap().contains("another name"));
    assert_eq!(save(&server, "a", 0.3, &Value::Null).status, 409);
    let asked = json!({ "over": known });
    assert_eq!(server.post(&format!("{VIEWS}/a/remove"), &asked).status, 409);
    assert_eq!(server.json(&format!("{VIEWS}/a"))["shown"]["smooth"], 0.2);
}

#[test]
fn no_name_becomes_a_path() {
    let store = store();
    let server = Server::of(&store);
    for name in ["..%2Fmnist%2Fx", "%2E%2E", "a%2Fb", "CON", "a%5Cb", ".hidden", "a%00b", "%C3%28"]
    {
        let answer = save(&server, name, 0.1, &Value::Null);
        assert_eq!(answer.status, 400, "{name}: {}", answer.text());
    }
    for project in ["..", "%2E%2E", "..%2Fx", ".views", "nobody"] {
        let path = format!("/api/v1/projects/{project}/views/a/save");
        let answer = server.post(&path, &json!({ "shown": {}, "over": null }));
        assert!(matches!(answer.status, 400 | 404), "{project}: {}", answer.text());
    }
    assert!(!store.path().join(".views").exists());
    for asked in [json!({}), json!({ "shown": [] }), json!({ "shown": {}, "over": null, "x": 1 })] {
        assert_eq!(server.post(&format!("{VIEWS}/a/save"), &asked).status, 400);
    }
}

#[test]
fn a_view_that_cannot_be_read_is_told_and_left_as_it_is() {
    let store = store();
    let folder = store.path().join(".views/mnist");
    fs::create_dir_all(&folder).unwrap();
    let later = r#"{"version":9,"view":{}}"#;
    fs::write(folder.join("later.json"), later).unwrap();
    let server = Server::of(&store);
    let listed = server.json(VIEWS);
    assert_eq!(listed["views"][0]["name"], "later.json");
    let problem = listed["views"][0]["problem"].as_str().unwrap();
    assert!(problem.contains("version 9") && problem.contains("hint:"), "{problem}");
    assert_eq!(server.get(&format!("{VIEWS}/later")).status, 409);
    assert_eq!(save(&server, "later", 0.1, &Value::Null).status, 409);
    assert_eq!(fs::read_to_string(folder.join("later.json")).unwrap(), later);
}

#[test]
fn a_server_that_only_reads_saves_no_view_and_exports_what_is_shown() {
    let store = store();
    let server = Server::with(&store, "127.0.0.1", &["--read-only"]);
    let refused = save(&server, "a", 0.1, &Value::Null);
    assert_eq!(refused.status, 403);
    assert!(refused.json()["hint"].as_str().unwrap().contains("--read-only"));
    assert!(!store.path().join(".views").exists());
    let asked = json!({ "runs": [FIRST], "address": "/p/mnist?smooth=0.5" });
    let report = server.post("/api/v1/report", &asked);
    assert_eq!(report.status, 200, "{}", report.text());
    assert_eq!(report.header("content-type"), Some("application/octet-stream"));
    assert!(report.header("content-disposition").unwrap().starts_with("attachment"));
    assert_eq!(opens(&report.text()), json!({ "address": "/p/mnist?smooth=0.5" }));
    for (runs, address, status) in
        [(json!(["nobody"]), "/p/mnist", 404), (json!([FIRST]), "/elsewhere", 400)]
    {
        let answer = server.post("/api/v1/report", &json!({ "runs": runs, "address": address }));
        assert_eq!(answer.status, status);
    }
}

/// What the report in this file opens with.
fn opens(html: &str) -> Value {
    let (_, data) = html.split_once("id=\"tracker-report\">").unwrap();
    let (data, _) = data.split_once("</script>").unwrap();
    serde_json::from_str::<Value>(data).unwrap()["opens"].clone()
}

#[test]
fn a_report_opens_with_a_saved_view_or_an_address() {
    let store = store();
    store.trained(SECOND, "second", &json!({ "lr": 0.1 }), 2.0, 1);
    let folder = store.path().join(".views/mnist");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("a.json"), r#"{"version":1,"view":{"smooth":0.5}}"#).unwrap();
    let with = |view: &str| store.prints(&["report", FIRST, SECOND, "-o", "-", "--view", view]);
    assert_eq!(opens(&with("a")), json!({ "project": "mnist", "shown": { "smooth": 0.5 } }));
    let address = with("http://127.0.0.1:7788/p/mnist?smooth=0.9");
    assert_eq!(opens(&address), json!({ "address": "/p/mnist?smooth=0.9" }));
    for (view, hint) in
        [("b", "it has a"), ("http://x.test/", "copy it"), ("con", "a view is a file")]
    {
        let said = store.fails(&["report", FIRST, "-o", "-", "--view", view]);
        assert!(said.contains(hint), "{said}");
    }
}
