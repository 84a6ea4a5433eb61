//! How far a mirror is, as it is written down.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tracker_core::{
    State as RunState, Writer,
    read::{Cursor, EventCursor, Follower},
};

use crate::{Error, Result, Tally};

/// The form of the state that this version writes and reads.
const VERSION: u32 = 1;

/// What is on the other side, and what of the run it holds. Both change in one step, so that a mirror that is killed at
/// any moment goes on with neither a gap nor anything twice: what is beyond the place is forgotten, and comes again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) version: u32,
    /// Where to, for people.
    pub(super) to: String,
    /// The seq of the first point of each writer that is not on the other side.
    pub(super) points: BTreeMap<Writer, u64>,
    /// Where in each writer's file the first event stands that is not on the other side.
    pub(super) events: EventCursor,
    /// The place up to which the other side is written; none before its beginning is there.
    pub(super) place: Option<Value>,
    pub(super) tally: Tally,
    /// What the other side was told of the run's end, which stands behind the place: a run that goes on is written from
    /// there.
    pub(super) end: Option<End>,
}

/// The end of a run, as the other side was told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct End {
    /// The run's state.
    state: String,
    pub(super) tally: Tally,
}

impl End {
    pub(super) fn new(state: RunState, tally: Tally) -> Self {
        Self { state: state.to_string(), tally }
    }

    pub(super) fn is_of(&self, state: RunState) -> bool {
        self.state == state.to_string()
    }
}

impl State {
    /// Of a mirror that has written nothing.
    pub(super) fn new(to: &str) -> Self {
        Self {
            version: VERSION,
            to: to.to_owned(),
            points: BTreeMap::new(),
            events: EventCursor::default(),
            place: None,
            tally: Tally::default(),
            end: None,
        }
    }

    /// What an earlier process has kept; a new one if there was none.
    pub(super) fn of(follower: &Follower, to: &str) -> Result<Self> {
        let Some(bytes) = follower.state()? else { return Ok(Self::new(to)) };
        let unusable = |reason: &str| Error::Unusable {
            what: format!(
                "{} does not say how far the mirror is: {reason}",
                follower.path().display()
            ),
            hint: "remove that file, which begins anew what was written".to_owned(),
        };
        let state: Self =
            serde_json::from_slice(&bytes).map_err(|error| unusable(&error.to_string()))?;
        if state.version != VERSION {
            return Err(unusable("another version of the tracker wrote it"));
        }
        if state.to != to {
            return Err(unusable(&format!("it is of a mirror to {}", state.to)));
        }
        Ok(state)
    }

    pub(super) fn keep(&self, follower: &Follower) -> Result<()> {
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        Ok(follower.keep(&bytes)?)
    }

    /// A reader that goes on behind what is on the other side.
    pub(super) fn cursor(&self) -> Cursor {
        Cursor::behind(&self.points)
    }
}
