//! What MLflow says of a run, as the tracker says it.

use std::collections::HashMap;

use serde_json::{Map, Value};
use tracker_core::{Outcome, Step, Timestamp};

use crate::{
    Account, Ended, ForeignRun, Result, Sink,
    mlflow::{names, settings, tags},
};

/// A tag of MLflow becomes a word if it is no longer than this.
const LONGEST_WORD: usize = 64;

/// A run as MLflow keeps it, from either store.
#[derive(Debug, Default)]
pub(super) struct StoredRun {
    pub(super) id: String,
    pub(super) experiment: Option<String>,
    pub(super) name: Option<String>,
    pub(super) user: Option<String>,
    pub(super) status: String,
    pub(super) start: Option<i64>,
    pub(super) end: Option<i64>,
    pub(super) params: Vec<(String, String)>,
    pub(super) tags: Vec<(String, String)>,
}

/// How the names of a run were written.
#[derive(Debug, Default, Clone)]
pub(super) struct Naming {
    /// Whether tracker exported it: then names are read back.
    is_ours: bool,
    /// Whole names, by the hash of what they were cut to.
    cut: HashMap<String, String>,
}

impl Naming {
    pub(super) fn of(tags: &[(String, String)]) -> Self {
        let is_ours = tags.iter().any(|(key, _)| key == tags::RUN);
        let hash = |(key, name): &(String, String)| {
            Some((key.strip_prefix(tags::NAME)?.to_owned(), name.clone()))
        };
        Self { is_ours, cut: tags.iter().filter_map(hash).collect() }
    }

    /// Whether tracker exported the run.
    pub(super) fn is_ours(&self) -> bool {
        self.is_ours
    }

    /// The name as it was here; that of another's run as it is.
    pub(super) fn read(&self, name: &str) -> String {
        if !self.is_ours {
            return name.to_owned();
        }
        let cut = names::cut_hash(name).and_then(|hash| self.cut.get(hash));
        cut.cloned().unwrap_or_else(|| names::read(name))
    }

    /// The whole name of something that was cut to this hash.
    pub(super) fn whole(&self, hash: &str) -> Option<&str> {
        self.cut.get(hash).map(String::as_str)
    }
}

/// The id of a run on the other side.
pub(super) fn id_of(run: &ForeignRun) -> &str {
    run.origin.strip_prefix("mlflow/").unwrap_or(&run.origin)
}

impl StoredRun {
    /// The run as the tracker takes it. `parents` has the names of runs by their ids.
    pub(super) fn into_foreign(self, from: &str, parents: &HashMap<String, String>) -> ForeignRun {
        let naming = Naming::of(&self.tags);
        let tag = |key: &str| {
            self.tags.iter().find(|(known, _)| known == key).map(|(_, value)| value.clone())
        };
        let time = |key: &str, millis: Option<i64>| exact(tag(key), millis);
        let parent = || tag(tags::PARENT).map(|id| parents.get(&id).cloned().unwrap_or(id));
        ForeignRun {
            origin: format!("mlflow/{}", self.id),
            from: from.to_owned(),
            project: self.experiment.clone(),
            name: tag(tags::RUN_NAME).or_else(|| self.name.clone()).filter(|name| !name.is_empty()),
            group: tag(tags::GROUP).or_else(parent),
            notes: tag(tags::NOTE).filter(|note| !note.is_empty()),
            tags: self.words(),
            config: self.config(&naming),
            about: self.about(),
            started_at: time(tags::STARTED, self.start),
            ended: self.ended(
                time(tags::FINISHED, self.end),
                tag(tags::STATE).as_deref(),
                tag(tags::MESSAGE).as_deref(),
            ),
        }
    }

    fn config(&self, naming: &Naming) -> Map<String, Value> {
        let named = self.params.iter().map(|(key, text)| (naming.read(key), text.clone()));
        if naming.is_ours {
            return settings::nest(named);
        }
        named.map(|(key, text)| (key, settings::read(&text))).collect()
    }

    /// Tracker's own tags, and those that somebody gave it in MLflow, as `key=value`.
    fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for (key, value) in &self.tags {
            if key == tags::TAGS {
                words.extend(serde_json::from_str::<Vec<String>>(value).unwrap_or_default());
            } else if is_free(key) {
                let word = if value.is_empty() { key.clone() } else { format!("{key}={value}") };
                let fits = word.len() <= LONGEST_WORD && !word.chars().any(char::is_control);
                words.extend(fits.then_some(word));
            }
        }
        words
    }

    fn about(&self) -> Vec<(String, Map<String, Value>)> {
        let mut topics = Vec::new();
        let mut facts = Map::new();
        facts.insert("run".to_owned(), self.id.clone().into());
        facts.insert("status".to_owned(), self.status.clone().into());
        facts.extend(
            self.user
                .clone()
                .filter(|user| !user.is_empty())
                .map(|user| ("user".to_owned(), user.into())),
        );
        for (key, value) in &self.tags {
            if let Some(topic) = key.strip_prefix(tags::ABOUT) {
                if let Ok(Value::Object(facts)) = serde_json::from_str(value) {
                    topics.push((names::read(topic), facts));
                }
            } else if !is_told_elsewhere(key) {
                facts.insert(key.clone(), value.clone().into());
            }
        }
        topics.push(("mlflow".to_owned(), facts));
        topics
    }

    fn ended(&self, time: Option<Timestamp>, state: Option<&str>, message: Option<&str>) -> Ended {
        let words = |other: &str| message.unwrap_or(other).to_owned();
        let outcome = match (state, self.status.as_str()) {
            (Some("stopped") | None, "KILLED") => Outcome::Stopped(words("killed, as MLflow says")),
            (Some("ended"), "FINISHED") => Outcome::Ended(words("ended without `finish`")),
            (Some("crashed" | "lost"), "FAILED") => return Ended::Unknown,
            (_, "FAILED") => Outcome::Failed(words("failed, as MLflow says")),
            (_, "FINISHED") => Outcome::Finished,
            (_, "KILLED") => Outcome::Stopped("killed, as MLflow says".to_owned()),
            _ => return Ended::Unknown,
        };
        Ended::As(outcome, time)
    }
}

