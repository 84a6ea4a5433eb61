//! Each rule of the guard, asked in process. `tests/cli/serves_safely.rs` asks the same over a socket.

use axum::{
    Router,
    body::Body,
    http::{Request, Response, StatusCode, request::Builder},
};
use tower::ServiceExt;

use crate::ui::{
    guard::{access::Access, guard::Guard, names::Names, writing::Writing},
    library::Library,
    routes::router,
    state::App,
};

const HOST: &str = "127.0.0.1:7788";

/// A server as its command line says.
struct Served {
    listens_on: [u8; 4],
    allowed: &'static [&'static str],
    base: &'static str,
    access: Option<Access>,
    writing: Writing,
}

impl Default for Served {
    fn default() -> Self {
        let (listens_on, writing) = ([127, 0, 0, 1], Writing::Own);
        Self { listens_on, allowed: &[], base: "/", access: None, writing }
    }
}

impl Served {
    fn start(self) -> (tempfile::TempDir, Router) {
        let folder = tempfile::tempdir().unwrap();
        let allowed = self.allowed.iter().map(|name| name.parse().unwrap()).collect();
        let names = Names::new(self.listens_on.into(), 7788, allowed);
        let base = self.base.parse().unwrap();
        let guard = Guard { names, port: 7788, base, access: self.access };
        let app = App::new(Library::new(folder.path().to_owned()), guard, self.writing);
        (folder, router(app, Router::new()))
    }
}

fn ask(router: &Router, request: Request<Body>) -> Response<Body> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(router.clone().oneshot(request)).unwrap()
}

fn status(request: Builder, body: &'static str) -> StatusCode {
    let (_folder, router) = Served::default().start();
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
fn every_loopback_address_and_localhost_are_the_server_at_any_port() {
    for host in [
        HOST,
        "localhost:7788",
        "LOCALHOST:7788",
        "[::1]:7788",
        "127.9.9.9:7788",
        "localhost:9006",
        "127.0.0.1:8080",
        "127.0.0.1",
        "localhost",
        "[::1]",
    ] {
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
        "evil.example",
        "127.0.0.1:+7788",
        "127.0.0.1:77889",
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
    let access = Access::generate().unwrap();
    let proof = format!("Bearer {}", access.token().as_str());
    let served = Served { listens_on: [0; 4], access: Some(access), ..Served::default() };
    let (_folder, router) = served.start();
    let status = |host: &str| {
        let request = Request::get("/").header("host", host).header("authorization", &proof);
        ask(&router, request.body(Body::empty()).unwrap()).status()
    };
    for host in ["192.168.0.7:7788", "192.168.0.7:80", "[fe80::1]:7788", HOST, "localhost:7788"] {
        assert_eq!(status(host), 200, "{host}");
    }
    for host in ["evil.example:7788", "192.168.0.7.nip.io:7788", "box:7788"] {
        assert_eq!(status(host), 421, "{host}");
    }
}

#[test]
fn a_name_that_was_allowed_is_the_server_and_no_name_that_contains_it() {
    let served = Served { allowed: &["box.lan", "10.0.0.7"], ..Served::default() };
    let (_folder, router) = served.start();
    let status = |host: &str, origin: Option<&str>| {
        let mut request = Request::post("/api/v1/curves").header("host", host);
        request = request.header("content-type", "application/json");
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        ask(&router, request.body(Body::from(CURVES)).unwrap()).status()
    };
    for host in ["box.lan", "BOX.lan:8080", "10.0.0.7:7788", "localhost:1"] {
        assert_eq!(status(host, None), 200, "{host}");
    }
    for host in ["a.box.lan", "box.lan.evil.example", "box", "10.0.0.70", "xbox.lan"] {
        assert_eq!(status(host, None), 421, "{host}");
    }
    for origin in ["http://box.lan:8080", "https://box.lan:8080", "http://BOX.LAN:8080"] {
        assert_eq!(status("box.lan:8080", Some(origin)), 200, "{origin}");
    }
    for origin in ["http://box.lan", "http://localhost:8080", "http://evil.example", "null", ""] {
        assert_eq!(status("box.lan:8080", Some(origin)), 403, "{origin}");
    }
}

#[test]
fn who_comes_with_a_browser_reads_what_to_do_and_scripts_get_json() {
    let (_folder, router) = Served::default().start();
    let answer = |host: &str, path: &str, accept: &str| {
        let request = Request::get(path).header("host", host).header("accept", accept);
        let answer = ask(&router, request.body(Body::empty()).unwrap());
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        (answer.status(), kind, policy, text(answer))
    };
    let (status, kind, policy, page) = answer("box<b>:9006", "/p/a", "text/html,*/*;q=0.8");
    assert_eq!((status.as_u16(), kind.as_str()), (421, "text/html; charset=utf-8"));
    assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("script"), "{policy}");
    assert!(!page.contains("<b>"), "{page}");
    let (_, _, _, page) = answer("box:9006", "/p/a", "text/html");
    assert!(page.contains("<code>tracker ui --allow-host box</code>"), "{page}");
    let (status, kind, ..) = answer(HOST, "/missing", "text/html");
    assert_eq!((status.as_u16(), kind.as_str()), (404, "text/html; charset=utf-8"));
    for (host, path, accept) in [
        ("box:9006", "/p/a", "*/*"),
        ("box:9006", "/api/v1/store", "text/html"),
        (HOST, "/api/v1/missing", "text/html"),
    ] {
        assert_eq!(answer(host, path, accept).1, "application/json", "{host}{path}");
    }
}

#[test]
fn under_a_base_path_everything_is_found_with_and_without_it() {
    let access = Access::generate().unwrap();
    let token = access.token().as_str().to_owned();
    let served = Served { base: "/lab/tracker", access: Some(access), ..Served::default() };
    let (_folder, router) = served.start();
    let get = |path: &str, cookie: &str| {
        let request = get(path).header("cookie", cookie).body(Body::empty()).unwrap();
        ask(&router, request)
    };
    let answer = get(&format!("/lab/tracker/p/a?token={token}"), "");
    assert_eq!(answer.status(), 303);
    assert_eq!(answer.headers()["location"], "/lab/tracker/p/a");
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("; Path=/lab/tracker;"), "{cookie}");
    for prefix in ["/lab/tracker", ""] {
        for path in ["/", "/p/mnist", "/app.js", "/api/v1/store", "/api/v1/runs?project=a"] {
            assert_eq!(get(&format!("{prefix}{path}"), "").status(), 403, "{prefix}{path}");
            assert_eq!(get(&format!("{prefix}{path}"), &cookie).status(), 200, "{prefix}{path}");
        }
    }
    assert_eq!(get("/lab/tracker", &cookie).status(), 200);
    assert_eq!(get("/lab/trackers", &cookie).status(), 404);
    let page = text(get("/lab/tracker/", &cookie));
    assert!(page.contains("src=\"/lab/tracker/app.js\""), "{page}");
    assert!(page.contains("name=\"base-path\" content=\"/lab/tracker\""), "{page}");
}

