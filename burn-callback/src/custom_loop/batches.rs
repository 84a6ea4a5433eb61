//! Batches that count and close their steps.

use std::{fmt, mem, sync::Arc, time::Instant};

use burn::data::{
    dataloader::{DataLoader, DataLoaderIterator},
    dataset::DatasetError,
};
use tracker_core::{
    Stop,
    adapter::recorder::{End, IteratorId, LeftOut, LoopHandle as _, OpenEvaluation},
};

use crate::{
    Loop,
    compat::{self, Loaded},
    custom_loop::state::State,
    missing_items::items_missing,
};

/// Goes over the batches of a data loader; see [`Loop::batches`].
pub struct Batches<'a, O> {
    hooks: Loop,
    inner: Box<dyn DataLoaderIterator<O> + 'a>,
    total_items: u64,
    processed: u64,
    /// The items of the largest batch so far.
    largest: u64,
    /// Whether no batch was given out yet.
    is_first: bool,
    part: Part,
    /// Whether the batch that was asked for last could not be loaded.
    failed: bool,
}

/// What these batches are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    New,
    Training(IteratorId),
    Evaluation,
    /// Within other batches, or where nothing is tracked: passed through.
    Passive,
    Done,
}

impl Loop {
    /// Goes over the batches of a data loader. What is measured between two batches belongs to
    /// the first of them. The batches end early when somebody asks the run to stop now; then the
    /// epoch has no means, and nor has an evaluation.
    pub fn batches<'a, O>(&self, loader: &'a Arc<dyn DataLoader<O>>) -> Batches<'a, O> {
        Batches {
            hooks: self.clone(),
            total_items: loader.num_items() as u64,
            inner: loader.iter(),
            processed: 0,
            largest: 0,
            is_first: true,
            part: Part::New,
            failed: false,
        }
    }
}

impl<O> Batches<'_, O> {
    fn begin(&mut self) {
        let length = Some(self.total_items);
        let of = |state: &mut State| match state.evaluation() {
            Some(_) => (Part::Evaluation, LeftOut::First(0)),
            None => match state.recorder.begin_batches(None, length) {
                Some((id, left_out)) => (Part::Training(id), left_out),
                None => (Part::Passive, LeftOut::First(0)),
            },
        };
        let nothing = (Part::Passive, LeftOut::First(0));
        let (part, left_out) = self.hooks.with_state(of).unwrap_or(nothing);
        self.part = part;
        match left_out {
            LeftOut::All => self.finish(End::Regular, false),
            LeftOut::First(0) => {}
            LeftOut::First(count) => {
                self.inner.nth(count as usize - 1);
                self.processed = self.loaded().processed;
                self.largest = self.processed / count;
            }
        }
    }

    fn end_batch(&self) {
        match self.part {
            Part::Training(id) => {
                self.hooks.record(|recorder| recorder.end_batch(id));
            }
            Part::Evaluation => self.in_evaluation(OpenEvaluation::end_batch),
            _ => {}
        }
    }

    /// Whether the batches end before the last of them.
    fn is_stopped(&self) -> bool {
        match self.part {
            Part::Training(_) => self.hooks.stops_batches(),
            _ => self.hooks.stop() == Stop::Now,
        }
    }

    fn begin_batch(&mut self, asked: Instant) {
        let processed = self.loaded().processed;
        let items = processed.saturating_sub(self.processed);
        self.processed = processed;
        self.largest = self.largest.max(items);
        let is_first = mem::replace(&mut self.is_first, false);
        match self.part {
            Part::Training(id) => {
                let total = (items > 0 && is_first).then(|| self.total_items.div_ceil(items));
                self.hooks.record(|recorder| {
                    if total.is_some() {
                        recorder.expect_batches(total);
                    }
                    recorder.begin_batch(id, asked.elapsed());
                    if items > 0 {
                        recorder.state_items(items);
                    }
                });
            }
            Part::Evaluation if items > 0 => self.in_evaluation(|open| open.state_items(items)),
            _ => {}
        }
    }

    fn finish(&mut self, end: End, cut_short: bool) {
        match mem::replace(&mut self.part, Part::Done) {
            Part::Training(id) => {
                self.hooks.record(|recorder| recorder.end_batches(id, end, cut_short));
            }
            Part::Evaluation if cut_short => self.in_evaluation(OpenEvaluation::cut_short),
            _ => {}
        }
    }

    fn tell_missing(&self) {
        let part = match self.part {
            Part::Training(_) => "an epoch",
            Part::Evaluation => "an evaluation",
            _ => return,
        };
        if self.loaded().lacks_items(self.largest) {
            self.hooks.record(|recorder| recorder.problem(items_missing(part)));
        }
    }

    fn loaded(&self) -> Loaded {
        compat::loaded(&self.inner.progress())
    }

    fn in_evaluation(&self, work: impl FnOnce(&mut OpenEvaluation)) {
        self.hooks.with_state(|state| state.evaluation().map(work));
    }
}

impl<O> Iterator for Batches<'_, O> {
    type Item = Result<O, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.part {
            Part::Done => return None,
            Part::New => self.begin(),
            _ => self.end_batch(),
        }
        if matches!(self.part, Part::Done) {
            return None;
        }
        if self.is_stopped() {
            self.finish(End::Regular, true);
            return None;
        }
        let asked = Instant::now();
        let next = self.inner.next();
        let had_failed = self.failed;
        self.failed = matches!(next, Some(Err(_)));
        match &next {
            Some(Ok(_)) => self.begin_batch(asked),
            Some(Err(_)) => {}
            None => {
                if !had_failed {
                    self.tell_missing();
                }
                self.finish(End::Regular, false);
            }
        }
        next
    }
}

impl<O> Drop for Batches<'_, O> {
    fn drop(&mut self) {
        // A loop that is left with `?` leaves a part of an epoch.
        self.finish(End::Dropped, self.failed || std::thread::panicking());
    }
}

impl<O> fmt::Debug for Batches<'_, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batches").field("processed", &self.processed).finish_non_exhaustive()
    }
}
