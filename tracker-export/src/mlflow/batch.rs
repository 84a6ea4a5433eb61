//! What is sent together, within the limits of one request.

use serde_json::{Number, Value, json};

/// The most points in one request.
const MOST_METRICS: usize = 1_000;
/// The most settings in one request, and the most tags.
const MOST_WORDS: usize = 100;
/// The most bytes of one request, of a million, with room for the rest.
const MOST_BYTES: usize = 900_000;

/// Points that wait for the next request.
#[derive(Debug, Default)]
pub(super) struct Batch {
    metrics: String,
    count: usize,
}

impl Batch {
    /// Whether this many bytes more are too many, or a point more.
    pub(super) fn is_full(&self, more: usize) -> bool {
        self.count >= MOST_METRICS || self.metrics.len() + more + 200 > MOST_BYTES
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many points wait.
    pub(super) fn count(&self) -> u64 {
        self.count as u64
    }

    /// Adds a point. `key` is its name as JSON.
    pub(super) fn push(&mut self, key: &str, value: f64, millis: i64, step: i64) {
        if self.count > 0 {
            self.metrics.push(',');
        }
        self.count += 1;
        let (value, millis, step) = (number(value), millis.to_string(), step.to_string());
        let fields = [
            ("{\"key\":", key),
            (",\"value\":", &value),
            (",\"timestamp\":", &millis),
            (",\"step\":", &step),
        ];
        for (name, text) in fields {
            self.metrics.push_str(name);
            self.metrics.push_str(text);
        }
        self.metrics.push('}');
    }

    /// The request for all that waits.
    pub(super) fn body(&self, run: &str) -> String {
        format!(r#"{{"run_id":{},"metrics":[{}]}}"#, Value::from(run), self.metrics)
    }

    pub(super) fn clear(&mut self) {
        self.metrics.clear();
        self.count = 0;
    }
}

/// A number as MLflow reads it; JSON has none that are not finite.
fn number(value: f64) -> String {
    match Number::from_f64(value) {
        Some(number) => number.to_string(),
        None if value.is_nan() => r#""NaN""#.to_owned(),
        None if value > 0.0 => r#""Infinity""#.to_owned(),
        None => r#""-Infinity""#.to_owned(),
    }
}

/// Requests for settings (`params`) or `tags`, as few as the limits allow.
pub(super) fn of_words(run: &str, what: &str, words: &[(String, String)]) -> Vec<String> {
    let mut bodies = Vec::new();
    let mut rest = words;
    while !rest.is_empty() {
        let bytes = rest.iter().scan(0, |sum, (key, value)| {
            // A character becomes six bytes of JSON at most: `\u0001`.
            *sum += 6 * (key.len() + value.len()) + 32;
            Some(*sum)
        });
        let count = bytes.take(MOST_WORDS).take_while(|sum| *sum < MOST_BYTES).count().max(1);
        let (now, later) = rest.split_at(count);
        let list: Vec<Value> =
            now.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
        bodies.push(json!({ "run_id": run, what: list }).to_string());
        rest = later;
    }
    bodies
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_keeps_within_all_limits() {
        let mut batch = Batch::default();
        let key = Value::from("ü".repeat(250)).to_string();
        while !batch.is_full(key.len()) {
            batch.push(&key, f64::MIN_POSITIVE, i64::MAX, i64::MAX);
        }
        let body = batch.body("0123456789abcdef0123456789abcdef");
        assert!(body.len() < 1_000_000 && batch.count() <= 1_000);
        let read: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(read["metrics"][0]["value"].as_f64(), Some(f64::MIN_POSITIVE));
    }

    #[test]
    fn words_are_sent_by_the_hundred_and_never_more_than_fit() {
        let words: Vec<_> = (0..250).map(|n| (format!("k{n}"), "v".to_owned())).collect();
        assert_eq!(of_words("r", "params", &words).len(), 3);
        let long: Vec<_> = (0..99).map(|n| (format!("k{n}"), "\u{1}".repeat(6_000))).collect();
        let bodies = of_words("r", "params", &long);
        assert!(bodies.iter().all(|body| body.len() < 1_000_000));
        let count = |body: &String| {
            serde_json::from_str::<Value>(body).unwrap()["params"].as_array().unwrap().len()
        };
        assert_eq!(bodies.iter().map(count).sum::<usize>(), 99);
    }

    #[test]
    fn numbers_that_json_lacks_are_words() {
        let texts = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.1, -0.0].map(number);
        assert_eq!(texts, ["\"NaN\"", "\"Infinity\"", "\"-Infinity\"", "0.1", "-0.0"]);
    }
}
