//! Deletes runs of a place, brings them back, and removes what nobody needs any more.

mod blobs;
mod condemned;
mod delete;
mod garbage;
mod tidying;

pub(crate) use condemned::are_condemned;
pub use garbage::{Collected, Garbage};
pub use tidying::{Deleted, Tidy};
