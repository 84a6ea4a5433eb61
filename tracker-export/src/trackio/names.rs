//! How things are named on Trackio's side.

use tracker_core::Timestamp;

/// Keys that Trackio keeps for itself. Its `log` puts two underscores before them, and before what begins so.
const RESERVED: [&str; 6] = ["project", "run", "timestamp", "step", "time", "metrics"];

/// Endings of a project's name that Trackio's own files have.
const ENDINGS: [&str; 8] = [
    "_system",
    "_configs",
    "_traces",
    "_artifacts",
    "_artifact_versions",
    "_artifact_aliases",
    "_run_artifact_links",
    "_external_run_artifact_links",
];

const REGISTRY: &str = "registry-";

/// Before the names of what the machine does, here; Trackio keeps them apart by kind.
pub(super) const SYSTEM: &str = "system/";

/// A metric's name as Trackio keeps it.
pub(super) fn key_of(metric: &str) -> String {
    let is_reserved = RESERVED.contains(&metric) || metric.starts_with("__");
    if is_reserved { format!("__{metric}") } else { metric.to_owned() }
}

/// The name of the metric that Trackio keeps under a key.
pub(super) fn metric_of(key: &str) -> &str {
    match key.strip_prefix("__") {
        Some(rest) if RESERVED.contains(&rest) || rest.starts_with("__") => rest,
        _ => key,
    }
}

/// A project's name as Trackio's files have it. One that Trackio refuses gets another ending or beginning.
pub(super) fn project_of(name: &str) -> String {
    let allowed = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let mut safe: String = name.chars().filter(allowed).collect();
    if safe.is_empty() {
        "default".clone_into(&mut safe);
    }
    if safe.starts_with(REGISTRY) {
        safe.insert_str(0, "project-");
    }
    if ENDINGS.iter().any(|ending| safe.ends_with(ending)) {
        safe.push_str("-project");
    }
    safe
}

/// A run's name as one part of a path: never a path of its own, and never hidden.
pub(super) fn folder_of(run: &str) -> String {
    let safe = |c: char| if matches!(c, '/' | '\\' | ':') || c.is_control() { '_' } else { c };
    let name: String = run.chars().map(safe).collect();
    if name.starts_with('.') || name.is_empty() { format!("_{name}") } else { name }
}

/// The first and last microsecond of the years that Python knows, 1 to 9999.
const YEARS: std::ops::RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_300_799_999_999;

/// Whether Trackio can hold a time.
pub(super) fn has_date(time: Timestamp) -> bool {
    YEARS.contains(&time.0)
}

/// A time as Trackio writes it; `None` for one that its calendar has not.
pub(super) fn written(time: Timestamp) -> Option<String> {
    let text = time.to_string();
    let text = text.strip_suffix('Z').filter(|_| has_date(time));
    text.map(|text| format!("{text}+00:00"))
}

/// The time that Trackio wrote. One without a zone is UTC.
pub(super) fn time_of(text: &str) -> Option<Timestamp> {
    if text.len() > 64 {
        return None;
    }
    let parsed = text.parse::<Timestamp>().or_else(|_| format!("{text}Z").parse());
    parsed.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_has_its_own_name_again_after_the_way_there_and_back() {
        for name in ["loss", "step", "__step", "__x", "_x", "time", "train/step", "____project"] {
            assert_eq!(metric_of(&key_of(name)), name);
        }
        assert_eq!(key_of("step"), "__step");
        assert_eq!(metric_of("__x"), "__x", "Trackio would have written more underscores");
    }

    #[test]
    fn a_project_that_trackio_would_refuse_is_named_otherwise() {
        for (name, wanted) in [
            ("mnist", "mnist"),
            ("my.model/2", "mymodel2"),
            ("…", "default"),
            ("registry-x", "project-registry-x"),
            ("model_system", "model_system-project"),
        ] {
            assert_eq!(project_of(name), wanted);
        }
    }

    #[test]
    fn a_run_is_one_part_of_a_path() {
        for (name, wanted) in
            [("a/../b", "a_.._b"), ("..", "_.."), ("", "_"), ("calm-fox-1", "calm-fox-1")]
        {
            assert_eq!(folder_of(name), wanted);
        }
    }

    #[test]
    fn times_are_the_same_after_the_way_there_and_back() {
        for micros in [0, 1, -1, 1_700_000_000_123_456] {
            assert_eq!(time_of(&written(Timestamp(micros)).unwrap()), Some(Timestamp(micros)));
        }
        assert_eq!(written(Timestamp(i64::MAX)), None);
        assert_eq!(time_of("2026-01-31T18:30:00"), "2026-01-31T18:30:00Z".parse().ok());
        assert_eq!(time_of("yesterday"), None);
    }
}
