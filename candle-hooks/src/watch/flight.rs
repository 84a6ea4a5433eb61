//! What each of the last steps did to the variables of a model.

use candle_core::{Result, Tensor, Var, backprop::GradStore};
use tracker_core::{
    Outcome, Tracker,
    adapter::{Blocks, FlightLook, FlightRecorder},
    flight::FlightStep,
};

use crate::{
    host::{self, Real, Values},
    watch::Watcher,
};

/// The flight recorder of one model.
///
/// It looks at tensors on the CPU, where they lie. Of variables on other devices it keeps the batches alone: to
/// read them in each step would make the training wait.
#[derive(Debug)]
pub(crate) struct Flight {
    recorder: FlightRecorder,
    variables: Vec<Var>,
    /// The weights that the last look saw; empty before the first one.
    seen: Vec<Vec<f32>>,
}

impl Flight {
    /// A recorder of what `watcher` watches.
    pub(crate) fn of(watcher: &Watcher, rows: usize) -> Self {
        let on_host = |(_, variable): &&(_, Var)| variable.device().is_cpu();
        let watched = || watcher.variables().iter().filter(on_host);
        let tensors = watched().map(|(name, variable)| (name.clone(), variable.elem_count()));
        let recorder = FlightRecorder::new(tensors, rows);
        let variables: Vec<Var> = watched().map(|(_, variable)| variable.clone()).collect();
        let variables: Vec<Var> = variables.into_iter().take(recorder.plan().len()).collect();
        let seen = vec![Vec::new(); variables.len()];
        Self { recorder, variables, seen }
    }

    /// A step is about to be taken: a look at it, unless this is one that is left out.
    pub(crate) fn begin(&mut self) -> Option<FlightLook> {
        self.recorder.begin()
    }

    /// Looks at gradients and weights before a step.
    ///
    /// # Errors
    /// If a tensor cannot be read. The step is left out then.
    pub(crate) fn look(
        &mut self,
        gradients: &GradStore,
        mut look: FlightLook,
        step: FlightStep,
        tracker: &dyn Tracker,
    ) -> Result<()> {
        for ((variable, seen), plan) in
            self.variables.iter().zip(&mut self.seen).zip(self.recorder.plan())
        {
            let gradient = gradients.get(variable).filter(|of| of.elem_count() > 0);
            let gradient = gradient.map(|of| mean_square(of, plan.gradient)).transpose()?;
            let (weight, change) = weights(variable, plan.weight, seen)?;
            look.push(Some(weight), gradient, change);
        }
        self.mark_bad_weights(&mut look)?;
        if self.recorder.end(look, step, tracker) {
            self.seen.iter_mut().for_each(Vec::clear);
        }
        Ok(())
    }

    /// The run ends.
    pub(crate) fn finish(&mut self, outcome: Option<&Outcome>, tracker: &dyn Tracker) {
        self.recorder.finish(outcome, tracker);
    }

    /// A gradient that is not finite soon makes all weights so. Before it does, a look at all of them tells
    /// whether one was to blame.
    fn mark_bad_weights(&self, look: &mut FlightLook) -> Result<()> {
        if !look.has_bad_gradient() {
            return Ok(());
        }
        for (index, variable) in self.variables.iter().enumerate() {
            if !mean_square(variable, Blocks::all(variable.elem_count()))?.is_finite() {
                look.mark_weight(index);
            }
        }
        Ok(())
    }
}

fn mean_square(tensor: &Tensor, blocks: Blocks) -> Result<f64> {
    host::read_in_any_order(tensor, |values| match values {
        Values::Single(values) => mean_square_of(values, blocks),
        Values::Double(values) => mean_square_of(values, blocks),
    })
}

fn mean_square_of<T: Real>(values: &[T], blocks: Blocks) -> f64 {
    let ranges = blocks.ranges().filter_map(|range| values.get(range));
    let squares: f64 = ranges.map(host::squares).sum();
    squares / blocks.values().max(1) as f64
}

/// The mean squares of the weights, and of their change since the last look, which saw other values.
fn weights(variable: &Tensor, blocks: Blocks, seen: &mut Vec<f32>) -> Result<(f64, Option<f64>)> {
    host::read_in_any_order(variable, |values| match values {
        Values::Single(values) => compare(values, |value| value, blocks, seen),
        Values::Double(values) => compare(values, |value| value as f32, blocks, seen),
    })
}

fn compare<T: Real>(
    values: &[T],
    narrow: impl Fn(T) -> f32,
    blocks: Blocks,
    seen: &mut Vec<f32>,
) -> (f64, Option<f64>) {
    let count = blocks.values();
    let is_first = seen.len() != count;
    seen.resize(count, 0.0);
    let [mut squares, mut changes] = [0.0; 2];
    let mut rest = seen.as_mut_slice();
    let mut change = [0.0_f32; host::BLOCK];
    for block in blocks.ranges().filter_map(|range| values.get(range)) {
        squares += host::squares(block);
        let Some((known, more)) = rest.split_at_mut_checked(block.len()) else { break };
        for ((known, value), change) in known.iter_mut().zip(block).zip(&mut change) {
            let now = narrow(*value);
            *change = now - *known;
            *known = now;
        }
        rest = more;
        changes += host::squares(&change[..block.len()]);
    }
    let mean = |squares: f64| squares / count.max(1) as f64;
    (mean(squares), (!is_first).then(|| mean(changes)))
}
