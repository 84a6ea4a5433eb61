//! The statistics of one step, on their way back from the devices.

use burn::{prelude::*, tensor::TensorReadError};
use tracker_core::{
    Timestamp,
    adapter::{Reduced, WatchedTensor},
};

/// What was measured in one step, still on the devices.
#[derive(Debug)]
pub(crate) struct Sample {
    /// The optimizer step, counted from 0 by the model.
    pub(crate) step: u64,
    /// When the step was taken.
    pub(crate) time: Timestamp,
    /// How the statistics of a tensor are laid out.
    pub(crate) layout: Reduced,
    /// The parameters, in the model's order.
    pub(crate) rows: Vec<Row>,
    /// The reduced tensors of each device, in one.
    pub(crate) tensors: Vec<Tensor<1>>,
}

/// One parameter of a sample.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) path: String,
    pub(crate) gradient: Span,
    pub(crate) weight: Span,
}

/// Where the statistics of a tensor are.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Span {
    pub(crate) device: usize,
    pub(crate) start: usize,
    pub(crate) len: usize,
}

impl Sample {
    /// Reads from each device once, and waits for it.
    ///
    /// # Errors
    /// If a device cannot compute or hand out the values.
    pub(crate) fn read(self) -> Result<Vec<WatchedTensor>, TensorReadError> {
        let read = |tensor: Tensor<1>| tensor.try_into_vec_as::<f32>();
        let values = self.tensors.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let statistics = |span: Span| {
            let of_device = values.get(span.device)?;
            let reduced = of_device.get(span.start..span.start + span.len)?;
            self.layout.read(reduced)
        };
        let watched = |row: Row| {
            let (gradient, parameter) = (statistics(row.gradient)?, statistics(row.weight)?);
            let (name, gradient) = (row.path.into(), Some(gradient));
            Some(WatchedTensor { name, gradient, parameter, update: None })
        };
        Ok(self.rows.into_iter().filter_map(watched).collect())
    }
}
