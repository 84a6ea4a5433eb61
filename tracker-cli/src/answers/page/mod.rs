//! What the server answers to the page, whose types are made from these: see the test.

pub(crate) mod at;
pub(crate) mod code;
pub(crate) mod comparison;
pub(crate) mod curves;
pub(crate) mod divergence;
pub(crate) mod edits;
pub(crate) mod failed;
pub(crate) mod groups;
pub(crate) mod lineage;
pub(crate) mod live;
pub(crate) mod many;
pub(crate) mod media;
pub(crate) mod recorded;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod store;
pub(crate) mod studies;
pub(crate) mod views;

#[cfg(test)]
mod type_tests;
