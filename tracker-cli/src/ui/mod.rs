//! The server behind the page in the browser, and the page in one file.
//!
//! A request comes in by `serve`, passes the `guard`, and is led by the `routes` to who answers it: what
//! `responses` and `curves` read of the store (`library`, `reads`), or a `live` stream of what changes.

mod assets;
pub(crate) mod browser;
mod curves;
mod failure;
pub(crate) mod guard;
mod json;
pub(crate) mod library;
mod live;
mod plain_page;
mod reads;
pub(crate) mod report;
mod responses;
pub(crate) mod routes;
pub(crate) mod serve;
pub(crate) mod state;
mod write_timeout;
