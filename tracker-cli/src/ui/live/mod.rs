//! What pages are told while trainings run.

pub(crate) mod listeners;
pub(crate) mod stream;
pub(crate) mod watch;
