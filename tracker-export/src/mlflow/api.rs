//! What an MLflow server is asked for.

use serde_json::{Value, json};

use crate::mlflow::{
    client::{Client, Failure, Sent},
    tags,
};

const PREFIX: &str = "/api/2.0/mlflow/";

/// A run on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RemoteRun {
    pub(super) id: String,
    pub(super) experiment: String,
    /// The path of its artifacts below the server's own; `None` if the server does not take them.
    pub(super) artifacts: Option<String>,
    pub(super) is_deleted: bool,
    /// Its settings and tags, as they are there.
    pub(super) params: Vec<(String, String)>,
    pub(super) tags: Vec<(String, String)>,
}

impl RemoteRun {
    /// The value of one of its tags.
    pub(super) fn tag(&self, key: &str) -> Option<&str> {
        self.tags.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    fn of(answer: &Value) -> Option<Self> {
        let info = answer.get("info")?;
        let text = |key: &str| info.get(key).and_then(Value::as_str).unwrap_or_default();
        let pairs = |key: &str| {
            let list = answer.get("data").and_then(|data| data.get(key)?.as_array());
            let pair = |item: &Value| {
                let value = item.get("value").and_then(Value::as_str).unwrap_or_default();
                Some((item.get("key")?.as_str()?.to_owned(), value.to_owned()))
            };
            list.into_iter().flatten().filter_map(pair).collect()
        };
        let served = text("artifact_uri").strip_prefix("mlflow-artifacts:");
        // Behind `mlflow-artifacts:` may stand a server; then the path begins at the next `/`.
        let path = served.and_then(|rest| match rest.strip_prefix("//") {
            Some(with_host) => with_host.split_once('/').map(|(_, path)| path),
            None => Some(rest.trim_start_matches('/')),
        });
        Some(Self {
            id: info.get("run_id")?.as_str()?.to_owned(),
            experiment: text("experiment_id").to_owned(),
            artifacts: path.map(|path| path.trim_end_matches('/').to_owned()),
            is_deleted: text("lifecycle_stage") == "deleted",
            params: pairs("params"),
            tags: pairs("tags"),
        })
    }
}

/// The questions that are asked of a server.
#[derive(Debug)]
pub(super) struct Api(Client);

impl Api {
    pub(super) fn new(client: Client) -> Self {
        Self(client)
    }

    pub(super) fn base(&self) -> &str {
        self.0.base()
    }

    /// The experiment of this name, which is made if there is none. Its id, and whether it was deleted.
    pub(super) fn experiment(&self, name: &str) -> Result<(String, bool), Failure> {
        self.0.patiently(&mut |client| {
            let path =
                format!("{PREFIX}experiments/get-by-name?experiment_name={}", in_address(name));
            match client.ask_once("GET", &path, Sent::Nothing) {
                Err(failure) if failure.is_missing() => {}
                answer => return of_experiment(&answer?),
            }
            let body = json!({ "name": name }).to_string();
            let path = format!("{PREFIX}experiments/create");
            match client.ask_once("POST", &path, Sent::Json(&body)) {
                // Somebody else was faster: it is found the next time.
                Err(failure) if failure.code == "RESOURCE_ALREADY_EXISTS" => Err(failure.passing()),
                answer => Ok((text_of(&answer?, &["experiment_id"])?, false)),
            }
        })
    }

