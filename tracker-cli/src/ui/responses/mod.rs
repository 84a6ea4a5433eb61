//! What the routes answer, as JSON.

pub(crate) mod artifacts;
pub(crate) mod at;
pub(crate) mod chunks;
pub(crate) mod code;
pub(crate) mod comparison;
pub(crate) mod divergence;
pub(crate) mod edits;
pub(crate) mod exact;
pub(crate) mod flights;
pub(crate) mod groups;
pub(crate) mod knobs;
pub(crate) mod lineage;
pub(crate) mod many;
pub(crate) mod marks;
pub(crate) mod media;
pub(crate) mod message_filter;
pub(crate) mod recorded;
pub(crate) mod runs;
pub(crate) mod studies;
pub(crate) mod tables;
pub(crate) mod views;
