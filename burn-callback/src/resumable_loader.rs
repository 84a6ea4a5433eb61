//! A data loader that gives each epoch the order that it would have had, also after a kill.

use std::{
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use burn::{
    data::{
        dataloader::{DataLoader, DataLoaderIterator},
        dataset::{Dataset, DatasetError},
    },
    tensor::Device,
};
use tracker_core::{
    Event, RunContext, Tracker,
    adapter::{Order, resumed_run_not_read},
    read::RunReader,
};

use crate::{
    resume::epoch_rows,
    start::{self, Start},
};

/// A data loader that shuffles each epoch by its number, where Burn's own shuffles by how often it was
/// asked in this process: after a kill, epoch 7 gets the order of epoch 7 again.
///
/// ```no_run
/// # use std::sync::Arc;
/// use burn_callback::{ResumableLoader, prelude::*};
/// # use burn_callback::burn;
/// use burn::data::{dataloader::{DataLoader, DataLoaderBuilder, batcher::Batcher}, dataset::Dataset};
///
/// # fn loader<I: Send + Sync + Clone + std::fmt::Debug + 'static, O: Send + Clone + std::fmt::Debug + 'static>(
/// #     run: &Run, dataset: impl Dataset<I> + 'static, batcher: impl Batcher<I, O> + 'static,
/// # ) -> Arc<dyn DataLoader<O>> {
/// ResumableLoader::shuffled(run, dataset, 42, |dataset| {
///     DataLoaderBuilder::new(batcher).batch_size(64).build(dataset) // without `.shuffle(..)`
/// })
/// # }
/// ```
///
/// It is for Burn's learner, which says with which epoch it begins: make one for each training of a run,
/// before it is launched and after the one before has ended. A loop of your own, which may go on within an epoch, takes its batches
/// from an [`Order`] with [`Loop::iterate`](crate::Loop::iterate). With several workers, Burn gives their batches as they come, in no certain order.
pub struct ResumableLoader<O> {
    inner: Arc<dyn DataLoader<O>>,
    epochs: Arc<Epochs>,
    /// How often this one was gone over.
    count: AtomicU64,
}

/// How long the first epoch of a resumed run waits for the learner to say which one it is. Burn tells
/// it on a thread of its own.
const PATIENCE: Duration = Duration::from_secs(5);

/// Which epoch it is.
struct Epochs {
    tracker: Arc<dyn Tracker>,
    /// The first epoch of the training, where the run was resumed.
    first: Option<Arc<Start>>,
    /// How many the training had before, once somebody asks.
    before: OnceLock<u64>,
    current: AtomicU64,
}

impl Epochs {
    /// Begins the epoch that is the `count`th here, from 0.
    fn begin(&self, count: u64) {
        let before = *self.before.get_or_init(|| self.before());
        self.current.store(before + count, Ordering::Relaxed);
    }

    /// The learner knows it from its checkpoint. The run's own epochs may be fewer: a kill can come
    /// between the checkpoint of an epoch and its last values.
    fn before(&self) -> u64 {
        let Some(first) = &self.first else { return 0 };
        first.wait(PATIENCE, || self.recorded() + 1).saturating_sub(1)
    }

    /// How many epochs the run has.
    fn recorded(&self) -> u64 {
        let Some(run) = self.tracker.context() else { return 0 };
        let read = |run: &dyn RunContext| {
            let epochs = epoch_rows(&RunReader::of_context(run)?, "epoch")?;
            Ok(epochs.len() as u64)
        };
        read(run).unwrap_or_else(|error| {
            self.tracker.record(Event::Problem(resumed_run_not_read(&error)));
            0
        })
    }
}

impl<O: 'static> ResumableLoader<O> {
    /// Goes over `dataset`, shuffled by `seed` and the number of the epoch. `build` makes the loader that
    /// does the work of what it is given: batches, workers, the device.
    pub fn shuffled<I: 'static>(
        tracker: impl Into<Arc<dyn Tracker>>,
        dataset: impl Dataset<I> + 'static,
        seed: u64,
        build: impl FnOnce(OrderedDataset<I>) -> Arc<dyn DataLoader<O>>,
    ) -> Arc<dyn DataLoader<O>> {
        let tracker = tracker.into();
        let run = tracker.context().filter(|run| run.is_resumed());
        let epochs = Arc::new(Epochs {
            first: run.map(|run| start::pending_epoch(run.id())),
            tracker,
            before: OnceLock::new(),
            current: AtomicU64::new(0),
        });
        let order = Order::shuffled(dataset.len(), seed);
        let dataset = OrderedDataset { inner: Arc::new(dataset), order, epochs: epochs.clone() };
        Arc::new(Self { inner: build(dataset), epochs, count: AtomicU64::new(0) })
    }
}

impl<O> ResumableLoader<O> {
    /// The same epochs of another loader.
    fn of(&self, inner: Arc<dyn DataLoader<O>>) -> Self {
        Self { inner, epochs: Arc::clone(&self.epochs), count: AtomicU64::new(0) }
    }
}

impl<O: 'static> DataLoader<O> for ResumableLoader<O> {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<O> + 'a> {
        self.epochs.begin(self.count.fetch_add(1, Ordering::Relaxed));
        self.inner.iter()
    }

    fn num_items(&self) -> usize {
        self.inner.num_items()
    }

    #[cfg(feature = "burn-0-23")]
    fn expected_num_items(&self) -> Option<usize> {
        self.inner.expected_num_items()
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<O>> {
        Arc::new(self.of(self.inner.to_device(device)))
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<O>> {
        Arc::new(self.of(self.inner.slice(start, end)))
    }
}

impl<O> fmt::Debug for ResumableLoader<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResumableLoader").field("count", &self.count).finish_non_exhaustive()
    }
}

/// A dataset in the order of the epoch that a [`ResumableLoader`] goes over.
pub struct OrderedDataset<I> {
    inner: Arc<dyn Dataset<I>>,
    order: Order,
    epochs: Arc<Epochs>,
}

impl<I> Dataset<I> for OrderedDataset<I> {
    fn get(&self, index: usize) -> Result<I, DatasetError> {
        let epoch = self.epochs.current.load(Ordering::Relaxed);
        // What is out of bounds is for the dataset itself to refuse.
        self.inner.get(self.order.index(epoch, index).unwrap_or(index))
    }

    fn len(&self) -> usize {
        self.order.len()
    }
}

impl<I> fmt::Debug for OrderedDataset<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrderedDataset").field("order", &self.order).finish_non_exhaustive()
    }
}
