//! All that tracker says by itself in a terminal.

pub(crate) mod notice;
pub mod progress;
pub(crate) mod switch;
