//! What decides which values a trial gets.

mod auto;
pub(crate) mod contract;
pub(crate) mod gp;
mod grid;
mod history;
mod normal;
pub(crate) mod of_plan;
mod par_ego;
mod quasi;
mod random;
mod start;
#[cfg(test)]
mod strange_tests;
#[cfg(test)]
mod tests;
mod tpe;
