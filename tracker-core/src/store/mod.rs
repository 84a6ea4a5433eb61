//! Writes a run: ring, writer thread, log, sealing. Knows no reader's question.
//!
//! ```text
//! log call ─► session ─► ring ─► writer thread (drain) ─► log ─► maintenance thread (seal) ─► part
//! ```

mod alerts;
mod awaited;
mod bulk;
mod clock;
mod constant_column;
mod control;
mod create;
mod drain;
mod due;
mod events;
mod finished;
mod flight;
mod headway;
mod inherited;
mod knob_problem;
mod knob_requests;
mod knobs;
mod ledger;
mod live_folder;
mod log;
mod maintenance;
mod mapping;
mod media;
mod messages;
mod names;
mod number_columns;
mod orphaned_rings;
mod own_file;
mod pace;
mod part_writer;
mod record;
mod recover;
#[cfg(test)]
mod recover_tests;
mod retry;
mod ring;
pub(crate) mod ring_memory;
#[cfg(test)]
mod ring_model;
mod root;
pub(crate) mod seal;
mod session;
mod sorted_log;
mod speaking;
mod spill;
pub(crate) mod status;
mod unsaved;
mod wake;
mod wake_mark;
mod writer;

pub(crate) use bulk::Bulk;
pub(crate) use clock::Clock;
pub(crate) use create::{NewRun, create_run, ended_writers};
pub(crate) use live_folder::LiveFolder;
pub(crate) use media::{Call as MediaCall, MediaHome, keep_all, ledger::MediaLedger};
pub(crate) use orphaned_rings::{LeftoverRing, RingFate, find_leftover_rings, leftover_rings};
pub(crate) use record::record;
pub(crate) use recover::{DONE, Force, seal_dead};
pub(crate) use root::make as make_root;
pub(crate) use session::Session;
#[cfg(any(feature = "log", feature = "tracing"))]
pub(crate) use speaking::Speaking;
pub(crate) use speaking::silence_this_thread;
pub(crate) use unsaved::Failure;
pub(crate) use writer::{Patience, finish, flush};
