//! Asks a server, and asks again.

use std::{
    env,
    fs::File,
    io::{Read, Seek},
    thread,
    time::Duration,
};

use serde_json::Value;
use ureq::{
    Agent, Body,
    http::{Request, Response},
};

use crate::mlflow::patience::Patience;

/// The most bytes of an answer.
const LONGEST_ANSWER: u64 = 32 << 20;

/// Why a server did not do what it was asked for.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    /// What it said, or what happened on the way to it.
    pub(super) said: String,
    /// The kind of refusal, as MLflow names it: `RESOURCE_DOES_NOT_EXIST`. Empty if it gave none.
    pub(super) code: String,
    /// Whether it may go well another time.
    pub(super) is_passing: bool,
    /// How long the server wishes to be left alone.
    wished: Option<Duration>,
}

/// A server, with how it is asked.
#[derive(Debug)]
pub(super) struct Client {
    agent: Agent,
    base: String,
    authorization: Option<String>,
    pub(super) patience: Patience,
}

/// What is sent with a request.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sent<'a> {
    Nothing,
    Json(&'a str),
    Bytes(&'a [u8]),
    File(&'a File),
}

impl Client {
    pub(super) fn new(base: String, patience: Patience) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_resolve(Some(patience.answer))
            .timeout_connect(Some(patience.answer.min(Duration::from_secs(20))))
            .timeout_send_request(Some(patience.answer))
            .timeout_send_body(Some(patience.answer.saturating_mul(5)))
            .timeout_recv_response(Some(patience.answer))
            .timeout_recv_body(Some(patience.answer))
            .user_agent(concat!("tracker-export/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent: config.into(), base, authorization: authorization(), patience }
    }

    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Asks until it is answered, as long as the patience lasts. What is asked must do no harm if it is done twice.
    pub(super) fn ask(&self, method: &str, path: &str, sent: Sent<'_>) -> Result<Value, Failure> {
        self.patiently(&mut |client| client.ask_once(method, path, sent))
    }

    /// Does something again until it goes well, as long as the patience lasts.
    pub(super) fn patiently<T>(
        &self,
        act: &mut dyn FnMut(&Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut tried = 0;
        loop {
            let failure = match act(self) {
                Err(failure) if failure.is_passing => failure,
                done => return done,
            };
            let Some(wait) = self.patience.wait(tried, failure.wished) else {
                let said = format!("{} (asked {} times)", failure.said, tried + 1);
                return Err(Failure { said, ..failure });
            };
            thread::sleep(wait);
            tried += 1;
        }
    }

    /// Asks once.
    pub(super) fn ask_once(
        &self,
        method: &str,
        path: &str,
        sent: Sent<'_>,
    ) -> Result<Value, Failure> {
        let mut answer =
            self.send(method, path, sent).map_err(|error| Failure::on_the_way(&error))?;
        let status = answer.status().as_u16();
        let wished = wished(&answer);
        let mut body = Vec::new();
        let mut reader = answer.body_mut().as_reader().take(LONGEST_ANSWER);
        let read = reader.read_to_end(&mut body);
        if !(200..300).contains(&status) {
            return Err(Failure::refused(status, &body, wished));
        }
        read.map_err(|error| Failure::on_the_way(&error))?;
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&body).map_err(|error| {
            Failure::lasting(format!(
                "it answered what is no JSON ({error}): is it an MLflow server?"
            ))
        })
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        sent: Sent<'_>,
    ) -> Result<Response<Body>, ureq::Error> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        match sent {
            Sent::Nothing => self.agent.run(request.body(())?),
            Sent::Json(text) => {
                self.agent.run(request.header("content-type", "application/json").body(text)?)
            }
            Sent::Bytes(bytes) => self.agent.run(request.body(bytes)?),
            Sent::File(mut file) => {
                file.rewind()?;
                self.agent.run(request.body(file)?)
            }
        }
    }
}

impl Failure {
    /// Something that will be so another time too.
    pub(super) fn lasting(said: String) -> Self {
        Self { said, code: String::new(), is_passing: false, wished: None }
    }

    /// The same, if it may go well another time.
    pub(super) fn passing(self) -> Self {
        Self { is_passing: true, ..self }
    }

    fn on_the_way(error: &dyn std::error::Error) -> Self {
        Self { said: error.to_string(), code: String::new(), is_passing: true, wished: None }
    }

    fn refused(status: u16, body: &[u8], wished: Option<Duration>) -> Self {
        let told: Option<Value> = serde_json::from_slice(body).ok();
        let text =
            |key: &str| told.as_ref().and_then(|told| told.get(key)?.as_str()).map(str::to_owned);
        let (code, message) = (text("error_code").unwrap_or_default(), text("message"));
        let message = message.unwrap_or_else(|| String::from_utf8_lossy(body).into_owned());
        let message: String = message.trim().chars().take(400).collect();
        let said = match (status, message.is_empty()) {
            (300..=399, _) => {
                format!("HTTP {status}: it sends one elsewhere; name the address that it leads to")
            }
            (401 | 403, _) => {
                format!(
                    "HTTP {status}: set MLFLOW_TRACKING_USERNAME and _PASSWORD, or MLFLOW_TRACKING_TOKEN"
                )
            }
            (_, true) => format!("HTTP {status}"),
            (_, false) => format!("HTTP {status}: {message}"),
        };
        let is_passing = matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504);
        Self { said, code, is_passing, wished }
    }

    /// Whether what was asked for is not there.
    pub(super) fn is_missing(&self) -> bool {
        self.code == "RESOURCE_DOES_NOT_EXIST"
    }
}

/// How long a server wishes to be left alone, if it says so in seconds.
fn wished(answer: &Response<Body>) -> Option<Duration> {
    let header = answer.headers().get("retry-after")?.to_str().ok()?;
    header.trim().parse().ok().map(Duration::from_secs)
}

/// Who asks, from the variables that MLflow's own clients read.
fn authorization() -> Option<String> {
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(token) = variable("MLFLOW_TRACKING_TOKEN") {
        return Some(format!("Bearer {token}"));
    }
    let (user, password) =
        (variable("MLFLOW_TRACKING_USERNAME")?, variable("MLFLOW_TRACKING_PASSWORD"));
    Some(format!("Basic {}", base64(format!("{user}:{}", password.unwrap_or_default()).as_bytes())))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = (0..3)
            .fold(0_u32, |bits, at| bits << 8 | u32::from(three.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let digit = DIGITS.get((bits >> (18 - 6 * at) & 63) as usize).copied().unwrap_or(b'=');
            text.push(if at <= three.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_passwords_are_written_as_browsers_do() {
        for (text, written) in [
            ("a:b", "YTpi"),
            ("a:", "YTo="),
            ("Aladdin:open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ] {
            assert_eq!(base64(text.as_bytes()), written);
        }
    }

    #[test]
    fn what_a_server_refuses_is_told_in_its_words() {
        let body = br#"{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no run"}"#;
        let failure = Failure::refused(404, body, None);
        assert!(failure.is_missing() && !failure.is_passing);
        assert_eq!(failure.said, "HTTP 404: no run");
        assert!(Failure::refused(503, b"<html>", None).is_passing);
    }
}
