//! How long `tracker ui` takes to answer, and what it takes in memory: `cargo bench -p tracker-cli`.
//!
//! Makes two stores in a temporary folder, one with a series of ten million points and one with a
//! thousand runs of a hundred thousand, and asks the real server over a socket.
#![expect(clippy::unwrap_used, reason = "a benchmark says by a panic that it failed")]
#![expect(clippy::print_stdout, reason = "it prints its table")]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::Instant,
};

use serde_json::{Value, json};
use tracker_core::{init, read::Store};

const LONG: u64 = 10_000_000;
const RUNS: usize = 1_000;
const POINTS: u64 = 100_000;
const TIMES: usize = 5;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("long");
    let id = add_run(&long, LONG);
    println!("{:<46} {:>10} {:>10}", "what", "measured", "goal");
    one_long_series(&long, &id);
    let many = folder.path().join("many");
    let begun = Instant::now();
    for _ in 0..RUNS {
        add_run(&many, POINTS);
    }
    println!("{:<46} {:>8.0} s", "(making 1,000 runs)", begun.elapsed().as_secs_f64());
    many_runs(&many);
}

/// A run with a loss of so many points, all of them stored.
fn add_run(store: &Path, points: u64) -> String {
    let run = init("bench").dir(store).signals(false).start().unwrap();
    let id = run.id().to_string();
    let loss = run.metric("train/loss");
    for step in 0..points {
        loss.log(step, 1.0 / (step + 1) as f64 + (step % 97) as f64 * 1e-3);
    }
    run.finish().unwrap();
    let stored = Store::open(store).unwrap().find(&id).unwrap().summary().unwrap();
    assert_eq!(stored["train/loss"].count, points, "points were dropped");
    id
}

fn one_long_series(store: &Path, id: &str) {
    let server = Server::start(store);
    let curve = |more: Value| {
        let mut asked = json!({ "metrics": ["train/loss"], "runs": [id] });
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        asked
    };
    server.tell("10^7 points: overview, first", "100 ms", 1, &curve(json!({})));
    server.tell("10^7 points: overview", "100 ms", TIMES, &curve(json!({})));
    let half = json!({ "from": 2_000_000, "to": 7_000_000 });
    server.tell("10^7 points: zoom to half", "100 ms", TIMES, &curve(half));
    let near = json!({ "from": 5_000_000, "to": 5_100_000 });
    server.tell("10^7 points: zoom to 100,000", "100 ms", TIMES, &curve(near));
    server.tell("10^7 points: smooth, first", "", 1, &curve(json!({ "smooth": 0.9 })));
    server.tell("10^7 points: smooth, again", "", TIMES, &curve(json!({ "smooth": 0.9 })));
    server.tell("10^7 points: relative time, first", "", 1, &curve(json!({ "x": "relative" })));
    println!("{:<46} {:>7} MB", "10^7 points: memory, at most", server.megabytes());
}

fn many_runs(store: &Path) {
    let server = Server::start(store);
    let begun = Instant::now();
    let listed: Value = serde_json::from_slice(&server.get("/api/v1/runs")).unwrap();
    row("1,000 runs: list, first", begun.elapsed().as_secs_f64() * 1e3, "1000 ms");
    let begun = Instant::now();
    server.get("/api/v1/runs");
    row("1,000 runs: list again", begun.elapsed().as_secs_f64() * 1e3, "");
    let ids: Vec<&str> =
        listed["runs"].as_array().unwrap().iter().map(|run| run["id"].as_str().unwrap()).collect();
    let curves = |count: usize| json!({ "metrics": ["train/loss"], "runs": &ids[..count] });
    server.tell("1,000 runs: curves of the 10 newest, first", "100 ms", 1, &curves(10));
    server.tell("1,000 runs: curves of the 10 newest", "100 ms", TIMES, &curves(10));
    server.tell("1,000 runs: curves of all, first", "", 1, &curves(ids.len()));
    println!("{:<46} {:>7} MB {:>10}", "1,000 runs: memory, at most", server.megabytes(), "150 MB");
}

fn row(what: &str, milliseconds: f64, goal: &str) {
    println!("{what:<46} {milliseconds:>7.1} ms {goal:>10}");
}

struct Server {
    child: Child,
    port: u64,
}

impl Server {
    fn start(store: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tracker"))
            .args(["ui", "--port", "0", "--no-open", "--json", "--dir"])
            .arg(store)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        Self { child, port: said["port"].as_u64().unwrap() }
    }

    fn ask(&self, line: &str, body: &str) -> Vec<u8> {
        let mut socket = TcpStream::connect(format!("127.0.0.1:{}", self.port)).unwrap();
        let (port, length) = (self.port, body.len());
        let head = format!(
            "{line} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        );
        socket.write_all((head + body).as_bytes()).unwrap();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).unwrap();
        assert!(answer.starts_with(b"HTTP/1.0 200"), "{}", String::from_utf8_lossy(&answer));
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        answer.split_off(end + 4)
    }

    fn get(&self, path: &str) -> Vec<u8> {
        self.ask(&format!("GET {path}"), "")
    }

    /// Asks for curves, and prints the median of some times.
    fn tell(&self, what: &str, goal: &str, times: usize, asked: &Value) {
        let mut taken: Vec<f64> = (0..times)
            .map(|_| {
                let begun = Instant::now();
                self.ask("POST /api/v1/curves", &asked.to_string());
                begun.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        taken.sort_by(f64::total_cmp);
        row(what, taken[times / 2], goal);
    }

    /// The most memory that the server ever had.
    fn megabytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1000
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
