//! Adds up the gradients of several batches.

use std::collections::HashMap;

use candle_core::{Result, Tensor, TensorId, backprop::GradStore};

/// The gradients of the batches since the last step.
#[derive(Debug)]
pub(super) struct Accumulation {
    /// How many batches make a step.
    batches: u64,
    taken: u64,
    /// The variables that have a gradient, and the sum of their gradients.
    sums: Vec<(Tensor, Tensor)>,
    /// Where in `sums` a variable is.
    places: HashMap<TensorId, usize>,
}

impl Accumulation {
    pub(super) fn new(batches: u64) -> Self {
        Self { batches: batches.max(1), taken: 0, sums: Vec::new(), places: HashMap::new() }
    }

    /// Takes the gradients of a batch. Says whether it is the last one before a step.
    ///
    /// # Errors
    /// If gradients cannot be added.
    pub(super) fn add(&mut self, variables: &[Tensor], gradients: &GradStore) -> Result<bool> {
        for variable in variables {
            let Some(gradient) = gradients.get(variable) else { continue };
            let place = *self.places.entry(variable.id()).or_insert(self.sums.len());
            match self.sums.get_mut(place) {
                // Detached, so that the sum holds no graph of the sums before it.
                Some((_, sum)) => *sum = (&*sum + gradient)?.detach(),
                None => self.sums.push((variable.clone(), gradient.detach())),
            }
        }
        self.taken += 1;
        Ok(self.taken >= self.batches)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.taken == 0
    }

    /// The means of the gradients over the batches that were taken.
    ///
    /// # Errors
    /// If gradients cannot be divided.
    pub(super) fn take(&mut self) -> Result<(Vec<Tensor>, GradStore)> {
        let batches = std::mem::take(&mut self.taken).max(1) as f64;
        self.places.clear();
        let (mut variables, mut gradients) = (Vec::new(), GradStore::default());
        for (variable, sum) in self.sums.drain(..) {
            gradients.insert(&variable, (sum / batches)?);
            variables.push(variable);
        }
        Ok((variables, gradients))
    }
}
