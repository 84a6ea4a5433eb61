//! What makes a training slower than it could be.

use std::time::Duration;

use crate::{
    Level, Result,
    read::{
        diagnose::{
            curves::Curves,
            finding::{Finding, FindingKind},
            median::{median, quantile, sorted},
            names,
        },
        diverge::without_rank,
    },
    text::shown_duration,
};

/// A greater share of the time is much to wait for data.
const WAITS: f64 = 0.2;

/// So many times as long as usual is slow.
const SLOW: f64 = 5.0;

/// A step that is longer by less than this, in seconds, is one that the system interrupted.
const NOTICED: f64 = 0.02;

/// So many steps must be known before one in a hundred says anything.
const ENOUGH: usize = 200;

/// The most slow steps that are told.
const MOST: usize = 8;

/// `None` if the run does not say how long it waited.
///
/// # Errors
/// Not in practice.
pub(super) fn data_wait(curves: &Curves<'_>) -> Result<Option<Vec<Finding>>> {
    let waits = curves.some(|metric| names::last_part(without_rank(metric)) == "data_wait")?;
    let worst = waits.iter().filter_map(|curve| Some((curve, median(curve.values())?)));
    let Some((curve, share)) = worst.max_by(|a, b| a.1.total_cmp(&b.1)) else { return Ok(None) };
    if share <= WAITS {
        return Ok(Some(Vec::new()));
    }
    let text = format!(
        "the training waits for its data {:.0} % of the time ({})",
        share * 100.0,
        curve.metric
    );
    let finding = Finding::new(FindingKind::DataWait, Level::Warning, text).metric(&curve.metric);
    let hint = "load batches on threads of their own, more of them, or ahead of time; keep decoded data in memory or on a \
                faster disk";
    Ok(Some(vec![finding.values([share]).threshold(WAITS).hint(hint)]))
}

/// `None` if the run does not say how long its steps took, or has too few.
///
/// # Errors
/// Not in practice.
pub(super) fn slow_steps(curves: &Curves<'_>) -> Result<Option<Vec<Finding>>> {
    let times = curves.some(|metric| names::last_part(metric) == "step_seconds")?;
    let mut looked = None;
    for curve in &times {
        // The first steps make ready what the others use.
        let points = curve.points.get(curve.points.len() / 100..).unwrap_or_default();
        let values = sorted(points.iter().map(|(_, value)| *value));
        let [Some(usual), Some(slow)] = [50, 99].map(|percent| quantile(&values, percent)) else {
            continue;
        };
        if values.len() < ENOUGH {
            continue;
        }
        let all = looked.get_or_insert_with(Vec::new);
        let limit = usual * SLOW;
        if slow <= limit || slow - usual < NOTICED {
            continue;
        }
        let beyond: Vec<(u64, f64)> =
            points.iter().filter(|(_, value)| *value > limit).copied().collect();
        let [usual, slow] = [usual, slow].map(seconds);
        let text = format!(
            "one step in a hundred takes {slow} or longer, where {usual} is usual: {} of {} steps that were looked at take \
             more than five times as long ({})",
            beyond.len(),
            points.len(),
            curve.metric
        );
        let finding = Finding::new(FindingKind::SlowSteps, Level::Info, text).metric(&curve.metric);
        let hint = "look what happens at these steps: a checkpoint, an evaluation, data from a slow disk, or other programs \
                    on the machine";
        let told = beyond.into_iter().take(MOST);
        all.push(finding.at(told).threshold(limit).hint(hint));
    }
    Ok(looked)
}

/// Seconds as people read them, those of a step too.
fn seconds(value: f64) -> String {
    if value < 1.0 {
        return format!("{:.3} s", value.max(0.0));
    }
    Duration::try_from_secs_f64(value).map_or_else(|_| format!("{value:e} s"), shown_duration)
}
