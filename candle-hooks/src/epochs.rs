//! Epochs that log themselves when they end.

use tracker_core::Stop;

use crate::{
    Hooks,
    session::{End, IteratorId},
};

/// Goes over epochs; see [`Hooks::epochs`].
#[derive(Debug)]
pub struct Epochs<I> {
    hooks: Hooks,
    inner: I,
    /// `None` where nothing is tracked.
    id: Option<IteratorId>,
    /// How many were given out or left out.
    count: u64,
    total: Option<u64>,
    done: bool,
}

impl<I: Iterator> Epochs<I> {
    pub(crate) fn new(hooks: Hooks, epochs: I) -> Self {
        let total = epochs.size_hint().1.map(|total| total as u64);
        let id = hooks.session().map(|mut session| session.begin_epochs());
        Self { hooks, inner: epochs, id, count: 0, total, done: false }
    }

    /// The next epoch that a training before the checkpoint has not been through.
    fn next_epoch(&mut self) -> Option<I::Item>
    where
        I::Item: EpochNumber,
    {
        loop {
            let epoch = self.inner.next()?;
            self.count += 1;
            let number = epoch.epoch_number();
            let Some((mut session, id)) = self.hooks.session().zip(self.id) else {
                return Some(epoch);
            };
            if !session.is_trained(number) {
                session.begin_epoch(id, number, self.count, self.total);
                return Some(epoch);
            }
        }
    }
}

impl<I> Epochs<I> {
    fn finish(&mut self, end: End) {
        if !std::mem::replace(&mut self.done, true)
            && let Some((mut session, id)) = self.hooks.session().zip(self.id)
        {
            session.end_epoch(id, end, false);
            session.end_epochs();
        }
    }
}

impl<I> Iterator for Epochs<I>
where
    I: Iterator,
    I::Item: EpochNumber,
{
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        if self.done {
            return None;
        }
        let mut stopped = self.hooks.stop() > Stop::No;
        if let Some((mut session, id)) = self.hooks.session().zip(self.id) {
            session.end_epoch(id, End::Regular, stopped);
            stopped |= session.is_stopped_early();
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

impl<I> Drop for Epochs<I> {
    fn drop(&mut self) {
        self.finish(End::Dropped);
    }
}

/// What tells the number of an epoch: an integer, or a tuple that begins with one, such as the
/// items of `zip` and `enumerate`.
///
/// ```
/// use candle_hooks::EpochNumber;
///
/// assert_eq!((3_usize, "warm-up").epoch_number(), 3.0);
/// ```
pub trait EpochNumber {
    /// The number that is logged as `epoch`.
    fn epoch_number(&self) -> f64;
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl EpochNumber for $number {
            #[allow(clippy::cast_lossless, reason = "not all of these types have `From`")]
            fn epoch_number(&self) -> f64 {
                *self as f64
            }
        }
    )*};
}
numbers!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);

impl<T: EpochNumber + ?Sized> EpochNumber for &T {
    fn epoch_number(&self) -> f64 {
        (**self).epoch_number()
    }
}

impl<T: EpochNumber, U> EpochNumber for (T, U) {
    fn epoch_number(&self) -> f64 {
        self.0.epoch_number()
    }
}
