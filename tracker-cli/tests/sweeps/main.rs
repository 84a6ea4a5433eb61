//! `tracker sweep` and `tracker study`, with real trainings in processes of their own.
#![cfg(all(unix, not(feature = "portable")))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod changes;
#[cfg(target_os = "linux")]
mod kills;
mod refuses;
mod stops;
mod support;
mod trainer;
mod whole;
