//! Trainings on MNIST in which something goes wrong at a known step, and what the tracker says of it.
//!
//! `cargo run --release -p fault-tests -- --seeds 20` plants each fault in 20 trainings and counts how often
//! its kind, its layer and its batch were named.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fault;
mod training;
mod verdict;

pub use fault::Fault;
pub use training::{Planted, train};
pub use verdict::{Verdict, judge};
