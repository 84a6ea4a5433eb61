//! What can go wrong in a hook, in words. Problems are counted by the tracker; training goes on.

use candle_core::Shape;
use tracker_core::{Problem, Step};

pub(crate) fn loss_not_scalar(shape: &Shape, step: u64) -> Problem {
    Problem::new(
        "loss-not-scalar",
        format!("a loss of shape {:?} at step {step} is no single value", shape.dims()),
        "reduce it first, such as with `loss.mean_all()?`",
    )
}

pub(crate) fn loss_not_finite(metric: &str, value: f64, step: Step) -> Problem {
    Problem::new(
        "loss-not-finite",
        format!("`{metric}` is {value} at step {step}"),
        "lower the learning rate, clip the gradients, or look for a division by zero or a log of 0",
    )
}

pub(crate) fn not_read(count: usize, error: &candle_core::Error, step: u64) -> Problem {
    let mut problem = Problem::new(
        "value-not-read",
        format!("a value could not be read from the device up to step {step}: {error}"),
        "the values of these steps are missing; a read while a CUDA graph is captured fails",
    );
    problem.count = count as u64;
    problem
}

pub(crate) fn empty_epoch(epoch: f64) -> Problem {
    Problem::new(
        "empty-epoch",
        format!("epoch {epoch} had no batch"),
        "make the batches within the epoch loop: an iterator that is used up gives none",
    )
}

pub(crate) fn two_owners(step: u64) -> Problem {
    Problem::new(
        "two-optimizers",
        format!("two optimizers count the same steps, first at step {step}"),
        "wrap all but one with `hooks.optimizer_named(\"critic\", ..)`",
    )
}
