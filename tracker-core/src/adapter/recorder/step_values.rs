//! What was measured within one step or one batch of an evaluation, and its means.

use crate::adapter::recorder::{
    mean::Mean,
    naming::Unit,
    reading::{Amount, Count, Measured, ReadBack, Reading},
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
    /// Accuracies that came as numbers.
    accuracies: Vec<Reading>,
    others: Vec<(OtherIndex, Other)>,
    /// What the user said with `batch_size`.
    stated: Vec<u64>,
    last: Option<u64>,
}

#[derive(Debug)]
struct Loss {
    value: Reading,
    origin: LossOrigin,
    /// What the loss told itself, where nobody else had said it before.
    items: Option<u64>,
}

/// Where a loss comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LossOrigin {
    /// The user says that it is the loss.
    Given,
    /// A backward pass began at it: it may be scaled.
    Seen,
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

/// Taking.
impl StepValues {
    /// Whether there is nothing to log.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values were taken.
    pub(crate) fn len(&self) -> usize {
        self.losses.len() + self.answers.len() + self.accuracies.len() + self.others.len()
    }

    /// Whether a loss of this origin is there, after which another one is that of another batch.
    pub(crate) fn has_loss(&self, origin: LossOrigin) -> bool {
        self.losses.iter().any(|loss| loss.origin == origin)
    }

    /// Whether this is the loss that was taken last.
    pub(crate) fn is_last(&self, identity: Option<u64>) -> bool {
        identity.is_some() && self.last == identity
    }

    /// Takes a loss; the same one of the framework's counts once.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn add_loss<R: ReadBack>(
        &mut self,
        loss: Measured<'_, R::Value>,
        origin: LossOrigin,
        unit: Unit,
        readings: &mut R,
    ) -> Result<(), String> {
        let identity = match loss {
            Measured::Number(_) => None,
            Measured::Value(value) => R::identity(value),
        };
        if self.is_last(identity) {
            return Ok(());
        }
        self.last = identity;
        // What the user gives is the truth, whatever a backward pass has seen.
        match origin {
            LossOrigin::Given => self.losses.retain(|loss| loss.origin == LossOrigin::Given),
            LossOrigin::Seen if self.has_loss(LossOrigin::Given) => return Ok(()),
            LossOrigin::Seen => {}
        }
        let is_known = self.stated.len().max(self.answers.len()) > self.losses.len();
        let items = match loss {
            Measured::Value(value) if !is_known => R::items(value, unit),
            _ => None,
        };
        let value = reading(loss, readings)?;
        self.losses.push(Loss { value, origin, items });
        Ok(())
    }

    /// Takes right answers.
    ///
    /// # Errors
    /// If they cannot be read.
    pub(crate) fn add_answers<R: ReadBack>(
        &mut self,
        count: &Count<R::Value>,
        readings: &mut R,
    ) -> Result<(), String> {
        let (correct, total) = amounts(count, readings)?;
        self.answers.push(Answers { correct, total, items: count.items });
        Ok(())
    }

    /// Takes an accuracy that somebody else worked out.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn add_accuracy<R: ReadBack>(
        &mut self,
        share: Measured<'_, R::Value>,
        readings: &mut R,
    ) -> Result<(), String> {
        self.accuracies.push(reading(share, readings)?);
        Ok(())
    }

    /// Takes right answers of another kind, such as those among the best five.
    ///
    /// # Errors
    /// If they cannot be read.
    pub(crate) fn add_share<R: ReadBack>(
        &mut self,
        metric: OtherIndex,
        count: &Count<R::Value>,
        readings: &mut R,
    ) -> Result<(), String> {
        let (correct, total) = amounts(count, readings)?;
        self.others.push((metric, Other::Share { correct, total }));
        Ok(())
    }

    /// Takes the value of a metric that the user named.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn add_value<R: ReadBack>(
        &mut self,
        metric: OtherIndex,
        value: Measured<'_, R::Value>,
        readings: &mut R,
    ) -> Result<(), String> {
        self.others.push((metric, Other::Value(reading(value, readings)?)));
        Ok(())
    }

    /// Takes the size of a batch from whoever knows it.
    pub(crate) fn state_items(&mut self, items: u64) {
        self.stated.push(items);
    }

    /// Whether all values have arrived.
    pub(crate) fn is_ready(&self) -> bool {
        self.losses.iter().all(|loss| loss.value.is_ready())
            && self.answers.iter().all(|one| one.correct.is_ready() && one.total.is_ready())
            && self.accuracies.iter().all(Reading::is_ready)
            && self.others.iter().all(|(_, other)| other.is_ready())
    }
}

