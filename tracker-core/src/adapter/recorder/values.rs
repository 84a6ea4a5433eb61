//! Takes losses, answers and metrics, and logs what has arrived.

use crate::adapter::recorder::{
    evaluations::OpenEvaluation,
    metric_writer::MetricWriter,
    problem,
    reading::{Count, Measured, ReadBack, Reading},
    row::{OptimizerIndex, Row, StepTime},
    state::{Recorder, Waiting},
    step_values::{LossOrigin, StepValues},
};

/// How many rows wait for values from a device before they are read, however few values those are.
const MAX_WAITING: usize = 1_024;

/// How many values one step may have.
const MAX_VALUES: usize = 16_384;

/// Values of a step.
impl<R: ReadBack> Recorder<R> {
    /// Takes the loss of a batch. What [`ReadBack::identity`] tells to be the same counts once. A loss
    /// that is given here is the truth of its step, whatever a [`backward`](Self::backward) pass sees.
    pub fn loss(&mut self, optimizer: OptimizerIndex, loss: Measured<'_, R::Value>) {
        self.take_loss(optimizer, loss, LossOrigin::Given);
    }

    fn take_loss(
        &mut self,
        optimizer: OptimizerIndex,
        loss: Measured<'_, R::Value>,
        origin: LossOrigin,
    ) {
        self.begin();
        if optimizer == OptimizerIndex::OWNER && self.row.owner.has_loss(origin) {
            self.next_uncounted(&loss);
        }
        self.read_if_due();
        let (unit, readings) = (self.writer.unit(), &mut self.readings);
        let taken = self.row.values(optimizer).add_loss(loss, origin, unit, readings);
        self.count_failure(taken);
        self.bound_row();
    }

    /// Takes a loss that the user runs backward from: in the same batch, a second one is the
    /// beginning of another step.
    pub fn backward(&mut self, optimizer: OptimizerIndex, loss: Measured<'_, R::Value>) {
        if optimizer == OptimizerIndex::OWNER {
            self.close_stepped_row();
        }
        self.take_loss(optimizer, loss, LossOrigin::Seen);
    }

    /// Takes right answers; those among the best `top_k` have a metric of their own.
    pub fn answers(&mut self, count: &Count<R::Value>, top_k: usize) {
        self.begin();
        self.tell_out_of_range(count);
        self.read_if_due();
        let (values, writer, readings) =
            (&mut self.row.owner, &mut self.writer, &mut self.readings);
        let taken = add_answers(values, count, top_k, writer, readings);
        self.count_failure(taken);
        self.bound_row();
    }

    /// Takes the value of a metric that the user named: `loss` and `accuracy` are those of the step.
    pub fn metric(&mut self, name: &str, value: Measured<'_, R::Value>) {
        if name == "loss" {
            return self.loss(OptimizerIndex::OWNER, value);
        }
        self.begin();
        self.read_if_due();
        let (values, writer, readings) =
            (&mut self.row.owner, &mut self.writer, &mut self.readings);
        let taken = add_metric(values, name, value, writer, readings);
        self.count_failure(taken);
        self.bound_row();
    }

    /// Takes the size of the batch, once for each batch.
    pub fn state_items(&mut self, items: u64) {
        self.row.owner.state_items(items);
    }

    /// An episode of reinforcement learning is over; it is logged at the step of the last update.
    pub fn episode(&mut self, reward: f64, length: u64) {
        self.begin();
        self.episodes += 1;
        let at = StepTime::now(self.last_step());
        self.writer.episode(at, self.episodes, reward, length);
    }

    /// Where nobody counts, a second loss is that of another step.
    fn next_uncounted(&mut self, loss: &Measured<'_, R::Value>) {
        let is_again = match loss {
            Measured::Number(_) => false,
            Measured::Value(value) => self.row.owner.is_last(R::identity(value)),
        };
        if !self.counter.is_known() && !is_again {
            self.step_uncounted();
            self.settle();
        }
    }

    /// Gives up a row that no step ever ends.
    fn bound_row(&mut self) {
        if self.row.len() > MAX_VALUES {
            self.row = Row::default();
            self.problem(problem::without_a_step());
        }
    }
}

/// Values of an evaluation.
impl<R: ReadBack> Recorder<R> {
    /// Takes the loss of a batch in an evaluation.
    pub fn evaluation_loss(&mut self, open: &mut OpenEvaluation, loss: Measured<'_, R::Value>) {
        self.read_if_due();
        let (unit, readings) = (self.writer.unit(), &mut self.readings);
        let taken = open.values().add_loss(loss, LossOrigin::Given, unit, readings);
        self.count_failure(taken);
    }

