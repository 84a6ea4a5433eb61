//! What a run was at a step, and at which steps there is something to see.

use serde::Serialize;
use tracker_core::{Level, Timestamp};

use crate::answers::{
    flight::Recorded,
    page::{
        media::LoggedMedia,
        recorded::{Artifact, HistogramRow, Said, TextEvent},
        run::Alert,
    },
    step::Step,
    value::Value,
};

/// The last value of a metric up to a step, and where it was logged.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct ValueAt {
    pub(crate) metric: String,
    pub(crate) step: Step,
    pub(crate) value: Value,
}

/// The last media of a name up to a step.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct MediaAtStep {
    pub(crate) name: String,
    pub(crate) step: Step,
    pub(crate) media: Vec<LoggedMedia>,
}

/// The last histogram of a name up to a step.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct NamedHistogram {
    pub(crate) name: String,
    #[serde(flatten)]
    pub(crate) row: HistogramRow,
}

/// A knob that was turned.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Turned {
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) time: Timestamp,
    pub(crate) name: String,
    pub(crate) value: Value,
    pub(crate) by: String,
}

/// What `/runs/ID/at` answers. Values, texts, media and histograms are the last ones up to the step; alerts,
/// knobs, artifacts and the flight record are those of the step itself.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct StepAt {
    pub(crate) step: Step,
    /// The last step before, and the first one behind, at which something was recorded beside numbers and
    /// histograms.
    pub(crate) before: Option<Step>,
    pub(crate) behind: Option<Step>,
    pub(crate) values: Vec<ValueAt>,
    /// Said up to the step, and behind it, in the order of time.
    pub(crate) messages: Vec<Said>,
    pub(crate) texts: Vec<TextEvent>,
    pub(crate) media: Vec<MediaAtStep>,
    pub(crate) histograms: Vec<NamedHistogram>,
    pub(crate) alerts: Vec<Alert>,
    pub(crate) turned: Vec<Turned>,
    pub(crate) artifacts: Vec<Artifact>,
    pub(crate) flight: Option<Recorded>,
    /// How many metrics, texts, media, histograms, alerts and so on are there and not told.
    pub(crate) left_out: usize,
}

/// Something to see at a step, or at neighbouring ones.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Mark {
    #[cfg_attr(test, ts(type = r#""message" | "alert" | "knob" | "fork""#))]
    pub(crate) kind: &'static str,
    /// The greatest level of a message or an alert.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub(crate) level: Option<Level>,
    /// The first and the last step; the time is that of the first.
    pub(crate) step: Step,
    pub(crate) last_step: Step,
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) time: Timestamp,
    /// How many there are, and what the first of the greatest level says.
    pub(crate) count: u64,
    pub(crate) text: String,
    /// The metric that an alert is about, where it is one.
    pub(crate) metric: Option<String>,
}

/// The marks of one run, in the order of steps.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct RunMarks {
    pub(crate) run: String,
    pub(crate) marks: Vec<Mark>,
}

/// What `/marks` answers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Marks {
    pub(crate) runs: Vec<RunMarks>,
    pub(crate) warnings: Vec<String>,
}