/// Means.
impl StepValues {
    /// The means of what has arrived.
    pub(crate) fn means(&self, unit: Unit) -> Means {
        let mut means = Means { items: self.items(unit), ..Means::default() };
        let weight = self.weights(self.losses.len(), means.items, unit);
        for (index, loss) in self.losses.iter().enumerate() {
            if let Some(value) = loss.value.value() {
                means.loss.add(value, weight(index));
            }
        }
        for answers in &self.answers {
            add_share(&mut means.accuracy, &answers.correct, &answers.total);
        }
        let weight = self.weights(self.accuracies.len(), means.items, unit);
        for (index, accuracy) in self.accuracies.iter().enumerate() {
            if let Some(value) = accuracy.value() {
                means.accuracy.add(value, weight(index));
            }
        }
        let mut seen: Vec<(usize, usize)> = Vec::new();
        for (metric, other) in &self.others {
            match other {
                Other::Value(value) => {
                    // The second value of a metric belongs to the second batch.
                    let (index, count) = self.place_of(*metric, &mut seen);
                    if let Some(value) = value.value() {
                        let weight = self.weights(count, means.items, unit)(index);
                        means.other(*metric).add(value, weight);
                    }
                }
                Other::Share { correct, total } => {
                    add_share(means.other(*metric), correct, total);
                }
            }
        }
        means
    }

    /// By how much each of `count` values weighs: by the size of its batch if each has one, else
    /// all the same, together as much as the step's `items`. A step of which nobody knows the size
    /// weighs as one item.
    fn weights(&self, count: usize, items: u64, unit: Unit) -> impl Fn(usize) -> f64 + '_ {
        let is_known = (0..count).all(|index| self.batch_items(index, unit).is_some());
        let same = items.max(1) as f64 / count.max(1) as f64;
        move |index| match self.batch_items(index, unit).filter(|_| is_known) {
            Some(items) => items as f64,
            None => same,
        }
    }

    /// Which value of its metric this one is, and how many there are.
    fn place_of(&self, metric: OtherIndex, seen: &mut Vec<(usize, usize)>) -> (usize, usize) {
        if seen.len() <= metric.0 {
            seen.resize(metric.0 + 1, (0, 0));
        }
        let (before, count) = &mut seen[metric.0];
        if *count == 0 {
            *count = self.others.iter().filter(|(of, _)| *of == metric).count();
        }
        let place = (*before, *count);
        *before += 1;
        place
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

    /// The items of the batch at this place, if anybody knows.
    fn batch_items(&self, index: usize, unit: Unit) -> Option<u64> {
        let stated = self.stated.get(index).copied();
        let answers = || self.answers.get(index * self.answers_a_batch());
        let of_answers = || answers().and_then(|answers| answers.items(unit));
        let of_loss = || self.losses.get(index).and_then(|loss| loss.items);
        stated.or_else(of_answers).or_else(of_loss)
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

fn reading<R: ReadBack>(
    value: Measured<'_, R::Value>,
    readings: &mut R,
) -> Result<Reading, String> {
    match value {
        Measured::Number(number) => Ok(Reading::Now(number)),
        Measured::Value(value) => readings.take(value),
    }
}

fn amounts<R: ReadBack>(
    count: &Count<R::Value>,
    readings: &mut R,
) -> Result<(Reading, Reading), String> {
    let mut take = |amount: &Amount<R::Value>| match amount {
        Amount::Known(count) => Ok(Reading::Now(*count as f64)),
        Amount::OnDevice(value) => readings.take(value),
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
