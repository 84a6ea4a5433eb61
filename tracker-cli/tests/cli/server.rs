//! The real server, and a client that sends bytes as no well-behaved one would.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{IpAddr, SocketAddr, TcpStream},
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tracker_core::Run;

use super::support::Store;

/// Nothing takes so long; a test that waits longer fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A server on a port of its own, which ends with the test.
pub(crate) struct Server {
    pub(crate) child: Child,
    host: IpAddr,
    pub(crate) port: u16,
    /// The address that it prints.
    pub(crate) url: String,
}

/// An answer: its status, its head and its body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// What was read of a connection; status 0 without a whole head.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Self { status: 0, head: String::new(), body: bytes.to_vec() };
        };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head, body: bytes[end + 4..].to_vec() }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields.find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Server {
    pub(crate) fn of(store: &Store) -> Self {
        Self::with(store, "127.0.0.1", &[])
    }

    /// A server that listens on `host`, with more arguments.
    pub(crate) fn with(store: &Store, host: &str, args: &[&str]) -> Self {
        let mut command = store.command(&["ui", "--port", "0", "--no-open", "--json"]);
        command.args(["--host", host]).args(args).stdout(Stdio::piped()).stderr(Stdio::null());
        Self::started(command.spawn().unwrap(), host)
    }

    /// A server that was started with `--json`.
    pub(crate) fn started(mut child: Child, host: &str) -> Self {
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let port = u16::try_from(said["port"].as_u64().unwrap()).unwrap();
        let url = said["url"].as_str().unwrap().to_owned();
        Self { child, host: host.parse().unwrap(), port, url }
    }

    /// The host and port as a `Host` header names them.
    pub(crate) fn authority(&self) -> String {
        SocketAddr::new(self.host, self.port).to_string()
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let socket = TcpStream::connect((self.host, self.port)).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.set_write_timeout(Some(PATIENCE)).unwrap();
        socket
    }

    /// Sends bytes as they are, but for `PORT`, and reads to the end.
    pub(crate) fn raw(&self, request: &str) -> Answer {
        let request = request.replace("PORT", &self.port.to_string());
        let mut socket = self.connect();
        // A server that has seen enough may close before all is sent.
        let _ = socket.write_all(request.as_bytes());
        let mut bytes = Vec::new();
        let _ = socket.read_to_end(&mut bytes);
        Answer::of(&bytes)
    }

    /// The status of the answer to a head.
    pub(crate) fn status(&self, head: &str) -> u16 {
        self.raw(&format!("{head}\r\nConnection: close\r\n\r\n")).status
    }

    pub(crate) fn ask(&self, method: &str, target: &str, headers: &str) -> Answer {
        let host = self.authority();
        self.raw(&format!(
            "{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n"
        ))
    }

    pub(crate) fn get(&self, target: &str) -> Answer {
        self.ask("GET", target, "")
    }

    pub(crate) fn post_with(&self, path: &str, headers: &str, body: &str) -> Answer {
        let (host, length) = (self.authority(), body.len());
        self.raw(&format!(
            "POST {path} HTTP/1.0\r\nHost: {host}\r\nConnection: close\r\n\
             Content-Length: {length}\r\n{headers}\r\n{body}"
        ))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_with(path, "Content-Type: application/json\r\n", &body.to_string())
    }

    pub(crate) fn json(&self, path: &str) -> Value {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    /// The stream of what happens, after its greeting.
    pub(crate) fn follow(&self, target: &str) -> Stream {
        let mut socket = self.connect();
        let head = format!("GET {target} HTTP/1.1\r\nHost: {}\r\n\r\n", self.authority());
        socket.write_all(head.as_bytes()).unwrap();
        let mut stream = Stream { lines: BufReader::new(socket) };
        assert_eq!(stream.next().unwrap().0, "hello");
        stream
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A stream of events that is read as it comes.
pub(crate) struct Stream {
    lines: BufReader<TcpStream>,
}

impl Stream {
    /// The next event and its data; `None` at the end of the stream.
    pub(crate) fn next(&mut self) -> Option<(String, Value)> {
        let mut event = None;
        let begun = Instant::now();
        loop {
            // A stream without events says that it lives.
            assert!(begun.elapsed() < PATIENCE, "nothing is told");
            let mut line = String::new();
            if self.lines.read_line(&mut line).unwrap_or(0) == 0 {
                return None;
            }
            if let Some(name) = line.strip_prefix("event: ") {
                event = Some(name.trim().to_owned());
            } else if let Some(data) = line.strip_prefix("data: ") {
                return Some((event.take()?, serde_json::from_str(data).unwrap()));
            }
        }
    }

    /// Reads on to an event of which `is_it` holds.
    pub(crate) fn hear(&mut self, event: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let (name, data) = self.next().unwrap_or_else(|| panic!("no such {event}"));
            if name == event && is_it(&data) {
                return data;
            }
        }
    }

    /// Reads on until a run is told to be `added`, `changed` or `removed`.
    pub(crate) fn hear_of(&mut self, what: &str, id: &str) {
        self.hear("runs", |runs| {
            runs[what].as_array().unwrap().iter().any(|told| told.as_str() == Some(id))
        });
    }
}

pub(crate) fn id(run: &Run) -> String {
    run.id().to_string()
}

/// A text in a query, each byte of it by its number.
pub(crate) fn percent(text: &str) -> String {
    text.bytes().flat_map(|byte| [format!("%{byte:02x}")]).collect()
}
