//! Where points go while the ring is full and the disk takes nothing.

use std::{
    collections::VecDeque,
    sync::atomic::{AtomicBool, Ordering},
};

use parking_lot::Mutex;

use crate::{
    format::slot::{SLOT_BYTES, Slot},
    store::ring::{Refused, Ring, RingMemory},
};

/// The most slots that wait here: 8 MiB.
const LIMIT: usize = (8 << 20) / SLOT_BYTES;

/// Points on the heap that wait for places in the ring.
///
/// While there are any, every caller adds its points here, so that each thread's points stay in
/// order. The writer thread moves them into the ring.
#[derive(Debug, Default)]
pub(crate) struct Spill {
    waiting: AtomicBool,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    slots: VecDeque<Slot>,
    closed: bool,
}

impl Spill {
    /// Whether points wait here.
    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting.load(Ordering::Acquire)
    }

    /// Takes points, all or none.
    pub(crate) fn push(&self, slots: impl ExactSizeIterator<Item = Slot>) -> Result<(), Refused> {
        let mut queue = self.queue.lock();
        if queue.closed {
            return Err(Refused::Closed);
        }
        if queue.slots.len() + slots.len() > LIMIT {
            return Err(Refused::Full);
        }
        queue.slots.extend(slots);
        self.waiting.store(true, Ordering::Release);
        Ok(())
    }

    /// Moves points into the ring, as many as find a place.
    pub(crate) fn move_into<M: RingMemory>(&self, ring: &Ring<M>) {
        if !self.is_waiting() {
            return;
        }
        let mut queue = self.queue.lock();
        while let Some(slot) = queue.slots.front() {
            let Ok(place) = ring.reserve_even_closed(1) else { return };
            ring.store(place.first, slot);
            queue.slots.pop_front();
        }
        self.waiting.store(false, Ordering::Release);
        queue.slots.shrink_to_fit();
    }

    /// Takes nothing more from now on.
    pub(crate) fn close(&self) {
        self.queue.lock().closed = true;
    }

    pub(crate) fn len(&self) -> u64 {
        self.queue.lock().slots.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ring::tests::{Heap, drain};

    fn slots(steps: std::ops::Range<u64>) -> impl ExactSizeIterator<Item = Slot> {
        let slot = |step| Slot { step, time: 0, value: 0, key: 0 };
        steps.map(slot).collect::<Vec<_>>().into_iter()
    }

    #[test]
    fn points_move_on_in_order_as_places_become_free() {
        let (spill, ring) = (Spill::default(), Ring::new(Heap::new(4)));
        spill.push(slots(0..6)).unwrap();
        let mut seen = Vec::new();
        for left in [2, 0] {
            spill.move_into(&ring);
            assert_eq!(spill.len(), left);
            seen.extend(drain(&ring));
        }
        assert_eq!(seen, [0, 1, 2, 3, 4, 5]);
        assert!(!spill.is_waiting());
    }

    #[test]
    fn too_many_points_are_refused_whole() {
        let spill = Spill::default();
        spill.push(slots(0..LIMIT as u64)).unwrap();
        assert_eq!(spill.push(slots(0..1)), Err(Refused::Full));
    }

    #[test]
    fn what_waits_when_the_run_ends_still_moves_on() {
        let (spill, ring) = (Spill::default(), Ring::new(Heap::new(4)));
        spill.push(slots(0..2)).unwrap();
        ring.close();
        spill.close();
        assert_eq!(spill.push(slots(2..3)), Err(Refused::Closed));
        spill.move_into(&ring);
        assert_eq!(ring.head(), 2);
    }
}
