//! A run as every `--json` shows it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tracker_core::{
    Summary,
    read::{Elapsed, RunReader},
    text::number_to_json,
};

/// The version of the JSON that all commands print.
pub(crate) const VERSION: u32 = 1;

/// What `ls` prints of a run, and what every other command's run begins with.
pub(crate) fn run_json(
    run: &RunReader,
    summaries: &BTreeMap<String, Summary>,
) -> Map<String, Value> {
    let info = run.info();
    let elapsed = elapsed(run);
    let summary: Map<String, Value> =
        summaries.iter().map(|(metric, summary)| (metric.clone(), summary_json(summary))).collect();
    Map::from_iter([
        ("id".to_owned(), json!(info.id.as_str())),
        ("name".to_owned(), json!(info.name)),
        ("project".to_owned(), json!(info.project)),
        ("state".to_owned(), json!(run.state().as_str())),
        ("started_at".to_owned(), json!(info.started_at.to_string())),
        ("finished_at".to_owned(), json!(info.finished_at.map(|time| time.to_string()))),
        ("seconds".to_owned(), json!(elapsed.map(|elapsed| elapsed.passed.as_secs_f64()))),
        ("trained_seconds".to_owned(), json!(elapsed.map(|elapsed| elapsed.trained.as_secs_f64()))),
        ("config".to_owned(), Value::Object(info.config.clone())),
        ("tags".to_owned(), json!(info.tags)),
        ("summary".to_owned(), Value::Object(summary)),
    ])
}

/// How long a run took. Of a folder that cannot be listed, nobody knows; whoever reads its points
/// says why.
pub(crate) fn elapsed(run: &RunReader) -> Option<Elapsed> {
    run.elapsed().unwrap_or_default()
}

/// A metric's summary; numbers that JSON has no literal for are words.
pub(crate) fn summary_json(summary: &Summary) -> Value {
    json!({
        "last": number_to_json(summary.last),
        "min": summary.min.map(number_to_json),
        "max": summary.max.map(number_to_json),
        "best": summary.best.map(number_to_json),
        "count": summary.count,
        "step": summary.step.0,
    })
}
