//! The ring under a model checker: two threads that log, the writer thread and a reader of
//! another process, in every order that the memory model allows and few switches bound.

use std::sync::{Arc, atomic::Ordering};

use loom::{
    sync::{Mutex, atomic::AtomicU64},
    thread,
};

use crate::{
    format::slot::{SLOT_BYTES, SLOT_WORDS, Slot},
    store::{
        ring::{Ring, RingMemory, Word},
        wake_mark::WakeMark,
    },
};

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

struct Model {
    head: AtomicU64,
    tail: AtomicU64,
    slots: Box<[[AtomicU64; SLOT_WORDS]]>,
}

impl Model {
    fn new(slots: usize) -> Self {
        let words = || std::array::from_fn(|_| AtomicU64::new(0));
        let slots = (0..slots).map(|_| words()).collect();
        Self { head: AtomicU64::new(0), tail: AtomicU64::new(0), slots }
    }
}

impl RingMemory for Model {
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
    Slot { step, time: 1, value: step * 3, key: 0 }
}

/// Logs one slot, waiting for a place.
fn push(ring: &Ring<Model>, step: u64) {
    loop {
        if let Ok(reserved) = ring.reserve(1) {
            ring.store(reserved.first, &slot(step));
            return;
        }
        thread::yield_now();
    }
}

/// Appends what is whole to the log, then frees it. Returns how many slots.
fn drain(ring: &Ring<Model>, log: &Mutex<Vec<u64>>) -> u64 {
    let mut bytes = Vec::new();
    let count = ring.read(8, &mut bytes);
    let steps = bytes.chunks_exact(SLOT_BYTES).map(|bytes| Slot::of_bytes(bytes).step);
    log.lock().unwrap().extend(steps);
    ring.release(count);
    count
}

/// Checks every order in which at most `switches` threads are interrupted.
fn model(switches: usize, check: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(switches);
    builder.check(check);
}

#[test]
fn what_two_threads_log_reaches_the_log_once_also_over_the_end_of_the_ring() {
    model(2, || {
        let ring = Arc::new(Ring::new(Model::new(1)));
        let log = Mutex::new(Vec::new());
        let threads: Vec<_> = [1, 2]
            .map(|step| {
                let ring = Arc::clone(&ring);
                thread::spawn(move || push(&ring, step))
            })
            .into();
        let mut drained = 0;
        while drained < 2 {
            drained += drain(&ring, &log);
            thread::yield_now();
        }
        for thread in threads {
            thread.join().unwrap();
        }
        let mut steps = log.into_inner().unwrap();
        steps.sort_unstable();
        assert_eq!(steps, [1, 2]);
        assert!(ring.is_empty());
    });
}

#[test]
fn a_reader_that_looks_at_the_ring_first_and_the_log_second_misses_nothing() {
    // With two, this takes six minutes and finds nothing either.
    model(1, || {
        let ring = Arc::new(Ring::new(Model::new(1)));
        let log = Arc::new(Mutex::new(Vec::new()));
        let logged = Arc::new(AtomicU64::new(0));
        let logger = {
            let (ring, logged) = (Arc::clone(&ring), Arc::clone(&logged));
            thread::spawn(move || {
                for step in [1, 2] {
                    push(&ring, step);
                    logged.store(step, Ordering::Release);
                }
            })
        };
        let reader = {
            let (ring, log) = (Arc::clone(&ring), Arc::clone(&log));
            thread::spawn(move || {
                let expected = logged.load(Ordering::Acquire);
                let mut bytes = Vec::new();
                ring.read(8, &mut bytes);
                let in_ring = bytes.chunks_exact(SLOT_BYTES).map(|b| Slot::of_bytes(b).step);
                let mut seen: Vec<u64> = in_ring.collect();
                seen.extend(log.lock().unwrap().iter());
                assert!((1..=expected).all(|step| seen.contains(&step)), "{seen:?} of {expected}");
                assert!(seen.iter().all(|step| [1, 2].contains(step)));
            })
        };
        let mut drained = 0;
        while drained < 2 {
            drained += drain(&ring, &log);
            thread::yield_now();
        }
        logger.join().unwrap();
        reader.join().unwrap();
    });
}

/// A writer thread that sleeps while the ring is empty, and a thread that logs one point. `look`
/// sets the mark and says how many places are taken. A wake-up that is missed leaves the writer
/// thread asleep for ever, which the checker reports.
fn one_point_wakes_the_writer(
    look: impl Fn(&WakeMark<AtomicU64>, &Ring<Model>) -> u64 + Copy + Send + Sync + 'static,
) {
    model(3, move || {
        let ring = Arc::new(Ring::new(Model::new(1)));
        let mark = Arc::new(WakeMark::new(AtomicU64::new(u64::MAX)));
        let writer = thread::current();
        let logger = {
            let (ring, mark) = (Arc::clone(&ring), Arc::clone(&mark));
            thread::spawn(move || {
                let reserved = ring.reserve(1).unwrap();
                ring.store(reserved.first, &slot(1));
                if mark.is_passed(reserved.used) {
                    mark.silence();
                    writer.unpark();
                }
            })
        };
        let log = Mutex::new(Vec::new());
        while drain(&ring, &log) == 0 {
            if look(&mark, &ring) == 0 {
                thread::park();
            } else {
                thread::yield_now();
            }
        }
        logger.join().unwrap();
    });
}

#[test]
fn a_point_that_comes_while_the_writer_thread_falls_asleep_wakes_it() {
    one_point_wakes_the_writer(|mark, ring| mark.set(0, ring));
}

#[test]
#[should_panic(expected = "deadlock")]
fn a_plain_look_at_the_head_would_leave_such_a_point_to_sleep() {
    one_point_wakes_the_writer(|mark, ring| {
        // Exchanges with the head of a ring that nobody logs to.
        mark.set(0, &Ring::new(Model::new(1)));
        ring.head() - ring.tail()
    });
}
