//! `/mcp` of `tracker ui`: the same tools, behind the same guard as the API.

use serde_json::{Value, json};

use super::{
    server::Server,
    support::{FIRST, Store},
};

/// What each client of the protocol sends.
const HEADERS: &str =
    "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n";

fn asked(method: &str, params: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string()
}

fn store() -> Store {
    let store = Store::new();
    store.trained(FIRST, "calm-otter", &json!({ "lr": 0.1 }), 0.0, 1);
    store
}

#[track_caller]
fn ask(server: &Server, method: &str, params: &Value) -> Value {
    let answer = server.post_with("/mcp", HEADERS, &asked(method, params));
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    answer.json()["result"].clone()
}

fn call(server: &Server, name: &str, given: &Value) -> Value {
    let result = ask(server, "tools/call", &json!({ "name": name, "arguments": given }));
    serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap()
}

fn tools(server: &Server) -> Vec<String> {
    let listed = ask(server, "tools/list", &json!({}));
    let tools = listed["tools"].as_array().unwrap().iter();
    tools.map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn agents_are_answered_over_http_if_somebody_said_so() {
    let store = store();
    let server = Server::with(&store, "127.0.0.1", &["--mcp"]);
    let who = json!({ "name": "test", "version": "1" });
    let hello = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": who });
    assert_eq!(ask(&server, "initialize", &hello)["serverInfo"]["name"], "tracker");
    let found = call(&server, "find_runs", &json!({ "query": "lr = 0.1" }));
    assert_eq!(found["runs"]["items"][0]["id"], FIRST);
    assert!(!tools(&server).contains(&"note".to_owned()));
    let silent = Server::of(&store);
    let answer = silent.post_with("/mcp", HEADERS, &asked("tools/list", &json!({})));
    assert!([404, 405].contains(&answer.status), "{}", answer.status);
}

#[test]
fn what_agents_may_change_over_http_is_named_too() {
    let store = store();
    let server = Server::with(&store, "127.0.0.1", &["--mcp", "--allow", "tag"]);
    assert_eq!(tools(&server).last().map(String::as_str), Some("tag"));
    let tagged = call(&server, "tag", &json!({ "run": FIRST, "add": ["good"] }));
    assert_eq!(tagged["done"], "its tags are now: good");
    for args in [&["ui", "--allow", "tag"][..], &["ui", "--mcp", "--allow", "tag", "--read-only"]] {
        assert_eq!(store.tracker(args).status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn other_sites_and_other_names_ask_nothing_as_agents() {
    let server = Server::with(&store(), "127.0.0.1", &["--mcp"]);
    let body = asked("tools/list", &json!({}));
    for (headers, wanted) in [
        ("", 200),
        ("Origin: http://127.0.0.1:PORT\r\n", 200),
        ("Origin: http://evil.example\r\n", 403),
        ("Origin: http://127.0.0.1:1\r\n", 403),
        ("Origin: null\r\n", 403),
        ("Sec-Fetch-Site: cross-site\r\n", 403),
        ("Sec-Fetch-Site: same-site\r\n", 403),
    ] {
        let answer = server.post_with("/mcp", &format!("{HEADERS}{headers}"), &body);
        assert_eq!(answer.status, wanted, "{headers}: {}", answer.text());
    }
    let plain = "Content-Type: text/plain\r\nAccept: application/json, text/event-stream\r\n";
    assert_eq!(server.post_with("/mcp", plain, &body).status, 403);
    let length = body.len();
    let of_host = |host: &str| {
        server.raw(&format!(
            "POST /mcp HTTP/1.0\r\nHost: {host}\r\n{HEADERS}Content-Length: {length}\r\n\r\n{body}"
        ))
    };
    assert_eq!(of_host("127.0.0.1:PORT").status, 200);
    assert_eq!(of_host("evil.example:PORT").status, 421);
    let foreign = "Origin: http://evil.example\r\nSec-Fetch-Site: cross-site\r\n";
    assert_eq!(server.ask("GET", "/mcp", foreign).status, 403);
    assert_eq!(server.ask("GET", "/mcp", "Accept: text/event-stream\r\n").status, 405);
}

#[test]
fn with_a_token_agents_show_it() {
    let server = Server::with(&store(), "127.0.0.1", &["--mcp", "--token"]);
    let body = asked("tools/list", &json!({}));
    assert_eq!(server.post_with("/mcp", HEADERS, &body).status, 403);
    let token = server.url.split("token=").nth(1).unwrap();
    let bearer = format!("{HEADERS}Authorization: Bearer {token}\r\n");
    assert_eq!(server.post_with("/mcp", &bearer, &body).status, 200);
    let wrong = format!("{HEADERS}Authorization: Bearer {}\r\n", "0".repeat(64));
    assert_eq!(server.post_with("/mcp", &wrong, &body).status, 403);
}

#[test]
fn a_request_that_is_none_is_refused_and_the_server_goes_on() {
    let server = Server::with(&store(), "127.0.0.1", &["--mcp"]);
    let long = "x".repeat((1 << 20) + 1);
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for body in ["", "{", "[]", "null", "{\"jsonrpc\":\"2.0\"}", &long, &deep] {
        let answer = server.post_with("/mcp", HEADERS, body);
        assert!((400..500).contains(&answer.status), "{body:.40}: {}", answer.status);
        assert!(answer.body.len() < 2_000, "{body:.40}: {}", answer.text());
    }
    assert_eq!(tools(&server).len(), 8);
}
