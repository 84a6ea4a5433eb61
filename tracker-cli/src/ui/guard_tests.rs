//! Each rule of the guard, asked in process. `tests/cli/serves_safely.rs` asks the same over a socket.

use axum::{
    Router,
    body::Body,
    http::{Request, Response, StatusCode, request::Builder},
};
use tower::ServiceExt;

use super::{
    app::{App, router},
    guard::Guard,
    library::Library,
    token::Token,
};

const HOST: &str = "127.0.0.1:7788";

fn served(token: Option<Token>, read_only: bool) -> (tempfile::TempDir, Router) {
    served_on([127, 0, 0, 1].into(), token, read_only)
}

fn served_on(
    host: std::net::IpAddr,
    token: Option<Token>,
    read_only: bool,
) -> (tempfile::TempDir, Router) {
    let folder = tempfile::tempdir().unwrap();
    let guard = Guard { host, port: 7788, token };
    let app = App::new(Library::new(folder.path().to_owned()), guard, read_only);
    (folder, router(app))
}

fn ask(router: &Router, request: Request<Body>) -> Response<Body> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(router.clone().oneshot(request)).unwrap()
}

fn status(request: Builder, body: &'static str) -> StatusCode {
    let (_folder, router) = served(None, false);
    ask(&router, request.body(Body::from(body)).unwrap()).status()
}

fn get(path: &str) -> Builder {
    Request::get(path).header("host", HOST)
}

fn post(path: &str) -> Builder {
    Request::post(path).header("host", HOST).header("content-type", "application/json")
}

const CURVES: &str = r#"{"metrics": ["loss"], "runs": []}"#;

#[test]
fn every_loopback_address_and_localhost_are_the_server() {
    for host in [HOST, "localhost:7788", "LOCALHOST:7788", "[::1]:7788", "127.9.9.9:7788"] {
        assert_eq!(status(Request::get("/").header("host", host), ""), 200, "{host}");
    }
}

#[test]
fn no_other_host_is_the_server() {
    for host in [
        "127.0.0.1.nip.io:7788",
        "evil.example:7788",
        "localhost.evil.example:7788",
        "localhost.:7788",
        "127.0.0.1",
        "127.0.0.1:7789",
        "127.0.0.1:+7788",
        "127.0.0.1:",
        "127.1:7788",
        "2130706433:7788",
        "0.0.0.0:7788",
        "192.168.0.1:7788",
        "[::2]:7788",
        "[::1%eth0]:7788",
        "::1:7788",
        "user@127.0.0.1:7788",
        "",
    ] {
        assert_eq!(status(Request::get("/").header("host", host), ""), 421, "{host}");
    }
}

#[test]
fn a_server_on_all_addresses_answers_to_each_address_and_to_no_name() {
    let token = Token::generate().unwrap();
    let proof = format!("Bearer {}", token.as_str());
    let (_folder, router) = served_on([0, 0, 0, 0].into(), Some(token), false);
    let status = |host: &str| {
        let request = Request::get("/").header("host", host).header("authorization", &proof);
        ask(&router, request.body(Body::empty()).unwrap()).status()
    };
    for host in ["192.168.0.7:7788", "[fe80::1]:7788", HOST, "localhost:7788"] {
        assert_eq!(status(host), 200, "{host}");
    }
    for host in ["evil.example:7788", "192.168.0.7.nip.io:7788", "192.168.0.7:80", "192.168.0.7"] {
        assert_eq!(status(host), 421, "{host}");
    }
}

#[test]
fn two_hosts_none_and_a_host_in_the_target_are_refused() {
    assert_eq!(status(Request::get("/"), ""), 421);
    assert_eq!(status(get("/").header("host", HOST), ""), 421);
    assert_eq!(status(get("http://127.0.0.1:7788/"), ""), 421);
    assert_eq!(status(get("http://evil.example/"), ""), 421);
}

#[test]
fn what_is_posted_comes_from_the_servers_own_page_or_from_no_page() {
    let curves = || post("/api/v1/curves");
    assert_eq!(status(curves(), CURVES), 200);
    assert_eq!(status(curves().header("origin", "http://127.0.0.1:7788"), CURVES), 200);
    for origin in ["null", "http://127.0.0.1:7789", "https://127.0.0.1:7788", "http://evil.example"]
    {
        assert_eq!(status(curves().header("origin", origin), CURVES), 403, "{origin}");
    }
    let twice = curves().header("origin", "http://127.0.0.1:7788").header("origin", "null");
    assert_eq!(status(twice, CURVES), 403);
}

#[test]
fn requests_that_another_site_causes_are_refused() {
    for site in ["cross-site", "same-site", "anything"] {
        assert_eq!(status(post("/api/v1/curves").header("sec-fetch-site", site), CURVES), 403);
        assert_eq!(status(get("/api/v1/runs").header("sec-fetch-site", site), ""), 403);
    }
    for site in ["same-origin", "none"] {
        assert_eq!(status(post("/api/v1/curves").header("sec-fetch-site", site), CURVES), 200);
    }
}

#[test]
fn what_a_form_can_post_is_refused() {
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""] {
        let request = Request::post("/api/v1/curves").header("host", HOST);
        assert_eq!(status(request.header("content-type", kind), CURVES), 403, "{kind}");
    }
    assert_eq!(status(Request::post("/api/v1/curves").header("host", HOST), CURVES), 403);
}