/// Whether a tag was given by people, and is none of MLflow's or the tracker's own.
fn is_free(key: &str) -> bool {
    !key.starts_with("mlflow.") && !key.starts_with("tracker.")
}

fn is_told_elsewhere(key: &str) -> bool {
    let elsewhere = [
        tags::RUN_NAME,
        tags::NOTE,
        tags::USER,
        tags::PARENT,
        tags::GROUP,
        tags::TAGS,
        tags::STARTED,
        tags::FINISHED,
        tags::STATE,
        tags::MESSAGE,
        tags::PROJECT,
        tags::DONE,
    ];
    // What was logged as a table, and the history of models, may be long and says nothing of the run.
    let is_long = key == "mlflow.loggedArtifacts" || key == "mlflow.log-model.history";
    elsewhere.contains(&key) || key.starts_with(tags::NAME) || is_long
}

/// A time to the microsecond, if a tag says it and it is the same millisecond.
fn exact(tag: Option<String>, millis: Option<i64>) -> Option<Timestamp> {
    let told = tag.and_then(|text| text.parse::<Timestamp>().ok());
    let known = millis.and_then(|millis| millis.checked_mul(1_000)).map(Timestamp);
    match (told, known) {
        (Some(told), Some(known)) if told.0.div_euclid(1_000) != known.0.div_euclid(1_000) => {
            Some(known)
        }
        (told, known) => told.or(known),
    }
}

/// Gives a point to the sink, if it has a place there.
pub(super) fn give(
    sink: &mut dyn Sink,
    metric: &str,
    (millis, step, value): (i64, i64, f64),
    account: &mut Account,
) -> Result<()> {
    let time = millis.checked_mul(1_000).map(Timestamp);
    match (u64::try_from(step), time) {
        (Ok(step), Some(time)) => {
            sink.point(metric, Step(step), time, value)?;
            account.keep("points", 1);
        }
        (Err(_), _) => account.leave_out("points", "their steps are below 0", 1),
        (_, None) => account.leave_out("points", "their times are beyond all calendars", 1),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn stored(status: &str, tags: &[(&str, &str)]) -> StoredRun {
        let tags =
            tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let params = vec![("a.b".to_owned(), "1e-05".to_owned())];
        StoredRun {
            id: "r".into(),
            status: status.into(),
            start: Some(1_000),
            params,
            tags,
            ..StoredRun::default()
        }
    }

    #[test]
    fn a_run_of_another_program_keeps_its_settings_flat_and_its_tags_as_words() {
        let tags =
            [("team", "vision"), ("draft", ""), ("mlflow.user", "me"), ("mlflow.parentRunId", "p")];
        let parents = HashMap::from([("p".to_owned(), "sweep".to_owned())]);
        let run = stored("FAILED", &tags).into_foreign("here", &parents);
        assert_eq!(Value::Object(run.config), json!({"a.b": 1e-5}));
        assert_eq!(run.tags, ["team=vision", "draft"]);
        assert_eq!(run.group.as_deref(), Some("sweep"));
        assert!(matches!(run.ended, Ended::As(Outcome::Failed(_), None)));
    }

    #[test]
    fn what_tracker_exported_comes_back_as_it_was() {
        let tags = [
            ("tracker.run_id", "01"),
            ("tracker.tags", "[\"a\",\"b=c\"]"),
            ("tracker.state", "stopped"),
            ("tracker.message", "stopped by me"),
            ("tracker.started_at", "1970-01-01T00:00:01.000007Z"),
            ("tracker.about.model", "{\"parameters\":7}"),
        ];
        let run = stored("KILLED", &tags).into_foreign("here", &HashMap::new());
        assert_eq!(Value::Object(run.config), json!({"a": {"b": 1e-5}}));
        assert_eq!(run.tags, ["a", "b=c"]);
        assert_eq!(run.ended, Ended::As(Outcome::Stopped("stopped by me".into()), None));
        assert_eq!(run.started_at, Some(Timestamp(1_000_007)));
        assert_eq!(run.about[0].1["parameters"], 7);
    }
}
