//! How Burn's metric names become tracker's: `Top-K Accuracy` becomes `top_k_accuracy`.

use std::collections::HashSet;

use tracker_core::text::snake_word;

/// The adapter's own `batch/train/items` stands beside a training's metrics.
const OWN: [&str; 1] = ["items"];

/// Gives each of Burn's metrics a name of its own.
#[derive(Debug)]
pub(crate) struct Names {
    taken: HashSet<String>,
}

impl Names {
    pub(crate) fn new() -> Self {
        Self { taken: OWN.into_iter().map(str::to_owned).collect() }
    }

    /// The name for Burn's `display_name`. Two that read the same are told apart by a number.
    pub(crate) fn give(&mut self, display_name: &str) -> String {
        let base = snake_case(display_name);
        let mut name = base.clone();
        let mut number = 1;
        while !self.taken.insert(name.clone()) {
            number += 1;
            name = format!("{base}_{number}");
        }
        name
    }
}

/// Lower snake case; a `/` stays, so that a metric `gen/Loss` keeps its section.
fn snake_case(text: &str) -> String {
    let parts = text.split('/').map(snake_word).filter(|part| !part.is_empty());
    let name = parts.collect::<Vec<_>>().join("/");
    if name.is_empty() { "metric".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_burn_become_snake_case() {
        for (burn, tracker) in [
            ("Loss", "loss"),
            ("Accuracy", "accuracy"),
            ("Learning Rate", "learning_rate"),
            ("Top-K Accuracy @ TopK(2)", "top_k_accuracy_top_k_2"),
            ("FBetaScore (2) @ Threshold(0.5) [Macro]", "fbeta_score_2_threshold_0_5_macro"),
            ("AUROC", "auroc"),
            ("gen/Loss", "gen/loss"),
            ("Größe", "größe"),
            ("%%", "metric"),
            ("", "metric"),
        ] {
            assert_eq!(snake_case(burn), tracker);
        }
    }

    #[test]
    fn two_metrics_never_share_a_name() {
        let mut names = Names::new();
        assert_eq!(names.give("Loss"), "loss");
        assert_eq!(names.give("loss"), "loss_2");
        assert_eq!(names.give("LOSS"), "loss_3");
        assert_eq!(names.give("Items"), "items_2");
    }
}
