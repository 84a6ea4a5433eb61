//! All that names an operating system, behind one interface. `unsafe` stands nowhere else.
//!
//! | file | what |
//! |---|---|
//! | `files` | folders that are held open, their entries, files that are read at a place |
//! | `memory` | memory that outlives its process |
//! | `clock` | a clock that never runs backwards |
//! | `machine`, `process` | which machine this is, whose the process, whether another one lives |
//! | `signal`, `exit`, `fork` | what ends or copies a process |
//! | `child` | another program, its output and its end |
//! | `file_size_limit` | what becomes of writes beyond `ulimit -f` |

pub(crate) mod child;
pub(crate) mod clock;
mod exit;
pub(crate) mod file_size_limit;
pub(crate) mod files;
mod fork;
pub(crate) mod machine;
pub(crate) mod memory;
#[cfg(test)]
pub(crate) mod opened;
pub(crate) mod process;
pub(crate) mod signal;

pub(crate) use exit::at_exit;
pub(crate) use fork::{LockedFile, is_forked_child};
