//! Batches that count and close their steps.

use std::time::Instant;

use crate::{
    Hooks,
    session::{End, IteratorId},
};

/// Goes over batches; see [`Hooks::batches`].
#[derive(Debug)]
pub struct Batches<I> {
    hooks: Hooks,
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

impl<I: Iterator> Batches<I> {
    pub(crate) fn new(hooks: Hooks, batches: I) -> Self {
        Self { hooks, inner: batches, state: State::New }
    }

    /// Decides, when the first batch is asked for, what these batches are.
    fn begin(&mut self) {
        let (least, most) = self.inner.size_hint();
        let total = most.filter(|most| *most == least).map(|total| total as u64);
        let training = self.hooks.session().and_then(|mut session| session.begin_batches(total));
        self.state = training.map_or(State::Passive, State::Open);
    }

    /// Gives out the next batch of training.
    fn next_of_training(&mut self, id: IteratorId) -> Option<I::Item> {
        // A part of a validation would look like the whole, so only training ends early.
        if self.hooks.stops_batches() {
            self.finish(End::Regular, true);
            return None;
        }
        // The lock is free meanwhile: an iterator may itself use the hooks.
        let asked = Instant::now();
        let next = self.inner.next();
        if next.is_none() {
            self.finish(End::Regular, false);
        } else if let Some(mut session) = self.hooks.session() {
            session.begin_batch(id, asked.elapsed());
        }
        next
    }
}

impl<I> Batches<I> {
    fn finish(&mut self, end: End, stopped: bool) {
        if let State::Open(id) = std::mem::replace(&mut self.state, State::Done)
            && let Some(mut session) = self.hooks.session()
        {
            session.end_batches(id, end, stopped);
        }
    }
}

impl<I: Iterator> Iterator for Batches<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        match self.state {
            State::Done => return None,
            State::New => self.begin(),
            State::Open(id) => {
                if let Some(mut session) = self.hooks.session() {
                    session.end_batch(id);
                }
            }
            State::Passive => {}
        }
        match self.state {
            State::Open(id) => self.next_of_training(id),
            _ => self.inner.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // A request to stop may end it at any time.
        (0, if self.state == State::Done { Some(0) } else { self.inner.size_hint().1 })
    }
}

impl<I> Drop for Batches<I> {
    fn drop(&mut self) {
        self.finish(End::Dropped, false);
    }
}
