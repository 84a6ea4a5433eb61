//! Who may ask what: which names, sites and secrets let a request in, and what it may change.

pub(crate) mod access;
pub(crate) mod base_path;
pub(crate) mod guard;
#[cfg(test)]
mod guard_tests;
pub(crate) mod layer;
pub(crate) mod names;
pub(crate) mod token;
pub(crate) mod writing;
