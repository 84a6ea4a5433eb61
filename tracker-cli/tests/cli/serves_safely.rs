//! Whom the server answers, and what no request makes it do. `ui/guard_tests.rs` asks in process.

use serde_json::json;

use super::{
    server::Server,
    support::{FIRST, Store, command},
};

#[test]
fn over_a_socket_only_its_own_names_are_the_server() {
    let server = Server::of(&Store::new());
    for host in ["127.0.0.1:PORT", "localhost:PORT", "[::1]:PORT", "localhost:9006", "127.0.0.1"] {
        assert_eq!(server.status(&format!("GET / HTTP/1.1\r\nHost: {host}")), 200, "{host}");
    }
    for host in ["127.0.0.1.nip.io:PORT", "evil.example:PORT", "evil.example", "127.0.0.1:x", ""] {
        assert_eq!(server.status(&format!("GET / HTTP/1.1\r\nHost: {host}")), 421, "{host}");
    }
    let twice = "GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: 127.0.0.1:PORT";
    assert_eq!(server.status(twice), 421);
    assert_eq!(server.status("GET / HTTP/1.1\r\nAccept: */*"), 421);
    assert_eq!(server.status("GET / HTTP/1.0\r\nAccept: */*"), 421);
    let absolute = "GET http://127.0.0.1:PORT/ HTTP/1.1\r\nHost: 127.0.0.1:PORT";
    assert_eq!(server.status(absolute), 421);
    let elsewhere = "GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1:PORT";
    assert_eq!(server.status(elsewhere), 421);
}

#[test]
fn over_a_socket_other_sites_post_nothing() {
    let server = Server::of(&Store::new());
    let body = r#"{"metrics":["loss"],"runs":[]}"#;
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
    let store = Store::new();
    store.trained(FIRST, "a", &json!({}), 0.0, 1);
    let server = Server::of(&store);
    let content = format!("/api/v1/runs/{FIRST}/artifacts");
    let long = "x".repeat(20_000);
    let deep = "../".repeat(3_000);
    for path in [
        "/../../etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/%252e%252e/%252e%252e/etc/passwd",
        "/..%252f..%252fetc%252fpasswd",
        "/..\\..\\etc\\passwd",
        "/..%5c..%5cetc%5cpasswd",
        "/%c0%ae%c0%ae/etc/passwd",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/etc/passwd%00.js",
        "/app.js%00",
        "/app.js/../../../etc/passwd",
        "/app.js/",
        "/APP.JS",
        "/index.html/..",
        "/web/dist/app.js",
        "/file:///etc/passwd",
        "/api/v1/runs/..%2f..%2fetc%2fpasswd/artifacts/0/content",
        "/api/v1/runs/%2e%2e/artifacts/0/content",
        "/api/v1/runs/%2Fetc%2Fpasswd",
        "/api/v1/runs/%00",
        "/api/v1/runs/%ff",
        "/api/v1/runs/",
        "/api/v1/runs//events",
        "/api/v1/runs/x/artifacts/..%2f0/content",
        "/api/v1/studies/..%2f..%2fetc/passwd",
        "/api/v1/studies/mnist/..%2f..%2f..%2fetc%2fpasswd",
        "/api/v1/studies/%2e%2e/%2e%2e",
        "/api/v1/studies/mnist/%00",
        "/api/v1/studies//a",
        &format!("{content}/..%2f0/content"),
        &format!("{content}/%2fetc%2fpasswd/content"),
        &format!("{content}/0%00/content"),
        &format!("{content}/{long}/content"),
        &format!("/api/v1/runs/{long}"),
        &format!("/api/v1/{long}"),
        &format!("/{long}"),
        &format!("/{deep}etc/passwd"),
    ] {
        let answer = server.get(path);
        assert!([400, 404].contains(&answer.status), "{path:.60}: {}", answer.status);
        let told = answer.json();
        assert!(told["error"].is_string() && told["hint"].is_string(), "{path:.60}: {told}");
        assert!(answer.body.len() < 500, "{path:.60}: {told}");
    }
    // What is no target at all never reaches the routes.
    for broken in ["/a b", "/a\0b", "etc/passwd", "\\etc\\passwd", ""] {
        let answer = server.get(broken);
        assert!([0, 400, 404].contains(&answer.status), "{broken}: {}", answer.status);
        assert!(!answer.text().contains("root:"), "{broken}");
    }
    assert_eq!(server.get("/").status, 200);
}

