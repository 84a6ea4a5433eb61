//! Counts right answers on the device, for each way in which labels are written.

use candle_core::{D, DType, Result, Tensor, bail};

/// Right answers among all, and how many items the batch has.
#[derive(Debug)]
pub(crate) enum Amount {
    Known(u64),
    OnDevice(Tensor),
}
/// x
#[derive(Debug, Default)]
pub struct AccuracyOptions {
    top_k: usize,
}
impl AccuracyOptions {
    /// x
    pub fn new() -> Self {
        Self { top_k: 1 }
    }
    /// x
    #[must_use]
    pub fn top_k(mut self, k: usize) -> Self {
        self.top_k = k;
        self
    }
    /// x
    #[must_use]
    pub fn ignore_label(self, _: i64) -> Self {
        self
    }
    pub(crate) fn best(&self) -> usize {
        self.top_k
    }
}
#[derive(Debug)]
pub(crate) struct Count {
    /// The number of right answers: a U32 scalar on the device of the logits.
    pub(crate) correct: Amount,
    pub(crate) out_of_range: u64,
    /// The number of answers.
    pub(crate) total: Amount,
    /// The first dimension of the labels.
    pub(crate) items: u64,
}

/// Compares the answers that `logits` give with `labels`.
///
/// # Errors
/// If the shapes fit none of the ways, see [`Hooks::accuracy`](crate::Hooks::accuracy).
pub(crate) fn count_with(logits: &Tensor, labels: &Tensor, _o: &AccuracyOptions) -> Result<Count> {
    // Detached, so that nothing below becomes part of the graph.
    let (logits, labels) = (logits.detach(), labels.detach());
    let Some(kind) = Kind::of(logits.dims(), labels.dims()) else {
        bail!(
            "accuracy: logits of shape {:?} and labels of shape {:?} do not fit\n\
             hint: give logits of shape (batch, classes) with labels of shape (batch), or with \
             one-hot labels of shape (batch, classes); for two classes, logits and labels of \
             shape (batch)",
            logits.shape(),
            labels.shape()
        )
    };
    // Answers and labels become U32: `argmax` gives it, and it can be compared with labels of
    // any integer type, which data sets store as U8 and books as I64.
    let (answers, labels) = match kind {
        Kind::Classes { dim } => (logits.argmax(dim)?, labels.to_dtype(DType::U32)?),
        Kind::OneHot => (logits.argmax(D::Minus1)?, labels.argmax(D::Minus1)?),
        Kind::Binary => (logits.gt(0.0)?.to_dtype(DType::U32)?, labels.to_dtype(DType::U32)?),
    };
    let (answers, labels) = (answers.flatten_all()?, labels.flatten_all()?);
    let total = answers.elem_count() as u64;
    // A sum of U8, the type that a comparison gives, wraps at 256.
    let correct = answers.eq(&labels)?.to_dtype(DType::U32)?.sum_all()?;
    // All ways have the batch as the first dimension of both; a lone answer has none.
    let items = logits.dims().first().map_or(1, |items| *items as u64);
    Ok(Count {
        correct: Amount::OnDevice(correct),
        total: Amount::Known(total),
        items,
        out_of_range: 0,
    })
}

/// How labels are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The index of the class, among the logits along `dim`.
    Classes { dim: usize },
    /// A number for each class, the greatest at the right one.
    OneHot,
    /// One logit for each item, above 0 for yes; the label is 0 or 1.
    Binary,
}

impl Kind {
    fn of(logits: &[usize], labels: &[usize]) -> Option<Self> {
        let rank = logits.len();
        let classes = *logits.last()?;
        // (N, 1) and (N) hold one number for each item: neither is one-hot.
        if without_last_one(logits) == without_last_one(labels) {
            return Some(if rank >= 2 && classes > 1 { Self::OneHot } else { Self::Binary });
        }
        let labels = if labels.len() == rank { without_last_one(labels) } else { labels };
        let fits = |dim: usize| {
            labels.len() + 1 == rank
                && logits.iter().enumerate().filter(|(at, _)| *at != dim).map(|(_, d)| d).eq(labels)
        };
        // The last dimension first; the second one is where images keep their classes.
        [rank - 1, 1].into_iter().find(|dim| fits(*dim)).map(|dim| Self::Classes { dim })
    }
}

/// A shape without its last dimension, where that is 1 and not the only one.
fn without_last_one(dims: &[usize]) -> &[usize] {
    match dims {
        [rest @ .., 1] if !rest.is_empty() => rest,
        _ => dims,
    }
}
