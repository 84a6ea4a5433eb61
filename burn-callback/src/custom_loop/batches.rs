//! Batches that count and close their steps.

use std::{fmt, sync::Arc};

use burn::data::{
    dataloader::{DataLoader, DataLoaderIterator},
    dataset::DatasetError,
};
use tracker_core::Stop;

use crate::{Loop, custom_loop::state::State};

/// Goes over the batches of a data loader; see [`Loop::batches`].
pub struct Batches<'a, O> {
    hooks: Loop,
    inner: Box<dyn DataLoaderIterator<O> + 'a>,
    total_items: u64,
    processed: u64,
    /// Whether a batch is out, which ends when the next one is asked for.
    batch: Batch,
    begun: bool,
    done: bool,
}

/// Where the batch is that was asked for last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Batch {
    /// There is none, or it is over.
    #[default]
    None,
    /// With the loop.
    Out,
    /// It could not be loaded.
    Failed,
}

impl Loop {
    /// Goes over the batches of a data loader. What is measured between two batches belongs to
    /// the first of them. The batches end early when somebody asks the run to stop now; then the
    /// epoch has no means, and nor has an evaluation.
    pub fn batches<'a, O>(&self, loader: &'a Arc<dyn DataLoader<O>>) -> Batches<'a, O> {
        Batches::new(self.clone(), &**loader)
    }
}

impl<'a, O> Batches<'a, O> {
    fn new(hooks: Loop, loader: &'a dyn DataLoader<O>) -> Self {
        let total_items = loader.num_items() as u64;
        let inner = loader.iter();
        Self {
            hooks,
            inner,
            total_items,
            processed: 0,
            batch: Batch::None,
            begun: false,
            done: false,
        }
    }

    fn end_batch(&mut self) {
        if std::mem::take(&mut self.batch) == Batch::Out {
            self.hooks.with_state(State::end_batch);
        }
    }

    fn begin_batch(&mut self) {
        let processed = self.inner.progress().items_processed as u64;
        let items = processed.saturating_sub(self.processed);
        self.processed = processed;
        self.batch = Batch::Out;
        self.hooks.with_state(|state| state.begin_batch(items, self.total_items));
    }

    fn finish(&mut self, stopped: bool) {
        if !std::mem::replace(&mut self.done, true) && self.begun {
            self.end_batch();
            self.hooks.with_state(|state| state.end_batches(stopped));
        }
    }
}

impl<O> Iterator for Batches<'_, O> {
    type Item = Result<O, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        if !std::mem::replace(&mut self.begun, true) {
            self.hooks.with_state(State::begin_batches);
        }
        self.end_batch();
        let stopped = self.hooks.stop() == Stop::Now;
        let next = if stopped { None } else { self.inner.next() };
        match &next {
            Some(Ok(_)) => self.begin_batch(),
            Some(Err(_)) => self.batch = Batch::Failed,
            None => self.finish(stopped),
        }
        next
    }
}

impl<O> Drop for Batches<'_, O> {
    fn drop(&mut self) {
        // A loop that is left with `?` leaves a part of an epoch.
        self.finish(self.batch == Batch::Failed || std::thread::panicking());
    }
}

impl<O> fmt::Debug for Batches<'_, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batches").field("processed", &self.processed).finish_non_exhaustive()
    }
}
