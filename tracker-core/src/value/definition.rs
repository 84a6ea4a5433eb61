//! What a metric means.

use serde::{Deserialize, Serialize};

/// What is known of a metric beside its values.
///
/// ```
/// use tracker_core::Definition;
///
/// let accuracy = Definition::new().unit("%").higher_is_better();
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Definition {
    /// The unit to show, such as `s` or `%`. With `%` the values are fractions: 0.97 is 97 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Which values are better; without it a summary has no `best`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// The name that the framework shows to people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Whether tables and charts leave the metric out: it is for programs. Exports have it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
}

impl Definition {
    /// A definition that says nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the unit to show.
    #[must_use]
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into());
        self
    }

    /// Greater values are better, as for an accuracy.
    #[must_use]
    pub fn higher_is_better(mut self) -> Self {
        self.direction = Some(Direction::Higher);
        self
    }

    /// Smaller values are better, as for a loss.
    #[must_use]
    pub fn lower_is_better(mut self) -> Self {
        self.direction = Some(Direction::Lower);
        self
    }

    /// Sets the name that people read.
    #[must_use]
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.display_name = Some(name.into());
        self
    }

    /// Leaves the metric out of tables and charts.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    /// Takes over what `newer` sets. Says whether that changed anything.
    pub(crate) fn merge(&mut self, newer: Self) -> bool {
        let before = self.clone();
        self.unit = newer.unit.or(self.unit.take());
        self.direction = newer.direction.or(self.direction);
        self.display_name = newer.display_name.or(self.display_name.take());
        self.hidden |= newer.hidden;
        *self != before
    }
}

/// Which values of a metric are better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Direction {
    /// Greater is better.
    Higher,
    /// Smaller is better.
    Lower,
}
