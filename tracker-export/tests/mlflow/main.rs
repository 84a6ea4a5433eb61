//! MLflow: out to a server that fails, and in from databases and folders.

mod database;
mod fake_server;
mod imports;
mod out;
