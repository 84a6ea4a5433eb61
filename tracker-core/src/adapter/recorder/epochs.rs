//! What an iterator of epochs tells.

use std::time::Instant;

use crate::{
    Event,
    adapter::recorder::{
        early_stopping::{Missing, Patience, Verdict as Judgement},
        epoch_times::EpochTimes,
        iterator_id::IteratorId,
        loop_state::Times,
        metric_writer::EpochEnd,
        milestone::Milestone,
        open_epoch::{End, OpenEpoch, Verdict},
        phase::Phase,
        problem,
        reading::ReadBack,
        row::StepTime,
        series::Shown,
        state::Recorder,
    },
    adapter::resumed_run_not_read,
    read::RunReader,
};

impl<R: ReadBack> Recorder<R> {
    /// An iterator of epochs begins with this number. It is a phase of its own, unless it is within another
    /// one or counts on where that before ended.
    pub fn begin_epochs(&mut self, first: f64) -> IteratorId {
        self.begin();
        self.decide_left(true);
        let counts_on = self.last_number.is_some_and(|last| first > last);
        if self.epoch.is_none() && !counts_on {
            self.begin_phase();
        }
        self.new_iterator()
    }

    /// An epoch is left out, because a training before has been through it.
    pub fn leave_out_epoch(&mut self, number: f64) {
        if self.last_number.is_some_and(|before| number < before) {
            self.problem(problem::epochs_count_down(number));
        }
        self.last_number = Some(number);
    }

    fn begin_phase(&mut self) {
        let number = self.phase.map_or(0, |before| before.number + 1);
        let first_step = match self.restored_phase {
            restored if restored.number == number => restored.first_step,
            _ => self.steps,
        };
        self.phase = Some(Phase { number, first_step });
        if let Some(patience) = &mut self.early_stopping {
            patience.begin_phase(number);
        }
    }

    /// An epoch begins: its number as the user counts, its place from 1, and how many there are.
    pub fn begin_epoch(
        &mut self,
        iterator: IteratorId,
        number: f64,
        place: u64,
        epochs: Option<u64>,
    ) {
        self.begin();
        self.decide_left(true);
        if let Some(open) = &self.epoch {
            self.problem(problem::nested_epochs(number));
            self.end_epoch(open.iterator, End::Regular, true);
        }
        self.last_number = Some(number);
        self.clock.start();
        // An evaluation before this epoch is not of this epoch.
        self.read_evaluations();
        self.writer.take_evaluated();
        self.writer.begin_epoch();
        self.writer.progress().begin_epoch(place, epochs);
        self.writer.plan(number - (place as f64 - 1.0), epochs);
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
            loops: 0,
            position: None,
            goes_on_at: None,
            before: Times::default(),
            last_batches: None,
            cut_short: false,
            left: false,
        });
        self.go_on_within(number);
    }

    /// Ends the epoch that the iterator has open, if it has one. With `stopped`, somebody asked the
    /// training to end.
    pub fn end_epoch(&mut self, iterator: IteratorId, end: End, stopped: bool) {
        let Some(epoch) = self.epoch.as_ref().filter(|epoch| epoch.iterator == iterator) else {
            return;
        };
        let evaluated = epoch.evaluated;
        if !self.counter.is_told() && epoch.last_batches.is_none() && !self.row.is_empty() {
            // What nobody counted is one step at least.
            self.step_uncounted();
            if let Some(epoch) = &mut self.epoch {
                epoch.evaluated = evaluated;
            }
        }
        self.close_stepped_row();
        self.read();
        self.clock.interrupt();
        // Batches that were kept and forgotten end with the epoch.
        self.batches = None;
        let Some(epoch) = &mut self.epoch else { return };
        if self.steps == epoch.first_step {
            let number = epoch.number;
            if end == End::Regular && !stopped && !self.writer.holds_evaluation() {
                self.problem(problem::empty_epoch(number));
            }
            return self.discard_epoch();
        }
        match epoch.verdict(end) {
            Verdict::Whole => self.log_epoch(),
            Verdict::CutShort => self.discard_epoch(),
            Verdict::Undecided => epoch.left = true,
        }
    }

    /// Whether an epoch was left of which nobody knows yet whether it was over.
    fn is_left(&self) -> bool {
        self.epoch.as_ref().is_some_and(|epoch| epoch.left)
    }

    /// Ends an epoch that was left, if there is one: the training goes on, so it was over.
    pub(super) fn decide_left(&mut self, is_whole: bool) {
        match self.is_left() {
            true if is_whole => {
                self.read();
                self.log_epoch();
            }
            true => self.discard_epoch(),
            false => {}
        }
    }

    /// An epoch that was cut short has no means: they would stand beside those of whole epochs.
    fn discard_epoch(&mut self) {
        self.broken_off = self.epoch_state().map(|state| (self.last_step(), state));
        self.epoch = None;
        self.writer.discard_epoch();
    }

    /// All of its values have been read.
    fn log_epoch(&mut self) {
        let Some(epoch) = self.epoch.take() else { return };
        let times = epoch.times();
        let data_wait = epoch.has_batch_times().then(|| times.waited / times.training);
        let values = self.writer.end_epoch(EpochEnd {
            number: epoch.number,
            at: StepTime::now(self.last_step()),
            times: EpochTimes {
                seconds: times.all,
                training_seconds: times.training,
                data_wait,
                ..EpochTimes::default()
            },
        });
        self.writer.take_evaluated();
        if let Some(why) = self.judge(&values) {
            let of = epoch.epochs.map(|epochs| format!(" of {epochs}")).unwrap_or_default();
            self.conclude(&format!("stopped early, after epoch {}{of}: {why}", epoch.place));
        }
        let OpenEpoch { number, place, .. } = epoch;
        let number = whole(number);
        self.last_over = number.map(|number| (self.phase().number, number));
        self.milestones.push(Milestone::Epoch { number, place, values });
    }

    /// The iterator of epochs is over.
    pub fn end_epochs(&mut self) {
        self.tell_missing_metric();
        self.writer.progress().finish();
    }

    /// Whether an epoch is open, to whose end a training can go on that was asked to stop.
    pub fn is_in_epoch(&self) -> bool {
        self.epoch.as_ref().is_some_and(|epoch| !epoch.left)
    }
}

