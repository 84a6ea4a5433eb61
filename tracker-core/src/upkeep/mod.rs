//! Keeps a store in order: looks for what is the matter, saves what dead processes left, removes
//! what nobody needs; changes many runs at once, in ways that can be taken back, and removes runs.
//!
//! ```no_run
//! use tracker_core::{read::Store, upkeep};
//!
//! # fn main() -> Result<(), tracker_core::Error> {
//! let store = Store::discover()?;
//! for finding in upkeep::examine(&store)?.findings {
//!     println!("{}: {}; {}", finding.path.display(), finding.message, finding.hint);
//! }
//! for garbage in upkeep::garbage(&store)? {
//!     println!("{}: {} bytes, {}", garbage.path().display(), garbage.bytes(), garbage.reason());
//!     garbage.remove()?;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Nothing here harms a run that lives, and everything can be cut off and done again.

mod changes;
mod examine;
mod garbage;
mod remove;
mod seal;
mod unnamed_media;

#[cfg(test)]
pub(crate) use changes::stop_after;
pub use changes::{
    Change, ChangeKind, Changed, Refusal, TRASH_KEPT, Undone, delete, edit, last_change,
    last_changes, move_runs, rename_project, trash, undo,
};
pub(crate) use changes::{LeftBehind, step, supersede};
pub use examine::{Examination, Finding, FindingKind, examine, examine_run};
pub use garbage::{Garbage, garbage};
pub use remove::{Removed, remove};
pub use seal::{Saved, seal_dead, seal_leftovers, seal_lost};
