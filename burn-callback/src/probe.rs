//! A metric that sees where training stands, and carries it to the metric logger.
//!
//! Burn tells its metric loggers no step, no batch size and no learning rate. It tells them to
//! its metrics, and hands what a metric returns to the loggers in the same update as all other
//! values of the batch. So the probe's text is the one channel that cannot drift from the values,
//! even when several devices take turns.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use burn::{
    lr_scheduler::module_lr_scheduler::ModuleLearningRate,
    tensor::TensorReadError,
    train::metric::{Metric, MetricId, MetricMetadata, MetricName, SerializedEntry},
};
use tracker_core::{Step, Stop};

use crate::session::Session;

/// The name under which renderers and Burn's own files show the probe.
const NAME: &str = "Step";
const COMPLETE: &str = "split complete";
const CUT_SHORT: &str = "split cut short";

/// What the probe says in one update.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Sign {
    /// The update holds the values of one batch.
    Batch(Batch),
    /// The update holds the values of the split that ends.
    End {
        /// Whether all of the split's batches were seen.
        complete: bool,
    },
}

/// Where in training a batch is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Batch {
    /// The global optimizer step, from 0. Several devices share one.
    pub(crate) step: u64,
    /// How many items the step took, on all devices; 0 if the data loader does not tell.
    pub(crate) items: u64,
    /// The learning rate of the step; `None` in validation.
    pub(crate) learning_rate: Option<f64>,
}

impl Sign {
    /// What the probe said in this entry; `None` if it is not the probe's.
    pub(crate) fn read(entry: &SerializedEntry) -> Option<Self> {
        if entry.is_not_available() {
            return Some(Self::End { complete: entry.formatted != CUT_SHORT });
        }
        let mut words = entry.serialized.split(' ');
        let step = words.next()?.parse().ok()?;
        let items = words.next()?.parse().ok()?;
        let learning_rate = words.next().and_then(|word| word.parse().ok());
        Some(Self::Batch(Batch { step, items, learning_rate }))
    }

    fn entry(self) -> SerializedEntry {
        match self {
            Self::Batch(batch) => SerializedEntry::new(batch.to_string(), batch.words()),
            Self::End { complete } => {
                let text = if complete { COMPLETE } else { CUT_SHORT };
                SerializedEntry::new(text.to_owned(), SerializedEntry::NOT_AVAILABLE.to_owned())
            }
        }
    }
}

impl Batch {
    fn words(self) -> String {
        match self.learning_rate {
            Some(rate) => format!("{} {} {rate:?}", self.step, self.items),
            None => format!("{} {}", self.step, self.items),
        }
    }
}

/// What a renderer shows to people.
impl fmt::Display for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {}", self.step)?;
        match self.learning_rate {
            Some(rate) => write!(f, " · lr {rate:.2e}"),
            None => Ok(()),
        }
    }
}

/// The metric itself, one for each split.
#[derive(Clone)]
pub(crate) struct Probe {
    session: Arc<Session>,
    trains: bool,
    name: MetricName,
    last: Option<Seen>,
}

/// The progress of the batch before.
#[derive(Clone, Copy)]
struct Seen {
    processed: u64,
    items: u64,
    completed: bool,
}

impl Probe {
    pub(crate) fn train(session: Arc<Session>) -> Self {
        Self { session, trains: true, name: Arc::new(NAME.to_owned()), last: None }
    }

    pub(crate) fn valid(session: Arc<Session>) -> Self {
        Self { trains: false, ..Self::train(session) }
    }

    /// The id under which Burn keeps the probe's entries.
    pub(crate) fn id() -> MetricId {
        MetricId::new(Arc::new(NAME.to_owned()))
    }

