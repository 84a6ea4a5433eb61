//! What was measured within one step or one evaluation, and its means.

use candle_core::{Result, Tensor, TensorId};

use crate::{
    accuracy, items,
    mean::Mean,
    metric_value::MetricValue,
    naming::Unit,
    readback::{Reading, Readings},
};

/// A metric that the user named, by its place among the writer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OtherIndex(pub(crate) usize);

/// Losses and counts of right answers, with the sizes of the batches that they belong to.
///
/// A step has one of each, or several with gradient accumulation: the first loss then belongs to
/// the first batch size, the second to the second.
#[derive(Debug, Default)]
pub(crate) struct StepValues {
    losses: Vec<Loss>,
    answers: Vec<Answers>,
    others: Vec<(OtherIndex, Other)>,
    /// What the user said with `batch_size`.
    stated: Vec<u64>,
    last: Option<TensorId>,
}

#[derive(Debug)]
struct Loss {
    value: Reading,
    /// What the graph told, where nobody else had said it before.
    items: Option<u64>,
}

#[derive(Debug)]
struct Answers {
    correct: Reading,
    total: Reading,
    items: u64,
}

#[derive(Debug)]
enum Other {
    Value(Reading),
    Share { correct: Reading, total: Reading },
}

/// The means of what was measured.
#[derive(Debug, Clone, Default)]
pub(crate) struct Means {
    pub(crate) loss: Mean,
    pub(crate) accuracy: Mean,
    pub(crate) others: Vec<(OtherIndex, Mean)>,
    pub(crate) items: u64,
}

impl Means {
    /// Takes over all that was measured elsewhere.
    pub(crate) fn merge(&mut self, more: &Self) {
        self.loss.merge(more.loss);
        self.accuracy.merge(more.accuracy);
        self.items += more.items;
        for (metric, mean) in &more.others {
            self.other(*metric).merge(*mean);
        }
    }

    fn other(&mut self, metric: OtherIndex) -> &mut Mean {
        let found = self.others.iter().position(|(of, _)| *of == metric);
        let at = found.unwrap_or(self.others.len());
        if found.is_none() {
            self.others.push((metric, Mean::default()));
        }
        &mut self.others[at].1
    }
}

impl StepValues {
    /// Whether there is nothing to log.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values were taken.
    pub(crate) fn len(&self) -> usize {
        self.losses.len() + self.answers.len() + self.others.len()
    }

    /// Takes a loss; the same tensor counts once.
    ///
    /// # Errors
    /// If it is no single value or cannot be read.
    pub(crate) fn add_loss(
        &mut self,
        loss: &Tensor,
        unit: Unit,
        readings: &mut Readings,
    ) -> Result<()> {
        if self.last == Some(loss.id()) {
            return Ok(());
        }
        self.last = Some(loss.id());
        let value = readings.take(loss)?;
        let is_known = self.stated.len().max(self.answers.len()) > self.losses.len();
        let items = if is_known { None } else { items::of_loss(loss, unit) };
        self.losses.push(Loss { value, items });
        Ok(())
    }

    /// Takes right answers.
    ///
    /// # Errors
    /// If they cannot be read.
    pub(crate) fn add_answers(
        &mut self,
        count: &accuracy::Count,
        readings: &mut Readings,
    ) -> Result<()> {
        let (correct, total) = amounts(count, readings)?;
        self.answers.push(Answers { correct, total, items: count.items });
        Ok(())
    }

    /// Takes right answers of another kind, such as those among the best five.
    ///
    /// # Errors
    /// If they cannot be read.
    pub(crate) fn add_share(
        &mut self,
        metric: OtherIndex,
        count: &accuracy::Count,
        readings: &mut Readings,
    ) -> Result<()> {
        let (correct, total) = amounts(count, readings)?;
        self.others.push((metric, Other::Share { correct, total }));
        Ok(())
    }

    /// Takes the value of a metric that the user named.
    ///
    /// # Errors
    /// If it is a tensor that is no single value or cannot be read.
    pub(crate) fn add_value(
        &mut self,
        metric: OtherIndex,
        value: MetricValue<'_>,
        readings: &mut Readings,
    ) -> Result<()> {
        let value = match value {
            MetricValue::Number(number) => Reading::Now(number),
            MetricValue::Tensor(tensor) => readings.take(tensor)?,
        };
        self.others.push((metric, Other::Value(value)));
        Ok(())
    }

