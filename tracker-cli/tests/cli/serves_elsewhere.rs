//! The page through tunnels and proxies, on machines that others use too, and in a browser that the
//! server opens itself.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    server::{Answer, PATIENCE, Server, id},
    support::{FIRST, SECOND, Store},
};

/// A port that leads to another one, as `ssh -L` and `docker -p` make them.
fn forwarded(to: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for near in listener.incoming() {
            let (mut near, mut far) =
                (near.unwrap(), TcpStream::connect(("127.0.0.1", to)).unwrap());
            let (mut back, mut forth) = (far.try_clone().unwrap(), near.try_clone().unwrap());
            thread::spawn(move || {
                let _ = std::io::copy(&mut forth, &mut far);
            });
            thread::spawn(move || {
                let _ = std::io::copy(&mut back, &mut near);
                let _ = near.shutdown(std::net::Shutdown::Both);
            });
        }
    });
    port
}

fn ask(port: u16, request: &str) -> Answer {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.write_all(request.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    let _ = socket.read_to_end(&mut bytes);
    Answer::of(&bytes)
}

#[test]
fn through_a_forwarded_port_the_page_and_its_posts_work() {
    let server = Server::of(&Store::new());
    let port = forwarded(server.port);
    assert_ne!(port, server.port);
    for name in ["localhost", "127.0.0.1"] {
        let page = format!("GET / HTTP/1.1\r\nHost: {name}:{port}\r\nConnection: close\r\n\r\n");
        assert_eq!(ask(port, &page).status, 200, "{name}");
        let body = r#"{"metrics":["loss"],"runs":[]}"#;
        let post = |origin: &str| {
            let length = body.len();
            let request = format!(
                "POST /api/v1/curves HTTP/1.1\r\nHost: {name}:{port}\r\nConnection: close\r\n\
                 Origin: {origin}\r\nSec-Fetch-Site: same-origin\r\n\
                 Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
            );
            ask(port, &request).status
        };
        assert_eq!(post(&format!("http://{name}:{port}")), 200, "{name}");
        assert_eq!(post(&format!("http://{name}:{}", server.port)), 403, "another port's page");
        assert_eq!(post("http://evil.example"), 403);
    }
}

#[test]
fn another_name_is_refused_with_the_words_that_allow_it() {
    let store = Store::new();
    let server = Server::of(&store);
    let ask = |server: &Server, more: &str| {
        server.raw(&format!(
            "GET /p/mnist HTTP/1.1\r\nHost: box.lan:8080\r\nConnection: close\r\n{more}\r\n"
        ))
    };
    let refused = ask(&server, "");
    assert_eq!(refused.status, 421);
    let hint = refused.json()["hint"].as_str().unwrap().to_owned();
    assert!(hint.contains("`tracker ui --allow-host box.lan`"), "{hint}");
    assert!(hint.contains(&format!("ssh -L {0}:127.0.0.1:{0} HOST", server.port)), "{hint}");
    let page = ask(&server, "Accept: text/html\r\n");
    assert_eq!(page.status, 421);
    assert!(
        page.text().contains("<code>tracker ui --allow-host box.lan</code>"),
        "{}",
        page.text()
    );
    let allowed = ["--allow-host", "other", "--allow-host", "BOX.lan"];
    assert_eq!(ask(&Server::with(&store, "127.0.0.1", &allowed), "").status, 200);
    for wrong in ["box.lan:8080", "", "a b", "http://box.lan"] {
        let output = store.tracker(&["ui", "--no-open", "--port", "0", "--allow-host", wrong]);
        assert_eq!(output.status.code(), Some(2), "{wrong}");
    }
    for wrong in ["tracker", "/a b", "/../a", "http://box/"] {
        let output = store.tracker(&["ui", "--no-open", "--port", "0", "--base-path", wrong]);
        assert_eq!(output.status.code(), Some(2), "{wrong}");
    }
}

/// A desktop whose browser notes how it was started, and keeps the file that it was given.
pub(crate) struct Desktop {
    folder: tempfile::TempDir,
}

impl Desktop {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("xdg-open");
        let script = "#!/bin/sh\ncd \"$NOTES\"\nprintf '%s\\n' \"$@\" > arguments.new\n\
                      stat -c %a \"$1\" > mode 2> /dev/null\ncat \"$1\" > page 2> /dev/null\n\
                      mv arguments.new arguments\n";
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Self { folder }
    }

    /// Starts a server on this desktop.
    pub(crate) fn serve(&self, store: &Store, args: &[&str]) -> Server {
        let path = format!("{}:{}", self.folder.path().display(), std::env::var("PATH").unwrap());
        let mut command = store.command(&["ui", "--port", "0", "--json"]);
        command.args(args).env("PATH", path).env("NOTES", self.folder.path());
        command.env("DISPLAY", ":99").env("XDG_RUNTIME_DIR", self.folder.path());
        let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        Server::started(child, "127.0.0.1")
    }

    /// Starts a server that opens this browser, and answers what it was started with.
    fn start(&self, store: &Store, args: &[&str]) -> (Server, String) {
        let server = self.serve(store, args);
        let begun = Instant::now();
        while !self.was_opened() {
            assert!(begun.elapsed() < PATIENCE, "no browser was started");
            thread::sleep(Duration::from_millis(10));
        }
        (server, self.note("arguments").trim_end().to_owned())
    }

    /// Whether the browser was started.
    pub(crate) fn was_opened(&self) -> bool {
        self.folder.path().join("arguments").exists()
    }

    fn note(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }
}

