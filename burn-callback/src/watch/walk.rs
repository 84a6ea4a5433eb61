//! Goes over a model's parameters and the gradients that belong to them.

use burn::{
    module::{Param, ParamId},
    optim::{GradientsParams, MultiGradientsParams},
    prelude::*,
    tensor::FloatDType,
};
use tracker_core::{Timestamp, adapter::Reduced};

use crate::watch::{
    WatchOptions,
    parameters::{Look, each_parameter},
    reduce,
    sample::{Row, Sample, Span},
};

/// The gradients of one optimizer step.
#[derive(Clone, Copy)]
pub(crate) enum Gradients<'a> {
    /// From one device, or summed over all.
    One(&'a GradientsParams),
    /// From several devices; the optimizer will sum them.
    Several(&'a MultiGradientsParams),
}

impl Gradients<'_> {
    pub(crate) fn get<const D: usize>(&self, id: ParamId) -> Option<Tensor<D>> {
        match self {
            Self::One(gradients) => gradients.get(id),
            Self::Several(several) => {
                let all = several.grads.iter().filter_map(|(gradients, _)| gradients.get(id));
                all.reduce(|sum: Tensor<D>, more| {
                    let device = sum.device();
                    sum + more.to_device(&device)
                })
            }
        }
    }
}

/// Reduces the watched parameters of `model` and their gradients, each on its own device.
/// Nothing is read back.
///
/// Parameters without a gradient in this step are passed over: frozen ones, those of a part that
/// took no part, running means. So are parameters of integers and booleans, and empty ones.
pub(crate) fn sample<M: Module>(
    model: &M,
    gradients: Gradients<'_>,
    options: &WatchOptions,
    step: u64,
) -> Sample {
    let layout = Reduced::new(options.bins());
    let mut walk = Walk { gradients, layout, rows: Vec::new(), devices: Vec::new() };
    each_parameter(model, options, &mut walk);
    let Walk { layout, rows, devices, .. } = walk;
    let tensors = devices.into_iter().map(|device| Tensor::cat(device.reduced, 0)).collect();
    Sample { step, time: Timestamp::now(), layout, rows, tensors }
}

struct Walk<'a> {
    gradients: Gradients<'a>,
    layout: Reduced,
    rows: Vec<Row>,
    devices: Vec<OfDevice>,
}

/// The reduced tensors of one device, to be read back as one.
struct OfDevice {
    device: Device,
    reduced: Vec<Tensor<1>>,
    len: usize,
}

impl Walk<'_> {
    fn reduce<const D: usize>(&mut self, tensor: Tensor<D>) -> Span {
        let elements = tensor.shape().num_elements();
        let tensor = tensor.inner().reshape([elements]).cast(FloatDType::F32);
        let device = self.device(&tensor.device());
        let layout = self.layout;
        let len = reduce::reduced_len(elements, layout);
        let Some(of_device) = self.devices.get_mut(device) else { return Span::default() };
        let span = Span { device, start: of_device.len, len };
        of_device.reduced.push(reduce::reduce(tensor, layout));
        of_device.len += len;
        span
    }

    /// The index of a device. Models have few.
    fn device(&mut self, device: &Device) -> usize {
        let known = self.devices.iter().position(|of_device| of_device.device == *device);
        known.unwrap_or_else(|| {
            let device = device.clone();
            self.devices.push(OfDevice { device, reduced: Vec::new(), len: 0 });
            self.devices.len() - 1
        })
    }
}

impl Look for Walk<'_> {
    fn parameter<const D: usize>(&mut self, path: String, param: &Param<Tensor<D>>) {
        let Some(gradient) = self.gradients.get::<D>(param.id) else { return };
        if gradient.shape().num_elements() == 0 {
            return;
        }
        let gradient = self.reduce(gradient);
        let weight = self.reduce(param.base());
        self.rows.push(Row { path, gradient, weight });
    }
}
