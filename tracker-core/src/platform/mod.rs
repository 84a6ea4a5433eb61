//! What only the operating system can do: signals, forks, the end of the process. All that is
//! said to it in `unsafe` stands here and in `store/mapping.rs`, so that the rest of the crate
//! can forbid it.

mod exit;
pub(crate) mod file_size_limit;
mod fork;
pub(crate) mod machine;
pub(crate) mod process;
pub(crate) mod signal;

pub(crate) use exit::at_exit;
pub(crate) use fork::{LockedFile, is_forked_child};
