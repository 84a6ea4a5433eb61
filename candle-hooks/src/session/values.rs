//! Takes losses, answers and metrics, and logs what has arrived.

use candle_core::{Result, Tensor};

use crate::{
    accuracy::Count,
    graph,
    metric_value::MetricValue,
    problem,
    row::{OptimizerIndex, Row},
    session::{Session, state::Waiting},
    step_values::StepValues,
};

/// How many rows wait for values from a device before they are read, however few values those are.
const MAX_WAITING: usize = 1_024;

/// How many values one step may have.
const MAX_VALUES: usize = 16_384;

/// Values of a step.
impl Session {
    pub(crate) fn loss(&mut self, optimizer: OptimizerIndex, loss: &Tensor) {
        self.begin();
        if self.is_norm_due(optimizer) {
            self.add_variables(optimizer, graph::variables(loss));
        }
        if self.is_single(loss) {
            self.read_if_due();
            let (unit, readings) = (self.writer.unit(), &mut self.readings);
            let add = |values: &mut StepValues| values.add_loss(loss, unit, readings);
            let taken = self.row.update(optimizer, add);
            self.count_failure(taken);
            self.bound_row();
        }
    }

    /// Takes a loss that the user runs backward from: in the same batch, a second one is the
    /// beginning of another step.
    pub(crate) fn backward(&mut self, optimizer: OptimizerIndex, loss: &Tensor) {
        if optimizer == OptimizerIndex::OWNER {
            self.close_stepped_row();
        }
        self.loss(optimizer, loss);
    }

    /// Takes right answers; those among the best `top_k` have a metric of their own.
    pub(crate) fn answers(&mut self, count: &Count, top_k: usize) {
        self.begin();
        self.tell_out_of_range(count);
        self.read_if_due();
        let taken = if let Some(name) = top_k_name(top_k) {
            let metric = self.writer.other(&name, true);
            self.row.owner.add_share(metric, count, &mut self.readings)
        } else {
            self.row.owner.add_answers(count, &mut self.readings)
        };
        self.count_failure(taken);
        self.bound_row();
    }

    /// Takes the value of a metric that the user named.
    pub(crate) fn metric(&mut self, name: &str, value: MetricValue<'_>) {
        self.begin();
        if self.is_single_value(name, value) {
            self.read_if_due();
            let metric = self.writer.other(name, false);
            let taken = self.row.owner.add_value(metric, value, &mut self.readings);
            self.count_failure(taken);
            self.bound_row();
        }
    }

    /// Gives up a row that no step ever ends.
    fn bound_row(&mut self) {
        if self.row.len() > MAX_VALUES {
            self.row = Row::default();
            self.problem(problem::without_a_step());
        }
    }

    pub(crate) fn state_items(&mut self, items: u64) {
        self.row.owner.state_items(items);
    }
}

/// Values of an evaluation.
impl Session {
    pub(crate) fn scope_loss(&mut self, values: &mut StepValues, loss: &Tensor) {
        if self.is_single(loss) {
            self.read_if_due();
            let taken = values.add_loss(loss, self.writer.unit(), &mut self.readings);
            self.count_failure(taken);
        }
    }

    pub(crate) fn scope_answers(&mut self, values: &mut StepValues, count: &Count, top_k: usize) {
        self.tell_out_of_range(count);
        self.read_if_due();
        let taken = if let Some(name) = top_k_name(top_k) {
            let metric = self.writer.other(&name, true);
            values.add_share(metric, count, &mut self.readings)
        } else {
            values.add_answers(count, &mut self.readings)
        };
        self.count_failure(taken);
    }

    pub(crate) fn scope_metric(
        &mut self,
        values: &mut StepValues,
        name: &str,
        value: MetricValue<'_>,
    ) {
        if self.is_single_value(name, value) {
            self.read_if_due();
            let metric = self.writer.other(name, false);
            let taken = values.add_value(metric, value, &mut self.readings);
            self.count_failure(taken);
        }
    }
}

/// The metric of the answers among the best `top_k`; `None` for the best one.
fn top_k_name(top_k: usize) -> Option<String> {
    (top_k > 1).then(|| format!("top_{top_k}_accuracy"))
}

/// Trouble with values.
impl Session {
    fn is_single(&self, loss: &Tensor) -> bool {
        if loss.elem_count() != 1 {
            self.problem(problem::loss_not_scalar(loss.shape(), self.step()));
            return false;
        }
        true
    }

    fn is_single_value(&self, name: &str, value: MetricValue<'_>) -> bool {
        if let MetricValue::Tensor(tensor) = value
            && tensor.elem_count() != 1
        {
            self.problem(problem::metric_not_scalar(name, tensor.shape(), self.step()));
            return false;
        }
        true
    }

    fn tell_out_of_range(&self, count: &Count) {
        if count.out_of_range > 0 {
            self.problem(problem::labels_out_of_range(count.out_of_range, self.step()));
        }
    }

    pub(super) fn count_failure(&self, taken: Result<()>) {
        if let Err(error) = taken {
            self.problem(problem::not_read(1, &error, self.step()));
        }
    }
}

/// Reading and logging.
impl Session {
    /// Logs what has arrived, after a read if one is due.
    pub(super) fn settle(&mut self) {
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
                Waiting::Evaluation(scope, at, values) if values.is_ready() => {
                    self.writer.evaluation(scope, at, &values);
                }
                Waiting::Sample(watch, at, sample) if sample.is_ready() => {
                    if let Some(watch) = self.watches.get_mut(watch) {
                        sample.write(&mut watch.log, at.step, at.time);
                    }
                }
                unfinished => {
                    self.waiting.push_front(unfinished);
                    return;
                }
            }
        }
    }

    /// Logs all that was measured so far.
    pub(crate) fn flush(&mut self) {
        self.read();
        self.writer.release(None);
        self.settle();
        self.save_if_due();
        self.wait_for_checkpoints();
    }
}
