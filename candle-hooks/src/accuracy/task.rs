//! What is compared with what: the shapes of logits, labels and mask, made out once.

use candle_core::{Result, Shape, Tensor, bail};

use super::AccuracyOptions;

/// A comparison whose shapes and options fit each other.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) kind: Kind,
    pub(super) rule: Rule,
    /// The shape of the answers: that of class labels.
    pub(super) shape: Vec<usize>,
    pub(super) ignored: Option<i64>,
    /// In the shape of the answers.
    pub(super) mask: Option<Tensor>,
}

/// How labels are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The index of the class, among the logits along `dim`.
    Classes { dim: usize },
    /// A number for each class, the greatest at the right one; classes come last.
    OneHot,
    /// One logit for each item; the label is 0 or 1.
    Binary,
}

/// When an answer is right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Rule {
    /// If the label is what `argmax` gives.
    Greatest,
    /// If fewer than `k` classes come before the label; there are more than `k`.
    Among { k: usize },
    /// If the label is a class at all: no more than `k` are there.
    AnyClass,
    /// If the label is yes and the logit is above this, or neither.
    Above(f64),
}

impl Task {
    pub(super) fn of(logits: &Tensor, labels: &Tensor, options: &AccuracyOptions) -> Result<Self> {
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
        let mut shape = logits.dims().to_vec();
        let classes = match kind {
            Kind::Classes { dim } => Some(shape.remove(dim)),
            Kind::OneHot => shape.pop(),
            Kind::Binary => None,
        };
        let mask = options.mask.as_ref().map(|mask| fitted(mask, &shape)).transpose()?;
        let rule = rule(classes, options)?;
        Ok(Self { kind, rule, shape, ignored: options.ignore_label, mask })
    }

    /// How many answers there are, counted or not.
    pub(super) fn answers(&self) -> usize {
        self.shape.iter().product()
    }

    /// The size of the batch; a lone answer has no dimension.
    pub(super) fn items(&self) -> u64 {
        self.shape.first().map_or(1, |items| *items as u64)
    }
}

impl Kind {
    fn of(logits: &[usize], labels: &[usize]) -> Option<Self> {
        let one = |dims: &[usize]| dims.iter().all(|dim| *dim == 1);
        if one(logits) && one(labels) {
            return Some(Self::Binary);
        }
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
        let dim = [rank - 1, 1].into_iter().find(|dim| fits(*dim))?;
        // A single class is no choice: yes or no has the shape of its labels.
        (logits[dim] > 1 || rank == 2).then_some(Self::Classes { dim })
    }
}

/// The rule for logits of so many classes, or for yes and no.
fn rule(classes: Option<usize>, options: &AccuracyOptions) -> Result<Rule> {
    match (classes, options.top_k, options.threshold) {
        (_, Some(0), _) => bail!(
            "accuracy: no answer is among the top 0 classes\n\
             hint: give `top_k` 1 or more"
        ),
        (None, Some(k), _) => bail!(
            "accuracy: yes-or-no answers have no top {k} classes\n\
             hint: leave `top_k` out, or give logits of shape (batch, classes)"
        ),
        (Some(classes), _, Some(_)) => bail!(
            "accuracy: a threshold is for yes-or-no answers, but the logits have {classes} classes\n\
             hint: leave `threshold` out, or give logits and labels of shape (batch)"
        ),
        (_, _, Some(threshold)) if threshold.is_nan() => bail!(
            "accuracy: nothing is above a threshold that is NaN\n\
             hint: give `threshold` a number such as 0.5"
        ),
        (None, None, threshold) => Ok(Rule::Above(threshold.unwrap_or(0.0))),
        (Some(0), ..) => bail!(
            "accuracy: the logits have no classes\n\
             hint: look at their shape: the dimension of the classes is 0"
        ),
        (Some(_), None | Some(1), None) => Ok(Rule::Greatest),
        (Some(classes), Some(k), None) if k < classes => Ok(Rule::Among { k }),
        (Some(_), Some(_), None) => Ok(Rule::AnyClass),
    }
}

/// The mask in the shape of the answers.
fn fitted(mask: &Tensor, answers: &[usize]) -> Result<Tensor> {
    let broadcast = |dims: &[usize]| {
        let added = answers.len().checked_sub(dims.len())?;
        let fits = dims.iter().zip(&answers[added..]).all(|(one, all)| one == all || *one == 1);
        fits.then(|| mask.reshape(dims)?.broadcast_as(answers)?.contiguous())
    };
    // Labels of shape (batch, 1) are answers of shape (batch), and so is a mask beside them.
    let fitted = broadcast(mask.dims())
        .or_else(|| broadcast(without_last_one(mask.dims())))
        .or_else(|| beside_column(mask, answers));
    fitted.unwrap_or_else(|| {
        bail!(
            "accuracy: a mask of shape {:?} does not fit answers of shape {:?}\n\
             hint: give it the shape of the class labels, or one that broadcasts to it, such as \
             (batch, 1)",
            mask.shape(),
            Shape::from(answers)
        )
    })
}

/// A mask of shape (batch) beside answers of shape (batch, 1).
fn beside_column(mask: &Tensor, answers: &[usize]) -> Option<Result<Tensor>> {
    (mask.dims() == without_last_one(answers)).then(|| mask.reshape(answers)?.contiguous())
}

/// A shape without its last dimension, where that is 1 and not the only one.
fn without_last_one(dims: &[usize]) -> &[usize] {
    match dims {
        [rest @ .., 1] if !rest.is_empty() => rest,
        _ => dims,
    }
}
