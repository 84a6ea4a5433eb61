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
    not_finite("loss-not-finite", metric, value, step)
}

pub(crate) fn gradient_not_finite(metric: &str, value: f64, step: Step) -> Problem {
    not_finite("gradient-not-finite", metric, value, step)
}

fn not_finite(kind: &str, metric: &str, value: f64, step: Step) -> Problem {
    Problem::new(
        kind,
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

pub(crate) fn gradients_not_read(error: &candle_core::Error, step: u64) -> Problem {
    Problem::new(
        "gradients-not-read",
        format!("the norm of the gradients could not be taken at step {step}: {error}"),
        "the norm of this step is missing; training goes on",
    )
}

pub(crate) fn gradients_not_seen(optimizer: &str) -> Problem {
    Problem::new(
        "gradients-not-seen",
        format!("`{optimizer}` runs backward itself, so the norms of its gradients are not logged"),
        "say `hooks.optimizer(..).plain_backward()` if its `backward_step` is that of the trait, \
         and `.delegate()` if it has one of its own",
    )
}

pub(crate) fn labels_out_of_range(count: u64, step: u64) -> Problem {
    let (labels, are, them) =
        if count == 1 { ("label", "is", "it") } else { ("labels", "are", "them") };
    Problem::new(
        "labels-out-of-range",
        format!(
            "{count} {labels} at step {step} {are} no class of the logits; no answer to {them} is \
             right"
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

pub(crate) fn early_stopping_without_metric(metric: &str, known: &[String]) -> Problem {
    Problem::new(
        "early-stopping-without-metric",
        format!("early stopping looks at `{metric}`, which nobody logged"),
        format!("log it, or name one of these: {}", known.join(", ")),
    )
}

pub(crate) fn no_checkpoints() -> Problem {
    Problem::new(
        "no-checkpoints",
        "a checkpoint was asked for, but nobody said of which weights",
        "call `hooks.checkpoint(&varmap)` before `hooks.save_checkpoint()`",
    )
}

pub(crate) fn two_checkpoints() -> Problem {
    Problem::new(
        "two-checkpoints",
        "checkpoints were asked for twice; only those of the last call are saved from here on",
        "put all weights that belong together into one `VarMap`, under prefixes",
    )
}

pub(crate) fn nothing_trained() -> Problem {
    Problem::new(
        "no-step-to-save",
        "a checkpoint was asked for before the first step, and not saved",
        "call `hooks.save_checkpoint()` after a step; `VarMap::save` saves the weights alone",
    )
}

pub(crate) fn without_a_step() -> Problem {
    Problem::new(
        "values-without-a-step",
        "values were measured after which no step was taken; they are not logged",
        "wrap the optimizer with `hooks.optimizer(..)` or the batches with `hooks.batches(..)`, and \
         measure before the optimizer's step",
    )
}

pub(crate) fn reserved_name(given: &str, used: &str) -> Problem {
    Problem::new(
        "reserved-name",
        format!("`{given}` is a name that the hooks use themselves; `{used}` takes its place"),
        "give it another name",
    )
}

pub(crate) fn state_after_restoring(optimizer: &str) -> Problem {
    Problem::new(
        "optimizer-state-not-restored",
        format!("the {}optimizer was made after the checkpoint was restored", named(optimizer)),
        "call `hooks.restore(&varmap)?` after `hooks.optimizer(..).with_state()`",
    )
}

pub(crate) fn optimizer_begins_anew(optimizer: &str, of: &str) -> Problem {
    Problem::new(
        "optimizer-begins-anew",
        format!("the {}optimizer, `{of}`, remembers nothing from before", named(optimizer)),
        "its first steps are those of a fresh one; candle's AdamW keeps its moments private, and \
         `ResumableAdamW` with `hooks.optimizer(..).with_state()` does not",
    )
}

/// The name of an optimizer before that word; nothing for the one that has no name.
fn named(optimizer: &str) -> String {
    if optimizer.is_empty() { String::new() } else { format!("`{optimizer}` ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_label_is_no_labels() {
        let one = labels_out_of_range(1, 4).message;
        assert!(one.starts_with("1 label at step 4 is no class"), "{one}");
        let two = labels_out_of_range(2, 4).message;
        assert!(two.starts_with("2 labels at step 4 are no class"), "{two}");
    }
}
