//! Right answers with no options, as one tensor.

use candle_core::{Result, Tensor};

use super::{AccuracyOptions, Amount, count_with};

/// Right answers among all, and how many items the batch has.
#[derive(Debug)]
pub(crate) struct Count {
    /// The number of right answers: a U32 scalar.
    pub(crate) correct: Tensor,
    /// The number of answers.
    pub(crate) total: u64,
    /// The first dimension of the labels.
    pub(crate) items: u64,
}

/// Compares the answers that `logits` give with `labels`.
///
/// # Errors
/// If the shapes fit none of the ways, see [`Hooks::accuracy`](crate::Hooks::accuracy).
pub(crate) fn count(logits: &Tensor, labels: &Tensor) -> Result<Count> {
    let counted = count_with(logits, labels, &AccuracyOptions::new())?;
    let correct = match counted.correct {
        Amount::Known(correct) => Tensor::new(correct as u32, logits.device())?,
        Amount::OnDevice(correct) => correct,
    };
    // Without options, all answers count: the number is known on any device.
    let Amount::Known(total) = counted.total else {
        candle_core::bail!("accuracy: the number of answers is not known")
    };
    Ok(Count { correct, total, items: counted.items })
}
