//! What git knows of the code beside its commit: which files were changed, and how.
//!
//! Git's own program is asked, on a thread of its own, once a process. All of it may fail, and then
//! nothing is known: nobody is told, and no training waits.

mod git;
mod recording;
mod status;

pub(crate) use recording::{Recording, is_wanted_by_environment};
