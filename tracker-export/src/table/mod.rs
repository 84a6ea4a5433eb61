//! CSV and JSON lines: what people have had before they had a tracker.
//!
//! [`guess`] looks at the beginning of a file and says what each column is; a person can look at the [`Mapping`] and
//! [change](Mapping::with) it. A [`TableSource`] then reads the file by it, in constant memory.
//!
//! ```no_run
//! use tracker_export::{Source, table};
//!
//! # fn main() -> tracker_export::Result<()> {
//! let path = "progress.csv".as_ref();
//! let mapping = table::guess(path)?.with("step=iteration,ignore=seed")?;
//! println!("{mapping}");
//! for run in table::TableSource::new(path, mapping).runs()? {
//!     println!("{:?}", run.name);
//! }
//! # Ok(())
//! # }
//! ```

mod change;
mod field;
mod guess;
mod input;
mod mapping;
mod roles;
mod rows;
mod runs;
mod source;

pub use guess::guess;
pub use mapping::{Mapping, Values};
pub use source::TableSource;
