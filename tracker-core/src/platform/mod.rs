//! All that names an operating system, behind one interface. `unsafe` stands nowhere else.
//!
//! | module | what |
//! |---|---|
//! | `files` | folders that are held open, their entries, files that are read at a place |
//! | `entry` | what is known of an entry of a folder, and what it is opened for |
//! | `memory`, `mapped_memory` | memory that outlives its process |
//! | `clock` | a clock that never runs backwards |
//! | `kernel_file` | what the kernel tells of the machine in files of its own |
//! | `nvml` | the library of NVIDIA's driver, on Linux |
//! | `machine`, `process` | which machine this is, whose the process, whether another one lives |
//! | `signal`, `exit`, `fork` | what ends or copies a process |
//! | `child`, `family` | another program, its output and its end, with what it has started |
//! | `file_size_limit` | what becomes of writes beyond `ulimit -f` |
//!
//! Two folders hold these modules, and one of them is compiled: `unix`, and `portable`, which uses
//! nothing but the standard library. Windows gets `portable`; so does Linux with the private feature
//! of that name, by which the tests run on it: see `tests/portable/`, which also lists what it does
//! not promise. Whoever adds a function to one adds it to the other.

pub(crate) mod child;
pub(crate) mod entry;
#[cfg(test)]
pub(crate) mod opened;
// With `portable`, proofs that kill processes count in it.
#[cfg(all(unix, any(not(feature = "portable"), feature = "testing")))]
#[cfg_attr(feature = "portable", allow(dead_code, reason = "used by proofs alone"))]
pub(crate) mod mapped_memory;
#[cfg(any(not(target_os = "linux"), feature = "portable"))]
pub(crate) mod no_nvml;
#[cfg(any(not(unix), feature = "portable"))]
mod portable;
#[cfg(all(unix, not(feature = "portable")))]
mod unix;

#[cfg(any(not(unix), feature = "portable"))]
use portable as system;
#[cfg(all(unix, not(feature = "portable")))]
use unix as system;

pub(crate) use system::{
    LockedFile, at_exit, clock, family, file_size_limit, files, is_forked_child, kernel_file,
    machine, memory, nvml, output, process, signal,
};

/// Whether a test says that NVIDIA's driver is here, to stand in for its library.
#[cfg(feature = "testing")]
pub(crate) static NVIDIA_IS_ASSUMED: std::sync::atomic::AtomicBool =
    std::sync::atomic::AtomicBool::new(false);
