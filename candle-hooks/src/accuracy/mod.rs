//! Right answers: how labels are written, which of them count, and what is right.

mod by_slices;
mod by_tensors;
mod count;
mod counting;
mod options;
mod task;
#[cfg(test)]
mod tests;

pub(crate) use counting::count_with;
pub use options::AccuracyOptions;
