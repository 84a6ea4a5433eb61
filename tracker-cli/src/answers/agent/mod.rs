//! What agents are told over MCP. Whatever a store may hold stands in values alone, never in keys, and each list says
//! how it goes on.

pub(crate) mod changes;
pub(crate) mod curves;
pub(crate) mod diagnosis;
pub(crate) mod divergence;
pub(crate) mod groups;
pub(crate) mod page;
pub(crate) mod run;
pub(crate) mod study;
