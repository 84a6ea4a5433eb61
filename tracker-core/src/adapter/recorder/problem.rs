//! What can go wrong in a loop, in words. Problems are counted by the tracker; training goes on.

use crate::{Problem, Step, adapter::order::Order};

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

pub(crate) fn not_read(count: usize, error: &str, step: u64) -> Problem {
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

pub(crate) fn other_epoch(saved: f64, number: f64) -> Problem {
    Problem::new(
        "epoch-goes-on-elsewhere",
        format!("the checkpoint is of the middle of epoch {saved}; the loop goes on with {number}"),
        "give `hooks.epochs(..)` all epochs again: it leaves out those that are over by itself",
    )
}

pub(crate) fn epochs_count_down(number: f64) -> Problem {
    Problem::new(
        "epochs-count-down",
        format!("epoch {number} comes after a later one, so it is taken for one that is over"),
        "number epochs upwards: a resumed training leaves out those up to the one of its checkpoint",
    )
}

pub(crate) fn epochs_left_out(last: u64, number: f64) -> Problem {
    Problem::new(
        "epochs-not-those-of-before",
        format!("the checkpoint is of the end of epoch {last}; the loop goes on with {number}"),
        "number epochs upwards, and give `hooks.epochs(..)` all of them again: it leaves out those that are \
         over by itself",
    )
}

pub(crate) fn other_batches(epoch: f64, saved: Option<u64>, now: Option<u64>) -> Problem {
    let length = |length: Option<u64>| match length {
        Some(length) => length.to_string(),
        None => "an unknown length".to_owned(),
    };
    Problem::new(
        "batches-changed",
        format!(
            "the data of epoch {epoch} had the length {} when the checkpoint was saved and have {} \
             now: it begins anew",
            length(saved),
            length(now)
        ),
        "resume with the data and the batch size of before, to go on in the middle of an epoch",
    )
}

pub(crate) fn begins_epoch_anew(epoch: f64) -> Problem {
    Problem::new(
        "epoch-begins-anew",
        format!(
            "the checkpoint is of the middle of epoch {epoch}, whose batches are not wrapped: it begins \
             anew, with the weights of the checkpoint"
        ),
        "go over batches with `hooks.batches(..)`, so that those that are over can be left out",
    )
}

pub(crate) fn means_of_a_part(epoch: f64) -> Problem {
    Problem::new(
        "epoch-means-of-a-part",
        format!(
            "the means of epoch {epoch} are those of its batches from the checkpoint on: another process \
             saved it"
        ),
        "look at the first process, or resume from the end of an epoch",
    )
}

pub(crate) fn accumulated_lost(step: u64) -> Problem {
    Problem::new(
        "accumulated-gradients-lost",
        format!("gradients that were accumulated after step {step} are not in the checkpoint"),
        "choose a number of batches per epoch that the batches of a step divide, such as with \
         `drop_last`, so that an epoch's checkpoint has nothing left over",
    )
}

pub(crate) fn other_order(saved: &Order, now: &Order) -> Problem {
    Problem::new(
        "order-changed",
        format!("the checkpoint was saved with {saved}; now there are {now}"),
        "resume with the same length and seed; else the open epoch sees some items twice and \
         leaves others out",
    )
}

pub(crate) fn two_owners(step: u64) -> Problem {
    Problem::new(
        "two-optimizers",
        format!("two optimizers count the same steps, first at step {step}"),
        "wrap all but one with `hooks.optimizer_named(\"critic\", ..)`",
    )
}

pub(crate) fn step_twice(step: u64) -> Problem {
    Problem::new(
        "step-counted-twice",
        format!("`hooks.step()` was called at step {step}, which a wrapped optimizer counts"),
        "call it only where no optimizer is wrapped with `hooks.optimizer(..)`",
    )
}

pub(crate) fn counted_before(step: u64) -> Problem {
    Problem::new(
        "batches-taken-for-steps",
        format!(
            "the first call of `hooks.step()` came at step {step}; the batches before it were steps"
        ),
        "say `.counts_steps()` when the hooks are made, so that batches are none",
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
        "share one handle by cloning it; one training after the other may have its own",
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

pub(crate) fn without_a_step() -> Problem {
    Problem::new(
        "values-without-a-step",
        "values were measured after which no step was taken; they are not logged",
        "wrap the optimizer or the batches, or call `hooks.step()` after each step, and measure \
         before it",
    )
}

pub(crate) fn reserved_name(given: &str, used: &str) -> Problem {
    Problem::new(
        "reserved-name",
        format!("`{given}` is a name that the hooks use themselves; `{used}` takes its place"),
        "give it another name",
    )
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
