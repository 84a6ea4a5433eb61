//! What an iterator of batches tells.

use std::{
    mem,
    time::{Duration, Instant},
};

use crate::{
    row::Row,
    session::{End, IteratorId, Session, state::OpenBatches},
};

impl Session {
    /// Begins an iterator of training batches. One within an evaluation or within other batches is
    /// none.
    pub(crate) fn begin_batches(&mut self, batches: Option<u64>) -> Option<IteratorId> {
        if self.is_evaluating() || self.batches.is_some() {
            return None;
        }
        let iterator = self.new_iterator();
        self.begin();
        self.clock.start();
        self.batches = Some(OpenBatches {
            iterator,
            begun: Instant::now(),
            first_step: self.steps,
            in_batch: false,
            waited: 0.0,
            evaluating: 0.0,
        });
        if let Some(epoch) = &mut self.epoch {
            epoch.last_batches = Some(End::Regular);
        }
        self.writer.progress().begin_batches(batches);
        Some(iterator)
    }

    /// The batch before, if there was one, is over.
    pub(crate) fn end_batch(&mut self, iterator: IteratorId) {
        let Some(batches) = self.open_batches(iterator) else { return };
        let in_batch = mem::take(&mut batches.in_batch);
        if in_batch && self.owner.is_none() {
            self.step_without_optimizer();
        }
        self.close_stepped_row();
        self.settle();
        if in_batch {
            self.writer.progress().batch();
        }
    }

    /// A batch is about to be given out, for which the training has `waited`.
    pub(crate) fn begin_batch(&mut self, iterator: IteratorId, waited: Duration) {
        if let Some(batches) = self.open_batches(iterator) {
            batches.in_batch = true;
            batches.waited += waited.as_secs_f64();
            self.announce();
        }
    }

    /// There are no more batches, or nobody wants them. With `stopped`, somebody asked the run to
    /// stop before the last of them.
    pub(crate) fn end_batches(&mut self, iterator: IteratorId, end: End, stopped: bool) {
        let Some(batches) = self.open_batches(iterator) else { return };
        let in_batch = mem::take(&mut batches.in_batch);
        // A batch that was left before its step has nothing to log; without an optimizer to tell,
        // a loss or an accuracy shows that the step was taken.
        if in_batch && self.owner.is_none() && !self.row.is_empty() {
            self.step_without_optimizer();
        }
        self.close_stepped_row();
        if end == End::Dropped {
            self.row = Row::default();
        }
        // The host runs ahead of a device: only after a read is the time that of the work.
        self.read();
        self.clock.interrupt();
        let Some(batches) = self.batches.take() else { return };
        if let Some(epoch) = &mut self.epoch {
            epoch.last_batches = Some(end);
            epoch.stopped |= stopped;
            if self.steps > batches.first_step {
                epoch.training += batches.begun.elapsed().as_secs_f64() - batches.evaluating;
                epoch.waited += batches.waited;
            }
        } else {
            self.writer.release(None);
            self.settle();
            self.writer.progress().finish();
        }
    }

    fn open_batches(&mut self, iterator: IteratorId) -> Option<&mut OpenBatches> {
        self.batches.as_mut().filter(|batches| batches.iterator == iterator)
    }

    /// Whether an epoch is open, to whose end a training can go on that was asked to stop.
    pub(crate) fn is_in_epoch(&self) -> bool {
        self.epoch.is_some()
    }
}
