//! A stored run from `init` to its end: which run a process starts, what takes its points, and how it
//! ends. What is stored goes through `store`.

pub(crate) mod builder;
pub mod control;
pub(crate) mod datasets;
pub(crate) mod disabled;
pub(crate) mod fork;
pub(crate) mod identity;
mod knobs;
mod lineage;
pub mod messages;
mod output;
pub(crate) mod position;
pub(crate) mod run;
pub(crate) mod shutdown;
pub(crate) mod system_log;