    /// Takes the size of a batch from the user.
    pub(crate) fn state_items(&mut self, items: u64) {
        self.stated.push(items);
    }

    /// Whether all values have arrived.
    pub(crate) fn is_ready(&self) -> bool {
        self.losses.iter().all(|loss| loss.value.is_ready())
            && self.answers.iter().all(|one| one.correct.is_ready() && one.total.is_ready())
            && self.others.iter().all(|(_, other)| other.is_ready())
    }

    /// The means of what has arrived.
    pub(crate) fn means(&self, unit: Unit) -> Means {
        let mut means = Means { items: self.items(unit), ..Means::default() };
        for (index, loss) in self.losses.iter().enumerate() {
            if let Some(value) = loss.value.value() {
                means.loss.add(value, self.batch_items(index, unit));
            }
        }
        for answers in &self.answers {
            add_share(&mut means.accuracy, &answers.correct, &answers.total);
        }
        let mut seen: Vec<usize> = Vec::new();
        for (metric, other) in &self.others {
            // The second value of a metric belongs to the second batch.
            let index = count_up(&mut seen, *metric);
            match other {
                Other::Value(value) => {
                    if let Some(value) = value.value() {
                        means.other(*metric).add(value, self.batch_items(index, unit));
                    }
                }
                Other::Share { correct, total } => {
                    add_share(means.other(*metric), correct, total);
                }
            }
        }
        means
    }

    /// The items of all batches: as the user says, else by the labels, else by the losses.
    fn items(&self, unit: Unit) -> u64 {
        if !self.stated.is_empty() {
            self.stated.iter().sum()
        } else if !self.answers.is_empty() {
            let of_batches = self.answers.iter().step_by(self.answers_a_batch());
            of_batches.filter_map(|answers| answers.items(unit)).sum()
        } else {
            self.losses.iter().map(|loss| loss.items.unwrap_or(1)).sum()
        }
    }

    fn batch_items(&self, index: usize, unit: Unit) -> u64 {
        let of_loss = || self.losses.get(index).and_then(|loss| loss.items);
        self.known_items(index, unit).or_else(of_loss).unwrap_or(1)
    }

    /// What the user or the labels say of the batch at this place.
    fn known_items(&self, index: usize, unit: Unit) -> Option<u64> {
        let stated = self.stated.get(index).copied();
        let answers = || self.answers.get(index * self.answers_a_batch());
        stated.or_else(|| answers().and_then(|answers| answers.items(unit)))
    }

    /// How often right answers were counted in each batch: twice for a model with two heads. Where
    /// there are not as many for each loss, every count is a batch.
    fn answers_a_batch(&self) -> usize {
        let (answers, losses) = (self.answers.len(), self.losses.len());
        if losses > 0 && answers > losses && answers.is_multiple_of(losses) {
            answers / losses
        } else {
            1
        }
    }
}

impl Answers {
    /// How large the batch is; `None` while that is on its way from the device.
    fn items(&self, unit: Unit) -> Option<u64> {
        match unit {
            Unit::Items => Some(self.items),
            Unit::Tokens => self.total.value().map(count_of),
        }
    }
}

impl Other {
    fn is_ready(&self) -> bool {
        match self {
            Self::Value(value) => value.is_ready(),
            Self::Share { correct, total } => correct.is_ready() && total.is_ready(),
        }
    }
}

/// How many values of a metric there were before this one.
fn count_up(seen: &mut Vec<usize>, metric: OtherIndex) -> usize {
    if seen.len() <= metric.0 {
        seen.resize(metric.0 + 1, 0);
    }
    let before = seen[metric.0];
    seen[metric.0] += 1;
    before
}

fn amounts(count: &accuracy::Count, readings: &mut Readings) -> Result<(Reading, Reading)> {
    let mut take = |amount: &accuracy::Amount| match amount {
        accuracy::Amount::Known(count) => Ok(Reading::Now(*count as f64)),
        accuracy::Amount::OnDevice(tensor) => readings.take(tensor),
    };
    Ok((take(&count.correct)?, take(&count.total)?))
}

fn add_share(mean: &mut Mean, correct: &Reading, total: &Reading) {
    if let (Some(correct), Some(total)) = (correct.value(), total.value()) {
        mean.add_sum(correct, count_of(total));
    }
}

/// A count that came as a float.
#[expect(clippy::cast_sign_loss, reason = "a negative number becomes 0, which is no answer")]
fn count_of(value: f64) -> u64 {
    value as u64
}
