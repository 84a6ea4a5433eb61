//! How Burn's metric names become the tracker's, as `burn-callback` names them.

use std::collections::{BTreeMap, BTreeSet};

use tracker_core::text::snake_word;

/// The name here of each of Burn's metrics. Two that read the same are told apart by a number.
pub(super) fn names(files: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut taken = BTreeSet::new();
    let mut names = BTreeMap::new();
    for file in files {
        let base = snake_case(file);
        let mut name = base.clone();
        let mut number = 1;
        while !taken.insert(name.clone()) {
            number += 1;
            name = format!("{base}_{number}");
        }
        names.insert(file.clone(), name);
    }
    names
}

fn snake_case(text: &str) -> String {
    let name = snake_word(text);
    if name.is_empty() { "metric".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_burn_callback() {
        for (file, name) in [
            ("Loss", "loss"),
            ("Learning_Rate", "learning_rate"),
            ("Top-K_Accuracy_@_TopK(2)", "top_k_accuracy_top_k_2"),
            ("FBetaScore_(2)_@_Threshold(0.5)_[Macro]", "fbeta_score_2_threshold_0_5_macro"),
            ("%%", "metric"),
        ] {
            assert_eq!(snake_case(file), name);
        }
    }

    #[test]
    fn two_metrics_never_share_a_name() {
        let files = ["LOSS", "Loss"].map(str::to_owned).into();
        let names = names(&files);
        assert_eq!((names["LOSS"].as_str(), names["Loss"].as_str()), ("loss", "loss_2"));
    }
}
