//! What several commands and the page tell of runs: in which order, and how they differ.

pub(crate) mod beside;
pub(crate) mod best_values;
pub(crate) mod brought_over;
pub(crate) mod csv;
pub(crate) mod elapsed;
pub(crate) mod forks;
pub(crate) mod groups;
pub(crate) mod knobs;
pub(crate) mod last_lines;
pub(crate) mod lineage;
pub(crate) mod live;
pub(crate) mod message_text;
pub(crate) mod metric_order;
pub(crate) mod patch;
pub(crate) mod provenance_text;
pub(crate) mod recorded;
pub(crate) mod short_id;
pub(crate) mod study;
