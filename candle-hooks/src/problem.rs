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

pub(crate) fn metric_not_scalar(name: &str, shape: &Shape, step: u64) -> Problem {
    Problem::new(
        "metric-not-scalar",
        format!("`{name}` of shape {:?} at step {step} is no single value", shape.dims()),
        "reduce it first, such as with `tensor.mean_all()?`",
    )
}

pub(crate) fn gradient_not_finite(metric: &str, value: f64, step: Step) -> Problem {
    Problem::new(
        "gradient-not-finite",
        format!("`{metric}` is {value} at step {step}"),
        "lower the learning rate, clip the gradients, or look for a division by zero or a log of 0",
    )
}

pub(crate) fn gradients_not_read(error: &candle_core::Error, step: u64) -> Problem {
    Problem::new(
        "gradients-not-read",
        format!("the norm of the gradients could not be taken at step {step}: {error}"),
        "the norm of this step is missing; training goes on",
    )
}

pub(crate) fn labels_out_of_range(count: u64, step: u64) -> Problem {
    Problem::new(
        "labels-out-of-range",
        format!(
            "{count} labels at step {step} are no class of the logits; no answer to them is right"
        ),
        "labels count from 0; leave some out with `AccuracyOptions::new().ignore_label(-100)`",
    )
}

pub(crate) fn two_hooks(step: u64) -> Problem {
    Problem::new(
        "two-hooks",
        format!("something else counts the steps of this run too, first at step {step}"),
        "share one `Hooks` by cloning it; one training after the other may have its own",
    )
}

pub(crate) fn nested_epochs(epoch: f64) -> Problem {
    Problem::new(
        "nested-epochs",
        format!("epoch {epoch} began within another one, which ends there"),
        "wrap only the outer loop with `hooks.epochs(..)`",
    )
}

pub(crate) fn begins_anew() -> Problem {
    Problem::new(
        "training-begins-anew",
        "the run was resumed, but its training begins anew: steps go on after those of before",
        "to go on from the last checkpoint, call `hooks.restore(&varmap)?` before the loop",
    )
}

pub(crate) fn resumed_run_not_read(error: &tracker_core::Error) -> Problem {
    Problem::new(
        "resumed-run-not-read",
        format!("what the run logged before could not be read: {error}"),
        "its steps are counted from 0 again, beside those of before",
    )
}

pub(crate) fn early_stopping_without_metric(metric: &str, known: &[&str]) -> Problem {
    Problem::new(
        "early-stopping-without-metric",
        format!("early stopping looks at `{metric}`, which the epoch does not have"),
        format!("log it, or name one of these: {}", known.join(", ")),
    )
}

pub(crate) fn watch_not_read(error: &candle_core::Error, step: u64) -> Problem {
    Problem::new(
        "watch-not-read",
        format!("gradients and weights of step {step} could not be read: {error}"),
        "the values of this step are missing; training goes on",
    )
}
