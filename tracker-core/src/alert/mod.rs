//! Rules that look at a run's points as they are stored, and what is done when one of them sees something.

pub(crate) mod actions;
pub(crate) mod detect;
pub(crate) mod engine;
pub(crate) mod rule;
pub(crate) mod wanted;
pub(crate) mod words;
