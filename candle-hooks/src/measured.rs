//! What was measured within one step or one evaluation, and its means.

use candle_core::{Result, Tensor, TensorId};

use crate::{
    accuracy, items,
    mean::Mean,
    readback::{Reading, Readings},
};

/// Losses and counts of right answers, with the sizes of the batches that they belong to.
///
/// A step has one of each, or several with gradient accumulation: the first loss then belongs to
/// the first batch size, the second to the second.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    losses: Vec<Loss>,
    answers: Vec<Answers>,
    /// What the user said with `batch_size`.
    stated: Vec<u64>,
    last: Option<TensorId>,
}

#[derive(Debug)]
struct Loss {
    value: Reading,
    /// What the graph told.
    items: Option<u64>,
}

#[derive(Debug)]
struct Answers {
    correct: Reading,
    total: u64,
    items: u64,
}

/// The means of what was measured.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Means {
    pub(crate) loss: Mean,
    pub(crate) accuracy: Mean,
    pub(crate) items: u64,
}

impl Measured {
    /// Whether there is nothing to log.
    pub(crate) fn is_empty(&self) -> bool {
        self.losses.is_empty() && self.answers.is_empty()
    }

    /// Takes a loss; the same tensor counts once.
    ///
    /// # Errors
    /// If it is no single value or cannot be read.
    pub(crate) fn add_loss(&mut self, loss: &Tensor, readings: &mut Readings) -> Result<()> {
        if self.last == Some(loss.id()) {
            return Ok(());
        }
        self.last = Some(loss.id());
        let value = readings.take(loss)?;
        let items = match self.known_items(self.losses.len()) {
            Some(known) => Some(known),
            None => items::of_loss(loss),
        };
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
        let correct = readings.take(&count.correct)?;
        self.answers.push(Answers { correct, total: count.total, items: count.items });
        Ok(())
    }

    /// Takes the size of a batch from the user.
    pub(crate) fn state_items(&mut self, items: u64) {
        self.stated.push(items);
    }

    /// Whether all values have arrived.
    pub(crate) fn is_ready(&self) -> bool {
        self.losses.iter().all(|loss| loss.value.is_ready())
            && self.answers.iter().all(|answers| answers.correct.is_ready())
    }

    /// The means of what has arrived.
    pub(crate) fn means(&self) -> Means {
        let mut means = Means { items: self.items(), ..Means::default() };
        for (index, loss) in self.losses.iter().enumerate() {
            if let Some(value) = loss.value.value() {
                means.loss.add(value, self.loss_items(index, loss));
            }
        }
        for answers in &self.answers {
            if let Some(correct) = answers.correct.value() {
                means.accuracy.add_sum(correct, answers.total);
            }
        }
        means
    }

    /// The items of all batches: as the user says, else by the labels, else by the losses.
    fn items(&self) -> u64 {
        if !self.stated.is_empty() {
            self.stated.iter().sum()
        } else if !self.answers.is_empty() {
            self.answers.iter().map(|answers| answers.items).sum()
        } else {
            self.losses.iter().map(|loss| loss.items.unwrap_or(1)).sum()
        }
    }

    fn loss_items(&self, index: usize, loss: &Loss) -> u64 {
        self.known_items(index).or(loss.items).unwrap_or(1)
    }

    /// What the user or the labels say of the batch at this place.
    fn known_items(&self, index: usize) -> Option<u64> {
        let stated = self.stated.get(index).copied();
        stated.or_else(|| self.answers.get(index).map(|answers| answers.items))
    }
}
