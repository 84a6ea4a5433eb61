//! What everything speaks of: names, steps, times, numbers, settings and sums. Knows no file and no
//! run.

pub(crate) mod content_hash;
pub(crate) mod definition;
pub(crate) mod fields;
pub(crate) mod file_name;
pub(crate) mod hash;
pub(crate) mod histogram;
pub(crate) mod into_metrics;
pub(crate) mod key_text;
pub(crate) mod metric_name;
pub(crate) mod number;
pub(crate) mod outcome;
pub(crate) mod run_id;
pub(crate) mod run_name;
pub(crate) mod settings;
pub(crate) mod step;
pub(crate) mod summary;
pub(crate) mod timestamp;
pub(crate) mod view_name;
pub mod words;
pub(crate) mod writer;
