//! How long `tracker mcp` takes to answer over a thousand runs, and how long its answers are: `cargo bench -p tracker-cli
//! --bench mcp`.
//!
//! Makes a store of a thousand runs with twelve metrics each in a temporary folder, and asks the real command over its
//! pipes. A goal that is missed ends it with an error.
#![expect(clippy::unwrap_used, reason = "a benchmark says by a panic that it failed")]
#![expect(clippy::print_stdout, reason = "it prints its table")]

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Instant,
};

use serde_json::{Value, json};
use tracker_core::{Definition, init};

const RUNS: u64 = 1_000;
const METRICS: u64 = 12;
const STEPS: u64 = 500;
const TIMES: usize = 5;

/// What an answer may take, and how long it may be.
const MOST_MILLISECONDS: f64 = 200.0;
const MOST_BYTES: usize = 40_000;

fn main() {
    let store = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let ids: Vec<String> = (0..RUNS).map(|number| add_run(store.path(), number)).collect();
    println!("(made 1,000 runs in {:.0} s)", begun.elapsed().as_secs_f64());
    println!("{:<44} {:>10} {:>10} {:>10}", "what", "first", "median", "bytes");
    let mut agent = Agent::start(store.path());
    let mut misses = Vec::new();
    for (name, given) in calls(&ids) {
        let mut taken = Vec::new();
        let mut bytes = 0;
        for _ in 0..TIMES {
            let begun = Instant::now();
            bytes = agent.call(name, &given).len();
            taken.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        let first = taken[0];
        taken.sort_by(f64::total_cmp);
        let median = taken[TIMES / 2];
        let shown: String = format!("{name} {given}").chars().take(44).collect();
        println!("{shown:<44} {first:>7.1} ms {median:>7.1} ms {bytes:>10}");
        if median > MOST_MILLISECONDS || bytes > MOST_BYTES {
            misses.push(shown);
        }
    }
    assert!(misses.is_empty(), "over {MOST_MILLISECONDS} ms or {MOST_BYTES} bytes: {misses:?}");
}

/// The calls, the first of each after the one before has read the store.
fn calls(ids: &[String]) -> Vec<(&'static str, Value)> {
    let some: Vec<&String> = ids.iter().take(16).collect();
    vec![
        ("find_runs", json!({})),
        ("find_runs", json!({ "query": "lr < 0.01 and state = finished", "sort": "valid/loss" })),
        ("find_runs", json!({ "query": "tag = seed-3", "most": 200 })),
        ("describe_run", json!({ "run": "@best:valid/accuracy" })),
        ("describe_run", json!({ "run": ids[500] })),
        ("curve", json!({ "runs": ["@latest"], "metrics": ["valid/loss", "train/loss"] })),
        ("curve", json!({ "runs": some, "metrics": ["train/loss"], "buckets": 200 })),
        ("compare", json!({ "query": "project = bench" })),
        ("compare", json!({ "query": "lr < 1", "by": "lr" })),
        ("diverge", json!({ "a": ids[0], "b": ids[1] })),
        ("diagnose", json!({ "run": ids[7] })),
        ("study", json!({})),
        ("wait_until", json!({ "condition": "state = finished" })),
    ]
}

/// A run of a sweep over learning rates and seeds.
fn add_run(store: &Path, number: u64) -> String {
    let (rate, seed) = (number % 20, number / 20 % 5);
    let lr = 1e-3 * (rate + 1) as f64;
    let run = init("bench")
        .dir(store)
        .config(&json!({ "lr": lr, "seed": seed, "model": { "hidden": 64, "layers": 3 } }))
        .group(format!("lr {lr}"))
        .tags([format!("seed-{seed}"), "sweep".to_owned()])
        .code_changes(false)
        .signals(false)
        .start()
        .unwrap();
    run.define("valid/loss", Definition::new().lower_is_better());
    run.define("valid/accuracy", Definition::new().higher_is_better().unit("%"));
    let names = ["valid/loss", "valid/accuracy", "train/loss"].map(str::to_owned);
    let others = (3..METRICS).map(|layer| format!("gradients/layer{layer}"));
    let metrics: Vec<_> = names.into_iter().chain(others).map(|name| run.metric(&name)).collect();
    for step in 0..STEPS {
        for (place, metric) in metrics.iter().enumerate() {
            let noise = ((step * 31 + seed * 17 + place as u64) % 97) as f64 * 1e-3;
            metric.log(step, 1.0 / (1.0 + step as f64 * lr) + noise);
        }
    }
    let id = run.id().to_string();
    run.finish().unwrap();
    id
}

struct Agent {
    child: Child,
    asks: ChildStdin,
    hears: BufReader<ChildStdout>,
    asked: u64,
}

impl Agent {
    fn start(store: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tracker"))
            .args(["mcp", "--dir"])
            .arg(store)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (asks, hears) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut agent = Self { child, asks, hears: BufReader::new(hears), asked: 0 };
        let who = json!({ "name": "bench", "version": "1" });
        let hello =
            json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": who });
        agent.ask("initialize", &hello);
        agent.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        agent
    }

    fn send(&mut self, message: &Value) {
        self.asks.write_all(format!("{message}\n").as_bytes()).unwrap();
        self.asks.flush().unwrap();
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        let asked =
            json!({ "jsonrpc": "2.0", "id": self.asked, "method": method, "params": params });
        self.send(&asked);
        let mut line = String::new();
        self.hears.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        assert!(answer["result"].is_object(), "{line:.400}");
        answer["result"].clone()
    }

    /// What a tool answers.
    fn call(&mut self, name: &str, given: &Value) -> String {
        let result = self.ask("tools/call", &json!({ "name": name, "arguments": given }));
        let text = result["content"][0]["text"].as_str().unwrap().to_owned();
        assert_ne!(result["isError"], true, "{name}: {text}");
        text
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
