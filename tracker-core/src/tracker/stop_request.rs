//! A request to stop, as it is told and stored.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Stop, platform::machine::this_user};

/// Asks a training to stop.
///
/// A training stops by itself if an adapter runs it, or if its loop looks at
/// [`requests`](crate::Tracker::requests). Another one trains on.
///
/// Its `Display` is the reason that the run then gives: `alice@host asked to stop after this epoch:
/// out of budget`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopRequest {
    when: When,
    by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// How soon the training should end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum When {
    AfterEpoch,
    Now,
}

impl StopRequest {
    /// Asks it to end after the epoch that it is in, with its checkpoint saved.
    pub fn after_epoch() -> Self {
        Self::of(When::AfterEpoch)
    }

    /// Asks it to end within a batch.
    pub fn now() -> Self {
        Self::of(When::Now)
    }

    fn of(when: When) -> Self {
        Self { when, by: this_user(), why: None }
    }

    /// Says who asks, in place of this process's user and machine.
    #[must_use]
    pub fn by(mut self, who: impl Into<String>) -> Self {
        self.by = who.into();
        self
    }

    /// Says why.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    /// How soon the training should end, as it will see it.
    pub fn stop(&self) -> Stop {
        match self.when {
            When::AfterEpoch => Stop::AfterEpoch,
            When::Now => Stop::Now,
        }
    }
}

impl fmt::Display for StopRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let when = match self.when {
            When::AfterEpoch => "after this epoch",
            When::Now => "now",
        };
        write!(f, "{} asked to stop {when}", self.by)?;
        match &self.why {
            Some(why) => write!(f, ": {why}"),
            None => Ok(()),
        }
    }
}
