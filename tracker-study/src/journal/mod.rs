//! The journal of a study: what was tried, what came of it, in the form of Optuna's journals.

mod begin;
mod derived;
mod distribution;
mod journal;
mod json;
mod names;
mod record;
mod replay;
mod revision;
mod state;
mod steps;
mod tail;
#[cfg(test)]
mod tests;

pub use begin::Begun;
pub use journal::Journal;
pub use record::Record;
pub use state::StudyState;
