//! All that a training needs: tracker's own API and [`Track`].
//!
//! ```
//! use burn_callback::prelude::*;
//! ```

pub use tracker_core::{
    Definition, Direction, Error, Event, Fanout, Level, MemoryTracker, Metric, NoopTracker,
    Outcome, Problem, Report, Requests, State, Step, Stop, Summary, Tracker, TrackerExt, handle,
    metrics,
};

pub use crate::Track;