    /// The run of the tracker with this id, as it is in an experiment; made with these tags if it is not. It is looked
    /// for before each try to make it: a server may have made it and died before it said so.
    pub(super) fn run(
        &self,
        experiment: &str,
        id: &str,
        start: i64,
        name: &str,
        words: &[(String, String)],
    ) -> Result<RemoteRun, Failure> {
        let filter = format!("tags.`{}` = '{id}'", tags::RUN);
        let order = ["attributes.start_time ASC"];
        let search =
            json!({ "experiment_ids": [experiment], "filter": filter, "run_view_type": "ALL",
            "max_results": 2, "order_by": order })
            .to_string();
        let user = words.iter().find(|(key, _)| key == tags::USER).map(|(_, user)| user);
        let first: Vec<Value> =
            words.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
        let create = json!({ "experiment_id": experiment, "start_time": start, "run_name": name, "user_id": user,
            "tags": first })
        .to_string();
        self.0.patiently(&mut |client| {
            let path = format!("{PREFIX}runs/search");
            let found = client.ask_once("POST", &path, Sent::Json(&search))?;
            let runs = found.get("runs").and_then(Value::as_array);
            if let Some(run) = runs.and_then(|runs| runs.first()).and_then(RemoteRun::of) {
                return Ok(run);
            }
            let path = format!("{PREFIX}runs/create");
            let made = client.ask_once("POST", &path, Sent::Json(&create))?;
            made.get("run").and_then(RemoteRun::of).ok_or_else(Failure::strange)
        })
    }

    /// A run by its id on the server.
    pub(super) fn known_run(&self, run: &str) -> Result<RemoteRun, Failure> {
        let path = format!("{PREFIX}runs/get?run_id={}", in_address(run));
        let answer = self.0.ask("GET", &path, Sent::Nothing)?;
        answer.get("run").and_then(RemoteRun::of).ok_or_else(Failure::strange)
    }

    /// Adds points, settings or tags.
    pub(super) fn log_batch(&self, body: &str) -> Result<(), Failure> {
        self.0.ask("POST", &format!("{PREFIX}runs/log-batch"), Sent::Json(body)).map(drop)
    }

    /// Says how a run ended, and its name.
    pub(super) fn update(&self, body: &Value) -> Result<(), Failure> {
        let path = format!("{PREFIX}runs/update");
        self.0.ask("POST", &path, Sent::Json(&body.to_string())).map(drop)
    }

    /// Puts a file among a run's artifacts.
    pub(super) fn put(&self, artifacts: &str, path: &str, sent: Sent<'_>) -> Result<(), Failure> {
        let place = format!("{artifacts}/{path}");
        let place: Vec<String> = place.split('/').map(in_address).collect();
        let path = format!("/api/2.0/mlflow-artifacts/artifacts/{}", place.join("/"));
        self.0.ask("PUT", &path, sent).map(drop)
    }
}

impl Failure {
    fn strange() -> Self {
        let said = "its answer lacks what MLflow's have: is it an MLflow server?".to_owned();
        Self::lasting(said)
    }
}

fn of_experiment(answer: &Value) -> Result<(String, bool), Failure> {
    let id = text_of(answer, &["experiment", "experiment_id"])?;
    let stage = text_of(answer, &["experiment", "lifecycle_stage"]).unwrap_or_default();
    Ok((id, stage == "deleted"))
}

fn text_of(answer: &Value, keys: &[&str]) -> Result<String, Failure> {
    let found = keys.iter().try_fold(answer, |value, key| value.get(key));
    found.and_then(Value::as_str).map(str::to_owned).ok_or_else(Failure::strange)
}

/// A text as part of an address.
fn in_address(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            written.push(char::from(byte));
        } else {
            let digits = b"0123456789ABCDEF";
            written.push('%');
            for digit in [byte >> 4, byte & 15] {
                written.extend(digits.get(usize::from(digit)).map(|digit| char::from(*digit)));
            }
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_artifacts_is_read_of_what_the_server_says() {
        let at = |uri: &str| {
            RemoteRun::of(&json!({ "info": { "run_id": "r", "artifact_uri": uri } }))
                .unwrap()
                .artifacts
        };
        assert_eq!(at("mlflow-artifacts:/1/r/artifacts"), Some("1/r/artifacts".to_owned()));
        assert_eq!(
            at("mlflow-artifacts://host:5000/1/r/artifacts"),
            Some("1/r/artifacts".to_owned())
        );
        assert_eq!(at("s3://bucket/1/r/artifacts"), None);
    }

    #[test]
    fn texts_are_written_in_addresses_byte_by_byte() {
        assert_eq!(in_address("a b/ü+"), "a%20b%2F%C3%BC%2B");
    }
}
