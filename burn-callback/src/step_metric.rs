//! A metric that sees where training stands, and carries it to the metric logger.
//!
//! Burn tells its metric loggers no step, no batch size and no learning rate. It tells them to
//! its metrics, and hands what a metric returns to the loggers in the same update as all other
//! values of the batch. So the step metric's text is the one channel that cannot drift from the values,
//! even when several devices take turns.

use std::{
    fmt::{self, Write},
    sync::Arc,
};

use burn::{
    lr_scheduler::module_lr_scheduler::ModuleLearningRate,
    tensor::TensorReadError,
    train::metric::{Metric, MetricId, MetricMetadata, MetricName, SerializedEntry},
};
use tracker_core::{Event, Stop};

use crate::{
    compat::{Devices, Position},
    guard::caught,
    rates::RateGroups,
    session::Session,
};

/// The name under which renderers and Burn's own files show the step metric: one that no training uses
/// for a metric of its own, which would then be taken for the step metric.
const NAME: &str = "Tracker Step";
const COMPLETE: &str = "split complete";
const CUT_SHORT: &str = "split cut short";
const SHORT: &str = "split short of items";

/// What the step metric says in one update.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum StepEntry {
    /// The update holds the values of one batch.
    Batch(Batch),
    /// The update holds the values of the split that ends.
    End(Ended),
}

/// How a split ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// With all of its items, or nobody knows how many there are.
    Complete,
    /// The data loader had no more, before all items that it had told of.
    Short,
    /// Training was told to end.
    CutShort,
}

impl Ended {
    const ALL: [Self; 3] = [Self::Complete, Self::Short, Self::CutShort];

    fn text(self) -> &'static str {
        match self {
            Self::Complete => COMPLETE,
            Self::Short => SHORT,
            Self::CutShort => CUT_SHORT,
        }
    }
}

/// Where in its epoch a batch is.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Batch {
    /// Which of the epoch's batches it is, from 1, as Burn counts: several devices that train
    /// apart count by their number.
    pub(crate) iteration: Option<u64>,
    /// How many of the epoch's items were processed with it; 0 if the data loader does not tell.
    pub(crate) processed: u64,
    /// Whether these were all.
    pub(crate) completed: bool,
    /// The learning rates, that of all parameters first, then those of the groups that have their
    /// own. None in validation.
    pub(crate) rates: Vec<f64>,
}

impl Batch {
    /// The learning rate of all parameters that are in no group.
    pub(crate) fn rate(&self) -> Option<f64> {
        self.rates.first().copied()
    }

    fn words(&self, session: u64) -> String {
        let Self { iteration, processed, completed, rates } = self;
        let iteration = iteration.unwrap_or_default();
        let mut words = format!("{session} {iteration} {processed} {}", u8::from(*completed));
        for rate in rates {
            // Writing to a string does not fail.
            let _ = write!(words, " {rate:?}");
        }
        words
    }

    fn read<'a>(mut words: impl Iterator<Item = &'a str>) -> Option<Self> {
        let iteration: u64 = words.next()?.parse().ok()?;
        let processed = words.next()?.parse().ok()?;
        let completed = words.next()? == "1";
        let rates = words.map_while(|word| word.parse().ok()).collect();
        let iteration = (iteration > 0).then_some(iteration);
        Some(Self { iteration, processed, completed, rates })
    }
}

/// What a renderer shows to people.
impl fmt::Display for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.iteration {
            Some(iteration) => write!(f, "batch {iteration}")?,
            None => f.write_str("batch")?,
        }
        match self.rate() {
            Some(rate) => write!(f, " · lr {rate:.2e}"),
            None => Ok(()),
        }
    }
}

impl StepEntry {
    /// What the step metric of this session said in this entry; `None` if another one said it.
    pub(crate) fn read(entry: &SerializedEntry, session: u64) -> Option<Self> {
        if Self::session(entry) != Some(session) {
            return None;
        }
        if entry.is_not_available() {
            let is_told = |ended: &Ended| entry.formatted.starts_with(ended.text());
            return Ended::ALL.into_iter().find(is_told).map(Self::End);
        }
        Batch::read(entry.serialized.split(' ').skip(1)).map(Self::Batch)
    }

    /// Which session's step metric said this.
    pub(crate) fn session(entry: &SerializedEntry) -> Option<u64> {
        let word = if entry.is_not_available() {
            entry.formatted.rsplit('#').next()
        } else {
            entry.serialized.split(' ').next()
        };
        word?.parse().ok()
    }

    fn serialized(&self, session: u64) -> SerializedEntry {
        match self {
            Self::Batch(batch) => SerializedEntry::new(batch.to_string(), batch.words(session)),
            Self::End(ended) => {
                let text = ended.text();
                let not_available = SerializedEntry::NOT_AVAILABLE.to_owned();
                SerializedEntry::new(format!("{text} #{session}"), not_available)
            }
        }
    }
}

/// The metric itself, one for each split.
#[derive(Clone)]
pub(crate) struct StepMetric {
    session: Arc<Session>,
    trains: bool,
    name: MetricName,
    groups: RateGroups,
    /// Where its last batch was; `None` before the first.
    position: Option<Position>,
    /// The size of the split's largest batch.
    largest: u64,
    devices: Devices,
}

