//! Trials that train, watched by their runs: what is logged goes into the journal, and is judged.

mod ended;
mod listener;
mod pace;
mod reported;
pub(crate) mod result;
mod watched;
mod watcher;

#[cfg(test)]
mod tests;

pub use ended::Ended;
pub use reported::{is_trained_by, reported};
pub use watched::{Seen, Watched};
pub use watcher::Watcher;

/// The attribute of a trial that its judge has ended: why. It is written before the training is asked to stop, so that
/// whoever sees the run's end knows, also after the program that asked has been killed.
pub const PRUNED: &str = "tracker:pruned";

/// The attribute of a trial that has ended without a result: why.
pub const WHY: &str = "tracker:why";

/// The attribute of a trial that counts how often its training has died.
pub const DEATHS: &str = "tracker:deaths";