#[test]
fn queries_that_nobody_sends_in_good_faith_are_refused_or_find_nothing() {
    let store = Store::new();
    store.trained(FIRST, "a", &json!({}), 0.0, 1);
    let server = Server::of(&store);
    let long = "x".repeat(20_000);
    for (target, status) in [
        ("/api/v1/runs?project=%3Cscript%3E", 200),
        ("/api/v1/runs?project=..%2f..%2fetc", 200),
        ("/api/v1/runs?project=%00", 200),
        ("/api/v1/runs?project=%ff", 200),
        ("/api/v1/runs?project=%", 200),
        ("/api/v1/runs?project=%E2%80%AE", 200),
        (&*format!("/api/v1/runs?project={long}"), 200),
        ("/api/v1/runs?=", 400),
        ("/api/v1/runs?%00=1", 400),
        ("/api/v1/runs?PROJECT=mnist", 400),
        ("/api/v1/runs?project[]=mnist", 400),
        ("/api/v1/runs?project=mnist;x=1", 200),
        (&*format!("/api/v1/runs?{long}"), 400),
        ("/api/v1/compare?run=..%2f..%2fetc", 404),
        ("/api/v1/compare?run=%00&run=", 404),
        (&*format!("/api/v1/compare?run={long}"), 404),
        (&*format!("/api/v1/runs/{FIRST}?x"), 400),
        (&*format!("/api/v1/runs/{FIRST}/artifacts/0/content?path=/etc/passwd"), 400),
    ] {
        let answer = server.get(target);
        assert_eq!(answer.status, status, "{target:.60}");
        let told = answer.json();
        match status {
            200 => assert_eq!(told["runs"], json!([]), "{target:.60}"),
            _ => {
                assert!(
                    told["hint"].is_string() && answer.body.len() < 500,
                    "{target:.60}: {told}"
                );
            }
        }
    }
    let twice = server.json("/api/v1/runs?project=mnist&project=other");
    assert_eq!(twice["runs"].as_array().unwrap().len(), 1, "the first one counts");
}

#[test]
fn each_address_answers_to_its_own_methods_alone() {
    let store = Store::new();
    store.trained(FIRST, "a", &json!({}), 0.0, 1);
    let server = Server::of(&store);
    let run = format!("/api/v1/runs/{FIRST}");
    let json = "Content-Type: application/json\r\n";
    let read = [
        "/",
        "/app.js",
        "/p/mnist",
        "/p/mnist/s/a",
        "/api/v1/store",
        "/api/v1/runs",
        "/api/v1/live",
        "/api/v1/studies",
        "/api/v1/studies/mnist/a",
        "/api/v1/studies/mnist/a/surface",
        &run,
    ];
    for target in read {
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get"] {
            assert_eq!(server.ask(method, target, json).status, 405, "{method} {target}");
            assert_eq!(server.ask(method, target, "").status, 403, "{method} {target}");
        }
    }
    let view = "/api/v1/projects/mnist/views/a";
    for target in [
        "/api/v1/curves",
        "/api/v1/many",
        "/api/v1/undo",
        "/api/v1/report",
        "/api/v1/projects/mnist/rename",
        &format!("{run}/edit"),
        &format!("{run}/stop"),
        &format!("{run}/knobs"),
        &format!("{view}/save"),
        &format!("{view}/rename"),
        &format!("{view}/remove"),
    ] {
        for method in ["GET", "HEAD", "PUT", "DELETE"] {
            let answer = server.ask(method, target, json);
            assert_eq!(answer.status, 405, "{method} {target}");
            assert_eq!(answer.header("allow"), Some("POST"), "{method} {target}");
        }
    }
    assert_eq!(server.ask("CONNECT", "127.0.0.1:80", "").status, 421);
    assert_eq!(store.json(&["show", FIRST, "--json"])["run"]["name"], "a");
}

