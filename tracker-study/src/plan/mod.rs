//! What a study is to do, and how that is read and written.

mod conditions;
mod domain;
mod fields;
mod grid;
mod plan;
mod problems;
mod read;
#[cfg(test)]
mod tests;
mod words;
mod write;

pub use plan::{EarlyTerminate, Method, Plan};
pub(crate) use words::{domain as words, excerpt};
