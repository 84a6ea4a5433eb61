//! Epochs that log themselves when they end.

use std::mem;

use crate::{
    Stop,
    adapter::recorder::{
        epoch_number::EpochNumber, handle::LoopHandle, iterator_id::IteratorId, open_epoch::End,
    },
};

/// Goes over epochs. The means of each are logged when the next one is asked for; the epochs end early
/// when somebody asks the run to stop.
#[derive(Debug)]
pub struct Epochs<H: LoopHandle, I: Iterator> {
    handle: H,
    inner: I,
    /// The first epoch, until it is given out.
    first: Option<I::Item>,
    /// `None` where nothing is tracked, and before the first epoch is asked for.
    id: Option<IteratorId>,
    begun: bool,
    /// How many were given out or left out.
    count: u64,
    total: Option<u64>,
    done: bool,
}

impl<H: LoopHandle, I: Iterator> Epochs<H, I> {
    /// Goes over `epochs`, for the training of this handle.
    pub fn new(handle: H, epochs: I) -> Self {
        let total = epochs.size_hint().1.map(|total| total as u64);
        let (first, id) = (None, None);
        Self { handle, inner: epochs, first, id, begun: false, count: 0, total, done: false }
    }

    /// Tells of these epochs when the first is asked for: its number tells whether they are a phase.
    fn begin(&mut self)
    where
        I::Item: EpochNumber,
    {
        if !mem::replace(&mut self.begun, true) {
            self.first = self.inner.next();
            let number = self.first.as_ref().map(EpochNumber::epoch_number);
            self.id = number
                .and_then(|first| self.handle.record(|recorder| recorder.begin_epochs(first)));
        }
    }

    /// The next epoch that a training before the checkpoint has not been through.
    fn next_epoch(&mut self) -> Option<I::Item>
    where
        I::Item: EpochNumber,
    {
        loop {
            let epoch = self.first.take().or_else(|| self.inner.next())?;
            self.count += 1;
            let Some(id) = self.id else { return Some(epoch) };
            let (number, count, total) = (epoch.epoch_number(), self.count, self.total);
            if !self.handle.is_trained(number) {
                self.handle.record(|recorder| recorder.begin_epoch(id, number, count, total));
                return Some(epoch);
            }
            self.handle.record(|recorder| recorder.leave_out_epoch(number));
        }
    }
}

impl<H: LoopHandle, I: Iterator> Epochs<H, I> {
    fn finish(&mut self, end: End) {
        if !mem::replace(&mut self.done, true)
            && let Some(id) = self.id
        {
            self.handle.record(|recorder| {
                recorder.end_epoch(id, end, false);
                recorder.end_epochs();
            });
            self.handle.after_epochs();
        }
    }
}

impl<H: LoopHandle, I> Iterator for Epochs<H, I>
where
    I: Iterator,
    I::Item: EpochNumber,
{
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        if self.done {
            return None;
        }
        self.begin();
        let mut stopped = self.handle.stop() > Stop::No;
        if let Some(id) = self.id {
            let end = self.handle.record(|recorder| {
                recorder.end_epoch(id, End::Regular, stopped);
                recorder.is_stopped_early()
            });
            stopped |= end == Some(true);
        }
        let next = if stopped { None } else { self.next_epoch() };
        if next.is_none() {
            self.finish(End::Regular);
        }
        next
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // A request to stop may end it at any time.
        (0, if self.done { Some(0) } else { self.inner.size_hint().1 })
    }
}

impl<H: LoopHandle, I: Iterator> Drop for Epochs<H, I> {
    fn drop(&mut self) {
        self.finish(End::Dropped);
    }
}
