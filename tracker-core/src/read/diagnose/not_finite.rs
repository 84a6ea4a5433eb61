//! Where values are no numbers, or infinite.

use crate::{
    Level, Result,
    read::{
        Bucket, Snapshot,
        diagnose::{
            curve::rows,
            finding::{Finding, FindingKind},
        },
        diverge::rank_of_cause,
    },
    text::plural,
};

/// The most metrics of which the first such value is looked for.
const MOST_METRICS: usize = 64;

/// So many points are looked at one by one.
const FEW: u64 = 4_096;

/// Into how many parts more are cut, again and again.
const CUT: usize = 64;

/// The first such value of a metric.
#[derive(Debug)]
struct First {
    metric: String,
    step: u64,
    value: f64,
    /// How many there are, of how many points.
    count: u64,
    of: u64,
}

/// Tells the metric that was not finite first; `None` if the run has no points.
///
/// # Errors
/// Not in practice: the metrics are those that there are.
pub(super) fn look(now: &Snapshot) -> Result<Option<Vec<Finding>>> {
    let known = now.metrics();
    if known.is_empty() {
        return Ok(None);
    }
    let mut metrics: Vec<String> = now.not_finite().into_iter().collect();
    metrics.sort_by_key(|metric| rank_of_cause(metric));
    let mut all = Vec::new();
    for metric in metrics.iter().take(MOST_METRICS) {
        all.extend(first(now, metric)?);
    }
    all.sort_by_key(|first| (first.step, rank_of_cause(&first.metric)));
    let others = metrics.len().min(known.len()).saturating_sub(MOST_METRICS) + all.len();
    Ok(Some(
        all.first().map(|first| finding(first, others.saturating_sub(1))).into_iter().collect(),
    ))
}

fn finding(first: &First, others: usize) -> Finding {
    let First { metric, step, value, count, of } = first;
    let shown = if value.is_nan() { "NaN" } else { "infinite" };
    let share = if count == of { "all".to_owned() } else { count.to_string() };
    let also = match others {
        0 => String::new(),
        1 => "; another metric is not finite, too".to_owned(),
        others => format!("; {others} other metrics are not finite, too"),
    };
    let text = format!(
        "{metric} is {shown} at step {step}, and {share} of its {} {} not finite{also}",
        plural(*of, "point"),
        if *count == 1 { "is" } else { "are" },
    );
    Finding::new(FindingKind::NotFinite, Level::Error, text)
        .metric(metric)
        .at([(*step, *value)])
        .hint(
            "look at the step before: a learning rate that is too high, a batch with broken values, a division by zero or a \
             logarithm of it; clipped gradients or a lower learning rate may help, and a training that watches its model \
             tells which layer was first",
        )
}

/// The first value of a metric that is not finite; `None` if all are, as where a resumed training took it back.
fn first(now: &Snapshot, metric: &str) -> Result<Option<First>> {
    let whole = now.overview(metric, 0..=u64::MAX, 1)?;
    let count = whole.iter().map(not_finite).sum();
    let of = whole.iter().map(|bucket| bucket.count).sum();
    let mut within = whole.into_iter().find(|bucket| not_finite(bucket) > 0);
    while let Some(bucket) = within {
        let steps = bucket.first_step.0..=bucket.last_step.0;
        let told = |step, value| First { metric: metric.to_owned(), step, value, count, of };
        if bucket.count <= FEW {
            let found = rows(now, metric, steps)?.into_iter().find(|(_, value)| !value.is_finite());
            return Ok(found.map(|(step, value)| told(step, value)));
        }
        let cut = now.overview(metric, steps.clone(), CUT)?;
        let next = cut.into_iter().find(|bucket| not_finite(bucket) > 0);
        let is_narrower = |next: &Bucket| next.count < bucket.count;
        if !next.as_ref().is_some_and(is_narrower) {
            let value = if bucket.nan > 0 { f64::NAN } else { f64::INFINITY };
            return Ok(Some(told(*steps.start(), value)));
        }
        within = next;
    }
    Ok(None)
}

fn not_finite(bucket: &Bucket) -> u64 {
    bucket.nan + bucket.pos_infinite + bucket.neg_infinite
}
