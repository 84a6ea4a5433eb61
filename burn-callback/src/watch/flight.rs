//! What each of the last steps did to the parameters of a model.

use std::{collections::HashSet, sync::Arc};

use burn::{
    module::{ModuleVisitor, Param, ParamId},
    prelude::*,
};
use tracker_core::{
    Outcome, Tracker,
    adapter::{Blocks, FlightLook, FlightRecorder, TensorBlocks},
    flight::FlightStep,
};

use crate::watch::{Gradients, WatchOptions};

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
    /// The weights that the last look saw; empty before the first one.
    seen: Vec<f32>,
}

impl Flight {
    /// A recorder of the parameters of `model` that the options take.
    pub(crate) fn of<M: Module>(model: &M, options: &WatchOptions) -> Self {
        let mut found =
            Finder { options, path: Vec::new(), seen: HashSet::new(), found: Vec::new() };
        model.visit(&mut found);
        let tensors = found.found.iter().map(|(name, of)| (Arc::clone(name), of.elements));
        let recorder = FlightRecorder::new(tensors, options.flight_rows());
        let mut parameters: Vec<Parameter> = found.found.into_iter().map(|(_, of)| of).collect();
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
            self.parameters.iter_mut().for_each(|parameter| parameter.seen.clear());
        }
    }

    /// The run ends.
    pub(crate) fn finish(&mut self, outcome: Option<&Outcome>, tracker: &dyn Tracker) {
        self.recorder.finish(outcome, tracker);
    }
}

/// Lists the parameters of a model.
struct Finder<'a> {
    options: &'a WatchOptions,
    path: Vec<String>,
    seen: HashSet<ParamId>,
    found: Vec<(Arc<str>, Parameter)>,
}

impl ModuleVisitor for Finder<'_> {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        // Reading a lazy parameter would draw its values, and change those that are drawn later.
        if !param.is_initialized() || !self.seen.insert(param.id) {
            return;
        }
        let (path, base) = (self.path.join("."), param.base().inner());
        let elements = base.shape().num_elements();
        if elements > 0 && self.options.takes(&path) && base.device() == Device::flex() {
            let parameter = Parameter { id: param.id, elements, seen: Vec::new() };
            self.found.push((path.into(), parameter));
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
        let gradient = gradient.and_then(|gradient| {
            let mut sums = Sums::default();
            each_block(gradient, blocks.gradient, |block| sums.add(block))?;
            Some(sums.mean())
        });
        let (weight, change) = weights(param.base(), blocks.weight, &mut parameter.seen);
        self.look.push(weight, gradient, change);
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
        let mut sums = Sums::default();
        let all = Blocks::all(parameter.elements);
        if each_block(param.base(), all, |block| sums.add(block)).is_some()
            && !sums.mean().is_finite()
        {
            self.look.mark_weight(self.next);
        }
        self.next += 1;
    }
}

/// The mean squares of the weights, and of their change since the last look, which saw other values.
fn weights<const D: usize>(
    weights: Tensor<D>,
    blocks: Blocks,
    seen: &mut Vec<f32>,
) -> (Option<f64>, Option<f64>) {
    let count = blocks.values();
    let is_first = seen.len() != count;
    seen.resize(count, 0.0);
    let [mut squares, mut changes] = [Sums::default(); 2];
    let mut from = 0;
    let looked = each_block(weights, blocks, |block| {
        squares.add(block);
        let Some(known) = seen.get_mut(from..from + block.len()) else { return };
        from += block.len();
        for (known, value) in known.iter_mut().zip(block) {
            *known = value - *known;
        }
        changes.add(known);
        known.copy_from_slice(block);
    });
    match looked {
        Some(()) => (Some(squares.mean()), (!is_first).then(|| changes.mean())),
        None => (None, None),
    }
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

/// A sum of squares.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    squares: f64,
    values: usize,
}

/// How many sums go side by side, so that they become one vector instruction or a few.
const LANES: usize = 16;

impl Sums {
    fn add(&mut self, values: &[f32]) {
        self.values += values.len();
        for block in values.chunks(1_024) {
            let fast = fast_squares(block);
            // A square may overflow in f32 where the value is finite.
            self.squares += if fast.is_finite() { fast } else { exact_squares(block) };
        }
    }

    fn mean(self) -> f64 {
        self.squares / self.values.max(1) as f64
    }
}

fn fast_squares(block: &[f32]) -> f64 {
    let (chunks, rest) = block.as_chunks::<LANES>();
    let mut sums = [0.0_f32; LANES];
    for chunk in chunks {
        for (sum, value) in sums.iter_mut().zip(chunk) {
            *sum += value * value;
        }
    }
    let rest: f32 = rest.iter().map(|value| value * value).sum();
    sums.into_iter().chain([rest]).map(f64::from).sum()
}

fn exact_squares(block: &[f32]) -> f64 {
    block.iter().map(|value| f64::from(*value).powi(2)).sum()
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
            let mut sums = Sums::default();
            each_block(tensor, Blocks::all(5_000), |block| sums.add(block)).unwrap();
            let expected: f64 = values.iter().map(|value| f64::from(*value).powi(2)).sum();
            assert!((sums.mean() * 5_000.0 / expected - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn a_change_is_that_since_the_last_look() {
        let device = Device::flex();
        let tensor = |value: f32| Tensor::<1>::full([3_000], value, &device);
        let mut seen = Vec::new();
        let blocks = Blocks::all(3_000);
        assert_eq!(weights(tensor(2.0), blocks, &mut seen), (Some(4.0), None));
        assert_eq!(weights(tensor(5.0), blocks, &mut seen), (Some(25.0), Some(9.0)));
        assert_eq!(weights(tensor(5.0), blocks, &mut seen), (Some(25.0), Some(0.0)));
        let other = Tensor::<1>::full([7], 5.0, &device);
        assert_eq!(weights(other, blocks, &mut seen), (None, None));
    }

    #[test]
    fn large_values_are_finite_and_infinite_ones_are_not() {
        let mean = |value: f32| {
            let mut sums = Sums::default();
            sums.add(&[value; 20]);
            sums.mean()
        };
        assert!((mean(1e25).sqrt() / 1e25 - 1.0).abs() < 1e-6);
        assert_eq!(mean(f32::INFINITY), f64::INFINITY);
        assert!(mean(f32::NAN).is_nan());
    }
}