#[test]
fn head_answers_as_get_does_without_a_body() {
    let store = Store::new();
    store.trained(FIRST, "a", &json!({}), 0.0, 1);
    let server = Server::of(&store);
    for target in ["/", "/app.js", "/api/v1/store", "/api/v1/runs", "/missing", "/api/v1/runs/x"] {
        let (head, get) = (server.ask("HEAD", target, ""), server.get(target));
        assert_eq!(head.status, get.status, "{target}");
        assert_eq!(head.body, b"", "{target}");
        for name in ["content-type", "content-length", "content-security-policy"] {
            assert_eq!(head.header(name), get.header(name), "{target} {name}");
        }
    }
    assert_eq!(server.ask("HEAD", "/api/v1/live", "").status, 200);
}

#[test]
fn without_a_token_only_this_machine_is_served() {
    let output = command(&["ui", "--host", "0.0.0.0", "--port", "0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("hint: add --token"));
}

/// What there is to read, and what there is to post.
fn addresses() -> (Vec<String>, Vec<String>) {
    let run = format!("/api/v1/runs/{FIRST}");
    let read = [
        "/",
        "/index.html",
        "/app.js",
        "/app.css",
        "/c",
        "/p/mnist",
        "/r/x",
        "/missing",
        "/api/v1/store",
        "/api/v1/runs",
        "/api/v1/runs?project=mnist",
        "/api/v1/live",
        "/api/v1/missing",
        "/api/v1/changes",
        "/api/v1/projects/mnist/notes",
        &run,
        &format!("{run}/events"),
        &format!("{run}/messages"),
        &format!("{run}/at?step=0"),
        &format!("{run}/histograms?name=a"),
        &format!("{run}/artifacts"),
        &format!("{run}/artifacts/0/content"),
        &format!("/api/v1/compare?run={FIRST}"),
        &format!("/api/v1/marks?run={FIRST}"),
        &format!("/api/v1/diverge?a={FIRST}&b=missing"),
        "/api/v1/projects/mnist/views",
        "/api/v1/projects/mnist/views/a",
        "/api/v1/studies",
        "/api/v1/studies/mnist/a",
        "/api/v1/studies/mnist/a/surface?x=lr&y=act",
        "/p/mnist/s/a",
    ];
    let post = [
        "/api/v1/curves",
        "/api/v1/report",
        "/api/v1/projects/mnist/views/a/save",
        "/api/v1/projects/mnist/views/a/rename",
        "/api/v1/projects/mnist/views/a/remove",
        "/api/v1/many",
        "/api/v1/undo",
        "/api/v1/projects/mnist/rename",
        "/api/v1/projects/mnist/notes",
        &format!("{run}/edit"),
        &format!("{run}/stop"),
        &format!("{run}/knobs"),
    ];
    (read.map(str::to_owned).into(), post.map(str::to_owned).into())
}

/// The session that a browser gets for the token.
fn session_of(server: &Server, token: &str) -> String {
    let answer = server.get(&format!("/?token={token}"));
    let (shown, _) = answer.header("set-cookie").unwrap().split_once(';').unwrap();
    shown.split_once('=').unwrap().1.to_owned()
}

#[test]
fn with_a_token_every_address_asks_for_it() {
    let store = Store::new();
    store.trained(FIRST, "a secret name", &json!({}), 0.0, 1);
    let server = Server::with(&store, "127.0.0.2", &["--token"]);
    let (start, token) = server.url.split_once("?token=").unwrap();
    assert_eq!(start, format!("http://127.0.0.2:{}/", server.port));
    assert_eq!(token.len(), 64);
    let wrong: String = token.chars().map(|digit| if digit == '0' { '1' } else { '0' }).collect();
    let (read, post) = addresses();
    let bearer = |token: &str| format!("Authorization: Bearer {token}\r\n");
    let cookie = |session: &str| format!("Cookie: tracker-session-{}={session}\r\n", server.port);
    let session = session_of(&server, token);
    assert_ne!(session, token);
    let longer = format!("{token}0");
    let mut refused = vec![String::new()];
    for given in [&wrong, &token[1..], &token[..63], &longer, &token.to_uppercase(), ""] {
        // A token without letters is its own upper case.
        if given != token {
            refused.extend([bearer(given), cookie(given)]);
        }
    }
    refused.push(format!("Authorization: Basic {token}\r\n"));
    refused.push(format!("Cookie: tracker-session-1={session}\r\n"));
    refused.push(cookie(token));
    refused.push(bearer(&session));
    for target in &read {
        // Each kind of proof on one address, and none of it on all the others.
        let proofs = if target == "/api/v1/store" { refused.as_slice() } else { &refused[..1] };
        for proof in proofs {
            let answer = server.ask("GET", target, proof);
            assert_eq!(answer.status, 403, "{target} {proof}");
            assert!(answer.json()["hint"].is_string());
            assert!(!answer.text().contains("secret name") && !answer.head.contains(token));
        }
        assert_eq!(server.ask("HEAD", target, "").status, 403, "{target}");
        for right in [bearer(token), cookie(&session)] {
            // The stream has no end.
            let method = if target == "/api/v1/live" { "HEAD" } else { "GET" };
            let answer = server.ask(method, target, &right);
            assert!([200, 404].contains(&answer.status), "{target}: {}", answer.status);
        }
    }
    let kind = "Content-Type: application/json\r\n";
    for target in &post {
        assert_eq!(server.post(target, &json!({})).status, 403, "{target}");
        let answer = server.post_with(target, &format!("{kind}{}", bearer(token)), "{");
        assert_eq!(answer.status, 400, "{target}");
    }
    assert_eq!(server.post(&format!("/api/v1/curves?token={token}"), &json!({})).status, 403);
    // The right token does not open the server to other names or sites.
    let head =
        format!("GET /api/v1/store HTTP/1.1\r\nHost: evil.example:PORT\r\n{}", bearer(token));
    assert_eq!(server.status(head.trim_end()), 421);
    let elsewhere = format!("{}Sec-Fetch-Site: cross-site\r\n", cookie(&session));
    assert_eq!(server.ask("GET", "/api/v1/store", &elsewhere).status, 403);
}

#[test]
fn the_token_of_the_printed_address_becomes_a_cookie_and_leaves_the_address() {
    let server = Server::with(&Store::new(), "127.0.0.2", &["--token"]);
    let (_, token) = server.url.split_once("?token=").unwrap();
    for (target, led_to) in [
        (format!("/?token={token}"), "/"),
        (format!("/r/x?tab=charts&token={token}"), "/r/x"),
        (format!("/api/v1/store?token={token}"), "/api/v1/store"),
        (format!("//evil.example/?token={token}"), "/"),
    ] {
        let answer = server.get(&target);
        assert_eq!(answer.status, 303, "{target}");
        assert_eq!(answer.header("location"), Some(led_to));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert!(!answer.text().contains(token));
        let cookie = answer.header("set-cookie").unwrap();
        assert!(cookie.starts_with(&format!("tracker-session-{}=", server.port)), "{cookie}");
        assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
        assert!(!cookie.contains(token), "{cookie}");
        let (shown, _) = cookie.split_once(';').unwrap();
        assert_eq!(server.ask("GET", "/", &format!("Cookie: a=b; {shown}\r\n")).status, 200);
    }
    let head = server.ask("HEAD", &format!("/?token={token}"), "");
    assert_eq!((head.status, head.header("set-cookie")), (403, None));
    for given in ["", &token[1..], &format!("{token}0"), &"0".repeat(64)] {
        let answer = server.get(&format!("/?token={given}"));
        assert_eq!((answer.status, answer.header("set-cookie")), (403, None), "{given}");
    }
}

#[test]
fn the_loopback_of_ipv6_is_served_as_that_of_ipv4() {
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        eprintln!("skipped: this machine has no IPv6 loopback address");
        return;
    }
    let server = Server::with(&Store::new(), "::1", &[]);
    assert_eq!(server.url, format!("http://[::1]:{}/", server.port));
    assert_eq!(server.authority(), format!("[::1]:{}", server.port));
    for host in ["[::1]:PORT", "[0:0:0:0:0:0:0:1]:1", "localhost:PORT", "127.0.0.1:PORT", "[::1]"] {
        assert_eq!(server.status(&format!("GET / HTTP/1.1\r\nHost: {host}")), 200, "{host}");
    }
    for host in ["::1:PORT", "[::2]:PORT", "[::ffff:1.2.3.4]:PORT", "a:PORT"] {
        assert_eq!(server.status(&format!("GET / HTTP/1.1\r\nHost: {host}")), 421, "{host}");
    }
    let own = format!("Content-Type: application/json\r\nOrigin: http://[::1]:{}\r\n", server.port);
    let body = json!({ "metrics": ["loss"], "runs": [] }).to_string();
    assert_eq!(server.post_with("/api/v1/curves", &own, &body).status, 200);
    let other = own.replace("[::1]", "127.0.0.1");
    assert_eq!(server.post_with("/api/v1/curves", &other, &body).status, 403);
}

#[test]
fn a_server_that_only_reads_refuses_each_change_and_shows_all() {
    let store = Store::new();
    store.trained(FIRST, "a", &json!({}), 0.0, 1);
    let live = store.init("live").start().unwrap();
    let server = Server::with(&store, "127.0.0.1", &["--read-only"]);
    assert_eq!(server.json("/api/v1/store")["read_only"], true);
    for run in [FIRST, live.id().as_str(), "missing"] {
        let path = format!("/api/v1/runs/{run}");
        for (change, asked) in [
            ("edit", json!({ "name": "b" })),
            ("edit", json!({ "notes": "b" })),
            ("edit", json!({ "tags": ["b"] })),
            ("edit", json!({})),
            ("stop", json!({ "when": "now" })),
            ("stop", json!({ "when": "epoch" })),
            ("knobs", json!({ "knobs": { "lr": 1 } })),
        ] {
            let answer = server.post(&format!("{path}/{change}"), &asked);
            assert_eq!(answer.status, 403, "{path} {change} {asked}");
            assert!(answer.json()["hint"].as_str().unwrap().contains("--read-only"));
        }
    }
    for action in [
        json!({ "delete": {} }),
        json!({ "move": { "project": "x" } }),
        json!({ "edit": { "add_tags": ["x"] } }),
        json!({ "stop": { "when": "now" } }),
    ] {
        let asked = json!({ "runs": [FIRST, live.id().as_str(), "missing"], "action": action });
        assert_eq!(server.post("/api/v1/many", &asked).status, 403, "{asked}");
    }
    for (path, asked) in [
        ("undo", json!({ "change": "x" })),
        ("projects/mnist/rename", json!({ "to": "x" })),
        ("projects/mnist/notes", json!({ "before": "", "notes": "x" })),
    ] {
        assert_eq!(server.post(&format!("/api/v1/{path}"), &asked).status, 403, "{path}");
    }
    assert!(!store.path().join(".trash").exists() && !store.path().join(".views").exists());
    for folder in [store.path().join("mnist").join(FIRST), live.path().to_owned()] {
        assert!(!folder.join("edits.jsonl").exists() && !folder.join("control.jsonl").exists());
    }
    let asked = json!({ "metrics": ["valid/loss"], "runs": [FIRST] });
    assert_eq!(server.post("/api/v1/curves", &asked).status, 200);
    assert_eq!(server.json("/api/v1/runs")["runs"][1]["name"], "a");
    live.finish().unwrap();
}
