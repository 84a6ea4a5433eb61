//! The server behind the page in the browser.
//!
//! A request comes in by `serve`, passes the `guard`, and is led by the `routes` to who answers it: what
//! `responses` and `curves` read of the store (`library`, `reads`), or a `live` stream of what changes.

pub(crate) mod assets;
pub(crate) mod browser;
pub(crate) mod curves;
pub(crate) mod failure;
pub(crate) mod guard;
pub(crate) mod library;
mod live;
mod plain_page;
mod reads;
pub(crate) mod report;
pub(crate) mod responses;
pub(crate) mod routes;
pub(crate) mod serve;
mod snapshots;
pub(crate) mod state;
mod studies;
mod write_timeout;
