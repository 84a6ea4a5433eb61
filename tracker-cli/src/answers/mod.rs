//! All that is told as JSON: by commands with `--json`, by the server to the page, and in a report.
//!
//! What both sides tell alike stands here, the rest in `command` and `page`.

pub(crate) mod command;
pub(crate) mod flight;
pub(crate) mod importance;
pub(crate) mod in_order;
pub(crate) mod page;
pub(crate) mod problem;
pub(crate) mod step;
pub(crate) mod summary;
pub(crate) mod value;
pub(crate) mod verdict;
pub(crate) mod versioned;
