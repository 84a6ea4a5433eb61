//! All that is told as JSON: by commands with `--json`, by the server to the page, in a report, and to agents.
//!
//! What several sides tell alike stands here, the rest in `command`, `page` and `agent`.

pub(crate) mod agent;
pub(crate) mod command;
pub(crate) mod flight;
pub(crate) mod importance;
pub(crate) mod in_order;
pub(crate) mod page;
pub(crate) mod problem;
pub(crate) mod step;
pub(crate) mod summary;
pub(crate) mod trial_counts;
pub(crate) mod value;
pub(crate) mod verdict;
pub(crate) mod versioned;
