//! One step in numbers.

use std::sync::Arc;

use tracker_core::{
    Step, Timestamp,
    adapter::{Reduced, Statistics, WatchLog, WatchedTensor},
};

use crate::{readback::ManyReading, watch::rows::Span};

/// What was measured in one step, known or on its way from devices.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(super) layout: Reduced,
    pub(super) variables: Vec<VariableValues>,
    pub(super) readings: Vec<ManyReading>,
}

/// One variable of a sample.
#[derive(Debug)]
pub(super) struct VariableValues {
    pub(super) name: Arc<str>,
    pub(super) gradient: Option<Taken<Statistics>>,
    pub(super) parameter: Taken<Statistics>,
    /// The norm of the change that the step made.
    pub(super) update: Option<Taken<f64>>,
}

/// Something that is known, or that can be read from the readings of the sample.
#[derive(Debug)]
pub(super) enum Taken<T> {
    Known(T),
    Reduced(Span),
}

impl Sample {
    /// Whether nothing was measured, so that there is nothing to write.
    pub(crate) fn is_empty(&self) -> bool {
        self.variables.is_empty()
    }

    /// Whether all has arrived, or is lost.
    pub(crate) fn is_ready(&self) -> bool {
        self.readings.iter().all(ManyReading::is_ready)
    }

    /// Writes what has arrived. What was lost is left out; whoever read it counts that.
    pub(crate) fn write(&self, log: &mut WatchLog, step: Step, time: Timestamp) {
        log.write(step, time, &self.tensors());
    }

    /// The variables in numbers.
    pub(super) fn tensors(&self) -> Vec<WatchedTensor> {
        self.variables.iter().filter_map(|variable| self.tensor(variable)).collect()
    }

    /// `None` if its numbers were lost.
    fn tensor(&self, variable: &VariableValues) -> Option<WatchedTensor> {
        let gradient = variable.gradient.as_ref();
        Some(WatchedTensor {
            name: Arc::clone(&variable.name),
            gradient: gradient.and_then(|gradient| self.statistics(gradient)),
            parameter: self.statistics(&variable.parameter)?,
            update: variable.update.as_ref().and_then(|update| self.norm(update)),
        })
    }

    fn statistics(&self, taken: &Taken<Statistics>) -> Option<Statistics> {
        match taken {
            Taken::Known(statistics) => Some(statistics.clone()),
            Taken::Reduced(span) => self.layout.read(span.of(&self.readings)?),
        }
    }

    fn norm(&self, taken: &Taken<f64>) -> Option<f64> {
        match taken {
            Taken::Known(norm) => Some(*norm),
            Taken::Reduced(span) => span.of(&self.readings)?.first().copied(),
        }
    }
}
