//! Asks the real server over a socket, byte by byte, as no well-behaved client would.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use tracker_core::{Artifact, Event, Run, Tracker, metrics};

use super::{
    stops,
    support::{FIRST, SECOND, Store, command},
};

/// A server on a port of its own, which ends with the test.
pub(crate) struct Server {
    child: Child,
    port: u16,
}

/// An answer: its status, its head and its body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl Server {
    pub(crate) fn of(store: &Store) -> Self {
        let mut command = store.command(&["ui", "--port", "0", "--no-open", "--json"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let port = u16::try_from(said["port"].as_u64().unwrap()).unwrap();
        Self { child, port }
    }

    fn connect(&self) -> TcpStream {
        let socket = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        socket
    }

    /// Sends bytes as they are, but for `PORT`, and reads to the end.
    fn raw(&self, request: &str) -> Answer {
        let request = request.replace("PORT", &self.port.to_string());
        let mut socket = self.connect();
        // A server that has seen enough may close before all is sent.
        let _ = socket.write_all(request.as_bytes());
        let mut bytes = Vec::new();
        let _ = socket.read_to_end(&mut bytes);
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let Some(end) = end else { return Answer { status: 0, head: String::new(), body: bytes } };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head, body: bytes[end + 4..].to_vec() }
    }

    pub(crate) fn get(&self, target: &str) -> Answer {
        self.raw(&format!(
            "GET {target} HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\n\r\n"
        ))
    }

    fn post_with(&self, path: &str, headers: &str, body: &str) -> Answer {
        let length = body.len();
        self.raw(&format!(
            "POST {path} HTTP/1.0\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\n\
             Content-Length: {length}\r\n{headers}\r\n{body}"
        ))
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_with(path, "Content-Type: application/json\r\n", &body.to_string())
    }

    pub(crate) fn json(&self, path: &str) -> Value {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    /// The header and the floats of the first curve.
    fn curve(&self, asked: &Value) -> (Value, Vec<Vec<f64>>) {
        let answer = self.post("/api/v1/curves", asked);
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let word = |at: usize| u32::from_le_bytes(answer.body[at..at + 4].try_into().unwrap());
        assert_eq!((&answer.body[..4], word(4), word(12)), (&b"TRKC"[..], 1, 0));
        let start = 16 + word(8) as usize;
        let header: Value = serde_json::from_slice(&answer.body[16..start]).unwrap();
        let series = &header["series"][0];
        let points = usize::try_from(series["points"].as_u64().unwrap()).unwrap();
        let mut at = start + usize::try_from(series["offset"].as_u64().unwrap()).unwrap();
        let mut columns = Vec::new();
        for column in series["columns"].as_array().unwrap() {
            let is_single = column != "x" && series["y"] == "f32";
            let size = if is_single { 4 } else { 8 };
            let bytes = &answer.body[at..at + points * size];
            let float = |bytes: &[u8]| match bytes.try_into() {
                Ok(four) => f64::from(f32::from_le_bytes(four)),
                Err(_) => f64::from_le_bytes(bytes.try_into().unwrap()),
            };
            columns.push(bytes.chunks(size).map(float).collect());
            at = (at + points * size).next_multiple_of(8);
        }
        (header, columns)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn status(server: &Server, head: &str) -> u16 {
    server.raw(&format!("{head}\r\nConnection: close\r\n\r\n")).status
}

fn id(run: &Run) -> String {
    run.id().to_string()
}

#[test]
fn over_a_socket_only_its_own_names_are_the_server() {
    let server = Server::of(&Store::new());
    for host in ["127.0.0.1:PORT", "localhost:PORT", "[::1]:PORT"] {
        assert_eq!(status(&server, &format!("GET / HTTP/1.1\r\nHost: {host}")), 200, "{host}");
    }
    for host in ["127.0.0.1.nip.io:PORT", "evil.example:PORT", "127.0.0.1", "127.0.0.1:1", ""] {
        assert_eq!(status(&server, &format!("GET / HTTP/1.1\r\nHost: {host}")), 421, "{host}");
    }
    let twice = "GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: 127.0.0.1:PORT";
    assert_eq!(status(&server, twice), 421);
    assert_eq!(status(&server, "GET / HTTP/1.1\r\nAccept: */*"), 421);
    assert_eq!(status(&server, "GET / HTTP/1.0\r\nAccept: */*"), 421);
    let absolute = "GET http://127.0.0.1:PORT/ HTTP/1.1\r\nHost: 127.0.0.1:PORT";
    assert_eq!(status(&server, absolute), 421);
    let elsewhere = "GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1:PORT";
    assert_eq!(status(&server, elsewhere), 421);
}

#[test]
fn over_a_socket_other_sites_post_nothing() {
    let server = Server::of(&Store::new());
    let body = r#"{"metric":"loss","runs":[]}"#;
    let kind = "Content-Type: application/json\r\n";
    for (headers, wanted) in [
        ("", 200),
        ("Origin: http://127.0.0.1:PORT\r\n", 200),
        ("Origin: http://evil.example\r\n", 403),
        ("Origin: http://127.0.0.1:1\r\n", 403),
        ("Origin: null\r\n", 403),
        ("Sec-Fetch-Site: same-origin\r\n", 200),
        ("Sec-Fetch-Site: cross-site\r\n", 403),
        ("Sec-Fetch-Site: same-site\r\n", 403),
    ] {
        let answer = server.post_with("/api/v1/curves", &format!("{kind}{headers}"), body);
        assert_eq!(answer.status, wanted, "{headers}");
    }
    for kind in ["", "Content-Type: text/plain\r\n"] {
        assert_eq!(server.post_with("/api/v1/curves", kind, body).status, 403, "{kind}");
    }
}

#[test]
fn over_a_socket_no_path_is_one_of_the_disk() {
    let server = Server::of(&Store::new());
    for path in [
        "/../../etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..\\..\\etc\\passwd",
        "//etc/passwd",
        "/app.js/../../../etc/passwd",
        "/api/v1/runs/..%2f..%2fetc%2fpasswd/artifacts/0/content",
        "/api/v1/runs/x/artifacts/..%2f0/content",
    ] {
        let answer = server.get(path);
        assert!([400, 404].contains(&answer.status), "{path}: {}", answer.status);
        assert!(!String::from_utf8_lossy(&answer.body).contains("root:"), "{path}");
    }
}

#[test]
fn what_is_too_large_is_refused_and_the_server_goes_on() {
    let server = Server::of(&Store::new());
    let body = " ".repeat(2 << 20);
    let answer = server.post_with("/api/v1/curves", "Content-Type: application/json\r\n", &body);
    assert!([0, 400].contains(&answer.status), "{}", answer.status);
    let header = format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nX: {}", "x".repeat(1 << 20));
    assert!([0, 431].contains(&status(&server, &header)));
    let query = format!("/api/v1/runs?project={}", "%00'\"<script>".repeat(500));
    assert!([200, 400].contains(&server.get(&query.replace(['<', '>', '"'], "")).status));
    for noise in ["\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        assert_ne!(server.raw(noise).status, 200);
    }
    assert_eq!(server.get("/").status, 200);
}

#[test]
fn clients_that_say_nothing_keep_nobody_out() {
    let server = Server::of(&Store::new());
    let mut slow: Vec<TcpStream> = (0..50).map(|_| server.connect()).collect();
    for socket in &mut slow {
        socket.write_all(b"POST /api/v1/curves HTTP/1.1\r\nHost").unwrap();
    }
    assert_eq!(server.get("/").status, 200);
    // The server hangs up by itself.
    let mut rest = Vec::new();
    let _ = slow[0].read_to_end(&mut rest);
}

#[test]
fn without_a_token_only_this_machine_is_served() {
    let output = command(&["ui", "--host", "0.0.0.0", "--port", "0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("hint: add --token"));
}

#[test]
fn a_port_that_is_taken_is_an_error_with_a_hint() {
    let store = Store::new();
    let server = Server::of(&store);
    let output = store.tracker(&["ui", "--no-open", "--port", &server.port.to_string()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("hint: another `tracker ui`"));
}

#[test]
fn a_store_may_be_missing_appear_and_vanish() {
    let store = Store::new();
    let folder = store.path().to_owned();
    std::fs::remove_dir(&folder).unwrap();
    let server = Server::of(&store);
    assert_eq!(server.json("/api/v1/store")["projects"], json!([]));
    assert_eq!(server.json("/api/v1/runs")["runs"], json!([]));
    store.init("first").start().unwrap().finish().unwrap();
    assert_eq!(server.json("/api/v1/runs")["runs"][0]["name"], "first");
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(server.json("/api/v1/runs")["runs"], json!([]));
    std::fs::create_dir(&folder).unwrap();
}

#[test]
fn hostile_names_are_text_and_two_runs_may_have_one_name() {
    let store = Store::new();
    let names = ["<img src=x onerror=alert(1)>", "right\u{202e}left", "same", "same"];
    for name in names {
        store.init(name).start().unwrap().finish().unwrap();
    }
    let server = Server::of(&store);
    let answer = server.get("/api/v1/runs");
    assert!(answer.head.to_lowercase().contains("content-type: application/json"));
    let runs = answer.json()["runs"].as_array().unwrap().clone();
    let mut shown: Vec<&str> = runs.iter().map(|run| run["name"].as_str().unwrap()).collect();
    shown.sort_unstable();
    let mut wanted = names.to_vec();
    wanted.sort_unstable();
    assert_eq!(shown, wanted);
    let path = format!("/api/v1/runs/{}/edit", runs[0]["id"].as_str().unwrap());
    for name in ["\u{1b}[31mred", &"x".repeat(10_000), ""] {
        let answer = server.post(&path, &json!({ "name": name }));
        assert_eq!(answer.status, 400, "{name:.20}");
        assert!(answer.json()["hint"].is_string());
    }
    let answer = server.post(&path, &json!({ "name": "new", "tags": ["a"] }));
    assert_eq!(answer.json()["name"], "new");
    assert_eq!(server.json("/api/v1/runs")["runs"][0]["tags"], json!(["a"]));
}

#[test]
fn curves_are_exact_where_points_are_few_and_show_extremes_where_they_are_many() {
    let store = Store::new();
    let run = store.init("curves").start().unwrap();
    let values = |step: u64| if step == 7_000 { 100.0 } else { 1.0 / (step + 1) as f64 };
    for step in 0..10_000_u64 {
        run.log_at(step, metrics! { "loss" => values(step), "epoch" => step / 1000 });
    }
    run.log_at(0_u64, metrics! { "one" => 3.0 });
    for step in 0..5_u64 {
        run.log_at(step, metrics! { "nan" => f64::NAN });
    }
    run.log_at(u64::MAX, metrics! { "far" => 1.0 });
    let id = id(&run);
    run.finish().unwrap();
    let server = Server::of(&store);
    let ask = |more: Value| {
        let mut asked = json!({ "metric": "loss", "runs": [id] });
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (header, columns) = server.curve(&asked);
        (header["series"][0].clone(), columns)
    };

    let (series, columns) = ask(json!({ "buckets": 100 }));
    assert_eq!(series["exact"], false);
    assert_eq!(series["total"], 10_000);
    assert!(columns[0].len() <= 100);
    assert!(columns[3].contains(&100.0), "the spike survives");

    let (series, columns) = ask(json!({ "from": 6_990, "to": 7_009 }));
    assert_eq!(series["exact"], true);
    assert_eq!(series["columns"], json!(["x", "last"]));
    assert_eq!(columns[0], (6_990..7_010).map(f64::from).collect::<Vec<_>>());
    assert_eq!(columns[1][10], 100.0);

    let (_, columns) = ask(json!({ "smooth": 0.9, "from": 10, "to": 20 }));
    let (mut last, mut power) = (0.0, 1.0);
    let wanted: Vec<f64> = (0..=20)
        .map(|step| {
            last = last * 0.9 + (1.0 - 0.9) * values(step);
            power *= 0.9;
            last / (1.0 - power)
        })
        .collect();
    for (shown, wanted) in columns[2].iter().zip(&wanted[10..]) {
        assert!((shown - wanted).abs() < 1e-6, "{shown} {wanted}");
    }

    let (_, columns) = ask(json!({ "x": "epoch", "from": 2_998, "to": 3_001 }));
    assert_eq!(columns[0], [2.0, 2.0, 3.0, 3.0]);
    let (_, columns) = ask(json!({ "x": "relative", "buckets": 50 }));
    assert!(columns[0].is_sorted() && columns[0][0] >= 0.0);

    let (series, columns) = ask(json!({ "metric": "one" }));
    assert_eq!((series["points"].clone(), columns[1][0]), (json!(1), 3.0));
    let (series, columns) = ask(json!({ "metric": "nan" }));
    assert!(columns[1].iter().all(|value| value.is_nan()));
    assert_eq!(series["not_finite"].as_array().unwrap().len(), 5);
    assert_eq!(series["not_finite"][0]["value"], "NaN");
    let (series, _) = ask(json!({ "metric": "far" }));
    assert_eq!(series["last_step"], u64::MAX.to_string());
    let (series, _) = ask(json!({ "metric": "missing" }));
    assert_eq!(series["points"], 0);
}

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

#[test]
fn what_differs_between_runs_is_told_with_its_kind() {
    let store = Store::new();
    store.trained(FIRST, "a", &json!({ "lr": 1 }), 0.0, 2);
    store.trained(SECOND, "b", &json!({ "lr": "1", "also": null }), 0.0, 1);
    let server = Server::of(&store);
    let compared = server.json(&format!("/api/v1/compare?run={FIRST}&run={SECOND}"));
    assert_eq!(
        compared["config"],
        json!([
            {"path": "lr", "differs": true, "values": [
                {"kind": "number", "value": 1}, {"kind": "string", "value": "1"}]},
            {"path": "also", "differs": true, "values": [
                {"kind": "missing"}, {"kind": "null", "value": null}]},
        ])
    );
}

#[test]
fn a_run_that_does_not_run_cannot_be_stopped() {
    let store = Store::new();
    store.trained(FIRST, "a", &json!({}), 0.0, 2);
    let server = Server::of(&store);
    let path = format!("/api/v1/runs/{FIRST}/stop");
    let answer = server.post(&path, &json!({ "when": "now" }));
    assert_eq!(answer.status, 409);
    assert!(answer.json()["hint"].is_string());
    assert_eq!(server.post(&path, &json!({ "when": "never" })).status, 400);
}

#[test]
fn a_training_in_another_process_is_stopped_by_the_page() {
    let store = Store::new();
    let child = stops::training(&store);
    let server = Server::of(&store);
    let id = server.json("/api/v1/runs")["runs"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/runs/{id}");
    while server.json(&path)["listens_to_stop"] != true {
        std::thread::sleep(Duration::from_millis(5));
    }
    let asked = json!({ "when": "now", "why": "out of budget" });
    let answer = server.post(&format!("{path}/stop"), &asked);
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    stops::wait(child);
    let run = server.json(&path);
    assert_eq!((&run["state"], &run["message"]), (&json!("stopped"), &answer.json()["reason"]));
}

#[test]
fn a_training_that_does_not_listen_is_not_asked_to_stop() {
    let store = Store::new();
    let run = store.init("deaf").start().unwrap();
    let server = Server::of(&store);
    let path = format!("/api/v1/runs/{}", id(&run));
    assert_eq!(server.json(&path)["listens_to_stop"], false);
    let answer = server.post(&format!("{path}/stop"), &json!({ "when": "epoch" }));
    assert_eq!(answer.status, 409);
    assert!(answer.json()["hint"].as_str().unwrap().contains("kill "));
    run.finish().unwrap();
}

#[test]
fn packages_of_different_versions_are_told_and_equal_ones_are_not() {
    let store = Store::new();
    let first = store.trained(FIRST, "a", &json!({}), 0.0, 2);
    let second = store.trained(SECOND, "b", &json!({}), 0.0, 1);
    let list = |burn: &str| json!({ "burn": burn, "serde": "1.0.0" }).to_string();
    std::fs::write(first.join("packages.json"), list("0.17.0")).unwrap();
    std::fs::write(second.join("packages.json"), list("0.18.0")).unwrap();
    let server = Server::of(&store);
    let path = format!("/api/v1/compare?run={FIRST}&run={SECOND}");
    let wanted = json!([{ "name": "burn", "versions": ["0.17.0", "0.18.0"] }]);
    assert_eq!(server.json(&path)["packages"], wanted);
    std::fs::write(second.join("packages.json"), "{").unwrap();
    let compared = server.json(&path);
    assert_eq!((&compared["packages"], &compared["warnings"][1]), (&json!([]), &json!(null)));
    assert!(compared["warnings"][0].as_str().unwrap().contains("packages.json"));
}

#[test]
fn a_page_hears_of_new_runs_new_points_and_ends() {
    let store = Store::new();
    let old = store.init("old").start().unwrap();
    let server = Server::of(&store);
    let mut socket = server.connect();
    let head = format!("GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", server.port);
    socket.write_all(head.as_bytes()).unwrap();
    let mut lines = BufReader::new(socket).lines().map_while(Result::ok);
    let mut hear = |event: &str, what: &str| {
        let mut is_event = false;
        assert!(
            lines.by_ref().any(|line| {
                let is_it = is_event && line.starts_with("data:") && line.contains(what);
                if line.starts_with("event:") {
                    is_event = line == format!("event: {event}");
                }
                is_it
            }),
            "no {event} with {what}"
        );
    };
    hear("hello", "tracker");
    // The first look only learns what is there.
    std::thread::sleep(Duration::from_millis(600));
    old.log_at(512_u64, metrics! { "loss" => 1.0 });
    hear("points", "512");
    let new = store.init("new").start().unwrap();
    hear("runs", &format!("\"added\":[\"{}\"]", new.id()));
    old.finish().unwrap();
    hear("runs", "changed");
    drop(new);
}
