//! Where and from what a run is started: machine, versions, commit, uncommitted changes.

pub(crate) mod code;
pub(crate) mod contents;
pub(crate) mod machine;
pub(crate) mod packages;
