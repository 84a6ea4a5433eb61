//! What can go wrong in a hook, in words. Problems are counted by the tracker; training goes on.

use candle_core::Shape;
use tracker_core::Problem;

pub(crate) fn loss_not_scalar(shape: &Shape, step: u64) -> Problem {
    Problem::new(
        "loss-not-scalar",
        format!("a loss of shape {:?} at step {step} is no single value", shape.dims()),
        "reduce it first, such as with `loss.mean_all()?`",
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

pub(crate) fn nothing_to_watch() -> Problem {
    Problem::new(
        "nothing-to-watch",
        "a model is watched that has no variables of floats, also at its first step",
        "make its layers from `VarBuilder::from_varmap(&varmap, ..)` of the map given to `hooks.watch`, and look at \
         what its options leave out",
    )
}

pub(crate) fn never_saved() -> Problem {
    Problem::new(
        "no-checkpoint-saved",
        "checkpoints were asked for, and none was saved: no epoch was over",
        "go over epochs with `hooks.epochs(..)`, save every so many steps with \
         `CheckpointOptions::new().every_steps(100)`, or call `hooks.save_checkpoint()`",
    )
}
