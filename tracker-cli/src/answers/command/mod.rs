//! What commands print with `--json`.

pub(crate) mod artifacts;
pub(crate) mod brought_over;
pub(crate) mod changes;
pub(crate) mod code;
pub(crate) mod comparison;
pub(crate) mod diagnosis;
pub(crate) mod divergence;
pub(crate) mod edits;
pub(crate) mod examination;
pub(crate) mod fork;
pub(crate) mod groups;
pub(crate) mod import;
pub(crate) mod logs;
pub(crate) mod media;
pub(crate) mod removal;
pub(crate) mod run;
pub(crate) mod study;
pub(crate) mod ui;
pub(crate) mod watch;
