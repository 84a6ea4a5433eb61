//! All that a training needs: tracker's own API, [`Track`], [`Watch`] and [`Loop`].
//!
//! ```
//! use burn_callback::prelude::*;
//! ```

pub use tracker_core::{
    Definition, Direction, Error, Event, Fanout, IntoMetrics, Level, MemoryTracker, Metric,
    NoopTracker, Outcome, Problem, Report, Requests, Run, RunBuilder, RunId, Scalar, State, Step,
    Stop, Summary, Tracker, TrackerExt, handle, init, metrics,
};

pub use crate::{Loop, Track, Watch, WatchOptions};
