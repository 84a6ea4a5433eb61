//! Batches that count and close their steps.

use std::{mem, time::Instant};

use crate::adapter::recorder::{
    handle::LoopHandle, iterator_id::IteratorId, open_epoch::End, resuming::LeftOut,
};

/// Goes over batches. What is measured between two of them belongs to the first; in an evaluation, or
/// within other batches, they are passed through.
#[derive(Debug)]
pub struct Batches<H: LoopHandle, I> {
    handle: H,
    inner: I,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    /// Of training.
    Open(IteratorId),
    /// Of an evaluation, or within other batches: passed through.
    Passive,
    Done,
}

impl<H: LoopHandle, I: Iterator> Batches<H, I> {
    /// Goes over `batches`, for the training of this handle.
    pub fn new(handle: H, batches: I) -> Self {
        Self { handle, inner: batches, state: State::New }
    }

    /// Decides, when the first batch is asked for, what these batches are.
    fn begin(&mut self) {
        let (least, most) = self.inner.size_hint();
        let total = most.filter(|most| *most == least).map(|total| total as u64);
        let training =
            self.handle.record(|recorder| recorder.begin_batches(total, total)).flatten();
        self.state = training.map_or(State::Passive, |(id, _)| State::Open(id));
        match training {
            Some((_, LeftOut::All)) => self.finish(End::Regular, false),
            Some((_, LeftOut::First(count))) if count > 0 => {
                self.inner.nth(count as usize - 1);
            }
            _ => {}
        }
    }

    /// Gives out the next batch of training.
    fn next_of_training(&mut self, id: IteratorId) -> Option<I::Item> {
        // A part of a validation would look like the whole, so only training ends early.
        if self.handle.stops_batches() {
            self.finish(End::Regular, true);
            return None;
        }
        // Outside of the recorder: an iterator may itself use the handle.
        let asked = Instant::now();
        let next = self.inner.next();
        if next.is_none() {
            self.finish(End::Regular, false);
        } else {
            let waited = asked.elapsed();
            self.handle.between_batches();
            self.handle.record(|recorder| recorder.begin_batch(id, waited));
        }
        next
    }
}

impl<H: LoopHandle, I> Batches<H, I> {
    fn finish(&mut self, end: End, stopped: bool) {
        if let State::Open(id) = mem::replace(&mut self.state, State::Done) {
            self.handle.record(|recorder| recorder.end_batches(id, end, stopped));
        }
    }
}

impl<H: LoopHandle, I: Iterator> Iterator for Batches<H, I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        match self.state {
            State::Done => return None,
            State::New => self.begin(),
            State::Open(id) => {
                self.handle.record(|recorder| recorder.end_batch(id));
            }
            State::Passive => {}
        }
        match self.state {
            State::Open(id) => self.next_of_training(id),
            State::Done => None,
            _ => self.inner.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // A request to stop may end it at any time.
        (0, if self.state == State::Done { Some(0) } else { self.inner.size_hint().1 })
    }
}

impl<H: LoopHandle, I> Drop for Batches<H, I> {
    fn drop(&mut self) {
        self.finish(End::Dropped, false);
    }
}
