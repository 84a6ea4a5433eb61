//! Reports: the page in one file, as `tracker report` writes it and the page offers it.

mod clock;
pub(crate) mod document;
pub(crate) mod opening;
mod pictures;
pub(crate) mod request;
