//! Turns media into files and lines, on a thread of its own.
//!
//! ```text
//! log call ─► queue ─► thread `tracker-media` ─► file, by its hash ─► line of events-<writer>.jsonl
//! ```
//!
//! A file has its name before a line tells of it, so a killed process leaves no line without its file;
//! what was in the queue goes with the process.

mod files;
mod home;
mod items;
pub(super) mod ledger;
mod limit;
mod png;
mod problem;
mod queue;
mod table_file;
mod thread;

pub(crate) use home::MediaHome;
pub(crate) use items::Call;
pub(crate) use thread::keep_all;
pub(super) use thread::log;
