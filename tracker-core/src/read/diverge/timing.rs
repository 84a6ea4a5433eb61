//! What never is the same twice.

use crate::{Definition, read::superseded::is_of_the_machine};

/// How names end that hold times or speeds.
const ENDINGS: [&str; 3] = ["_seconds", "_per_second", "data_wait"];

/// Whether a metric tells how fast the training or its machine was, which differs in runs of the same program: what is in
/// seconds, `system/…`, `…_seconds`, `…_per_second`, `data_wait`.
pub fn is_timing(metric: &str, definition: Option<&Definition>) -> bool {
    let unit = definition.and_then(|definition| definition.unit.as_deref());
    let plain = without_rank(metric);
    unit == Some("s")
        || is_of_the_machine(plain)
        || ENDINGS.iter().any(|ending| plain.ends_with(ending))
}

/// The name without the `rank.<n>/` of another process than the first.
pub(crate) fn without_rank(metric: &str) -> &str {
    let rest = metric.strip_prefix("rank.").and_then(|rest| rest.split_once('/'));
    match rest {
        Some((rank, name)) if !rank.is_empty() && rank.bytes().all(|c| c.is_ascii_digit()) => name,
        _ => metric,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_speeds_are_told_by_unit_and_name() {
        let is_it = |metric| is_timing(metric, None);
        let timings = [
            "system/cpu",
            "rank.3/system/cpu",
            "epoch_seconds",
            "train/items_per_second",
            "data_wait",
        ];
        assert!(timings.into_iter().all(is_it));
        assert!(!["train/loss", "rank.3/train/loss", "rank.x/system/cpu"].into_iter().any(is_it));
        assert!(is_timing("forward", Some(&Definition::new().unit("s"))));
    }
}
