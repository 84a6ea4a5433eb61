//! Runs that are sent: to memory, to a folder, to S3 (moto); from a sender that dies; to places that refuse.
//!
//! Tests of S3 run where `moto_server` is found: `TRACKER_MOTO=/path/to/moto_server`, else in the `PATH`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod dies;
mod in_process;
mod lane;
#[path = "../moto/mod.rs"]
mod moto;
mod proxy;
mod refuses;
mod store;
mod strange;
mod suite;
mod support;
mod waits;
