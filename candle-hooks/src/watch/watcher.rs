//! Looks at the variables of a model before and after a step.

use std::{collections::HashSet, sync::Arc};

use candle_core::{Device, Result, Tensor, Var, backprop::GradStore};
use tracker_core::adapter::{Reduced, Statistics, WatchOptions, sums::norm_of_change};

use crate::{
    host,
    readback::Readings,
    watch::{
        moments,
        rows::Rows,
        sample::{Sample, Taken, VariableValues},
    },
};

/// Watches the variables of one model.
///
/// On the CPU the numbers are summed where they lie and are known at once. On other devices they
/// are computed by tensor operations, and read with what else is read. Nothing that a sample keeps
/// holds a graph or a gradient.
#[derive(Debug)]
pub(crate) struct Watcher {
    variables: Vec<(Arc<str>, Var)>,
    options: WatchOptions,
    /// Of which devices tensors are read in place.
    on_host: fn(&Device) -> bool,
}

/// What was measured before a step, and the weights to compare with those after it.
#[derive(Debug)]
pub(crate) struct Before {
    variables: Vec<VariableBefore>,
    rows: Rows,
}

#[derive(Debug)]
struct VariableBefore {
    values: VariableValues,
    /// The variable, and a copy of its value; `None` if there is no gradient to move it.
    weights: Option<(Var, Tensor)>,
}

impl Watcher {
    /// Watches those of the variables that the options take. Variables of integers are passed
    /// over, and so are empty ones and those that are listed under another name before.
    pub(crate) fn new(variables: Vec<(String, Var)>, options: WatchOptions) -> Self {
        let mut seen = HashSet::new();
        let is_watched = |name: &str, variable: &Var| {
            options.takes(name) && variable.dtype().is_float() && variable.elem_count() > 0
        };
        let variables = variables.into_iter().filter(|(name, variable)| is_watched(name, variable));
        let variables = variables.filter(|(_, variable)| seen.insert(variable.id()));
        let variables = variables.map(|(name, variable)| (name.into(), variable)).collect();
        Self { variables, options, on_host: Device::is_cpu }
    }

    /// What to watch of them.
    pub(crate) fn options(&self) -> &WatchOptions {
        &self.options
    }

    /// What is watched, by name.
    pub(super) fn variables(&self) -> &[(Arc<str>, Var)] {
        &self.variables
    }

    /// Whether there is nothing to look at.
    pub(crate) fn is_empty(&self) -> bool {
        self.variables.is_empty()
    }

    /// Computes on the CPU as on any other device, to try that.
    #[cfg(test)]
    pub(super) fn by_tensor_operations(self) -> Self {
        Self { on_host: |_| false, ..self }
    }

    /// Whether this step, counted from 0, is one to look at.
    pub(crate) fn is_due(&self, step: u64) -> bool {
        self.options.is_due(step) && !self.is_empty()
    }

    /// Measures the gradients that the optimizer is about to get, and the weights. The weights of
    /// variables with a gradient are copied, until [`after_step`](Self::after_step).
    ///
    /// # Errors
    /// If a device fails. The step is not to be measured then.
    pub(crate) fn before_step(&self, gradients: &GradStore) -> Result<Before> {
        let mut rows = Rows::new(Reduced::new(self.options.bins()));
        let mut variables = Vec::new();
        for (name, variable) in &self.variables {
            let gradient = gradients.get(variable).filter(|of| of.elem_count() > 0);
            let gradient_statistics =
                gradient.map(|of| self.statistics(of, &mut rows)).transpose()?;
            let copy = || Ok::<_, candle_core::Error>((variable.clone(), copy(variable)?));
            variables.push(VariableBefore {
                values: VariableValues {
                    name: Arc::clone(name),
                    gradient: gradient_statistics,
                    parameter: self.statistics(variable, &mut rows)?,
                    update: None,
                },
                weights: gradient.map(|_| copy()).transpose()?,
            });
        }
        Ok(Before { variables, rows })
    }

    /// Measures how far the step moved the weights, and hands all that is on devices to the
    /// readings.
    ///
    /// # Errors
    /// If a device fails.
    pub(crate) fn after_step(&self, before: Before, readings: &mut Readings) -> Result<Sample> {
        let Before { variables: before, mut rows } = before;
        let mut variables = Vec::with_capacity(before.len());
        for VariableBefore { mut values, weights } in before {
            if let Some((variable, before)) = weights {
                values.update = Some(self.norm_of_change(&before, &variable, &mut rows)?);
            }
            variables.push(values);
        }
        let layout = Reduced::new(self.options.bins());
        Ok(Sample { layout, variables, readings: rows.hand_over(readings)? })
    }

    fn statistics(&self, tensor: &Tensor, rows: &mut Rows) -> Result<Taken<Statistics>> {
        if !(self.on_host)(tensor.device()) {
            return rows.add_statistics(tensor).map(Taken::Reduced);
        }
        let bins = self.options.bins();
        let statistics = host::read(
            tensor,
            |values| moments::statistics(values, bins),
            |values| moments::statistics(values, bins),
        );
        statistics.map(Taken::Known)
    }

    fn norm_of_change(
        &self,
        before: &Tensor,
        after: &Tensor,
        rows: &mut Rows,
    ) -> Result<Taken<f64>> {
        if !(self.on_host)(after.device()) {
            return rows.add_norm_of_change(before, after).map(Taken::Reduced);
        }
        let norm = host::read_both((before, after), norm_of_change, norm_of_change);
        norm.map(Taken::Known)
    }
}

/// The value of a variable now, in a storage of its own: optimizers change the variable's in place.
fn copy(variable: &Var) -> Result<Tensor> {
    variable.as_detached_tensor().force_contiguous()
}
