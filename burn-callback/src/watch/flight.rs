//! What each of the last steps did to the parameters of a model.

use std::sync::Arc;

use burn::{
    module::{ModuleVisitor, Param, ParamId},
    prelude::*,
};
use tracker_core::{
    Outcome, Tracker,
    adapter::{Blocks, FlightLook, FlightRecorder, SeenWeights, TensorBlocks, sums},
    flight::FlightStep,
};

use crate::watch::{
    Gradients, WatchOptions,
    parameters::{Look, each_parameter},
};

/// The flight recorder of one model.
///
/// It looks at tensors of the Flex backend, which lie in memory. Of parameters on other devices it keeps the
/// batches alone: to read them in each step would make the training wait.
#[derive(Debug)]
pub(crate) struct Flight {
    recorder: FlightRecorder,
    parameters: Vec<Parameter>,
}

#[derive(Debug)]
struct Parameter {
    id: ParamId,
    elements: usize,
    seen: SeenWeights,
}

impl Flight {
    /// A recorder of the parameters of `model` that the options take.
    pub(crate) fn of<M: Module>(model: &M, options: &WatchOptions) -> Self {
        let mut found = Finder(Vec::new());
        each_parameter(model, options, &mut found);
        let tensors = found.0.iter().map(|(name, of)| (Arc::clone(name), of.elements));
        let recorder = FlightRecorder::new(tensors, options);
        let mut parameters: Vec<Parameter> = found.0.into_iter().map(|(_, of)| of).collect();
        parameters.truncate(recorder.plan().len());
        Self { recorder, parameters }
    }

    /// A step is about to be taken: a look at it, unless this is one that is left out.
    pub(crate) fn begin(&mut self) -> Option<FlightLook> {
        self.recorder.begin()
    }

    /// Looks at gradients and weights before a step.
    pub(crate) fn look<M: Module>(
        &mut self,
        model: &M,
        gradients: Gradients<'_>,
        mut look: FlightLook,
        step: FlightStep,
        tracker: &dyn Tracker,
    ) {
        let plan = self.recorder.plan();
        let parameters = &mut self.parameters;
        model.visit(&mut Looker { gradients, plan, parameters, look: &mut look, next: 0 });
        if look.has_bad_gradient() {
            // A gradient that is not finite soon makes all weights so. Before it does, a look at all of them
            // tells whether one was to blame.
            model.visit(&mut BadWeights { parameters: &self.parameters, look: &mut look, next: 0 });
        }
        if self.recorder.end(look, step, tracker) {
            self.parameters.iter_mut().for_each(|parameter| parameter.seen.forget());
        }
    }

    /// The run ends.
    pub(crate) fn finish(&mut self, outcome: Option<&Outcome>, tracker: &dyn Tracker) {
        self.recorder.finish(outcome, tracker);
    }
}

/// Lists the parameters of a model.
struct Finder(Vec<(Arc<str>, Parameter)>);

impl Look for Finder {
    fn parameter<const D: usize>(&mut self, path: String, param: &Param<Tensor<D>>) {
        let base = param.base().inner();
        let elements = base.shape().num_elements();
        if elements > 0 && base.device() == Device::flex() {
            let parameter = Parameter { id: param.id, elements, seen: SeenWeights::default() };
            self.0.push((path.into(), parameter));
        }
    }
}

/// Looks at the parameters, which come in the order in which they were found.
struct Looker<'a> {
    gradients: Gradients<'a>,
    plan: &'a [TensorBlocks],
    parameters: &'a mut [Parameter],
    look: &'a mut FlightLook,
    next: usize,
}

impl ModuleVisitor for Looker<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(parameter) = self.parameters.get_mut(self.next) else { return };
        let Some(blocks) = self.plan.get(self.next).filter(|_| parameter.id == param.id) else {
            return;
        };
        self.next += 1;
        let gradient = self.gradients.get::<D>(param.id);
        let gradient = gradient.and_then(|gradient| mean_square(gradient, blocks.gradient));
        let weights = weights(param.base(), blocks.weight, &mut parameter.seen);
        let (weight, change) = weights.unzip();
        self.look.push(weight, gradient, change.flatten());
    }
}

/// Looks at all values of all parameters.
struct BadWeights<'a> {
    parameters: &'a [Parameter],
    look: &'a mut FlightLook,
    next: usize,
}

impl ModuleVisitor for BadWeights<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let known = self.parameters.get(self.next);
        let Some(parameter) = known.filter(|known| known.id == param.id) else { return };
        let all = mean_square(param.base(), Blocks::all(parameter.elements));
        if all.is_some_and(|square| !square.is_finite()) {
            self.look.mark_weight(self.next);
        }
        self.next += 1;
    }
}

/// The mean square of some blocks; `None` as [`each_block`].
fn mean_square<const D: usize>(tensor: Tensor<D>, blocks: Blocks) -> Option<f64> {
    let mut squares = 0.0;
    each_block(tensor, blocks, |block| squares += sums::squares(block))?;
    Some(squares / blocks.values().max(1) as f64)
}

/// The mean squares of the weights, and of their change since the last look; `None` as [`each_block`].
fn weights<const D: usize>(
    weights: Tensor<D>,
    blocks: Blocks,
    seen: &mut SeenWeights,
) -> Option<(f64, Option<f64>)> {
    let mut look = seen.look(blocks);
    each_block(weights, blocks, |block| look.add(block))?;
    Some(look.mean_squares())
}

/// Gives some blocks of a tensor to `look`, each read by itself; `None` if that fails, or the tensor has no
/// longer the size that the blocks are of.
fn each_block<const D: usize>(
    tensor: Tensor<D>,
    blocks: Blocks,
    mut look: impl FnMut(&[f32]),
) -> Option<()> {
    let tensor = tensor.inner();
    let elements = tensor.shape().num_elements();
    if elements != blocks.elements() {
        return None;
    }
    if blocks.values() == elements {
        // One copy is cheaper than many slices, and each value is read.
        look(&tensor.try_into_vec_as::<f32>().ok()?);
        return Some(());
    }
    let tensor = tensor.reshape([elements]);
    for range in blocks.ranges() {
        look(&tensor.clone().slice([range]).try_into_vec_as::<f32>().ok()?);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_those_of_the_tensor_whatever_its_layout() {
        let device = Device::flex();
        let values: Vec<f32> = (0..5_000).map(|value| value as f32 / 7.0).collect();
        let tensor = Tensor::<1>::from_floats(values.as_slice(), &device).reshape([50, 100]);
        for tensor in [tensor.clone(), tensor.transpose()] {
            let found = mean_square(tensor, Blocks::all(5_000)).unwrap();
            let expected: f64 = values.iter().map(|value| f64::from(*value).powi(2)).sum();
            assert!((found * 5_000.0 / expected - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn a_change_is_that_since_the_last_look() {
        let device = Device::flex();
        let tensor = |value: f32| Tensor::<1>::full([3_000], value, &device);
        let mut seen = SeenWeights::default();
        let blocks = Blocks::all(3_000);
        assert_eq!(weights(tensor(2.0), blocks, &mut seen), Some((4.0, None)));
        assert_eq!(weights(tensor(5.0), blocks, &mut seen), Some((25.0, Some(9.0))));
        let other = Tensor::<1>::full([7], 5.0, &device);
        assert_eq!(weights(other, blocks, &mut seen), None);
    }
}