impl StepMetric {
    pub(crate) fn train(session: Arc<Session>) -> Self {
        let name = Arc::new(NAME.to_owned());
        let groups = RateGroups::default();
        let devices = Devices::of(None);
        Self { session, trains: true, name, groups, position: None, largest: 1, devices }
    }

    /// The same for these devices.
    pub(crate) fn on(self, devices: Devices) -> Self {
        Self { devices, ..self }
    }

    pub(crate) fn valid(session: Arc<Session>) -> Self {
        Self { trains: false, ..Self::train(session) }
    }

    /// The id under which Burn keeps the step metric's entries.
    pub(crate) fn id() -> MetricId {
        MetricId::new(Arc::new(NAME.to_owned()))
    }

    fn batch(&mut self, metadata: &MetricMetadata) -> Batch {
        let position = self.devices.position(metadata);
        let before = self.position.replace(position);
        let begins = before.is_none();
        let processed = before.map_or(0, |before| before.loaded.processed);
        self.largest = self.largest.max(position.loaded.processed.saturating_sub(processed));
        let rates = match metadata.lr.as_ref().filter(|_| self.trains) {
            // Burn panics for rates without a group, and a group may ask the user's own predicate.
            Some(rates) => caught(|| self.rates(rates, begins)).unwrap_or_default(),
            None => Vec::new(),
        };
        Batch {
            iteration: position.iteration,
            processed: position.loaded.processed,
            completed: position.completed,
            rates,
        }
    }

    /// The learning rates. At the first batch, groups of parameters are looked for that have their
    /// own.
    fn rates(&mut self, rates: &ModuleLearningRate, looks_for_groups: bool) -> Vec<f64> {
        if looks_for_groups && let Some(parameters) = self.session.parameters() {
            self.groups.split(rates, parameters);
            if let Some(names) = self.groups.names() {
                self.session.name_rates(&names);
            }
        }
        self.groups.rates(rates)
    }

    fn end(&self) -> StepEntry {
        StepEntry::End(match self.position {
            None | Some(Position { completed: true, .. }) => Ended::Complete,
            _ if self.session.interrupter().should_stop() => Ended::CutShort,
            Some(position) if position.loaded.lacks_items(self.largest) => Ended::Short,
            Some(_) => Ended::Complete,
        })
    }
}

impl Metric for StepMetric {
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
        let session = Arc::clone(&self.session);
        let devices = &mut self.devices;
        session.guarded("step metric", |tracker| {
            if let Some(problem) = devices.problem(&batch) {
                tracker.record(Event::Problem(problem));
            }
            session.check_slots(tracker);
            session.stop_if_asked(tracker, Stop::Now);
        });
        Ok(StepEntry::Batch(batch).serialized(self.session.id()))
    }

    fn compute(&mut self) -> Result<SerializedEntry, TensorReadError> {
        Ok(self.end().serialized(self.session.id()))
    }

    fn clear(&mut self) {
        self.position = None;
        self.largest = 1;
    }
}

#[cfg(test)]
mod tests {
    use burn::{
        data::dataloader::Progress, lr_scheduler::module_lr_scheduler::ModuleLearningRate,
        module::ParamId, train::Interrupter,
    };
    use tracker_core::MemoryTracker;

    use super::*;

    fn metadata(rates: ModuleLearningRate) -> MetricMetadata {
        let progress = Progress::new(16, 32, None);
        MetricMetadata { progress, iteration: Some(1), lr: Some(rates) }
    }

    #[test]
    fn a_batch_whose_rates_burn_panics_for_is_told_without_them() {
        let tracker = Arc::new(MemoryTracker::new());
        let session = Arc::new(Session::new(tracker, Interrupter::new()));
        session.set_parameters(vec![(ParamId::new(), "output.weight".to_owned())]);
        let mut step_metric = StepMetric::train(session);
        let batch = step_metric.batch(&metadata(ModuleLearningRate::default()));
        assert_eq!((batch.processed, &batch.rates[..]), (16, &[][..]));
        let batch = step_metric.batch(&metadata(ModuleLearningRate::from(0.5)));
        assert_eq!(batch.rates, [0.5], "and the next one has its rate");
    }

    #[test]
    fn entries_read_back_what_they_say() {
        let rates = vec![0.1 + 0.2, 1e-300, 0.0];
        let train = Batch { iteration: Some(7), processed: 32, completed: true, rates };
        let valid = Batch { iteration: None, completed: false, rates: Vec::new(), ..train.clone() };
        for entry in [
            StepEntry::Batch(train),
            StepEntry::Batch(valid),
            StepEntry::End(Ended::Complete),
            StepEntry::End(Ended::Short),
            StepEntry::End(Ended::CutShort),
        ] {
            assert_eq!(StepEntry::read(&entry.serialized(5), 5), Some(entry.clone()));
            assert_eq!(StepEntry::read(&entry.serialized(5), 6), None, "another session's");
            assert_eq!(StepEntry::session(&entry.serialized(5)), Some(5));
        }
    }
}
