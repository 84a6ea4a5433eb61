//! What each of the last steps did to the variables of a model.

use candle_core::{Result, Tensor, Var, backprop::GradStore};
use tracker_core::{
    Outcome, Tracker,
    adapter::{
        Blocks, FlightLook, FlightRecorder, SeenWeights,
        sums::{self, Real},
    },
    flight::FlightStep,
};

use crate::{
    host::{self, Values},
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
    seen: Vec<SeenWeights>,
}

impl Flight {
    /// A recorder of what `watcher` watches.
    pub(crate) fn of(watcher: &Watcher) -> Self {
        let on_host = |(_, variable): &&(_, Var)| variable.device().is_cpu();
        let watched = || watcher.variables().iter().filter(on_host);
        let tensors = watched().map(|(name, variable)| (name.clone(), variable.elem_count()));
        let recorder = FlightRecorder::new(tensors, watcher.options());
        let variables: Vec<Var> = watched().map(|(_, variable)| variable.clone()).collect();
        let variables: Vec<Var> = variables.into_iter().take(recorder.plan().len()).collect();
        let seen = variables.iter().map(|_| SeenWeights::default()).collect();
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
            self.seen.iter_mut().for_each(SeenWeights::forget);
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
    ranges.map(sums::squares).sum::<f64>() / blocks.values().max(1) as f64
}

/// The mean squares of the weights, and of their change since the last look.
fn weights(
    variable: &Tensor,
    blocks: Blocks,
    seen: &mut SeenWeights,
) -> Result<(f64, Option<f64>)> {
    host::read_in_any_order(variable, |values| match values {
        Values::Single(values) => look_at(values, blocks, seen),
        Values::Double(values) => look_at(values, blocks, seen),
    })
}

fn look_at<T: Real>(values: &[T], blocks: Blocks, seen: &mut SeenWeights) -> (f64, Option<f64>) {
    let mut look = seen.look(blocks);
    blocks.ranges().filter_map(|range| values.get(range)).for_each(|block| look.add(block));
    look.mean_squares()
}
