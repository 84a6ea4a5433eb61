//! Deletes runs of a place, brings them back, and removes what nobody needs any more.

mod blobs;
mod delete;
mod garbage;
mod tidying;

pub use garbage::{Collected, Garbage};
pub use tidying::{Deleted, Tidy};
