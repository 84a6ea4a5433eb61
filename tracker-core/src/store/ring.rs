//! The ring between the threads that log and the thread that writes.
//!
//! Any number of threads reserve places with one compare-and-swap and then store their slots.
//! One thread reads them in order. A slot's check says whether it has been stored whole, so no
//! further flag is needed, and the order in which its words are stored does not matter. The ring
//! is generic over its memory: mapped for real runs, on the heap for Miri, and of a model
//! checker's words for `loom`.
//!
//! ```text
//!      tail                    head
//!   free │ stored … reserved … │ free           a place: free ─ reserve ─ stored ─ read ─ free
//! ```
//!
//! Invariant: `tail ≤ head ≤ tail + capacity`, and both only grow. A place between them belongs to the
//! thread that reserved it, until the reader has gone past it; so no place is stored to by two, and none
//! is read before it is whole. `ring_model.rs` walks through all orders in which threads can meet;
//! `threads_lose_and_double_nothing` fails without the compare-and-swap, the planted fault
//! `tail-before-write` without the order in which a place becomes free.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::format::{
    ring_file::CLOSED,
    slot::{SLOT_BYTES, SLOT_WORDS, Slot},
};

/// Slots of a ring: 4 MiB.
pub(crate) const CAPACITY: usize = 131_072;

/// How far ahead of the places being stored to the memory is told of the next ones. Each line of
/// memory was last read by the writer thread, and fetching it takes as long as some ten calls.
const AHEAD: u64 = 32;

/// A word that threads share. `AtomicU64`, or a model of one.
pub(crate) trait Word {
    fn load(&self, order: Ordering) -> u64;
    fn store(&self, value: u64, order: Ordering);
    /// On success, sees all that came before the latest change.
    fn compare_exchange_weak(&self, current: u64, new: u64) -> Result<u64, u64>;
    fn fetch_or(&self, bits: u64, order: Ordering) -> u64;
}

impl Word for AtomicU64 {
    fn load(&self, order: Ordering) -> u64 {
        AtomicU64::load(self, order)
    }

    fn store(&self, value: u64, order: Ordering) {
        AtomicU64::store(self, value, order);
    }

    fn compare_exchange_weak(&self, current: u64, new: u64) -> Result<u64, u64> {
        AtomicU64::compare_exchange_weak(self, current, new, Ordering::Acquire, Ordering::Relaxed)
    }

    fn fetch_or(&self, bits: u64, order: Ordering) -> u64 {
        AtomicU64::fetch_or(self, bits, order)
    }
}

/// Where a ring's numbers and slots are kept. Zeros at first.
pub(crate) trait RingMemory: Send + Sync {
    type Word: Word;
    /// The next seq to reserve, with the mark of a closed ring.
    fn head(&self) -> &Self::Word;
    /// The next seq to read; all before are free again.
    fn tail(&self) -> &Self::Word;
    /// The slots; their number is a power of two.
    fn slots(&self) -> &[[Self::Word; SLOT_WORDS]];
    /// Says that the slot at this place will be stored to soon.
    fn expect_store(&self, _place: usize) {}
}

/// Why a ring takes no slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// No free places until the reader has gone on.
    Full,
    /// The run has finished.
    Closed,
}

/// Places that a thread has reserved and must store to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reserved {
    /// The seq of the first place.
    pub(crate) first: u64,
    /// How many places of the ring are taken then.
    pub(crate) used: u64,
}

/// A ring of slots over some memory.
#[derive(Debug)]
pub(crate) struct Ring<M> {
    memory: M,
    capacity: u64,
}

impl<M: RingMemory> Ring<M> {
    pub(crate) fn new(memory: M) -> Self {
        let capacity = memory.slots().len() as u64;
        Self { memory, capacity }
    }

    /// Reserves places next to each other. Each must be [stored](Self::store) to: the reader
    /// waits for it.
    pub(crate) fn reserve(&self, count: u64) -> Result<Reserved, Refused> {
        self.reserve_if(count, false)
    }

    /// As [`reserve`](Self::reserve), also after [`close`](Self::close): for what was logged
    /// before.
    pub(crate) fn reserve_even_closed(&self, count: u64) -> Result<Reserved, Refused> {
        self.reserve_if(count, true)
    }

    fn reserve_if(&self, count: u64, even_closed: bool) -> Result<Reserved, Refused> {
        // The tail first: an older one only makes the ring look fuller than it is.
        // Acquire: the reader is done with a place before it is stored to again.
        let mut tail = self.memory.tail().load(Ordering::Acquire);
        let mut head = self.memory.head().load(Ordering::Relaxed);
        loop {
            if head & CLOSED != 0 && !even_closed {
                return Err(Refused::Closed);
            }
            let used = (head & !CLOSED) + count - tail;
            if used > self.capacity {
                return Err(Refused::Full);
            }
            let swapped = self.memory.head().compare_exchange_weak(head, head + count);
            if let Ok(first) = swapped {
                self.memory.expect_store(self.index((first & !CLOSED) + AHEAD));
                return Ok(Reserved { first: first & !CLOSED, used });
            }
            tail = self.memory.tail().load(Ordering::Acquire);
            head = self.memory.head().load(Ordering::Relaxed);
        }
    }

    /// Stores a slot at a reserved place.
    pub(crate) fn store(&self, seq: u64, slot: &Slot) {
        for (word, value) in self.place(seq).iter().zip(slot.encode(seq)) {
            word.store(value, Ordering::Relaxed);
        }
    }

