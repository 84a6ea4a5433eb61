//! The ring between the threads that log and the thread that writes.
//!
//! Any number of threads reserve places with one compare-and-swap and then store their slots.
//! One thread reads them in order. A slot's check says whether it has been stored whole, so no
//! further flag is needed. The ring is generic over its memory.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::format::slot::{SLOT_BYTES, SLOT_WORDS, Slot};

/// Slots of a ring: 4 MiB.
pub(crate) const CAPACITY: u64 = 131_072;

/// Set in `head` once the ring takes nothing more.
const CLOSED: u64 = 1 << 63;

/// Where a ring's numbers and slots are kept.
pub(crate) trait RingMemory: Send + Sync {
    /// The next seq to reserve, with the mark of a closed ring.
    fn head(&self) -> &AtomicU64;
    /// The next seq to read; all before are free again.
    fn tail(&self) -> &AtomicU64;
    /// The words of all slots; their number is a power of two.
    fn words(&self) -> &[AtomicU64];
}

/// A number on a cache line of its own, so that its reader does not slow another's writer.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Padded(AtomicU64);

/// Memory of this process, which goes with it.
#[derive(Debug)]
pub(crate) struct Anonymous {
    head: Padded,
    tail: Padded,
    words: Box<[AtomicU64]>,
}

impl Anonymous {
    /// Memory for `slots` slots, each page of it touched, so that no log call waits for a page.
    pub(crate) fn new(slots: u64) -> Self {
        let words = slots.next_power_of_two() * SLOT_WORDS as u64;
        Self {
            head: Padded::default(),
            tail: Padded::default(),
            words: (0..words).map(|_| AtomicU64::new(0)).collect(),
        }
    }
}

impl RingMemory for Anonymous {
    fn head(&self) -> &AtomicU64 {
        &self.head.0
    }

    fn tail(&self) -> &AtomicU64 {
        &self.tail.0
    }

    fn words(&self) -> &[AtomicU64] {
        &self.words
    }
}

/// Why a ring takes no slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// No free places until the reader has gone on.
    Full,
    /// The run has finished.
    Closed,
}

/// A ring of slots over some memory.
#[derive(Debug)]
pub(crate) struct Ring<M> {
    memory: M,
    capacity: u64,
}

impl<M: RingMemory> Ring<M> {
    pub(crate) fn new(memory: M) -> Self {
        let capacity = (memory.words().len() / SLOT_WORDS) as u64;
        Self { memory, capacity }
    }

    /// Stores `slots` next to each other. Returns how full the ring is then.
    pub(crate) fn push(&self, slots: impl ExactSizeIterator<Item = Slot>) -> Result<u64, Refused> {
        self.push_if(false, slots)
    }

    /// As [`push`](Self::push), also after [`close`](Self::close): for what was logged before.
    pub(crate) fn push_even_closed(
        &self,
        slots: impl ExactSizeIterator<Item = Slot>,
    ) -> Result<u64, Refused> {
        self.push_if(true, slots)
    }

    fn push_if(
        &self,
        even_closed: bool,
        slots: impl ExactSizeIterator<Item = Slot>,
    ) -> Result<u64, Refused> {
        let (first, used) = self.reserve(slots.len() as u64, even_closed)?;
        for (seq, slot) in (first..).zip(slots) {
            self.store(seq, &slot);
        }
        Ok(used)
    }

