#![doc = include_str!("../README.md")]
//!
//! # Where things are
//!
//! | module | what |
//! |---|---|
//! | `tracker`, `noop`, `memory`, `fanout` | the [`Tracker`] contract and its small implementations |
//! | `run`, `builder`, `settings`, `joining`, `position`, `status`, `report`, `outcome` | a stored run from [`init`] to [`Report`] |
//! | `metric`, `values`, `fields`, `key_text`, `name` | handles, what `log` takes, names and steps |
//! | `event`, `histogram`, `artifact`, `problems`, `summary`, `number` | all that is no scalar, and what is left of a curve |
//! | `provenance`, `packages`, `code` | where and from what a run is started: machine, versions, commit, uncommitted changes |
//! | `shutdown`, `stop_flag` | panics, signals, exits, and requests to stop |
//! | `notice`, `words` | what is said on standard error, and in which words |
//! | [`control`] | asks a run that lives to stop, from any process |
//! | [`progress`] | bars and plain lines in the terminal |
//! | `disabled` | the folder of a run that stores nothing |
//! | `platform` | signals, forks and the process's end, as the operating system has them |
//! | `format` | the files of the store: paths, `run.json`, slots, logs, Parquet parts |
//! | `store` | writes those files: ring, writer thread, sealing |
//! | [`read`] | reads those files, from any process, also while a run lives |
//! | [`adapter`] | what the adapters to the frameworks share |
//! | [`upkeep`] | examines a store, seals what dead processes left, removes garbage and runs |
//! | `testing`, `any_bytes`, `fault` | the conformance suite for trackers (feature `testing`), faults for the store's proof |
//!
//! # Features
//!
//! - `progress` (default): progress bars; without it, plain lines.
//! - `testing`: the conformance suite.

#![warn(clippy::print_stdout, clippy::print_stderr)]
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

pub mod adapter;
#[cfg(feature = "testing")]
mod any_bytes;
mod artifact;
mod builder;
#[cfg(test)]
mod by_hand;
mod caught;
mod code;
pub mod control;
mod disabled;
mod error;
mod event;
mod fanout;
mod fault;
mod fields;
mod file_size_limit;
mod format;
mod histogram;
#[cfg(test)]
mod hostile_tests;
mod joining;
mod key_text;
mod last_call;
mod memory;
mod metric;
mod name;
mod noop;
mod notice;
mod number;
mod outcome;
mod packages;
mod platform;
mod position;
mod problems;
pub mod progress;
mod provenance;
pub mod read;
mod report;
mod run;
mod run_name;
mod settings;
mod shutdown;
mod status;
mod stop_flag;
mod store;
mod summary;
#[cfg(test)]
mod test_parts;
#[cfg(feature = "testing")]
pub mod testing;
mod tracker;
pub mod upkeep;
mod values;
mod words;

pub use artifact::Artifact;
pub use builder::{RunBuilder, init};
pub use error::{Error, Result};
pub use event::{Definition, Direction, Event, Level, Problem};
pub use fanout::Fanout;
pub use histogram::Histogram;
pub use last_call::LastCall;
pub use memory::MemoryTracker;
pub use metric::Metric;
pub use name::{MAX_METRIC_NAME, MetricName, RunId, Step, Timestamp, Writer};
pub use noop::NoopTracker;
pub use number::to_json as number_to_json;
pub use outcome::{Outcome, State};
pub use report::{Report, shown_duration, shown_value};
pub use run::Run;
pub use status::{Mode, Status};
pub use summary::Summary;
pub use tracker::{MetricId, Point, Requests, Stop, Tracker, TrackerExt, TrackerInstance, handle};
#[doc(hidden)]
pub use values::name_of;
pub use values::{IntoMetrics, MetricVisitor, Scalar};
pub use words::is_unseen;