    fn place(&self, seq: u64) -> &[M::Word; SLOT_WORDS] {
        &self.memory.slots()[self.index(seq)]
    }

    fn index(&self, seq: u64) -> usize {
        (seq & (self.capacity - 1)) as usize
    }

    /// Appends whole slots from the tail on to `bytes`, `limit` slots at most, and says how many.
    /// Frees nothing: call [`release`](Self::release) once they are safe.
    pub(crate) fn read(&self, limit: u64, bytes: &mut Vec<u8>) -> u64 {
        let tail = self.tail();
        // Another thread than the reader may see an older head.
        let end = self.head().clamp(tail, tail + limit);
        bytes.reserve((end - tail) as usize * SLOT_BYTES);
        let mut next = tail;
        while next < end {
            let place = self.place(next);
            let words = std::array::from_fn(|index| place[index].load(Ordering::Relaxed));
            if Slot::decode(words, next).is_none() {
                break;
            }
            for word in words {
                bytes.extend_from_slice(&word.to_le_bytes());
            }
            next += 1;
        }
        next - tail
    }

    /// Frees the first `count` slots that were read. Only the reader moves the tail.
    pub(crate) fn release(&self, count: u64) {
        self.memory.tail().store(self.tail() + count, Ordering::Release);
    }

    /// Takes nothing more from now on. What has been reserved will still be stored and read.
    pub(crate) fn close(&self) {
        self.memory.head().fetch_or(CLOSED, Ordering::Relaxed);
    }

    /// The seq that the next slot gets.
    pub(crate) fn head(&self) -> u64 {
        self.memory.head().load(Ordering::Relaxed) & !CLOSED
    }

    /// As [`head`](Self::head), but exact: it counts every reservation that came before, and each
    /// that comes after sees what this thread has stored until now.
    pub(crate) fn head_in_order(&self) -> u64 {
        self.memory.head().fetch_or(0, Ordering::AcqRel) & !CLOSED
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
pub(crate) mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;

    /// Memory on the heap, which Miri can look into.
    pub(crate) struct Heap {
        head: AtomicU64,
        tail: AtomicU64,
        slots: Box<[[AtomicU64; SLOT_WORDS]]>,
    }

    impl Heap {
        pub(crate) fn new(slots: usize) -> Self {
            let slots = (0..slots).map(|_| Default::default()).collect();
            Self { head: AtomicU64::new(0), tail: AtomicU64::new(0), slots }
        }
    }

    impl RingMemory for Heap {
        type Word = AtomicU64;
        fn head(&self) -> &AtomicU64 {
            &self.head
        }
        fn tail(&self) -> &AtomicU64 {
            &self.tail
        }
        fn slots(&self) -> &[[AtomicU64; SLOT_WORDS]] {
            &self.slots
        }
    }

    fn slot(step: u64) -> Slot {
        Slot { step, time: 0, value: step.wrapping_mul(3), key: 7 }
    }

    fn push<M: RingMemory>(ring: &Ring<M>, steps: &[u64]) -> Result<u64, Refused> {
        let reserved = ring.reserve(steps.len() as u64)?;
        for (seq, step) in (reserved.first..).zip(steps) {
            ring.store(seq, &slot(*step));
        }
        Ok(reserved.used)
    }

    fn steps_of(bytes: &[u8]) -> Vec<u64> {
        bytes.chunks_exact(SLOT_BYTES).map(|slot| Slot::of_bytes(slot).step).collect()
    }

    pub(crate) fn drain<M: RingMemory>(ring: &Ring<M>) -> Vec<u64> {
        let mut bytes = Vec::new();
        ring.release(ring.read(u64::MAX >> 1, &mut bytes));
        steps_of(&bytes)
    }

    #[test]
    fn slots_come_out_in_order_over_many_laps() {
        let ring = Ring::new(Heap::new(8));
        for lap in 0..10 {
            let steps: Vec<u64> = (lap * 5..lap * 5 + 5).collect();
            push(&ring, &steps).unwrap();
            assert_eq!(drain(&ring), steps);
        }
    }

    #[test]
    fn a_full_ring_refuses_and_keeps_what_it_has() {
        let ring = Ring::new(Heap::new(4));
        push(&ring, &[0, 1, 2, 3]).unwrap();
        assert_eq!(push(&ring, &[9]), Err(Refused::Full));
        assert_eq!(drain(&ring), [0, 1, 2, 3]);
        assert_eq!(push(&ring, &[9]), Ok(1));
    }

    #[test]
    fn a_closed_ring_refuses_and_can_still_be_read() {
        let ring = Ring::new(Heap::new(4));
        push(&ring, &[1]).unwrap();
        ring.close();
        assert_eq!(push(&ring, &[2]), Err(Refused::Closed));
        assert_eq!(drain(&ring), [1]);
        assert!(ring.is_empty());
    }

    #[test]
    fn the_reader_waits_at_a_place_that_is_reserved_and_not_stored() {
        let ring = Ring::new(Heap::new(4));
        let early = ring.reserve(1).unwrap();
        push(&ring, &[2]).unwrap();
        assert!(drain(&ring).is_empty());
        ring.store(early.first, &slot(1));
        assert_eq!(drain(&ring), [1, 2]);
    }

    #[test]
    fn threads_lose_and_double_nothing() {
        const THREADS: u64 = 4;
        const EACH: u64 = if cfg!(miri) { 50 } else { 5_000 };
        let ring = Ring::new(Heap::new(64));
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
                            while push(ring, &[thread * EACH + n]).is_err() {
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
