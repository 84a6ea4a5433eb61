//! Reads stored runs: from any process, while they live, after they ended and after a crash.
//!
//! ```no_run
//! use tracker_core::read::Store;
//!
//! # fn main() -> Result<(), tracker_core::Error> {
//! let store = Store::discover()?;
//! for run in store.runs()?.runs {
//!     println!("{} {} {}", run.info().id, run.info().name, run.state());
//! }
//! for row in store.find("@latest")?.series("valid/accuracy")? {
//!     println!("{} {}", row.step, row.value);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Nothing here writes. A file that is damaged costs what it held and a [`Warning`]; everything
//! else is read.

mod catalog;
mod liveness;
mod overview;
mod part;
mod part_columns;
mod part_file;
mod reference;
mod run;
mod sources;
mod step_scale;

pub use catalog::{Listing, Store};
pub use overview::Bucket;
pub use run::{Points, RunInfo, RunReader, Series};
pub use sources::Row;

pub use crate::format::{
    event_line::{StoredEvent, StoredEventKind},
    run_file::Provenance,
};

/// Something that could not be read, while the rest was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning(pub(crate) String);

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
