//! What an iterator of batches tells.

use std::{
    mem,
    time::{Duration, Instant},
};

use crate::adapter::recorder::{
    epochs::whole,
    iterator_id::IteratorId,
    open_epoch::{End, OpenEpoch},
    reading::ReadBack,
    resuming::LeftOut,
    row::Row,
    state::{OpenBatches, Recorder},
};

impl<R: ReadBack> Recorder<R> {
    /// Begins an iterator of training batches, of as many as that; `length` tells whether they are those
    /// that a training before has been through: their number, or that of their items. One within an
    /// evaluation or within other batches is none. Says how many at its beginning are to be left out,
    /// because that training has been through them.
    pub fn begin_batches(
        &mut self,
        total: Option<u64>,
        length: Option<u64>,
    ) -> Option<(IteratorId, LeftOut)> {
        if self.is_evaluating() || self.batches.is_some() {
            return None;
        }
        let iterator = self.new_iterator();
        self.begin();
        self.decide_left(true);
        self.counter.batches = true;
        self.clock.start();
        let left_out = self.left_out(length);
        self.batches = Some(OpenBatches {
            iterator,
            begun: Instant::now(),
            first_step: self.steps,
            given: match left_out {
                LeftOut::First(count) => count,
                LeftOut::All => 0,
            },
            length,
            in_batch: false,
            waited: 0.0,
            evaluating: 0.0,
        });
        if let Some(epoch) = &mut self.epoch {
            epoch.last_batches = Some(End::Regular);
            epoch.loops += 1;
        }
        self.expect_batches(total);
        Some((iterator, left_out))
    }

    /// Says how many batches there will be, for the progress bar.
    pub fn expect_batches(&self, batches: Option<u64>) {
        self.writer.progress().begin_batches(batches);
        if let Some(open) = &self.batches {
            self.writer.progress().leave_out_batches(open.given);
        }
    }

    /// The batch before, if there was one, is over.
    pub fn end_batch(&mut self, iterator: IteratorId) {
        let Some(batches) = self.open_batches(iterator) else { return };
        let in_batch = mem::take(&mut batches.in_batch);
        if in_batch && !self.counter.is_told() {
            self.step_of_batch();
        }
        self.close_stepped_row();
        self.settle();
        if in_batch {
            self.writer.progress().batch();
        }
    }

    /// The batch that is out is over, before the next one is asked for: what follows is not of it.
    pub fn close_batch(&mut self) {
        if let Some(batches) = &self.batches {
            self.end_batch(batches.iterator);
        }
    }

    /// Whether a batch of training is out.
    pub fn is_in_batch(&self) -> bool {
        self.batches.as_ref().is_some_and(|batches| batches.in_batch)
    }

    /// The epoch whose batches are over while it goes on: its number, if it is one that can be counted, and
    /// its place from 1.
    pub fn epoch_after_batches(&self) -> Option<(Option<u64>, u64)> {
        let is_over = |epoch: &&OpenEpoch| !epoch.left && epoch.last_batches.is_some();
        let epoch = self.epoch.as_ref().filter(is_over)?;
        self.batches.is_none().then(|| (whole(epoch.number), epoch.place))
    }

    /// The number of the epoch that is open, if it is one that can be counted, and the batch of it that is
    /// out, from 1.
    pub fn place(&self) -> (Option<u64>, Option<u64>) {
        let epoch = self.epoch.as_ref().and_then(|epoch| whole(epoch.number));
        let batch = self.batches.as_ref().filter(|batches| batches.in_batch);
        (epoch, batch.map(|batches| batches.given))
    }

    /// A batch is about to be given out, for which the training has `waited`.
    pub fn begin_batch(&mut self, iterator: IteratorId, waited: Duration) {
        if let Some(batches) = self.open_batches(iterator) {
            batches.in_batch = true;
            batches.given += 1;
            batches.waited += waited.as_secs_f64();
            self.announce();
        }
    }

    /// There are no more batches, or nobody wants them. With `cut_short`, that was before the last of
    /// them for sure: somebody asked the run to stop, or one could not be loaded.
    pub fn end_batches(&mut self, iterator: IteratorId, end: End, cut_short: bool) {
        let Some(batches) = self.open_batches(iterator) else { return };
        let in_batch = mem::take(&mut batches.in_batch);
        // A batch that was left before its step has nothing to log; where nobody else tells, a loss
        // or an accuracy shows that the step was taken.
        if in_batch && !self.counter.is_told() && !self.row.is_empty() {
            self.step_of_batch();
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
            epoch.cut_short |= cut_short;
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
}
