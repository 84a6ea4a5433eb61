//! A stored run from `init` to its end: which run a process starts, what takes its points, and how it
//! ends. What is stored goes through `store`.

mod as_tracker;
pub(crate) mod builder;
mod companion;
pub mod control;
pub(crate) mod datasets;
pub(crate) mod disabled;
mod ending;
pub(crate) mod fork;
pub(crate) mod identity;
mod knobs;
mod lineage;
mod logging;
pub mod messages;
mod output;
pub(crate) mod position;
pub(crate) mod run;
pub mod sender;
pub(crate) mod shutdown;
mod since;
mod since_words;
mod study;
mod sync;
pub(crate) mod system_log;