fn text(answer: Response<Body>) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let bytes = runtime.block_on(axum::body::to_bytes(answer.into_body(), 1 << 20)).unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
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
    for origin in ["null", "http://127.0.0.1:7789", "http://localhost:7788", "http://evil.example"]
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
    let (_folder, router) = Served::default().start();
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
    let (_folder, router) = Served::default().start();
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
    let (_folder, router) = Served::default().start();
    for path in ["/", "/p/mnist", "/p/%3Cb%3E?q=lr+%3C+1", "/r/01K", "/c", "/c?run=a&run=b"] {
        let answer = ask(&router, get(path).body(Body::empty()).unwrap());
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8", "{path}");
    }
    assert_eq!(status(get("/c/a"), ""), 404);
}

#[test]
fn a_body_that_is_too_large_is_refused() {
    let (_folder, router) = Served::default().start();
    let body = Body::from(" ".repeat((1 << 20) + 1));
    assert_eq!(ask(&router, post("/api/v1/curves").body(body).unwrap()).status(), 400);
}

#[test]
fn a_server_that_only_reads_changes_nothing() {
    let (_folder, router) = Served { writing: Writing::Nothing, ..Served::default() }.start();
    for (path, body) in [
        ("/api/v1/runs/X/edit", r#"{"name":"a"}"#),
        ("/api/v1/runs/X/stop", r#"{"when":"now"}"#),
        ("/api/v1/runs/X/knobs", r#"{"knobs":{"lr":1}}"#),
        ("/api/v1/projects/X/views/a/save", r#"{"shown":{},"over":null}"#),
        ("/api/v1/projects/X/views/a/rename", r#"{"to":"b","over":""}"#),
        ("/api/v1/projects/X/views/a/remove", r#"{"over":""}"#),
    ] {
        assert_eq!(ask(&router, post(path).body(Body::from(body)).unwrap()).status(), 403);
    }
}

#[test]
fn with_a_token_nothing_is_shown_without_it() {
    let access = Access::generate().unwrap();
    let (right, wrong) = (access.token().as_str().to_owned(), "0".repeat(64));
    let (_folder, router) = Served { access: Some(access), ..Served::default() }.start();
    let get = |path: &str| get(path).body(Body::empty()).unwrap();
    for path in
        ["/", "/app.js", "/api/v1/store", &format!("/?token={wrong}"), "/?token=", "/?code="]
    {
        assert_eq!(ask(&router, get(path)).status(), 403, "{path}");
    }
    let answer = ask(&router, get(&format!("/r/a?x=1&token={right}")));
    assert_eq!(answer.status(), 303);
    assert_eq!(answer.headers()["location"], "/r/a");
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
    assert!(!cookie.contains(&right), "a browser sends its cookies to every port of a host");
    let shown = cookie.split(';').next().unwrap();
    let session = shown.split('=').nth(1).unwrap();
    for (name, value, status) in [
        ("cookie", shown.to_owned(), 200),
        ("cookie", format!("a=b; {shown}"), 200),
        ("cookie", format!("tracker-session-7789={session}"), 403),
        ("cookie", format!("tracker-session-7788={right}"), 403),
        ("cookie", format!("tracker-session-7788={wrong}"), 403),
        ("authorization", format!("Bearer {right}"), 200),
        ("authorization", format!("Bearer {session}"), 403),
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

#[test]
fn a_code_opens_a_session_once_and_leads_on_by_a_step_of_the_servers_own() {
    let access = Access::generate().unwrap();
    let code = access.new_code().unwrap();
    let (_folder, router) = Served { access: Some(access), ..Served::default() }.start();
    let get = |path: &str, cookie: &str| {
        let request = get(path).header("cookie", cookie).header("sec-fetch-site", "cross-site");
        ask(&router, request.body(Body::empty()).unwrap())
    };
    let answer = get(&format!("/?code={code}"), "");
    assert_eq!(answer.status(), 200);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    let page = text(answer);
    assert!(page.contains("http-equiv=\"refresh\" content=\"0; url=/\""), "{page}");
    assert!(!page.contains(&code), "{page}");
    let shown = cookie.split(';').next().unwrap();
    assert_eq!(get("/", shown).status(), 200);
    let again = get(&format!("/?code={code}"), "");
    assert_eq!((again.status().as_u16(), again.headers().get("set-cookie")), (403, None));
}
