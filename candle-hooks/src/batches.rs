//! Batches that count and close their steps.

use tracker_core::Stop;

use crate::{Hooks, session::End};

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
    Open,
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
        let Some(mut session) = self.hooks.session() else {
            self.state = State::Passive;
            return;
        };
        let training = session.begin_batches(total);
        self.state = if training { State::Open } else { State::Passive };
    }
}

impl<I> Batches<I> {
    fn finish(&mut self, end: End) {
        let state = std::mem::replace(&mut self.state, State::Done);
        if state == State::Open
            && let Some(mut session) = self.hooks.session()
        {
            session.end_batches(end);
        }
    }
}

impl<I: Iterator> Iterator for Batches<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        match self.state {
            State::Done => return None,
            State::New => self.begin(),
            State::Open => {
                if let Some(mut session) = self.hooks.session() {
                    session.end_batch();
                }
            }
            State::Passive => {}
        }
        // A part of a validation would look like the whole, so only training ends early.
        let stopped = self.state == State::Open && self.hooks.stop() == Stop::Now;
        // The lock is free meanwhile: an iterator may itself use the hooks.
        let next = if stopped { None } else { self.inner.next() };
        if next.is_none() {
            self.finish(End::Regular);
        } else if self.state == State::Open
            && let Some(mut session) = self.hooks.session()
        {
            session.begin_batch();
        }
        next
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // A request to stop may end it at any time.
        (0, if self.state == State::Done { Some(0) } else { self.inner.size_hint().1 })
    }
}

impl<I> Drop for Batches<I> {
    fn drop(&mut self) {
        self.finish(End::Dropped);
    }
}
