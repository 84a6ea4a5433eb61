//! Where a loss jumps far above what is usual.

use crate::{
    Level, Result,
    alert::detect::Spikes,
    read::{
        Bucket, Snapshot,
        diagnose::{
            curve::{Curve, Point, points_of},
            curves::Curves,
            finding::{Finding, FindingKind},
            median::median,
        },
    },
    text::plural,
};

/// As rules have it.
const WINDOW: usize = 128;
const DEVIATIONS: f64 = 10.0;

/// Of a long curve, so many places are looked at where the greatest values stand out most.
const PLACES: usize = 4;

/// So many buckets before one say what its greatest value usually is.
const BEFORE: usize = 16;

/// The most spikes of a metric that are told.
const MOST: usize = 8;

/// A value, and what was usual.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Jump {
    step: u64,
    value: f64,
    usual: f64,
}

/// What was found.
#[derive(Debug)]
pub(super) struct Spiked {
    pub(super) findings: Vec<Finding>,
    /// Whether there was a loss to look at.
    pub(super) looked: bool,
}

/// # Errors
/// Not in practice: the metrics are those that there are.
pub(super) fn look(now: &Snapshot, losses: &[Curve], curves: &Curves<'_>) -> Result<Spiked> {
    let mut spiked = Spiked { findings: Vec::new(), looked: false };
    if curves.has_rewards {
        return Ok(spiked);
    }
    for curve in losses {
        spiked.looked = true;
        let mut jumps = Vec::new();
        if curve.buckets.is_empty() {
            jumps = jumps_in(&curve.points);
        } else {
            for place in outstanding(&curve.buckets) {
                let before = place.saturating_sub(1);
                let [Some(from), Some(to)] = [before, place].map(|at| curve.buckets.get(at)) else {
                    continue;
                };
                jumps.extend(jumps_in(&points_of(now, &curve.metric, from, to)?));
            }
            jumps.sort_by_key(|jump| jump.step);
            jumps.dedup_by_key(|jump| jump.step);
        }
        spiked.findings.extend(finding(curve, &jumps, curves));
    }
    Ok(spiked)
}

fn finding(curve: &Curve, jumps: &[Jump], curves: &Curves<'_>) -> Option<Finding> {
    let worst = jumps.iter().max_by(|a, b| (a.value / a.usual).total_cmp(&(b.value / b.usual)))?;
    let shown = |value| curves.shown(&curve.metric, value);
    let more = match jumps.len() as u64 - 1 {
        0 => String::new(),
        others => format!(", the worst of {}", plural(others + 1, "jump")),
    };
    let text = format!(
        "{} jumps to {} at step {}, from about {}{more}",
        curve.metric,
        shown(worst.value),
        worst.step,
        shown(worst.usual),
    );
    let told = jumps.iter().take(MOST).map(|jump| (jump.step, jump.value));
    let told =
        Finding::new(FindingKind::Spike, Level::Warning, text).metric(&curve.metric).at(told);
    Some(told.threshold(worst.usual + worst.usual.abs()).hint(
        "look at the batch of this step and at the gradients; a lower learning rate, a warm-up, or clipped gradients may help",
    ))
}

/// The jumps among points that follow one another. After one, as many quiet points must come as say what is usual.
fn jumps_in(points: &[Point]) -> Vec<Jump> {
    let mut spikes = Spikes::new(WINDOW, DEVIATIONS);
    let (mut jumps, mut count, mut quiet) = (Vec::<Jump>::new(), 0, WINDOW);
    for (step, value) in points.iter().filter(|(_, value)| value.is_finite()) {
        quiet += 1;
        if let Some(spike) = spikes.look(*value) {
            if quiet > WINDOW {
                jumps.push(Jump { step: *step, value: *value, usual: spike.usual });
            }
            quiet = 0;
        }
        count += 1;
        spikes.add(*value, count);
    }
    jumps
}

/// The places of those buckets whose greatest value stands out most from that of the buckets before.
fn outstanding(buckets: &[Bucket]) -> Vec<usize> {
    let stands_out = |(place, bucket): (usize, &Bucket)| {
        let before = buckets.get(place.saturating_sub(BEFORE)..place)?;
        let usual = median(before.iter().filter_map(|bucket| bucket.max)).unwrap_or(bucket.first);
        let above = bucket.max? - usual;
        (above > 0.0).then(|| (above / usual.abs().max(f64::MIN_POSITIVE), place))
    };
    let mut all: Vec<(f64, usize)> = buckets.iter().enumerate().filter_map(stands_out).collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    all.into_iter().take(PLACES).map(|(_, place)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_jump_is_told_once_and_a_later_one_anew() {
        let value = |step: u64| match step {
            300..303 | 900 => 50.0,
            _ => 1.0 + (step % 7) as f64 / 10.0,
        };
        let points: Vec<Point> = (0..1_000).map(|step| (step, value(step))).collect();
        let found: Vec<u64> = jumps_in(&points).iter().map(|jump| jump.step).collect();
        assert_eq!(found, [300, 900]);
    }

    #[test]
    fn few_values_and_those_that_are_no_numbers_are_no_jumps() {
        assert_eq!(jumps_in(&[]), []);
        assert_eq!(jumps_in(&[(0, 1.0), (1, 1e9)]), []);
        let odd: Vec<Point> = (0..500).map(|step| (step, f64::NAN)).collect();
        assert_eq!(jumps_in(&odd), []);
    }
}
