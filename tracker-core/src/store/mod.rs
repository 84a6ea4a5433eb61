//! Writes a run: ring, writer thread, log, sealing. Knows no reader's question.
//!
//! ```text
//! log call ─► session ─► ring ─► writer thread (drain) ─► log ─► maintenance thread (seal) ─► part
//! ```

mod clock;
mod create;
mod drain;
mod events;
mod log;
mod maintenance;
mod mapping;
mod names;
mod ring;
mod ring_memory;
mod seal;
mod session;
mod spill;
mod writer;

pub(crate) use clock::Clock;
pub(crate) use create::{NewRun, claimed_writers, create_run, living_writers};
#[cfg(feature = "testing")]
pub use mapping::SharedWords;
pub(crate) use mapping::is_forked_child;
pub(crate) use session::Session;
pub(crate) use writer::{Patience, finish, flush};
