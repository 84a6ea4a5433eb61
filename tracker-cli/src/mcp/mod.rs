//! The store for agents: a few tools over the Model Context Protocol, by standard input and output or at `/mcp` of
//! `tracker ui`.
//!
//! A call comes in by the `server`, which asks the `desk`. There the `arguments` are held against what the `tool`
//! takes, one of the `tools` answers by the same code as the page, and the answer leaves `bounded`: whatever the
//! store holds, an agent reads short texts in JSON values, and no more than 40,000 bytes of them. A tool that changes
//! something is there only if its `change` was allowed.

mod arguments;
mod bounded;
pub(crate) mod change;
pub(crate) mod desk;
pub(crate) mod http;
mod lists;
mod named_runs;
pub(crate) mod server;
pub(crate) mod skill;
mod tool;
mod tools;
