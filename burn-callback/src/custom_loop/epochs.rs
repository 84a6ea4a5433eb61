//! Epochs that log themselves when they end.

use tracker_core::Stop;

use crate::{Loop, custom_loop::state::State};

/// Goes over epochs; see [`Loop::epochs`].
#[derive(Debug)]
pub struct Epochs<I> {
    hooks: Loop,
    inner: I,
    /// How many were given out.
    count: u64,
    total: Option<u64>,
    done: bool,
}

impl Loop {
    /// Goes over epochs, numbered as you count them. When one ends, its means are logged. An
    /// epoch ends when the next one begins and when the iterator is dropped. The epochs end early
    /// when somebody asks the run to stop.
    pub fn epochs<I>(&self, epochs: I) -> Epochs<I::IntoIter>
    where
        I: IntoIterator,
        I::Item: Copy + TryInto<u64>,
    {
        Epochs::new(self.clone(), epochs.into_iter())
    }
}

impl<I: Iterator> Epochs<I> {
    fn new(hooks: Loop, epochs: I) -> Self {
        let total = epochs.size_hint().1.map(|total| total as u64);
        Self { hooks, inner: epochs, count: 0, total, done: false }
    }
}

impl<I> Epochs<I> {
    fn finish(&mut self) {
        if !std::mem::replace(&mut self.done, true) {
            self.hooks.with_state(|state| {
                state.end_epoch();
                state.end_training();
            });
            self.hooks.flush();
        }
    }
}

impl<I> Iterator for Epochs<I>
where
    I: Iterator,
    I::Item: Copy + TryInto<u64>,
{
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        if self.done {
            return None;
        }
        self.hooks.with_state(State::end_epoch);
        let next = if self.hooks.stop() > Stop::No { None } else { self.inner.next() };
        let Some(epoch) = next else {
            self.finish();
            return None;
        };
        self.count += 1;
        let number = epoch.try_into().unwrap_or(self.count);
        self.hooks.with_state(|state| state.begin_epoch(number, self.count, self.total));
        Some(epoch)
    }
}

impl<I> Drop for Epochs<I> {
    fn drop(&mut self) {
        self.finish();
    }
}
