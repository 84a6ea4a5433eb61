//! Changes of many runs at once that can be taken back: they are deleted, moved to another project, named
//! and tagged anew, and projects get other names.
//!
//! ```no_run
//! use tracker_core::{read::Store, upkeep};
//!
//! # fn main() -> Result<(), tracker_core::Error> {
//! let store = Store::discover()?;
//! let changed = upkeep::delete(&store, &[store.find("calm-otter")?])?;
//! for refusal in &changed.refused {
//!     eprintln!("{} was not deleted: {}", refusal.name, refusal.error);
//! }
//! if let Some(change) = upkeep::last_change(&store)? {
//!     upkeep::undo(&store, &change)?;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Each is a folder of its own in the store's hidden `.trash`: `change.json` says what was before, and is
//! there before anything is changed; runs that are deleted lie beside it, as they were. Whatever cuts a
//! change off, each run is whole, in its place or in the trash, and the change can be taken back.

mod delete;
mod edits;
mod journal;
mod outcome;
mod record;
mod relocate;
mod sealed;
mod stops;
mod supersede;
mod trash;
mod undo;

#[cfg(test)]
mod hardships_tests;
#[cfg(test)]
mod tests;

pub use delete::delete;
pub use edits::edit;
pub use journal::{last_change, last_changes};
pub use outcome::{Changed, Refusal, Undone};
pub use record::{Change, ChangeKind};
pub use relocate::{move_runs, rename_project};
pub(crate) use stops::step;
#[cfg(test)]
pub(crate) use stops::stop_after;
pub(crate) use supersede::{LeftBehind, supersede};
pub use trash::{TRASH_KEPT, trash};
pub use undo::undo;
