//! The one way to a store's files.
//!
//! A store may come from elsewhere, and on a shared machine another user may change it while it is
//! read. So nothing in it is reached by its path: a [`StorePath`] is opened step by step, each step
//! from the open folder before it, and no step follows a link. Only plain files are read and
//! written, of what is read whole at most a limit, and a pipe in a file's place keeps nobody
//! waiting. What a person named, such as the store's root or a run's folder, is taken as it is: a
//! link may lead there.
//!
//! A folder may be [mounted](mount): then what is below it lies elsewhere and is brought before it is listed or
//! opened, and nothing writes to it but lines that go there instead. To look is to ask for nothing.

mod lines;
mod lines_back;
mod path;
mod ranged;
mod read;
mod remove;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use lines::{Line, Lines};
pub(crate) use lines_back::LinesBack;
pub(crate) use path::StorePath;
pub(crate) use ranged::{Ranged, read_exact_at};
pub(crate) use read::read_range;

/// A length in words, for limits.
fn mebibytes(bytes: u64) -> String {
    if bytes >= 1 << 20 { format!("{} MiB", bytes >> 20) } else { format!("{} KiB", bytes >> 10) }
}
