//! What commands and the page tell of a run that trains.

use serde::Serialize;

/// How far it is, how fast it goes, when it will be over. Null is what nobody knows.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Live {
    /// Epochs or steps that are over, and those that there are to be.
    pub(crate) done: Option<u64>,
    pub(crate) planned: Option<u64>,
    #[cfg_attr(test, ts(type = r#""epochs" | "steps" | null"#))]
    pub(crate) unit: Option<&'static str>,
    pub(crate) steps_per_second: Option<f64>,
    /// What the training counts beside steps: `items`, `tokens`.
    pub(crate) items: Option<String>,
    pub(crate) items_per_second: Option<f64>,
    pub(crate) eta_seconds: Option<f64>,
    /// The metrics whose curves tell most.
    pub(crate) key_metrics: Vec<String>,
    /// All of it for people.
    pub(crate) words: String,
}
