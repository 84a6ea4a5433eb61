//! Counts right answers by tensor operations, for devices whose numbers the host cannot see.

use candle_core::{D, DType, Result, Tensor};

use super::{
    count::{Amount, Count},
    task::{Kind, Rule, Task},
};

/// Counts without reading back. Out-of-range labels are wrong, but their number stays unknown.
pub(super) fn count(task: &Task, logits: &Tensor, labels: &Tensor) -> Result<Count> {
    // Detached, so that nothing below becomes part of the graph.
    let (logits, labels) = (&logits.detach(), &labels.detach());
    let classes = classes(task, labels)?;
    let right = match task.rule {
        Rule::Greatest => greatest(task, logits)?.eq(&classes)?,
        Rule::Among { k } => among(task, logits, &classes, k)?,
        Rule::AnyClass => index(&classes, logits.dim(dim(task, logits))?)?.is_class,
        Rule::Above(threshold) => {
            let yes = logits.reshape(task.shape.as_slice())?.gt(threshold)?;
            let is_class = (classes.ge(0.0)? * classes.le(1.0)?)?;
            (yes.eq(&classes.gt(0.5)?)? * is_class)?
        }
    };
    let (correct, total) = match counted(task, &classes)? {
        Some(counted) => (sum(&(right * &counted)?)?, Amount::OnDevice(sum(&counted)?)),
        None => (sum(&right)?, Amount::Known(task.answers() as u64)),
    };
    Ok(Count { correct: Amount::OnDevice(correct), total, items: task.items(), out_of_range: 0 })
}

/// The labels as numbers of classes, in F32: exact for any number of classes that fits a memory,
/// and -100 stays below 0 there, which U32 would lose.
fn classes(task: &Task, labels: &Tensor) -> Result<Tensor> {
    let classes = match task.kind {
        Kind::OneHot => &labels.argmax(D::Minus1)?,
        Kind::Classes { .. } | Kind::Binary => labels,
    };
    classes.to_dtype(DType::F32)?.reshape(task.shape.as_slice())
}

/// The class with the greatest logit.
fn greatest(task: &Task, logits: &Tensor) -> Result<Tensor> {
    logits.argmax(dim(task, logits))?.to_dtype(DType::F32)
}

/// Where fewer than `k` classes come before that of the label. Nothing is sorted: a class that
/// does not come before is one whose logit is less, or the same with a number no lower.
fn among(task: &Task, logits: &Tensor, classes: &Tensor, k: usize) -> Result<Tensor> {
    let dim = dim(task, logits);
    let count = logits.dim(dim)?;
    let Index { index, is_class } = index(classes, count)?;
    let index = index.unsqueeze(dim)?.contiguous()?;
    let own = logits.contiguous()?.gather(&index, dim)?;
    let mut along = vec![1; logits.rank()];
    if let Some(size) = along.get_mut(dim) {
        *size = count;
    }
    let numbers = Tensor::arange(0, count as u32, logits.device())?.reshape(along)?;
    let lower = numbers.broadcast_lt(&index)?;
    let behind = lower.where_cond(&logits.broadcast_lt(&own)?, &logits.broadcast_le(&own)?)?;
    // Comparisons with NaN are 0, so it comes before.
    let behind = behind.to_dtype(DType::U32)?.sum(dim)?;
    behind.gt((count - k) as u32)? * is_class
}

/// Labels as indices that are safe to look up.
struct Index {
    /// U32, each within the classes.
    index: Tensor,
    /// 1 where the index is what the label says.
    is_class: Tensor,
}

fn index(classes: &Tensor, count: usize) -> Result<Index> {
    let index = classes.clamp(0.0, (count - 1) as f64)?.to_dtype(DType::U32)?;
    let is_class = index.to_dtype(DType::F32)?.eq(classes)?;
    Ok(Index { index, is_class })
}

/// 1 where an answer counts; `None` if all do.
fn counted(task: &Task, classes: &Tensor) -> Result<Option<Tensor>> {
    let labelled = task.ignored.map(|label| classes.ne(label as f64)).transpose()?;
    let masked = task.mask.as_ref().map(|mask| mask.ne(0.0)).transpose()?;
    match (labelled, masked) {
        (Some(labelled), Some(masked)) => (labelled * masked).map(Some),
        (labelled, masked) => Ok(labelled.or(masked)),
    }
}

/// The number of ones. A sum of U8, the type that a comparison gives, wraps at 256.
fn sum(ones: &Tensor) -> Result<Tensor> {
    ones.to_dtype(DType::U32)?.sum_all()
}

/// The dimension of the classes.
fn dim(task: &Task, logits: &Tensor) -> usize {
    match task.kind {
        Kind::Classes { dim } => dim,
        Kind::OneHot | Kind::Binary => logits.rank().saturating_sub(1),
    }
}
