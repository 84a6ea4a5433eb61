//! A study within a program: a closure is called for each trial.

mod begin;
mod ending;
mod handle;
mod on;
mod prune;
mod results;
mod running;
mod settings;
mod shared;
mod study;

#[cfg(test)]
mod tests;

pub use handle::TrialHandle;
pub use on::On;
pub use prune::{Asha, Hyperband, Median};
pub use results::Results;
pub use study::Study;
