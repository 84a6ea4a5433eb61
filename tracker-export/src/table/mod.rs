//! CSV and JSON lines: what people have had before they had a tracker.
//!
//! [`Mapping::guess`] looks at the beginning of a file and says what each column is; a person can look at it and
//! [change](Mapping::with) it. A [`TableSource`] then reads the file by it, in constant memory.

mod change;
mod field;
mod guess;
mod input;
mod json_lines;
mod mapping;
mod reading;
mod roles;
mod rows;
mod runs;
mod source;

pub use mapping::{Mapping, Values};
pub use source::TableSource;
