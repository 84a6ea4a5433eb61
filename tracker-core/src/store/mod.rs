//! Writes a run: ring, writer thread, log, sealing. Knows no reader's question.
//!
//! ```text
//! log call ─► session ─► ring ─► writer thread (drain) ─► log ─► maintenance thread (seal) ─► part
//! ```

mod clock;
mod constant_column;
mod create;
mod drain;
mod events;
mod log;
mod maintenance;
mod names;
mod number_columns;
mod part_writer;
mod ring;
pub(crate) mod seal;
mod session;
mod sorted_log;
mod spill;
mod writer;

pub(crate) use clock::Clock;
pub(crate) use create::{NewRun, create_run};
pub(crate) use session::Session;
pub(crate) use writer::{Patience, finish, flush};
