//! A run's folder file by file, for programs that carry it elsewhere: what lies in it, how each file changes, and
//! which bytes of it never change again, and how edits and requests from elsewhere come into it, and whole runs into a store.
//!
//! ```no_run
//! use tracker_core::replica::{FileKind, RunFolder};
//!
//! # fn main() -> Result<(), tracker_core::Error> {
//! let folder = RunFolder::open(".tracker/mnist/01JZXW5M4B6Q8T2V9Y3C7D0E1F")?;
//! for file in folder.files()? {
//!     if file.kind == FileKind::Growing && let Some(opened) = folder.open_file(&file.path)? {
//!         println!("{}: {} bytes will never change", file.path, opened.settled()?);
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Files are reached as all of a store is: step by step, no link followed, plain files only. A file that goes while
//! it is read, such as a log that becomes a part, is none: look again.

mod arriving;
mod lines;
mod opened_file;
mod run_folder;

pub use crate::format::{file_kind::FileKind, layout::note_name};
pub use arriving::{ArrivingRun, leftovers, open_or_make};
pub use lines::{Added, LineFile, RunLine};
pub use opened_file::{FileStamp, OpenedFile};
pub use run_folder::{FileEntry, PartRange, RunFolder, UserFiles};