#[test]
fn the_token_stands_in_no_list_of_processes_and_a_file_for_the_user_alone_opens_the_page_once() {
    let desktop = Desktop::new();
    let (server, argument) = desktop.start(&Store::new(), &["--token"]);
    let (_, token) = server.url.split_once("?token=").unwrap();
    assert!(argument.ends_with("/open.html") && !argument.contains("http"), "{argument}");
    assert_eq!(desktop.note("mode").trim(), "600");
    let folder = Path::new(&argument).parent().unwrap();
    assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
    let started = fs::read(format!("/proc/{}/cmdline", server.child.id())).unwrap();
    assert!(!String::from_utf8_lossy(&started).contains(token));
    let page = desktop.note("page");
    assert!(!page.contains(token), "{page}");
    let (_, rest) = page.split_once("url=").unwrap();
    let (url, _) = rest.split_once('"').unwrap();
    let start = format!("http://127.0.0.1:{}", server.port);
    let target = url.strip_prefix(&start).unwrap();
    let answer = server.ask("GET", target, "Sec-Fetch-Site: cross-site\r\n");
    assert_eq!(answer.status, 200);
    let (shown, _) = answer.header("set-cookie").unwrap().split_once(';').unwrap();
    assert_eq!(server.ask("GET", "/api/v1/store", &format!("Cookie: {shown}\r\n")).status, 200);
    assert_eq!(server.get(target).status, 403, "the code is used up");
}

#[test]
fn the_file_that_opens_the_page_goes_with_the_server() {
    let desktop = Desktop::new();
    let (mut server, argument) = desktop.start(&Store::new(), &["--token"]);
    let file = PathBuf::from(argument);
    assert!(file.exists());
    let server_id = rustix::process::Pid::from_child(&server.child);
    rustix::process::kill_process(server_id, rustix::process::Signal::INT).unwrap();
    server.child.wait().unwrap();
    assert!(!file.exists() && !file.parent().unwrap().exists());
}

#[test]
fn without_a_token_the_browser_gets_the_address_itself() {
    let desktop = Desktop::new();
    let (server, argument) = desktop.start(&Store::new(), &["--base-path", "/lab"]);
    assert_eq!(argument, format!("http://127.0.0.1:{}/lab/", server.port));
    assert_eq!(server.url, argument);
}

/// Gives a folder to another user, if this test may.
pub(crate) fn give_away(folder: &Path) -> bool {
    let is_given = chown(folder, Some(54_321), None).is_ok();
    if !is_given {
        eprintln!("skipped: only root gives files away");
    }
    is_given
}

#[test]
fn what_belongs_to_another_user_is_shown_and_not_changed_unless_somebody_says_so() {
    let store = Store::new();
    store.trained(FIRST, "own", &json!({}), 0.0, 2);
    let other = store.trained(SECOND, "other's", &json!({}), 0.0, 1);
    let live = store.init("live").start().unwrap();
    if !give_away(&other) || !give_away(live.path()) {
        return;
    }
    let server = Server::of(&store);
    let edit = |server: &Server, run: &str| {
        server.post(&format!("/api/v1/runs/{run}/edit"), &json!({ "notes": "seen" }))
    };
    let shown = server.json("/api/v1/store");
    assert_eq!((&shown["read_only"], &shown["read_only_because"]), (&json!(false), &Value::Null));
    assert_eq!(server.json(&format!("/api/v1/runs/{FIRST}"))["read_only"], false);
    assert_eq!(server.json(&format!("/api/v1/runs/{SECOND}"))["read_only"], true);
    assert_eq!(edit(&server, FIRST).status, 200);
    let refused = edit(&server, SECOND);
    assert_eq!(refused.status, 403);
    assert!(refused.json()["hint"].as_str().unwrap().contains("tracker ui --writable"));
    let stop = server.post(&format!("/api/v1/runs/{}/stop", id(&live)), &json!({ "when": "now" }));
    assert_eq!(stop.status, 403);
    let knobs = json!({ "knobs": { "lr": 1 } });
    let set = server.post(&format!("/api/v1/runs/{}/knobs", id(&live)), &knobs);
    assert_eq!(set.status, 403);
    assert!(!other.join("edits.jsonl").exists() && !live.path().join("control.jsonl").exists());
    assert!(give_away(store.path()));
    let shown = server.json("/api/v1/store");
    assert_eq!(shown["read_only"], true, "the whole store is another user's");
    assert!(shown["read_only_because"].as_str().unwrap().contains("another user"));
    assert_eq!(edit(&server, FIRST).status, 403);
    let trusting = Server::with(&store, "127.0.0.1", &["--writable"]);
    assert_eq!(trusting.json("/api/v1/store")["read_only"], false);
    assert_eq!(edit(&trusting, SECOND).status, 200);
    live.finish().unwrap();
}