    /// Reserves places. Returns the first one's seq and how many are taken then.
    fn reserve(&self, count: u64, even_closed: bool) -> Result<(u64, u64), Refused> {
        loop {
            // The tail first: an older one only makes the ring look fuller than it is.
            // Acquire: the reader is done with a place before it is stored to again.
            let tail = self.memory.tail().load(Ordering::Acquire);
            let head = self.memory.head().load(Ordering::Relaxed);
            if head & CLOSED != 0 && !even_closed {
                return Err(Refused::Closed);
            }
            let used = (head & !CLOSED) + count - tail;
            if used > self.capacity {
                return Err(Refused::Full);
            }
            let swapped = self.memory.head().compare_exchange_weak(
                head,
                head + count,
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
            if let Ok(first) = swapped {
                return Ok((first & !CLOSED, used));
            }
        }
    }

    fn place(&self, seq: u64) -> &[AtomicU64] {
        let start = (seq & (self.capacity - 1)) as usize * SLOT_WORDS;
        &self.memory.words()[start..start + SLOT_WORDS]
    }

    fn store(&self, seq: u64, slot: &Slot) {
        for (word, value) in self.place(seq).iter().zip(slot.encode(seq)) {
            word.store(value, Ordering::Relaxed);
        }
    }

    fn load(&self, seq: u64) -> Option<([u64; SLOT_WORDS], Slot)> {
        let mut words = [0; SLOT_WORDS];
        for (value, word) in words.iter_mut().zip(self.place(seq)) {
            *value = word.load(Ordering::Relaxed);
        }
        Slot::decode(words, seq).map(|slot| (words, slot))
    }

    /// Appends whole slots from the tail on to `bytes`, `limit` slots at most, and shows each to
    /// `seen` with its seq. Frees nothing: call [`release`](Self::release) once they are safe.
    pub(crate) fn read(
        &self,
        limit: u64,
        bytes: &mut Vec<u8>,
        mut seen: impl FnMut(u64, &Slot),
    ) -> u64 {
        let tail = self.tail();
        let end = self.head().min(tail + limit);
        bytes.reserve((end - tail) as usize * SLOT_BYTES);
        let mut next = tail;
        while next < end {
            let Some((words, slot)) = self.load(next) else { break };
            bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
            seen(next, &slot);
            next += 1;
        }
        next - tail
    }

    /// Frees the first `count` slots that were read.
    pub(crate) fn release(&self, count: u64) {
        self.memory.tail().fetch_add(count, Ordering::Release);
    }

    /// Takes nothing more from now on. What has been reserved will still be stored and read.
    pub(crate) fn close(&self) {
        self.memory.head().fetch_or(CLOSED, Ordering::Relaxed);
    }

    /// The seq that the next slot gets.
    pub(crate) fn head(&self) -> u64 {
        self.memory.head().load(Ordering::Relaxed) & !CLOSED
    }

    /// The seq of the first slot that has not been released.
    pub(crate) fn tail(&self) -> u64 {
        self.memory.tail().load(Ordering::Relaxed)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.memory.head().load(Ordering::Relaxed) & CLOSED != 0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tail() == self.head()
    }

    pub(crate) fn capacity(&self) -> u64 {
        self.capacity
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;

    fn slot(step: u64) -> Slot {
        Slot { step, time: 0, value: step.wrapping_mul(3), key: 7 }
    }

    fn drain(ring: &Ring<Anonymous>) -> Vec<u64> {
        let mut steps = Vec::new();
        let count = ring.read(u64::MAX >> 1, &mut Vec::new(), |_, slot| steps.push(slot.step));
        ring.release(count);
        steps
    }

    #[test]
    fn slots_come_out_in_order_over_many_laps() {
        let ring = Ring::new(Anonymous::new(8));
        for lap in 0..10 {
            let steps: Vec<u64> = (lap * 5..lap * 5 + 5).collect();
            ring.push(steps.iter().map(|step| slot(*step))).unwrap();
            assert_eq!(drain(&ring), steps);
        }
    }

    #[test]
    fn a_full_ring_refuses_and_keeps_what_it_has() {
        let ring = Ring::new(Anonymous::new(4));
        ring.push((0..4).map(slot).collect::<Vec<_>>().into_iter()).unwrap();
        assert_eq!(ring.push([slot(9)].into_iter()), Err(Refused::Full));
        assert_eq!(drain(&ring), [0, 1, 2, 3]);
        assert_eq!(ring.push([slot(9)].into_iter()), Ok(1));
    }

    #[test]
    fn a_closed_ring_refuses_and_can_still_be_read() {
        let ring = Ring::new(Anonymous::new(4));
        ring.push([slot(1)].into_iter()).unwrap();
        ring.close();
        assert_eq!(ring.push([slot(2)].into_iter()), Err(Refused::Closed));
        assert_eq!(drain(&ring), [1]);
        assert!(ring.is_empty());
    }

    #[test]
    fn threads_lose_and_double_nothing() {
        const THREADS: u64 = 4;
        const EACH: u64 = 5_000;
        let ring = Ring::new(Anonymous::new(64));
        let done = AtomicBool::new(false);
        let seen = std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let mut seen = Vec::new();
                loop {
                    let last = done.load(Ordering::Acquire);
                    seen.extend(drain(&ring));
                    if last && ring.is_empty() {
                        return seen;
                    }
                }
            });
            let writers: Vec<_> = (0..THREADS)
                .map(|thread| {
                    let ring = &ring;
                    scope.spawn(move || {
                        for n in 0..EACH {
                            while ring.push([slot(thread * EACH + n)].into_iter()).is_err() {
                                std::thread::yield_now();
                            }
                        }
                    })
                })
                .collect();
            for writer in writers {
                writer.join().unwrap();
            }
            done.store(true, Ordering::Release);
            reader.join().unwrap()
        });
        for thread in 0..THREADS {
            let own: Vec<u64> = seen.iter().copied().filter(|step| step / EACH == thread).collect();
            assert_eq!(own, (thread * EACH..(thread + 1) * EACH).collect::<Vec<_>>());
        }
    }
}
