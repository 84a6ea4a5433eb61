//! What evaluations gave at a step, for a checkpoint of the same one.

use crate::adapter::recorder::Shown;

/// What evaluations gave at one step. Those of an earlier one say nothing of the weights that are there now.
#[derive(Debug, Default)]
pub struct Evaluated {
    step: u64,
    values: Vec<Shown>,
}

impl Evaluated {
    /// Takes over what an evaluation gave at a step: beside what others gave there, and in the place of a value of the
    /// same name.
    pub fn add(&mut self, step: u64, values: Vec<Shown>) {
        if self.step != step {
            self.values.clear();
        }
        self.step = step;
        self.values.retain(|(old, ..)| values.iter().all(|(new, ..)| new != old));
        self.values.extend(values);
    }

    /// What is known of a step.
    pub fn at(&self, step: u64) -> Vec<Shown> {
        if self.step == step { self.values.clone() } else { Vec::new() }
    }
}
