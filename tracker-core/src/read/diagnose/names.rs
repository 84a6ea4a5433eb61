//! What a metric's name tells of it.

use crate::read::diverge::without_rank;

/// Words that name a split of the data other than the one that is trained on.
const VALIDATION: [&str; 8] =
    ["valid", "validation", "val", "test", "eval", "evaluation", "dev", "holdout"];

/// Words that name the training, or how often it logs.
const TRAINING: [&str; 6] = ["train", "training", "batch", "step", "epoch", "iter"];

/// The words of a name, as `batch/train/policy_loss` has four.
fn words(metric: &str) -> impl Iterator<Item = &str> {
    without_rank(metric).split(['/', '_', '-', '.', ' '])
}

/// The last part of a name, behind the last `/`.
pub(super) fn last_part(metric: &str) -> &str {
    metric.rsplit('/').next().unwrap_or(metric)
}

/// What Burn measures itself stands there beside the same in the names that all trainings have.
const COPIES: &str = "burn/";

/// Whether it is a loss of the first process: those of others say the same.
pub(super) fn is_loss(metric: &str) -> bool {
    let is_of_first = without_rank(metric).len() == metric.len();
    let is_named_so = || metric.split('/').any(|part| part.to_ascii_lowercase().ends_with("loss"));
    is_of_first && !metric.starts_with(COPIES) && is_named_so()
}

/// Whether it is of data that is not trained on.
pub(super) fn is_validation(metric: &str) -> bool {
    words(metric).any(|word| VALIDATION.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

/// Whether there is a point of it for each batch, as far as the name says so.
pub(super) fn is_of_batches(metric: &str) -> bool {
    words(metric).any(|word| word == "batch" || word == "step")
}

/// What it is of, whatever it was measured on: `loss` of `valid/loss`, `batch/train/loss` and `train_loss`.
pub(super) fn subject(metric: &str) -> String {
    let is_split = |word: &&str| {
        VALIDATION.iter().chain(&TRAINING).any(|known| word.eq_ignore_ascii_case(known))
    };
    words(metric).filter(|word| !is_split(word)).collect::<Vec<_>>().join("/").to_ascii_lowercase()
}

/// Whether it is what trainings with rewards log: their losses jump and say little.
pub(super) fn is_reward(metric: &str) -> bool {
    last_part(metric).ends_with("reward")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_of_training_and_validation_are_told_apart_and_brought_together() {
        for name in ["valid/loss", "val_loss", "loss/test", "eval/Loss"] {
            assert!(is_loss(name) && is_validation(name), "{name}");
            assert_eq!(subject(name), "loss");
        }
        for name in ["train/loss", "batch/train/loss", "loss", "training_loss"] {
            assert!(is_loss(name) && !is_validation(name), "{name}");
            assert_eq!(subject(name), "loss");
        }
        assert_eq!(subject("batch/train/generator/loss"), "generator/loss");
        assert!(!is_loss("rank.1/train/loss") && !is_loss("losses_seen"));
        assert!(!is_loss("burn/valid/Loss"));
        assert!(!is_validation("evaluate_fast/loss") && !is_validation("vale/loss"));
    }
}
