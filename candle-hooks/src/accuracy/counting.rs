//! Counts right answers in the way that fits the device.

use candle_core::{Result, Tensor};

use super::{AccuracyOptions, by_slices, by_tensors, count, count::Count, task::Task};

/// Compares the answers that `logits` give with `labels`, under `options`.
///
/// On the CPU, the numbers are read where they lie. On other devices, they are counted there, and
/// nothing is read back.
///
/// # Errors
/// If the shapes fit none of the ways of [`Hooks::accuracy`](crate::Hooks::accuracy), if an option
/// does not fit them, or if an operation on the device fails.
pub(crate) fn count_with(
    logits: &Tensor,
    labels: &Tensor,
    options: &AccuracyOptions,
) -> Result<Count> {
    let task = Task::of(logits, labels, options)?;
    if task.answers() == 0 {
        return Ok(count::none(task.items()));
    }
    match by_slices::count(&task, logits, labels)? {
        Some(count) => Ok(count),
        None => by_tensors::count(&task, logits, labels),
    }
}
