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
#[cfg(target_os = "linux")]
pub(crate) mod nvml;
pub(crate) mod output;
pub(crate) mod process;
pub(crate) mod signal;

pub(crate) use super::mapped_memory as memory;
#[cfg(not(target_os = "linux"))]
pub(crate) use super::no_nvml as nvml;
pub(crate) use exit::at_exit;
pub(crate) use fork::{LockedFile, is_forked_child};
