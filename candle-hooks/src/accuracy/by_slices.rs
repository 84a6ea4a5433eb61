//! Counts right answers on the CPU, from the numbers where they lie.
//!
//! No tensor is made. A right answer costs one pass over its logits, in which many are compared
//! at once; a wrong one ends where a greater logit is found.

use candle_core::{CpuStorage, Layout, Result, Storage, Tensor, WithDType};

use super::{
    count::{Amount, Count},
    task::{Kind, Rule, Task},
};

/// How many logits are compared before it is asked whether the answer is wrong already.
const CHUNK: usize = 64;

/// Counts, or gives `None` where the numbers are not on the CPU or of a type that only storage
/// is for.
///
/// # Errors
/// If numbers with gaps between them cannot be copied.
pub(super) fn count(task: &Task, logits: &Tensor, labels: &Tensor) -> Result<Option<Count>> {
    if !(logits.device().is_cpu() && labels.device().is_cpu()) {
        return Ok(None);
    }
    // Numbers that lie in order are handed back as they are.
    let (logits, labels) = (logits.contiguous()?, labels.contiguous()?);
    let (logits_storage, logits_layout) = logits.storage_and_layout();
    let (labels_storage, labels_layout) = labels.storage_and_layout();
    let mask_storage = task.mask.as_ref().map(Tensor::storage_and_layout);
    let tally = || {
        let mask = match &mask_storage {
            Some((storage, layout)) => Some(Numbers::new(storage, layout)?),
            None => None,
        };
        let numbers = Numbers::new(&labels_storage, labels_layout)?;
        let labels = Labels { numbers, mask, task, rows: Rows::of(task, logits.dims()) };
        Numbers::new(&logits_storage, logits_layout)?.tally(&labels)
    };
    Ok(tally().map(|tally| tally.into_count(task)))
}

/// The numbers of a tensor, one after the other, of any type.
struct Numbers<'a> {
    storage: &'a CpuStorage,
    start: usize,
}

/// Runs code on the slice of numbers, whatever their type; `None` for types without arithmetic.
macro_rules! with_slice {
    ($numbers:expr, $slice:ident => $run:expr) => {{
        macro_rules! run {
            ($values:expr) => {{
                let $slice = $values.get($numbers.start..)?;
                $run
            }};
        }
        match $numbers.storage {
            CpuStorage::U8(values) => run!(values),
            CpuStorage::U32(values) => run!(values),
            CpuStorage::I16(values) => run!(values),
            CpuStorage::I32(values) => run!(values),
            CpuStorage::I64(values) => run!(values),
            CpuStorage::BF16(values) => run!(values),
            CpuStorage::F16(values) => run!(values),
            CpuStorage::F32(values) => run!(values),
            CpuStorage::F64(values) => run!(values),
            _ => return None,
        }
    }};
}

impl<'a> Numbers<'a> {
    fn new(storage: &'a Storage, layout: &Layout) -> Option<Self> {
        match storage {
            Storage::Cpu(storage) => Some(Self { storage, start: layout.start_offset() }),
            _ => None,
        }
    }

    fn get(&self, index: usize) -> Option<f64> {
        with_slice!(self, values => values.get(index).map(|value| value.to_f64()))
    }

    /// The place of the greatest number among `len` from `start`.
    fn greatest(&self, start: usize, len: usize) -> Option<usize> {
        with_slice!(self, values => values.get(start..start + len).map(greatest))
    }

    /// Takes these as logits.
    fn tally(&self, labels: &Labels<'_>) -> Option<Tally> {
        with_slice!(self, logits => labels.compare(logits))
    }
}

/// Where the logits of each answer lie.
#[derive(Debug, Clone, Copy)]
struct Rows {
    /// How many logits an answer has.
    classes: usize,
    /// How far apart they are.
    stride: usize,
}

impl Rows {
    fn of(task: &Task, logits: &[usize]) -> Self {
        let at = |dim: usize| Self {
            classes: logits.get(dim).copied().unwrap_or(1),
            stride: logits.iter().skip(dim + 1).product(),
        };
        match task.kind {
            Kind::Classes { dim } => at(dim),
            Kind::OneHot => at(logits.len().saturating_sub(1)),
            Kind::Binary => Self { classes: 1, stride: 1 },
        }
    }

    /// The logits of an answer; gathered in `scratch` where others lie between them.
    fn row<'a, T: Copy>(
        self,
        logits: &'a [T],
        answer: usize,
        scratch: &'a mut Vec<T>,
    ) -> Option<&'a [T]> {
        let Self { classes, stride } = self;
        if stride == 1 {
            let start = answer * classes;
            return logits.get(start..start + classes);
        }
        let start = answer / stride * classes * stride + answer % stride;
        scratch.clear();
        scratch.extend(logits.get(start..)?.iter().step_by(stride).take(classes));
        Some(scratch)
    }
}

