//! MLflow: out to a server that fails, and in from databases and folders.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod database;
mod fake_server;
mod imports;
#[path = "../kept/mod.rs"]
mod kept;
mod out;
