//! Media that wait for the thread that stores them.

use std::{collections::VecDeque, time::Duration};

use parking_lot::{Condvar, Mutex};

/// The most bytes that wait, …
const MAX_BYTES: usize = 64 << 20;

/// … and the most items.
const MAX_ITEMS: u64 = 1_024;

/// How often the thread looks by itself. To be woken in each call would cost the caller a turn of its
/// core where threads are many: the one that is woken may go first.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// After so many looks that found nothing, it sleeps until something comes.
const LOOKS: u32 = 100;

/// How much something in the queue is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) bytes: usize,
    pub(crate) items: u64,
}

/// What waits, first come, first served. What finds no place is given back: the newest, as what is
/// before it was taken already.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    has_come: Condvar,
}

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<(Size, T)>,
    bytes: usize,
    items: u64,
    /// Whether the thread waits to be woken.
    is_asleep: bool,
}

impl<T> Queue<T> {
    pub(crate) const fn new() -> Self {
        let state = State { waiting: VecDeque::new(), bytes: 0, items: 0, is_asleep: false };
        Self { state: Mutex::new(state), has_come: Condvar::new() }
    }

    /// Takes something, unless too much waits. What is larger than the whole queue is taken where it
    /// is empty. Gives it back if there is no room.
    pub(crate) fn push(&self, size: Size, item: T) -> Result<(), T> {
        let mut state = self.state.lock();
        let is_room = state.bytes.saturating_add(size.bytes) <= MAX_BYTES
            && state.items + size.items <= MAX_ITEMS;
        if !is_room && !state.waiting.is_empty() {
            return Err(item);
        }
        state.bytes = state.bytes.saturating_add(size.bytes);
        state.items += size.items;
        state.waiting.push_back((size, item));
        if std::mem::take(&mut state.is_asleep) {
            self.has_come.notify_one();
        }
        Ok(())
    }

    /// Waits for something, and takes it out. It counts as waiting until it is [done](Self::done).
    pub(crate) fn take(&self) -> (Size, T) {
        let mut state = self.state.lock();
        let mut looks = 0;
        loop {
            if let Some(next) = state.waiting.pop_front() {
                return next;
            }
            if looks < LOOKS {
                looks += 1;
                self.has_come.wait_for(&mut state, LOOK_EVERY);
            } else {
                state.is_asleep = true;
                self.has_come.wait(&mut state);
            }
        }
    }

    /// Says that something that was taken is done with, and its memory free.
    pub(crate) fn done(&self, size: Size) {
        let mut state = self.state.lock();
        state.bytes = state.bytes.saturating_sub(size.bytes);
        state.items -= size.items;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(queue: &Queue<u32>, bytes: usize, items: u64, what: u32) -> bool {
        queue.push(Size { bytes, items }, what).is_ok()
    }

    #[test]
    fn the_newest_finds_no_place_and_the_others_keep_theirs() {
        let queue = Queue::new();
        assert!(push(&queue, MAX_BYTES - 10, 1, 1));
        assert!(!push(&queue, 11, 1, 2));
        assert!(push(&queue, 10, 1, 3));
        let (size, first) = queue.take();
        assert_eq!(first, 1);
        assert!(!push(&queue, 1, 1, 4), "its memory is not free before it is done");
        queue.done(size);
        assert!(push(&queue, 1, 1, 5));
        assert_eq!([queue.take().1, queue.take().1], [3, 5]);
    }

    #[test]
    fn a_thread_that_has_fallen_asleep_is_woken() {
        static QUEUE: Queue<u32> = Queue::new();
        let taken = std::thread::spawn(|| QUEUE.take().1);
        while !QUEUE.state.lock().is_asleep {
            std::thread::sleep(LOOK_EVERY);
        }
        assert!(push(&QUEUE, 1, 1, 7));
        assert_eq!(taken.join().unwrap(), 7);
    }

    #[test]
    fn many_small_ones_are_too_many() {
        let queue = Queue::new();
        assert!((0..16).all(|what| push(&queue, 1, 64, what)));
        assert!(!push(&queue, 1, 1, 16));
    }

    #[test]
    fn one_that_is_larger_than_the_queue_is_taken_alone() {
        let queue = Queue::new();
        assert!(push(&queue, 2 * MAX_BYTES, 1, 1));
        assert!(!push(&queue, 0, 1, 2));
    }
}
