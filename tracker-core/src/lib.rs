#![doc = include_str!("../README.md")]
//!
//! # Where things are
//!
//! From the ground up; a room knows those above it in this list, and none below.
//!
//! | room | what |
//! |---|---|
//! | `platform` | what only the operating system can do |
//! | `value` | names, steps, times, numbers, settings, sums |
//! | [`stats`] | what the results of several runs say together: spread, difference, verdict |
//! | `media` | pictures, tables, plots and files of media, as a training hands them over |
//! | `event` | all that is logged beside scalars: texts, messages, artifacts, what was used, alerts, problems |
//! | `system` | what the machine does: sensors, and the thread that asks them |
//! | `tracker` | the [`Tracker`] contract, its handles, its report and its small implementations |
//! | `alert` | rules that look at points as they are stored |
//! | [`flight`] | the last steps layer by layer, and who left first when something went wrong |
//! | `console`, [`progress`] | what is said on standard error; bars and plain lines |
//! | `format` | the files of the store: paths, `run.json`, slots, logs, Parquet parts |
//! | `provenance` | from what a run is started: machine, versions, commit, uncommitted changes |
//! | [`read`] | reads those files, from any process, also while a run lives |
//! | `store` | writes those files: ring, writer thread, sealing |
//! | `run` | a stored run from [`init`] to [`Report`], and how it ends; [`control`] asks it to stop, [`messages`] keeps what the program says, [`sender`] sends it from within the process |
//! | [`studies`] | the folders of studies, and the lock of their journals |
//! | [`upkeep`] | examines a store, seals what dead processes left, removes garbage and runs |
//! | [`replica`] | a run's folder file by file, for programs that carry it elsewhere |
//! | [`import`] | writes runs that trained elsewhere and were kept by other tools |
//! | [`adapter`] | what the adapters to the frameworks share |
//! | `testing` | the conformance suite for trackers (feature `testing`) |
//!
//! [`text`] shows values, times and numbers of things as people read them, and as JSON keeps them.
//!
//! `error`, `caught` (panics of a decoder that become errors) and `fault` (mistakes that the store's
//! proof plants) are below them all. `tests/rooms.rs` holds this.
//!
//! # Features
//!
//! - `progress` (default): progress bars; without it, plain lines.
//! - `log`: [`messages`] has a logger for the `log` crate.
//! - `tracing`: [`messages`] has a layer for `tracing-subscriber`.
//! - `testing`: the conformance suite.

#![warn(clippy::print_stdout, clippy::print_stderr)]
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

pub mod adapter;
mod alert;
mod caught;
mod console;
mod error;
mod event;
mod fault;
pub mod flight;
mod format;
pub mod import;
mod media;
mod mounts;
mod platform;
mod provenance;
pub mod read;
pub mod replica;
mod run;
pub mod stats;
mod store;
pub mod studies;
mod system;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(not(feature = "testing"))]
mod testing;
mod tracker;
pub mod upkeep;
mod value;

pub use adapter::{Loop, LoopEvaluation, Order};
pub use alert::rule::Rule;
pub use console::progress;
pub use error::{Error, Result};
pub use event::{
    alert::{Alert, AlertSummary},
    artifact::Artifact,
    event::{Event, Level},
    knob_change::KnobChange,
    problem::Problem,
    sent::Sent,
    used::Used,
};
pub use media::{
    cell::Cell,
    confusion_matrix::ConfusionMatrix,
    curve::CurvePoint,
    extension::MediaExtension,
    image::Image,
    into_media::IntoMedia,
    media::{Media, MediaSource},
    media_file::MediaFile,
    pr_curve::PrCurve,
    roc_curve::RocCurve,
    table::{ColumnType, Table},
};
pub use run::{
    builder::{RunBuilder, init},
    control, messages,
    run::Run,
    sender,
};
pub use store::status::{Mode, Status};
pub use system::{Readings, Sensor};
pub use tracker::{
    context::RunContext,
    contract::{Tracker, TrackerExt},
    fanout::Fanout,
    finish_hook::FinishHook,
    knob::Knob,
    memory::MemoryTracker,
    metric_handle::MetricHandle,
    noop::NoopTracker,
    point::{MetricId, Point, TrackerInstance},
    report::Report,
    requests::{Requests, Stop},
};
#[doc(hidden)]
pub use value::into_metrics::name_of;
pub use value::{
    definition::{Definition, Direction},
    histogram::Histogram,
    into_metrics::{IntoMetrics, MetricVisitor, Scalar},
    metric_name::{MAX_METRIC_NAME, MetricName},
    outcome::{Outcome, State},
    run_id::RunId,
    step::Step,
    summary::Summary,
    timestamp::Timestamp,
    words as text,
    writer::Writer,
};
