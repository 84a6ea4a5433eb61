//! Something in a run that a person should look at.

use serde::{Deserialize, Serialize};

use crate::{Level, Step, value::number};

/// Something in a run that a person should look at: a loss that jumped, a value that is no number, a
/// training that stands still.
///
/// [Rules](crate::Rule) raise them by themselves, and [`Run::alert`](crate::Run::alert) does for a program.
/// They are said on standard error, listed by `tracker show`, marked on curves, and passed on to
/// [`on_alert`](crate::RunBuilder::on_alert).
///
/// ```
/// use tracker_core::Alert;
///
/// let alert = Alert::warning("the replay buffer has old samples only").metric("reward").at(812);
/// assert_eq!(alert.to_string(), "the replay buffer has old samples only");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Alert {
    /// How much it matters.
    pub level: Level,
    /// What raised it: `not-finite`, `spike`, `plateau`, `above`, `below` or `stall` for a rule, `program`
    /// for a program.
    pub rule: String,
    /// What happened.
    pub text: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The metric that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// Where in training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
    /// The metric's value there.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "number::optional")]
    pub value: Option<f64>,
}

impl Alert {
    /// Something good to know.
    pub fn info(text: impl Into<String>) -> Self {
        Self::new(Level::Info, "program", text)
    }

    /// Something to look at.
    pub fn warning(text: impl Into<String>) -> Self {
        Self::new(Level::Warning, "program", text)
    }

    /// Something that went wrong.
    pub fn error(text: impl Into<String>) -> Self {
        Self::new(Level::Error, "program", text)
    }

    pub(crate) fn new(level: Level, rule: &str, text: impl Into<String>) -> Self {
        let (rule, text) = (rule.to_owned(), text.into());
        Self { level, rule, text, hint: None, metric: None, step: None, value: None }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says which metric it is about, whose curve it then marks.
    #[must_use]
    pub fn metric(mut self, metric: impl Into<String>) -> Self {
        self.metric = Some(metric.into());
        self
    }

    /// Says where in training.
    #[must_use]
    pub fn at(mut self, step: impl Into<Step>) -> Self {
        self.step = Some(step.into());
        self
    }

    /// Says the metric's value there.
    #[must_use]
    pub fn value(mut self, value: f64) -> Self {
        self.value = Some(value);
        self
    }
}

impl std::fmt::Display for Alert {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// The alerts of a run in short, for lists.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct AlertSummary {
    /// How many there were.
    pub count: u64,
    /// The last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Alert>,
}

impl AlertSummary {
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(crate) fn add(&mut self, alert: &Alert) {
        self.count = self.count.saturating_add(1);
        self.last = Some(alert.clone());
    }

    /// Adds those of another process, whose last one is told if there is none here.
    pub(crate) fn add_all(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.last = self.last.take().or(other.last);
    }
}