/// The labels, and what the task says of them.
struct Labels<'a> {
    numbers: Numbers<'a>,
    mask: Option<Numbers<'a>>,
    task: &'a Task,
    rows: Rows,
}

impl Labels<'_> {
    /// Compares with logits; `None` if they or a label are of a type without numbers.
    fn compare<T: WithDType>(&self, logits: &[T]) -> Option<Tally> {
        let mut tally = Tally::default();
        let mut scratch = Vec::new();
        for answer in 0..self.task.answers() {
            let label = self.label(answer)?;
            if self.is_left_out(answer, label)? {
                continue;
            }
            tally.total += 1;
            let row = self.rows.row(logits, answer, &mut scratch)?;
            match is_right(self.task.rule, row, label) {
                Some(right) => tally.correct += u64::from(right),
                None => tally.out_of_range += 1,
            }
        }
        Some(tally)
    }

    fn label(&self, answer: usize) -> Option<f64> {
        if self.task.kind != Kind::OneHot {
            return self.numbers.get(answer);
        }
        let classes = self.rows.classes;
        self.numbers.greatest(answer * classes, classes).map(|class| class as f64)
    }

    fn is_left_out(&self, answer: usize, label: f64) -> Option<bool> {
        let ignored = self.task.ignored.is_some_and(|ignored| label == ignored as f64);
        match &self.mask {
            Some(mask) => Some(ignored || mask.get(answer)? == 0.0),
            None => Some(ignored),
        }
    }
}

/// What was counted so far.
#[derive(Debug, Default)]
struct Tally {
    correct: u64,
    total: u64,
    out_of_range: u64,
}

impl Tally {
    fn into_count(self, task: &Task) -> Count {
        Count {
            correct: Amount::Known(self.correct),
            total: Amount::Known(self.total),
            items: task.items(),
            out_of_range: self.out_of_range,
        }
    }
}

/// Whether an answer is right; `None` if the label is no class.
fn is_right<T: WithDType>(rule: Rule, row: &[T], label: f64) -> Option<bool> {
    if let Rule::Above(threshold) = rule {
        let yes = *row.first()? > T::from_f64(threshold);
        return (0.0..=1.0).contains(&label).then_some(yes == (label > 0.5));
    }
    let class = class(label, row.len())?;
    // The label's own logit, with those of the classes before and after it.
    let (before, rest) = row.split_at_checked(class)?;
    let (own, after) = rest.split_first()?;
    Some(match rule {
        Rule::AnyClass => true,
        Rule::Among { k } => is_among(before, *own, after, k),
        Rule::Greatest | Rule::Above(_) => is_greatest(before, *own, after),
    })
}

/// The label as a place among so many classes.
#[expect(clippy::cast_sign_loss, reason = "within 0..classes")]
fn class(label: f64, classes: usize) -> Option<usize> {
    let is_class = label >= 0.0 && label < classes as f64 && label.fract() == 0.0;
    is_class.then_some(label as usize)
}

/// Whether `argmax` gives this class.
///
/// It goes on to a class only if that is greater: the first of equals wins, a NaN in the first
/// place is never left, and one that follows is passed over.
fn is_greatest<T: WithDType>(before: &[T], own: T, after: &[T]) -> bool {
    if before.first().is_some_and(is_nan) {
        return false;
    }
    if is_nan(&own) {
        return before.is_empty();
    }
    !any(before, |value| value >= own) && !any(after, |value| value > own)
}

/// Whether fewer than `k` classes come before this one. NaN does, as no comparison with it holds;
/// before a label that is NaN, all others do.
fn is_among<T: WithDType>(before: &[T], own: T, after: &[T], k: usize) -> bool {
    let mut ahead = 0;
    let lower = before.chunks(CHUNK).map(|chunk| chunk.len() - number(chunk, |v| v < own));
    let higher = after.chunks(CHUNK).map(|chunk| chunk.len() - number(chunk, |v| v <= own));
    lower.chain(higher).all(|more| {
        ahead += more;
        ahead < k
    })
}

/// The place that `argmax` gives.
fn greatest<T: WithDType>(row: &[T]) -> usize {
    let mut rest = row.iter().enumerate();
    let Some(mut best) = rest.next() else { return 0 };
    for next in rest {
        if next.1 > best.1 {
            best = next;
        }
    }
    best.0
}

/// Whether `is` holds for any value. Within a chunk all are tried, which is several at a time.
fn any<T: Copy>(values: &[T], is: impl Fn(T) -> bool) -> bool {
    values.chunks(CHUNK).any(|chunk| chunk.iter().fold(false, |any, value| any | is(*value)))
}

fn number<T: Copy>(values: &[T], is: impl Fn(T) -> bool) -> usize {
    values.iter().map(|value| u32::from(is(*value))).sum::<u32>() as usize
}

fn is_nan<T: WithDType>(value: &T) -> bool {
    value.partial_cmp(value).is_none()
}
