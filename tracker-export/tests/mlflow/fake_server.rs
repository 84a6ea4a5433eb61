//! A server that keeps what MLflow's would keep, holds it to MLflow's limits, and fails when it is told to.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    /// It is answered with this status, and nothing is done.
    Status(u16),
    /// The same, with a wish to be left alone for so many seconds.
    StatusAfter(u16, u64),
    /// Nothing is answered for a while, though it is done.
    Hang,
    /// It is done, and the connection ends without an answer.
    DieAfter,
    /// The connection ends in the middle of the request.
    DieBefore,
}

#[derive(Debug, Default, Clone)]
pub(crate) struct Run {
    pub(crate) experiment: String,
    pub(crate) info: BTreeMap<String, Value>,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) tags: BTreeMap<String, String>,
    /// Name, step, millisecond, bits as MLflow's database has them.
    pub(crate) points: BTreeSet<(String, i64, i64, u64)>,
    /// How many points were sent, those that were there included.
    pub(crate) sent: usize,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) experiments: Vec<String>,
    pub(crate) runs: Vec<Run>,
    pub(crate) artifacts: BTreeMap<String, Vec<u8>>,
    pub(crate) requests: Vec<String>,
    pub(crate) faults: VecDeque<(&'static str, Fault)>,
    pub(crate) has_no_artifacts: bool,
}

pub(crate) struct FakeServer {
    pub(crate) address: String,
    pub(crate) state: Arc<Mutex<State>>,
}

impl FakeServer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::<Mutex<State>>::default();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                thread::spawn(move || serve(&stream, &state));
            }
        });
        Self { address, state }
    }

    /// The next requests whose path has this part fail so, one after the other.
    pub(crate) fn fail(&self, part: &'static str, faults: impl IntoIterator<Item = Fault>) {
        self.state.lock().unwrap().faults.extend(faults.into_iter().map(|fault| (part, fault)));
    }

    /// The only run that is there.
    pub(crate) fn run(&self) -> Run {
        let state = self.state.lock().unwrap();
        assert_eq!(state.runs.len(), 1, "there is one run");
        state.runs[0].clone()
    }

    pub(crate) fn asked(&self, part: &str) -> usize {
        self.state.lock().unwrap().requests.iter().filter(|path| path.contains(part)).count()
    }
}

fn serve(stream: &TcpStream, state: &Mutex<State>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let mut words = line.split_whitespace();
        let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok()?;
            if header.trim().is_empty() {
                break;
            }
            let (name, value) = header.split_once(':')?;
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().ok()?;
            }
            assert!(
                !name.eq_ignore_ascii_case("transfer-encoding"),
                "MLflow's server wants lengths"
            );
        }
        let mut state = state.lock().unwrap();
        state.requests.push(path.clone());
        let is_next = state.faults.front().is_some_and(|(part, _)| path.contains(part));
        let fault = is_next.then(|| state.faults.pop_front().unwrap().1);
        if fault == Some(Fault::DieBefore) {
            return None;
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let (status, answer, wish) = match fault {
            Some(Fault::Status(status)) => (status, json!({"message": "as told"}), None),
            Some(Fault::StatusAfter(status, wish)) => (status, json!({}), Some(wish)),
            _ => {
                let (status, answer) = state.answer(&method, &path, &body);
                (status, answer, None)
            }
        };
        drop(state);
        match fault {
            Some(Fault::DieAfter) => return None,
            Some(Fault::Hang) => {
                thread::sleep(Duration::from_secs(3));
                return None;
            }
            _ => {}
        }
        let text = answer.to_string();
        let wish = wish.map_or(String::new(), |wish| format!("Retry-After: {wish}\r\n"));
        let head = format!("HTTP/1.1 {status} X\r\n{wish}Content-Length: {}\r\n\r\n", text.len());
        let mut out = stream;
        out.write_all(format!("{head}{text}").as_bytes()).ok()?;
    }
}

fn refused(code: &str, message: &str) -> (u16, Value) {
    let status = if code == "RESOURCE_DOES_NOT_EXIST" { 404 } else { 400 };
    (status, json!({ "error_code": code, "message": message }))
}

