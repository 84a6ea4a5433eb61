//! Which samples a step is taken with.

use crate::flight::MAX_SAMPLES;

/// The numbers of the samples that were named since the last step, of all batches that it is made of;
/// [`MAX_SAMPLES`] at most.
#[derive(Debug, Default)]
pub struct BatchSamples {
    ids: Vec<u64>,
    /// Whether a step was taken with them: those that come next are another one's.
    is_used: bool,
}

impl BatchSamples {
    /// Adds those of a batch.
    pub fn add(&mut self, ids: impl IntoIterator<Item = u64>) {
        if std::mem::take(&mut self.is_used) {
            self.ids.clear();
        }
        let room = MAX_SAMPLES.saturating_sub(self.ids.len());
        self.ids.extend(ids.into_iter().take(room));
    }

    /// Those of the step that is taken now. Another optimizer's step in the same batch has them too.
    pub fn of_step(&mut self) -> &[u64] {
        self.is_used = true;
        &self.ids
    }

    /// Adds those that were gathered elsewhere, such as on another thread, and empties that.
    pub fn append(&mut self, gathered: &mut Self) {
        if !gathered.ids.is_empty() {
            self.add(gathered.ids.drain(..));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_has_the_samples_of_all_batches_since_the_one_before() {
        let mut samples = BatchSamples::default();
        samples.add([1, 2]);
        samples.add([3]);
        assert_eq!(samples.of_step(), [1, 2, 3]);
        assert_eq!(samples.of_step(), [1, 2, 3], "of two optimizers");
        let mut elsewhere = BatchSamples::default();
        samples.append(&mut elsewhere);
        assert_eq!(samples.of_step(), [1, 2, 3], "none were named since");
        elsewhere.add([4]);
        samples.append(&mut elsewhere);
        assert_eq!(samples.of_step(), [4]);
        samples.add(0..2_000);
        assert_eq!(samples.of_step().len(), MAX_SAMPLES);
    }
}
