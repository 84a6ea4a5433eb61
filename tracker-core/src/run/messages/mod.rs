//! What the program says stands in its runs: the lines of its loggers, and its panics.
//!
//! | what | how |
//! |---|---|
//! | the `log` crate | `logger()` (feature `log`) |
//! | the `tracing` crates | `layer()` (feature `tracing`) |
//! | panics, with a backtrace | by itself |
//! | the process's output | [`capture_output`](crate::RunBuilder::capture_output) |
//!
//! Both hold no run. Each message goes to all runs of the process that live at that moment, with the
//! step that an adapter has announced. A program that logs before its first run, after the last one
//! or between two loses nothing but these lines in a run; a forked child's are nobody's.
//!
//! A call waits for no disk. Of one place in the program, 50 messages a second are kept. When a process
//! has said 64 MiB, only warnings and errors are. What is left out is counted and told once, as a
//! [`Problem`](crate::Problem). A text is cut behind 64 KiB.
//!
//! [`RunReader::messages`](crate::read::RunReader::messages) reads them, as does `tracker logs`.

mod hearers;
#[cfg(feature = "tracing")]
mod layer;
#[cfg(feature = "log")]
mod logger;
mod said;

#[cfg(feature = "tracing")]
pub use layer::{MessageLayer, layer};
#[cfg(feature = "log")]
pub use logger::{Logger, logger};

pub(crate) use hearers::{Hearing, enlist, living, retire, tell_of_output};
pub(crate) use said::{Said, place_of};
