//! Linux, macOS and other systems of that family; what only Linux has stands behind
//! `cfg(target_os = "linux")`, with what the others do instead beside it.

pub(crate) mod clock;
mod exit;
pub(crate) mod family;
pub(crate) mod file_size_limit;
pub(crate) mod files;
mod fork;
pub(crate) mod kernel_file;
pub(crate) mod machine;
pub(crate) mod process;
pub(crate) mod signal;

pub(crate) use super::mapped_memory as memory;
pub(crate) use exit::at_exit;
pub(crate) use fork::{LockedFile, is_forked_child};
