//! All that a training needs: tracker's own API, [`Track`] and what it takes.
//!
//! ```
//! use burn_callback::prelude::*;
//! ```

pub use tracker_core::{
    Definition, Direction, Error, Event, Fanout, IntoMetrics, Knob, Level, MemoryTracker,
    MetricHandle, NoopTracker, Outcome, Problem, Report, Requests, Run, RunBuilder, RunId, Scalar,
    State, Step, Stop, Summary, Tracker, TrackerExt, metrics,
};

#[cfg(not(feature = "remote"))]
pub use tracker_core::init;
#[cfg(feature = "remote")]
pub use tracker_remote::init;

#[cfg(feature = "study")]
pub use tracker_study::{Asha, Hyperband, Median, Study, TrialHandle};

#[cfg(feature = "rl")]
pub use crate::TrackRl;
pub use crate::{
    EarlyStopping, KnobRates, Loop, ResumeError, RunRenderers, Track, TrackOptions, Watch,
    WatchOptions, checkpoints::TrackCheckpoints,
};
