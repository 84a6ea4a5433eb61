//! What was measured of batches, on its way from the device.
//!
//! Nothing here holds a graph: a loss is kept without autodiff.

use std::time::{Duration, Instant};

use burn::{
    prelude::*,
    tensor::{ExecutionError, Transaction},
};
use tracker_core::{Step, Timestamp};

/// When values on a device are read.
const EVERY: Duration = Duration::from_secs(1);

/// How many batches wait for their values at most.
const MOST_WAITING: usize = 256;

/// What is measured of one batch, where it is.
#[derive(Debug, Default)]
pub(crate) struct StepValues {
    pub(crate) loss: Option<Tensor<1>>,
    /// The number of right answers, and of answers.
    pub(crate) correct: Option<(Tensor<1, Int>, u64)>,
    /// How many items the batch has; 0 if nobody knows.
    pub(crate) items: u64,
    pub(crate) learning_rate: Option<f64>,
}

impl StepValues {
    pub(crate) fn is_empty(&self) -> bool {
        self.loss.is_none() && self.correct.is_none()
    }

    fn on_cpu(&self) -> bool {
        let device = match (&self.loss, &self.correct) {
            (Some(loss), _) => loss.device(),
            (None, Some((correct, _))) => correct.device(),
            (None, None) => return true,
        };
        device.without_autodiff() == Device::flex()
    }
}

/// What a batch belongs to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Phase {
    /// A step of training.
    Training(Step, Timestamp),
    /// The evaluation that is open.
    Evaluation,
}

/// The values of one batch, read from their device.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct HostValues {
    pub(crate) phase: Phase,
    pub(crate) items: u64,
    pub(crate) loss: Option<f64>,
    /// The number of right answers, and of answers.
    pub(crate) correct: Option<(f64, u64)>,
    pub(crate) learning_rate: Option<f64>,
}

/// Batches whose values may still be on a device.
#[derive(Debug)]
pub(crate) struct Waiting {
    batches: Vec<(Phase, StepValues)>,
    read_at: Instant,
    /// Reads at once what is on the CPU, where nothing has to be waited for.
    at_once: bool,
}

impl Waiting {
    pub(crate) fn new() -> Self {
        Self { batches: Vec::new(), read_at: Instant::now(), at_once: true }
    }

    pub(crate) fn push(&mut self, phase: Phase, values: StepValues) {
        self.batches.push((phase, values));
    }

    pub(crate) fn len(&self) -> usize {
        self.batches.len()
    }

    /// Whether it is time to read.
    pub(crate) fn is_due(&self) -> bool {
        let Some((_, last)) = self.batches.last() else { return false };
        (self.at_once && last.on_cpu())
            || self.batches.len() >= MOST_WAITING
            || self.read_at.elapsed() >= EVERY
    }

    /// Reads all values together, and gives the batches in the order in which they came.
    ///
    /// # Errors
    /// If a device cannot compute or hand out the values; they are gone then.
    pub(crate) fn read(&mut self) -> Result<Vec<HostValues>, ExecutionError> {
        self.read_at = Instant::now();
        let mut batches = std::mem::take(&mut self.batches);
        let mut transaction = Transaction::default();
        for (_, values) in &mut batches {
            if let Some(loss) = &values.loss {
                transaction = transaction.register(loss.clone());
            }
            if let Some((correct, _)) = &values.correct {
                transaction = transaction.register(correct.clone());
            }
        }
        let data = transaction.try_execute()?;
        let mut numbers = data.iter().map(|data| data.iter::<f64>().next().unwrap_or(f64::NAN));
        let mut next = || numbers.next().unwrap_or(f64::NAN);
        let read = |(phase, values): (Phase, StepValues)| HostValues {
            phase,
            items: values.items,
            loss: values.loss.map(|_| next()),
            correct: values.correct.map(|(_, answers)| (next(), answers)),
            learning_rate: values.learning_rate,
        };
        Ok(batches.into_iter().map(read).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loss(value: f32) -> StepValues {
        let loss = Some(Tensor::<1>::from_floats([value], &Device::flex()));
        StepValues { loss, items: 1, ..StepValues::default() }
    }

    #[test]
    fn what_is_on_a_device_waits_and_comes_in_order() {
        let mut waiting = Waiting { at_once: false, ..Waiting::new() };
        for step in 0..3_u64 {
            let mut values = loss(step as f32);
            values.correct = Some((Tensor::from_ints([step as i32 + 5], &Device::flex()), 8));
            waiting.push(Phase::Training(Step(step), Timestamp::now()), values);
            assert!(!waiting.is_due());
        }
        let read = waiting.read().unwrap();
        let found: Vec<_> = read.iter().map(|of| (of.loss, of.correct)).collect();
        let expected = |step: f64| (Some(step), Some((step + 5.0, 8)));
        assert_eq!(found, [expected(0.0), expected(1.0), expected(2.0)]);
        assert_eq!(waiting.len(), 0);
    }

    #[test]
    fn what_is_on_the_cpu_is_due_at_once_and_so_are_many() {
        let mut waiting = Waiting::new();
        waiting.push(Phase::Evaluation, loss(1.0));
        assert!(waiting.is_due());
        let mut waiting = Waiting { at_once: false, ..Waiting::new() };
        for _ in 0..MOST_WAITING {
            waiting.push(Phase::Evaluation, loss(1.0));
        }
        assert!(waiting.is_due());
    }
}
