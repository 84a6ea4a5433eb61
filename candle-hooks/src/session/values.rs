//! Takes losses and metrics that are tensors.

use candle_core::Tensor;
use tracker_core::adapter::recorder::{Measured, OptimizerIndex, Recorder};

use crate::{graph, metric_value::MetricValue, problem, readback::Readings, session::Session};

impl Session {
    pub(crate) fn loss(&mut self, optimizer: OptimizerIndex, loss: MetricValue<'_>) {
        if let Some(loss) = self.single_loss(optimizer, loss) {
            self.record(|recorder| recorder.loss(optimizer, loss));
        }
    }

    /// Takes a loss that the user runs backward from.
    pub(crate) fn backward(&mut self, optimizer: OptimizerIndex, loss: &Tensor) {
        if let Some(loss) = self.single_loss(optimizer, loss.into()) {
            self.record(|recorder| recorder.backward(optimizer, loss));
        }
    }

    /// A loss for the recorder, if it is a single value. Remembers of which variables it was made, if
    /// somebody will want the norm of their gradients.
    fn single_loss<'a>(
        &mut self,
        optimizer: OptimizerIndex,
        loss: MetricValue<'a>,
    ) -> Option<Measured<'a, Tensor>> {
        if let MetricValue::Tensor(tensor) = loss {
            self.recorder.begin();
            if self.is_norm_due(optimizer) {
                self.add_variables(optimizer, graph::variables(tensor));
            }
        }
        single(&self.recorder, "loss", loss)
    }
}

/// A value for the recorder, if it is a single one.
pub(crate) fn single<'a>(
    recorder: &Recorder<Readings>,
    name: &str,
    value: MetricValue<'a>,
) -> Option<Measured<'a, Tensor>> {
    match value {
        MetricValue::Number(number) => Some(Measured::Number(number)),
        MetricValue::Tensor(tensor) if tensor.elem_count() == 1 => Some(Measured::Value(tensor)),
        MetricValue::Tensor(tensor) => {
            let step = recorder.step();
            recorder.problem(if name == "loss" {
                problem::loss_not_scalar(tensor.shape(), step)
            } else {
                problem::metric_not_scalar(name, tensor.shape(), step)
            });
            None
        }
    }
}
