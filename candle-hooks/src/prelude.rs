//! What a training loop needs: `use candle_hooks::prelude::*;`.

#[doc(no_inline)]
pub use candle_nn::Optimizer;
#[doc(no_inline)]
pub use tracker_core::{
    Definition, Fanout, Knob, MetricHandle, NoopTracker, Report, Run, RunBuilder, Step, Tracker,
    TrackerExt, metrics,
};

#[cfg(not(feature = "remote"))]
#[doc(no_inline)]
pub use tracker_core::init;
#[cfg(feature = "remote")]
#[doc(no_inline)]
pub use tracker_remote::init;

#[cfg(feature = "study")]
#[doc(no_inline)]
pub use tracker_study::{Asha, Hyperband, Median, Study, TrialHandle};

pub use crate::{
    AccuracyOptions, CheckpointOptions, EarlyStopping, Hooks, Images, Order, ResumableAdamW,
    Schedule, Scope, TrackedOptimizer, WatchOptions,
};
