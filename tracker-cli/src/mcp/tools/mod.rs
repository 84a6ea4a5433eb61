//! The tools, one a file.

pub(super) mod compare;
pub(super) mod curve;
pub(super) mod describe_run;
pub(super) mod diagnose;
pub(super) mod diverge;
pub(super) mod enqueue;
pub(super) mod find_runs;
mod found;
pub(super) mod note;
pub(super) mod set;
pub(super) mod stop;
pub(super) mod study;
pub(super) mod tag;
mod target;
pub(super) mod wait_until;
