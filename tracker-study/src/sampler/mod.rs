//! What decides which values a trial gets.

pub(crate) mod contract;
mod grid;
pub(crate) mod of_plan;
mod quasi;
mod random;
