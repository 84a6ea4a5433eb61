//! Names that W&B forbids or has taken for itself, and what they are called there.

/// Keys that W&B gives every row.
const TAKEN: [&str; 4] = ["_step", "_timestamp", "_runtime", "_wandb"];

const PREFIX: &str = "tracker/";

/// The name of a metric as W&B takes it.
pub(super) fn there(metric: &str) -> String {
    let is_taken = TAKEN.contains(&metric.trim_start_matches(PREFIX));
    if is_taken { format!("{PREFIX}{metric}") } else { metric.to_owned() }
}

/// The name of a metric as it was before it came to W&B.
pub(super) fn back(key: &str) -> &str {
    match key.strip_prefix(PREFIX) {
        Some(rest) if there(rest) == key => rest,
        _ => key,
    }
}

/// Whether W&B has made it.
pub(super) fn is_taken(key: &str) -> bool {
    key.starts_with('_') && (TAKEN.contains(&key) || key.starts_with("_wandb."))
}

/// The name of a project, without what would end it in an address.
pub(super) fn project(name: &str) -> String {
    let kept = |c: char| if "/\\#?%:".contains(c) || c.is_control() { '-' } else { c };
    name.chars().map(kept).take(128).collect()
}

/// A name as a part of a file's name.
pub(super) fn in_file(name: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '_' };
    name.chars().map(kept).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_comes_back_and_none_is_taken() {
        for name in [
            "loss",
            "_step",
            "tracker/_step",
            "tracker/tracker/_step",
            "_mine",
            "tracker/loss",
            "a/../b",
        ] {
            assert_eq!(back(&there(name)), name);
            assert!(!is_taken(&there(name)));
        }
    }

    #[test]
    fn what_leads_elsewhere_is_no_part_of_a_file_name() {
        assert_eq!(in_file("../a/b.png"), "___a_b_png");
    }
}
