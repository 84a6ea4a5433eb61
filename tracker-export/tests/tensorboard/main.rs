//! TensorBoard's event files: what goes out comes back, and what is damaged costs itself alone.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod events;
mod fixtures;
mod hostile;
#[path = "../kept/mod.rs"]
mod kept;
mod memory;
mod round_trip;
mod target;
