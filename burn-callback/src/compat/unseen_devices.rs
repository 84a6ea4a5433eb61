//! Devices that train apart and look like one.

use tracker_core::Problem;

use crate::step_metric::Batch;

/// How many learning rates are looked at.
const RATES: usize = 3;

/// A rate that comes with more batches is a schedule's.
const LONGEST: u64 = 16;

/// Looks, at the beginning of a training, whether what seem to be batches of one device are those of
/// several: where the rate changes with each step, all devices of a step have the same one.
#[derive(Debug, Clone, Default)]
pub(super) struct UnseenDevices {
    processed: u64,
    /// How many batches had the rate 0, before the first step.
    before: u64,
    rate: f64,
    /// How many batches had which rate after that.
    runs: Vec<u64>,
    is_over: bool,
}

impl UnseenDevices {
    pub(super) fn look(&mut self, batch: &Batch) -> Option<Problem> {
        self.take(batch).map(problem)
    }

    /// How many devices it must be, once that is known, if it is more than one.
    fn take(&mut self, batch: &Batch) -> Option<u64> {
        let rate = batch.rate()?;
        // Devices under one loop repeat their progress.
        let repeats = std::mem::replace(&mut self.processed, batch.processed) == batch.processed;
        self.is_over |= repeats || self.runs.last() == Some(&LONGEST);
        if self.is_over {
            return None;
        }
        let count = self.runs.len();
        match self.runs.last_mut() {
            None if rate == 0.0 => self.before += 1,
            Some(run) if self.rate == rate => *run += 1,
            _ if count < RATES => self.runs.push(1),
            _ => {
                self.is_over = true;
                return self.devices();
            }
        }
        self.rate = rate;
        None
    }

    /// Where gradients are gathered, each device has had one batch less before the first step.
    fn devices(&self) -> Option<u64> {
        let first = *self.runs.first()?;
        let is_steady = self.runs.iter().all(|run| *run == first);
        first.checked_sub(self.before).filter(|devices| is_steady && *devices > 1)
    }
}

fn problem(devices: u64) -> Problem {
    Problem::new(
        "devices-not-known",
        format!(
            "each learning rate comes with {devices} batches, as if {devices} devices trained apart, and \
             each batch is taken for a step"
        ),
        "give the devices to `TrackOptions::training_strategy`, in place of the builder's \
         `with_training_strategy`; one device, too, if it is one",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is made of batches of two items with these rates.
    fn seen(rates: &[f64]) -> Option<u64> {
        let mut unseen = UnseenDevices::default();
        let batch = |(index, rate): (usize, &f64)| Batch {
            processed: 2 * (index as u64 + 1),
            rates: vec![*rate],
            ..Batch::default()
        };
        rates.iter().enumerate().map(batch).find_map(|batch| unseen.take(&batch))
    }

    #[test]
    fn rates_that_come_several_times_tell_of_devices() {
        assert_eq!(seen(&[0.1, 0.1, 0.2, 0.2, 0.3, 0.3, 0.4]), Some(2));
        // Two devices that gather gradients over two batches each.
        let gathered = [0.0, 0.0, 0.1, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2, 0.2, 0.3, 0.3, 0.3, 0.3, 0.4];
        assert_eq!(seen(&gathered), Some(2));
    }

    #[test]
    fn one_device_is_not_taken_for_several() {
        assert_eq!(seen(&[0.1, 0.2, 0.3, 0.4, 0.5]), None);
        assert_eq!(seen(&[0.0, 0.1, 0.1, 0.2, 0.2, 0.3, 0.3, 0.4]), None, "gathered gradients");
        assert_eq!(seen(&[0.1; 500]), None, "no schedule");
        let slow: Vec<_> = (0..500).map(|step| f64::from(step / 100 + 1)).collect();
        assert_eq!(seen(&slow), None, "a schedule that changes seldom");
    }

    #[test]
    fn devices_under_one_loop_are_seen_as_such() {
        let mut unseen = UnseenDevices::default();
        for step in 1..9_u64 {
            for _ in 0..2 {
                let rates = vec![step as f64];
                let batch = Batch { processed: 4 * step, rates, ..Batch::default() };
                assert_eq!(unseen.take(&batch), None);
            }
        }
    }
}