    fn batch(&mut self, metadata: &MetricMetadata) -> Batch {
        let progress = &metadata.progress;
        let processed = progress.items_processed as u64;
        let items = match self.last {
            None => processed,
            Some(last) if processed > last.processed => processed - last.processed,
            // The same step on the next device, or a device whose data ran out.
            Some(last) => last.items,
        };
        let repeats = self.last.is_some_and(|last| last.processed == processed) && processed > 0;
        self.last = Some(Seen { processed, items, completed: progress.is_completed() });
        let step =
            if self.trains && !repeats { self.session.begin_step() } else { self.session.step() };
        let rates = metadata.lr.as_ref().filter(|_| self.trains);
        // Burn panics for rates without a group, which nobody makes on purpose.
        let base = || rates.map(ModuleLearningRate::base);
        let learning_rate = catch_unwind(AssertUnwindSafe(base)).ok().flatten();
        Batch { step, items, learning_rate }
    }

    fn end(&self) -> Sign {
        let completed = self.last.is_none_or(|last| last.completed);
        Sign::End { complete: completed || !self.session.interrupter().should_stop() }
    }
}

impl Metric for Probe {
    type Input = ();

    fn name(&self) -> MetricName {
        Arc::clone(&self.name)
    }

    fn description(&self) -> Option<String> {
        Some("where training stands, for the tracker".to_owned())
    }

    fn update(
        &mut self,
        (): &(),
        metadata: &MetricMetadata,
    ) -> Result<SerializedEntry, TensorReadError> {
        self.session.batch_seen();
        let batch = self.batch(metadata);
        self.session.guarded("step probe", |tracker| {
            if self.trains {
                tracker.advance(Step(batch.step));
            }
            self.session.stop_if_asked(tracker, Stop::Now);
        });
        Ok(Sign::Batch(batch).entry())
    }

    fn compute(&mut self) -> Result<SerializedEntry, TensorReadError> {
        Ok(self.end().entry())
    }

    fn clear(&mut self) {
        self.last = None;
    }
}

#[cfg(test)]
mod tests {
    use burn::{data::dataloader::Progress, train::Interrupter};
    use tracker_core::MemoryTracker;

    use super::*;

    fn probe() -> Probe {
        let tracker = Arc::new(MemoryTracker::new());
        Probe::train(Arc::new(Session::new(tracker, Interrupter::new())))
    }

    fn seen(probe: &mut Probe, processed: usize) -> (u64, u64) {
        let progress = Progress::new(processed, 100, None);
        let metadata = MetricMetadata { progress, iteration: None, lr: Some(0.1.into()) };
        let entry = probe.update(&(), &metadata).unwrap();
        let Some(Sign::Batch(batch)) = Sign::read(&entry) else { panic!("{entry:?}") };
        assert_eq!(batch.learning_rate, Some(0.1));
        (batch.step, batch.items)
    }

    #[test]
    fn each_batch_is_a_step_and_knows_its_items() {
        let mut probe = probe();
        assert_eq!(seen(&mut probe, 64), (0, 64));
        assert_eq!(seen(&mut probe, 100), (1, 36));
        probe.clear();
        assert_eq!(seen(&mut probe, 100), (2, 100), "a new epoch of one batch");
    }

    #[test]
    fn devices_that_share_a_step_repeat_its_progress() {
        let mut probe = probe();
        assert_eq!(seen(&mut probe, 64), (0, 64));
        assert_eq!(seen(&mut probe, 64), (0, 64));
        assert_eq!(seen(&mut probe, 96), (1, 32));
        assert_eq!(seen(&mut probe, 60), (2, 32), "one device has no data left");
    }

    #[test]
    fn a_loader_without_progress_still_counts_steps() {
        let mut probe = probe();
        assert_eq!(seen(&mut probe, 0), (0, 0));
        assert_eq!(seen(&mut probe, 0), (1, 0));
    }

    #[test]
    fn signs_read_back_what_they_say() {
        let batch = Batch { step: 7, items: 32, learning_rate: Some(0.1 + 0.2) };
        let valid = Batch { learning_rate: None, ..batch };
        for sign in [
            Sign::Batch(batch),
            Sign::Batch(valid),
            Sign::End { complete: true },
            Sign::End { complete: false },
        ] {
            assert_eq!(Sign::read(&sign.entry()), Some(sign));
        }
    }
}