#[test]
fn no_path_leads_out_of_the_embedded_files() {
    for path in [
        "/../Cargo.toml",
        "/..%2fCargo.toml",
        "/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/..\\Cargo.toml",
        "/index.html/../../Cargo.toml",
        "/app.js%00.css",
        "/api/v1/runs/..%2f..%2fetc/artifacts/0/content",
        "/api/v1/runs/%2e%2e/artifacts",
    ] {
        let path = path.replace('\\', "%5c");
        assert_eq!(status(get(&path), ""), 404, "{path}");
    }
}

#[test]
fn every_answer_says_what_a_browser_may_do_with_it() {
    let (_folder, router) = served(None, false);
    for path in ["/", "/app.js", "/missing", "/api/v1/store"] {
        let answer = ask(&router, get(path).body(Body::empty()).unwrap());
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert!(header("content-security-policy").starts_with("default-src 'none'; "));
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin");
    }
}

#[test]
fn unknown_fields_and_parameters_are_refused() {
    for path in ["/api/v1/runs?limit=1", "/api/v1/store?x", "/api/v1/live?run=1"] {
        assert_eq!(status(get(path), ""), 400, "{path}");
    }
    for body in
        [r#"{"metrics":["a"],"runs":[],"also":1}"#, "{", "[]", "", r#"{"metrics":1,"runs":[]}"#]
    {
        assert_eq!(status(post("/api/v1/curves"), body), 400, "{body}");
    }
    for body in [
        r#"{"metrics":["a"],"runs":[],"buckets":0}"#,
        r#"{"metrics":["a"],"runs":[],"buckets":4097}"#,
        r#"{"metrics":["a"],"runs":[],"smooth":1}"#,
        r#"{"metrics":["a"],"runs":[],"smooth":-0.1}"#,
        r#"{"metrics":["a"],"runs":[],"x":"time"}"#,
        r#"{"metrics":["a"],"runs":[],"from":"x"}"#,
    ] {
        assert_eq!(status(post("/api/v1/curves"), body), 400, "{body}");
    }
}

#[test]
fn an_answer_that_would_have_too_many_points_is_refused() {
    let runs = serde_json::json!(vec!["a"; 700]).to_string();
    let (_folder, router) = served(None, false);
    let asked = |metrics: &str, more: &str| {
        let body = format!(r#"{{"metrics":{metrics},"runs":{runs}{more}}}"#);
        ask(&router, post("/api/v1/curves").body(Body::from(body)).unwrap()).status()
    };
    assert_eq!(asked(r#"["a","b"]"#, ""), 400);
    assert_eq!(asked(r#"["a"]"#, r#","raw":true"#), 400);
    assert_eq!(asked(r#"["a","b"]"#, r#","buckets":300"#), 200);
}

#[test]
fn every_address_of_the_page_answers_with_the_page() {
    let (_folder, router) = served(None, false);
    for path in ["/", "/p/mnist", "/p/%3Cb%3E?q=lr+%3C+1", "/r/01K", "/c", "/c?run=a&run=b"] {
        let answer = ask(&router, get(path).body(Body::empty()).unwrap());
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8", "{path}");
    }
    assert_eq!(status(get("/c/a"), ""), 404);
}

#[test]
fn a_body_that_is_too_large_is_refused() {
    let (_folder, router) = served(None, false);
    let body = Body::from(" ".repeat((1 << 20) + 1));
    assert_eq!(ask(&router, post("/api/v1/curves").body(body).unwrap()).status(), 400);
}

#[test]
fn a_server_that_only_reads_changes_nothing() {
    let (_folder, router) = served(None, true);
    for (path, body) in
        [("/api/v1/runs/X/edit", r#"{"name":"a"}"#), ("/api/v1/runs/X/stop", r#"{"when":"now"}"#)]
    {
        assert_eq!(ask(&router, post(path).body(Body::from(body)).unwrap()).status(), 403);
    }
}

#[test]
fn with_a_token_nothing_is_shown_without_it() {
    let token = Token::generate().unwrap();
    let (right, wrong) = (token.as_str().to_owned(), "0".repeat(64));
    let (_folder, router) = served(Some(token), false);
    let get = |path: &str| get(path).body(Body::empty()).unwrap();
    for path in ["/", "/app.js", "/api/v1/store", &format!("/?token={wrong}"), "/?token="] {
        assert_eq!(ask(&router, get(path)).status(), 403, "{path}");
    }
    let answer = ask(&router, get(&format!("/r/a?x=1&token={right}")));
    assert_eq!(answer.status(), 303);
    assert_eq!(answer.headers()["location"], "/r/a");
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
    let shown = cookie.split(';').next().unwrap();
    for (name, value, status) in [
        ("cookie", shown.to_owned(), 200),
        ("cookie", format!("a=b; {shown}"), 200),
        ("cookie", format!("tracker-token-7789={right}"), 403),
        ("cookie", format!("tracker-token-7788={wrong}"), 403),
        ("authorization", format!("Bearer {right}"), 200),
        ("authorization", format!("Bearer {wrong}"), 403),
        ("authorization", right.clone(), 403),
    ] {
        let request = Request::get("/api/v1/store").header("host", HOST).header(name, value);
        assert_eq!(ask(&router, request.body(Body::empty()).unwrap()).status(), status, "{name}");
    }
    let elsewhere = Request::get(format!("//evil.example/?token={right}")).header("host", HOST);
    let answer = ask(&router, elsewhere.body(Body::empty()).unwrap());
    assert_eq!(answer.headers()["location"], "/");
}