fn plain(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

impl State {
    fn answer(&mut self, method: &str, path: &str, body: &[u8]) -> (u16, Value) {
        if let Some(place) = path.strip_prefix("/api/2.0/mlflow-artifacts/artifacts/") {
            assert_eq!(method, "PUT");
            self.artifacts.insert(plain(place), body.to_vec());
            return (200, json!({}));
        }
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let asked = plain(query.split_once('=').map_or("", |(_, value)| value));
        let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        match path.strip_prefix("/api/2.0/mlflow/").unwrap_or_default() {
            "experiments/get-by-name" => {
                match self.experiments.iter().position(|name| *name == asked) {
                    Some(at) => (
                        200,
                        json!({"experiment": {"experiment_id": at.to_string(), "lifecycle_stage": "active"}}),
                    ),
                    None => refused("RESOURCE_DOES_NOT_EXIST", "no experiment"),
                }
            }
            "experiments/create" => {
                let name = body["name"].as_str().unwrap().to_owned();
                if self.experiments.contains(&name) {
                    return refused("RESOURCE_ALREADY_EXISTS", "there is one");
                }
                self.experiments.push(name);
                (200, json!({"experiment_id": (self.experiments.len() - 1).to_string()}))
            }
            "runs/search" => {
                let filter = body["filter"].as_str().unwrap();
                let wanted = filter
                    .strip_prefix("tags.`tracker.run_id` = '")
                    .unwrap()
                    .trim_end_matches('\'');
                let experiment = body["experiment_ids"][0].as_str().unwrap();
                let is_it = |run: &Run| {
                    run.experiment == experiment && run.tags["tracker.run_id"] == wanted
                };
                let found: Vec<Value> = (0..self.runs.len())
                    .filter(|at| is_it(&self.runs[*at]))
                    .map(|at| self.told(at))
                    .collect();
                (200, if found.is_empty() { json!({}) } else { json!({ "runs": found }) })
            }
            "runs/create" => {
                let mut run = Run {
                    experiment: body["experiment_id"].as_str().unwrap().into(),
                    ..Run::default()
                };
                run.info.insert("start_time".into(), body["start_time"].clone());
                run.info.insert("status".into(), "RUNNING".into());
                for tag in body["tags"].as_array().unwrap() {
                    run.tags.insert(text(&tag["key"]), text(&tag["value"]));
                }
                self.runs.push(run);
                (200, json!({ "run": self.told(self.runs.len() - 1) }))
            }
            "runs/get" => match asked.strip_prefix("run").and_then(|at| at.parse::<usize>().ok()) {
                Some(at) if at < self.runs.len() => (200, json!({ "run": self.told(at) })),
                _ => refused("RESOURCE_DOES_NOT_EXIST", "no run"),
            },
            "runs/update" => {
                let run = self.known(&body);
                run.info.extend(
                    body.as_object()
                        .unwrap()
                        .iter()
                        .map(|(key, value)| (key.clone(), value.clone())),
                );
                (200, json!({}))
            }
            "runs/log-batch" => self.log_batch(&body),
            other => panic!("nobody asks MLflow for {other}"),
        }
    }

    fn known(&mut self, body: &Value) -> &mut Run {
        let at: usize =
            body["run_id"].as_str().unwrap().strip_prefix("run").unwrap().parse().unwrap();
        &mut self.runs[at]
    }

    fn told(&self, at: usize) -> Value {
        let run = &self.runs[at];
        let pairs = |pairs: Vec<(&String, &String)>| -> Vec<Value> {
            pairs.into_iter().map(|(key, value)| json!({ "key": key, "value": value })).collect()
        };
        let artifacts = if self.has_no_artifacts { "s3://bucket" } else { "mlflow-artifacts:" };
        json!({
            "info": { "run_id": format!("run{at}"), "experiment_id": run.experiment, "lifecycle_stage": "active",
                "artifact_uri": format!("{artifacts}/{}/run{at}/artifacts", run.experiment) },
            "data": { "params": pairs(run.params.iter().map(|(key, value)| (key, value)).collect()),
                "tags": pairs(run.tags.iter().collect()) },
        })
    }

    fn log_batch(&mut self, body: &Value) -> (u16, Value) {
        let list = |key: &str| body[key].as_array().cloned().unwrap_or_default();
        let (metrics, params, tags) = (list("metrics"), list("params"), list("tags"));
        assert!(body.to_string().len() <= 1_000_000);
        assert!(metrics.len() <= 1_000 && params.len() <= 100 && tags.len() <= 100);
        let run = self.known(body);
        for metric in &metrics {
            let key = text(&metric["key"]);
            check_name(&key);
            let value = match &metric["value"] {
                Value::String(text) => text.parse().unwrap(),
                number => number.as_f64().unwrap(),
            };
            // As its database keeps them.
            let bits = match value {
                value if f64::is_nan(value) => f64::NAN.to_bits(),
                value => (value.clamp(f64::MIN, f64::MAX) + 0.0).to_bits(),
            };
            let (step, millis) =
                (metric["step"].as_i64().unwrap(), metric["timestamp"].as_i64().unwrap());
            assert!(millis >= 0);
            run.points.insert((key, step, millis, bits));
            run.sent += 1;
        }
        for param in &params {
            let (key, value) = (text(&param["key"]), text(&param["value"]));
            check_name(&key);
            assert!(value.chars().count() <= 6_000);
            match run.params.iter().find(|(known, _)| *known == key) {
                Some((_, there)) if *there != value => {
                    return refused("INVALID_PARAMETER_VALUE", "it is another");
                }
                Some(_) => {}
                None => run.params.push((key, value)),
            }
        }
        for tag in &tags {
            let (key, value) = (text(&tag["key"]), text(&tag["value"]));
            check_name(&key);
            assert!(value.chars().count() <= 5_000);
            run.tags.insert(key, value);
        }
        (200, json!({}))
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// What MLflow takes as a name, with the letters of all scripts.
fn check_name(name: &str) {
    assert!(!name.is_empty() && name.chars().count() <= 250, "{name}");
    assert!(name.chars().all(|c| c.is_alphanumeric() || "_-. :/".contains(c)), "{name}");
    assert!(name.split('/').all(|part| !matches!(part, "" | "." | "..")), "{name}");
}
