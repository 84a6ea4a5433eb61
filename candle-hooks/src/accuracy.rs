//! Counts right answers on the device, for each way in which labels are written.

use candle_core::{D, DType, Result, Tensor, bail};

/// Right answers among all, and how many items the batch has.
#[derive(Debug)]
pub(crate) struct Count {
    /// The number of right answers: a U32 scalar on the device of the logits.
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
    Ok(Count { correct, total, items })
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

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device, Result, Tensor};

    use super::count;

    /// Answers 0, 1, 2, 1.
    fn logits() -> Tensor {
        let rows = [[3.0_f32, 1.0, 0.0], [0.0, 2.0, 1.0], [0.0, 1.0, 2.0], [0.0, 9.0, 1.0]];
        Tensor::new(&rows, &Device::Cpu).unwrap()
    }

    fn counted(logits: &Tensor, labels: &Tensor) -> Result<(u32, u64, u64)> {
        let count = count(logits, labels)?;
        Ok((count.correct.to_scalar()?, count.total, count.items))
    }

    #[test]
    fn class_indices_of_any_type_count_the_same() -> Result<()> {
        let labels = Tensor::new(&[0_u32, 1, 1, 1], &Device::Cpu)?;
        for dtype in [DType::U8, DType::U32, DType::I16, DType::I32, DType::I64, DType::F32] {
            let labels = labels.to_dtype(dtype)?;
            assert_eq!(counted(&logits(), &labels)?, (3, 4, 4), "{dtype:?}");
            assert_eq!(counted(&logits(), &labels.unsqueeze(1)?)?, (3, 4, 4), "{dtype:?}");
        }
        Ok(())
    }

    #[test]
    fn logits_of_any_float_type_count_the_same() -> Result<()> {
        let labels = Tensor::new(&[0_u8, 1, 1, 1], &Device::Cpu)?;
        for dtype in [DType::BF16, DType::F16, DType::F32, DType::F64] {
            assert_eq!(counted(&logits().to_dtype(dtype)?, &labels)?, (3, 4, 4), "{dtype:?}");
        }
        Ok(())
    }

    #[test]
    fn negative_label_is_never_right() -> Result<()> {
        let labels = Tensor::new(&[0_i64, 1, -100, 1], &Device::Cpu)?;
        assert_eq!(counted(&logits(), &labels)?, (3, 4, 4));
        Ok(())
    }

    #[test]
    fn one_hot_labels_count_as_their_greatest_class() -> Result<()> {
        let labels = [[1_u8, 0, 0], [0, 1, 0], [0, 1, 0], [0, 1, 0]];
        let labels = Tensor::new(&labels, &Device::Cpu)?;
        assert_eq!(counted(&logits(), &labels)?, (3, 4, 4));
        assert_eq!(counted(&logits(), &labels.to_dtype(DType::F32)?)?, (3, 4, 4));
        Ok(())
    }

    #[test]
    fn binary_logits_are_yes_above_zero() -> Result<()> {
        let logits = Tensor::new(&[-1.5_f32, 0.2, 3.0, -0.1], &Device::Cpu)?;
        let labels = Tensor::new(&[0_i64, 1, 0, 0], &Device::Cpu)?;
        let column = logits.unsqueeze(1)?;
        assert_eq!(counted(&logits, &labels)?, (3, 4, 4));
        assert_eq!(counted(&column, &labels)?, (3, 4, 4));
        assert_eq!(counted(&column, &labels.unsqueeze(1)?.to_dtype(DType::F32)?)?, (3, 4, 4));
        Ok(())
    }

    #[test]
    fn batch_of_one_is_no_special_case() -> Result<()> {
        let (logits, label) = (logits().narrow(0, 1, 1)?, Tensor::new(&[1_u8], &Device::Cpu)?);
        assert_eq!(counted(&logits, &label)?, (1, 1, 1));
        assert_eq!(counted(&logits, &label.unsqueeze(1)?)?, (1, 1, 1));
        Ok(())
    }

    #[test]
    fn tokens_and_pixels_count_one_by_one() -> Result<()> {
        let tokens = logits().reshape((2, 2, 3))?;
        let labels = Tensor::new(&[[0_u32, 1], [2, 2]], &Device::Cpu)?;
        assert_eq!(counted(&tokens, &labels)?, (3, 4, 2));
        let pixels = tokens.transpose(1, 2)?.contiguous()?;
        assert_eq!(counted(&pixels, &labels)?, (3, 4, 2));
        Ok(())
    }

    #[test]
    fn more_than_255_right_answers_do_not_wrap() -> Result<()> {
        let logits = Tensor::zeros((1_000, 2), DType::BF16, &Device::Cpu)?;
        let labels = Tensor::zeros(1_000, DType::U8, &Device::Cpu)?;
        assert_eq!(counted(&logits, &labels)?, (1_000, 1_000, 1_000));
        Ok(())
    }

    #[test]
    fn shapes_that_do_not_fit_are_an_error_with_a_hint() {
        let labels = Tensor::zeros(3, DType::U8, &Device::Cpu).unwrap();
        let text = count(&logits(), &labels).unwrap_err().to_string();
        assert!(
            text.contains("[4, 3]") && text.contains("[3]") && text.contains("hint:"),
            "{text}"
        );
    }
}
