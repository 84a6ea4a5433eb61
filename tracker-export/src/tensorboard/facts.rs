//! All facts of a run as one text, for who reads it in the Text tab, and for the way back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tracker_core::{
    Definition, Outcome, State, Timestamp,
    read::{RunInfo, RunReader},
};

use crate::Ended;

const BEGIN: &str = "```json\n";
const END: &str = "\n```";

/// What is known of a run beside its points.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Facts {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) project: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) group: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) notes: Option<String>,
    state: State,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    pub(crate) started_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    finished_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) config: Map<String, Value>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) about: BTreeMap<String, Map<String, Value>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) metrics: BTreeMap<String, Definition>,
}

impl Facts {
    pub(crate) fn of(run: &RunReader) -> Self {
        let RunInfo { name, project, group, tags, notes, message, .. } = run.info().clone();
        let RunInfo { started_at, finished_at, config, about, definitions, .. } =
            run.info().clone();
        let (id, state) = (run.info().id.to_string(), run.state());
        let metrics = definitions;
        Self {
            id,
            name,
            project,
            group,
            tags,
            notes,
            state,
            message,
            started_at,
            finished_at,
            config,
            about,
            metrics,
        }
    }

    /// As Markdown.
    pub(crate) fn text(&self) -> String {
        let json = serde_json::to_string_pretty(self).unwrap_or_default();
        format!("{BEGIN}{json}{END}")
    }

    /// Of a text; `None` if it says something else.
    pub(crate) fn of_text(text: &str) -> Option<Self> {
        let json = text.strip_prefix(BEGIN)?.strip_suffix(END)?;
        serde_json::from_str(json).ok()
    }

    /// How the run ended.
    pub(crate) fn ended(&self) -> Ended {
        let message = self.message.clone().unwrap_or_default();
        let outcome = match self.state {
            State::Finished => Outcome::Finished,
            State::Failed => Outcome::Failed(message),
            State::Stopped => Outcome::Stopped(message),
            State::Ended => Outcome::Ended(message),
            _ => return Ended::Unknown,
        };
        Ended::As(outcome, self.finished_at)
    }
}