    /// Takes right answers in an evaluation.
    pub fn evaluation_answers(
        &mut self,
        open: &mut OpenEvaluation,
        count: &Count<R::Value>,
        top_k: usize,
    ) {
        self.tell_out_of_range(count);
        self.read_if_due();
        let (writer, readings) = (&mut self.writer, &mut self.readings);
        let taken = add_answers(open.values(), count, top_k, writer, readings);
        self.count_failure(taken);
    }

    /// Takes the value of a metric in an evaluation: `loss` and `accuracy` are its own.
    pub fn evaluation_metric(
        &mut self,
        open: &mut OpenEvaluation,
        name: &str,
        value: Measured<'_, R::Value>,
    ) {
        if name == "loss" {
            return self.evaluation_loss(open, value);
        }
        self.read_if_due();
        let (writer, readings) = (&mut self.writer, &mut self.readings);
        let taken = add_metric(open.values(), name, value, writer, readings);
        self.count_failure(taken);
    }
}

/// Takes right answers of a step or an evaluation; those among the best `top_k` have a metric of
/// their own.
fn add_answers<R: ReadBack>(
    values: &mut StepValues,
    count: &Count<R::Value>,
    top_k: usize,
    writer: &mut MetricWriter,
    readings: &mut R,
) -> Result<(), String> {
    if top_k > 1 {
        let metric = writer.other(&format!("top_{top_k}_accuracy"), true);
        values.add_share(metric, count, readings)
    } else {
        values.add_answers(count, readings)
    }
}

/// Takes the value of a metric of a step or an evaluation, but for the loss.
fn add_metric<R: ReadBack>(
    values: &mut StepValues,
    name: &str,
    value: Measured<'_, R::Value>,
    writer: &mut MetricWriter,
    readings: &mut R,
) -> Result<(), String> {
    if name == "accuracy" {
        return values.add_accuracy(value, readings);
    }
    values.add_value(writer.other(name, false), value, readings)
}

/// Trouble with values.
impl<R: ReadBack> Recorder<R> {
    fn tell_out_of_range(&self, count: &Count<R::Value>) {
        if count.out_of_range > 0 {
            self.problem(problem::labels_out_of_range(count.out_of_range, self.step()));
        }
    }

    pub(super) fn count_failure(&self, taken: Result<(), String>) {
        if let Err(error) = taken {
            self.problem(problem::not_read(1, &error, self.step()));
        }
    }
}

/// Reading and logging.
impl<R: ReadBack> Recorder<R> {
    pub(super) fn reading(&mut self, value: Measured<'_, R::Value>) -> Result<Reading, String> {
        match value {
            Measured::Number(number) => Ok(Reading::Now(number)),
            Measured::Value(value) => self.readings.take(value),
        }
    }

    /// Logs what has arrived, after a read if one is due.
    pub fn settle(&mut self) {
        self.read_if_due();
        self.log_arrived();
        self.take_evaluations();
    }

    fn read_if_due(&mut self) {
        if self.readings.is_due() || self.waiting.len() >= MAX_WAITING {
            self.read();
        }
    }

    /// Logs the evaluations so far, whatever follows at their step.
    pub(super) fn read_evaluations(&mut self) {
        let waits = |waiting: &Waiting| matches!(waiting, Waiting::Evaluation(..));
        if self.waiting.iter().any(waits) {
            self.read();
        }
        self.writer.release(None);
    }

    /// Reads all that is on devices and logs what is complete.
    pub(super) fn read(&mut self) {
        if let Err(lost) = self.readings.read() {
            self.problem(problem::not_read(lost.count, &lost.error, self.step()));
        }
        self.log_arrived();
    }

    pub(super) fn log_arrived(&mut self) {
        while let Some(first) = self.waiting.pop_front() {
            match first {
                Waiting::Row(row, at) if row.is_ready() => self.writer.row(&row, at),
                Waiting::Evaluation(scope, at, batches)
                    if batches.iter().all(StepValues::is_ready) =>
                {
                    self.writer.evaluation(scope, at, &batches);
                }
                unfinished => {
                    self.waiting.push_front(unfinished);
                    return;
                }
            }
        }
    }

    /// Reads and logs all that was measured so far. Where nobody counts, a loss is a step that was taken.
    pub fn flush(&mut self) {
        if !self.counter.is_known() && !self.row.is_empty() {
            self.step_uncounted();
        }
        self.flush_steps();
    }

    /// Reads and logs all that was measured up to the last step that is known to be over.
    pub fn flush_steps(&mut self) {
        self.log_open_step();
        self.read();
        self.writer.release(None);
        self.settle();
    }
}
