//! What an iterator of epochs tells.

use std::time::Instant;

use tracker_core::Event;

use crate::{
    early_stopping::{Missing, Patience, Verdict},
    metric_writer::EpochEnd,
    problem,
    row::StepTime,
    series::Shown,
    session::{
        IteratorId, Session,
        open_epoch::{End, OpenEpoch},
    },
};

impl Session {
    pub(crate) fn begin_epochs(&mut self) -> IteratorId {
        self.new_iterator()
    }

    pub(crate) fn begin_epoch(
        &mut self,
        iterator: IteratorId,
        number: f64,
        place: u64,
        epochs: Option<u64>,
    ) {
        self.begin();
        if let Some(open) = &self.epoch {
            self.problem(problem::nested_epochs(number));
            self.end_epoch(open.iterator, End::Regular, true);
        }
        self.clock.start();
        // An evaluation before this epoch is not of this epoch.
        self.read_evaluations();
        self.writer.take_evaluated();
        self.writer.begin_epoch();
        self.writer.progress().begin_epoch(place, epochs);
        self.epoch = Some(OpenEpoch {
            iterator,
            number,
            place,
            epochs,
            begun: Instant::now(),
            first_step: self.steps,
            training: 0.0,
            waited: 0.0,
            until_last_step: None,
            evaluating: 0.0,
            evaluated: false,
            last_batches: None,
            stopped: false,
        });
    }

    /// Logs the epoch that the iterator has open, if it has one.
    pub(crate) fn end_epoch(&mut self, iterator: IteratorId, end: End, stopped: bool) {
        let Some(epoch) = self.epoch.as_ref().filter(|epoch| epoch.iterator == iterator) else {
            return;
        };
        let evaluated = epoch.evaluated;
        if self.owner.is_none() && epoch.last_batches.is_none() && !self.row.is_empty() {
            // Without optimizer and batches, the epoch is one step over all data.
            self.step_without_optimizer();
            if let Some(epoch) = &mut self.epoch {
                epoch.evaluated = evaluated;
            }
        }
        self.close_stepped_row();
        self.read();
        self.clock.interrupt();
        let Some(epoch) = self.epoch.take() else { return };
        // Batches that were kept and forgotten end with the epoch.
        self.batches = None;
        if self.steps == epoch.first_step {
            if end == End::Regular && !stopped && !self.writer.holds_evaluation() {
                self.problem(problem::empty_epoch(epoch.number));
            }
            self.writer.discard_epoch();
        } else if epoch.is_cut_short(end) {
            // Its means would stand beside those of whole epochs.
            self.writer.discard_epoch();
        } else {
            self.log_epoch(&epoch);
        }
    }

    fn log_epoch(&mut self, epoch: &OpenEpoch) {
        let seconds = epoch.begun.elapsed().as_secs_f64();
        let data_wait = (epoch.training > 0.0).then(|| epoch.waited / epoch.training);
        let values = self.writer.end_epoch(EpochEnd {
            number: epoch.number,
            at: StepTime::now(self.last_step()),
            seconds,
            training_seconds: epoch.training_seconds(seconds),
            data_wait,
        });
        self.writer.take_evaluated();
        self.keep_epoch(epoch.number, epoch.place, &values);
        if let Some(why) = self.judge(&values) {
            let of = epoch.epochs.map(|epochs| format!(" of {epochs}")).unwrap_or_default();
            self.conclude(&format!("stopped early, after epoch {}{of}: {why}", epoch.place));
        }
    }

    /// The iterator of epochs is over.
    pub(crate) fn end_epochs(&mut self) {
        self.wait_for_checkpoints();
        self.tell_missing_metric();
        self.writer.progress().finish();
    }
}

/// Early stopping.
impl Session {
    /// Shows new values to early stopping. Says why if the training is to end.
    fn judge(&mut self, values: &[Shown]) -> Option<String> {
        match self.early_stopping.as_mut()?.judge(values) {
            Verdict::GoOn => None,
            Verdict::Stop(why) => Some(why),
        }
    }

    /// Takes what evaluations gave in a training without epochs, for early stopping and
    /// checkpoints.
    pub(super) fn take_evaluations(&mut self) {
        if self.epoch.is_some() {
            return;
        }
        let evaluated = self.writer.take_evaluated();
        if evaluated.is_empty() {
            return;
        }
        if let Some(why) = self.judge(&evaluated) {
            self.conclude(&format!("stopped early, after step {}: {why}", self.last_step()));
        }
        self.keep_evaluated(self.writer.evaluated_at(), evaluated);
    }

    fn conclude(&self, text: &str) {
        self.tracker.record(Event::Conclusion { text: text.to_owned() });
    }

    /// Says, once, if the metric that early stopping looks at never came.
    pub(super) fn tell_missing_metric(&mut self) {
        let missing = self.early_stopping.as_mut().and_then(Patience::take_missing);
        if let Some(Missing { metric, known }) = missing {
            self.problem(problem::early_stopping_without_metric(&metric, &known));
        }
    }
}
