//! Ranges of steps that hold a bounded number of points.

use std::ops::RangeInclusive;

use tracker_core::{Result, read::Snapshot};

/// About how many points a window holds, where steps do not repeat.
const POINTS: u64 = 1 << 18;

/// How finely windows can be cut.
const BUCKETS: usize = 4096;

/// Ranges of steps that follow one another and cover all points of a metric in `steps`.
pub(crate) fn windows(
    run: &Snapshot,
    metric: &str,
    steps: RangeInclusive<u64>,
) -> Result<Vec<RangeInclusive<u64>>> {
    let (mut start, end) = steps.into_inner();
    let mut windows = Vec::new();
    let mut points = 0;
    for bucket in run.overview(metric, start..=end, BUCKETS)? {
        points += bucket.count;
        let reached = bucket.last_step.0;
        if points >= POINTS && (start..end).contains(&reached) {
            windows.push(start..=reached);
            start = reached + 1;
            points = 0;
        }
    }
    windows.push(start..=end);
    Ok(windows)
}