/// Early stopping.
impl<R: ReadBack> Recorder<R> {
    /// Shows new values to early stopping. Says why if the training is to end.
    fn judge(&mut self, values: &[Shown]) -> Option<String> {
        match self.early_stopping.as_mut()?.judge(values) {
            Judgement::GoOn => None,
            Judgement::Stop(why) => Some(why),
        }
    }

    /// Takes what evaluations gave in a training without epochs.
    pub(super) fn take_evaluations(&mut self) {
        if self.epoch.is_some() {
            return;
        }
        let values = self.writer.take_evaluated();
        if values.is_empty() {
            return;
        }
        if let Some(why) = self.judge(&values) {
            self.conclude(&format!("stopped early, after step {}: {why}", self.last_step()));
        }
        let step = self.writer.evaluated_at();
        self.milestones.push(Milestone::Evaluated { step, values });
    }

    /// Shows early stopping the values before a checkpoint: its memory ended with the process that
    /// trained them. What was logged beyond it is trained again.
    pub(super) fn replay_early_stopping(&mut self, last: u64) {
        let epoch = self.writer.full_name("epoch");
        let (Some(patience), Some(run)) = (&mut self.early_stopping, self.tracker.context()) else {
            return;
        };
        let of = self.restored_phase;
        // An epoch that is open is judged when it ends, though it may have ended before the kill.
        let in_epoch = self.restored_epoch.is_some();
        let judged = if in_epoch { last.checked_sub(1) } else { Some(last) };
        let Some(last) = judged else { return };
        let replay = |reader: RunReader| patience.replay(&reader, &epoch, of, last, in_epoch);
        match RunReader::of_context(run).and_then(replay) {
            Ok(()) => {}
            Err(error) => self.problem(resumed_run_not_read(&error)),
        }
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

/// An epoch's number, if it is one that can be counted.
#[expect(clippy::cast_sign_loss, reason = "a negative number is none that counts")]
pub(super) fn whole(number: f64) -> Option<u64> {
    (number >= 0.0 && number.fract() == 0.0).then_some(number as u64)
}
