//! The folders of studies in a store, and the lock of their journals. What a study is, and what its journal says, is
//! the matter of the crate `tracker-study`.
//!
//! ```no_run
//! use tracker_core::{read::Store, studies::StudyFolder};
//!
//! # fn main() -> Result<(), tracker_core::Error> {
//! let store = Store::discover()?;
//! for study in store.studies()? {
//!     println!("{}: {}", study.project(), study.name());
//! }
//! let study = StudyFolder::create(store.root(), "mnist", "learning rates")?;
//! let lock = study.lock_journal()?;
//! println!("{} is mine while this lives", study.journal_path().display());
//! # drop(lock);
//! # Ok(())
//! # }
//! ```
//!
//! As everything in a store, a study's folder is opened step by step, and no link is followed.

mod folder;
mod holder;
mod list;
mod lock;
#[cfg(test)]
mod tests;

pub use folder::StudyFolder;
pub use lock::StudyLock;
