//! The contract that everything which takes metrics fulfils, its small implementations, and what
//! goes through it. `run` stores what it takes; nothing here knows how.

pub(crate) mod checkpoint_flag;
pub(crate) mod checkpoint_request;
pub(crate) mod context;
pub(crate) mod contract;
pub(crate) mod fanout;
pub(crate) mod finish_hook;
pub(crate) mod knob;
pub(crate) mod memory;
pub(crate) mod metric_handle;
pub(crate) mod noop;
pub(crate) mod point;
pub(crate) mod report;
pub(crate) mod requests;
pub(crate) mod stop_flag;
pub(crate) mod stop_request;
