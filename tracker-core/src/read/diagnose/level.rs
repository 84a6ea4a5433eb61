//! Where losses stand, and how that goes on.

use crate::{
    Direction, Level as Weight, Result,
    read::diagnose::{
        curve::{Curve, Point},
        curves::Curves,
        finding::{Finding, FindingKind},
        median::{Level, median},
        names,
    },
};

/// As good as zero: how many times larger another value is says nothing.
const NOTHING: f64 = 1e-6;

/// So many points must be known before anything is said of a training loss.
const ENOUGH: usize = 60;

/// Into how many parts a training is cut to see where its loss stood.
const TENTHS: usize = 10;

/// A loss has risen at so many times its least.
const RISEN: f64 = 2.0;

/// A loss must fall to this share in the last third.
const FALLS: f64 = 0.99;

/// A loss that rises to more than this share in the last third does not stand still.
const RISES: f64 = 1.05;

/// So uncertain a fall is none that can be judged.
const UNCERTAIN: f64 = 0.02;

/// A loss that ends above this share of its beginning has learned nothing.
const UNLEARNED: f64 = 0.95;

/// A validation loss may end so many times as high as its best.
const OVERFIT: f64 = 1.05;

/// So many validations must be known before one is called the best.
const VALIDATIONS: usize = 4;

/// The loss of the training: that with most points, if all are of one subject. The losses of a game of several
/// networks stand and rise as they should.
fn training_loss<'a>(losses: &'a [Curve], curves: &Curves<'_>) -> Option<(&'a str, Vec<Point>)> {
    let training = || losses.iter().filter(|curve| !names::is_validation(&curve.metric));
    let mut subjects = training().map(|curve| names::subject(&curve.metric));
    let first = subjects.next()?;
    if curves.has_rewards || subjects.any(|other| other != first) {
        return None;
    }
    let most = training().max_by_key(|curve| curve.points.len())?;
    let points = most.finite();
    (points.len() >= ENOUGH).then_some((most.metric.as_str(), points))
}

fn values(points: &[Point]) -> impl Iterator<Item = f64> {
    points.iter().map(|(_, value)| *value)
}

/// `None` if there is no such loss, or too little of it.
pub(super) fn rising(losses: &[Curve], curves: &Curves<'_>) -> Option<Vec<Finding>> {
    let (metric, points) = training_loss(losses, curves)?;
    let levels = points.chunks(points.len().div_ceil(TENTHS));
    let levels: Vec<(u64, f64)> =
        levels.filter_map(|chunk| Some((chunk.last()?.0, median(values(chunk))?))).collect();
    let least = *levels.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let last = *levels.last()?;
    let limit = least.1 * RISEN;
    if least.1 < NOTHING || last.1 <= limit {
        return Some(Vec::new());
    }
    let shown = |value| curves.shown(metric, value);
    let text = format!(
        "{metric} rose: it is about {} at the end, and was about {} by step {}",
        shown(last.1),
        shown(least.1),
        least.0
    );
    let found = Finding::new(FindingKind::Rising, Weight::Warning, text).metric(metric);
    Some(vec![found.at([least, last]).threshold(limit).hint(
        "lower the learning rate, or let it fall; a checkpoint from before that step is the better one",
    )])
}

/// `None` if there is no such loss, or too little of it.
///
/// # Errors
/// Not in practice.
pub(super) fn plateau(losses: &[Curve], curves: &Curves<'_>) -> Result<Option<Vec<Finding>>> {
    let Some((metric, points)) = training_loss(losses, curves) else { return Ok(None) };
    let Some((before, end)) = ends_of_last_third(&points) else { return Ok(Some(Vec::new())) };
    let limit = before.1.median * FALLS;
    let is_uncertain = before.1.error.hypot(end.1.error) > before.1.median * UNCERTAIN;
    let is_still = end.1.median > limit && end.1.median <= before.1.median * RISES;
    if before.1.median < NOTHING || !is_still || is_uncertain {
        return Ok(Some(Vec::new()));
    }
    let since = points.get(points.len() / 3 * 2).map_or(0, |(step, _)| *step);
    let validations = curves.validations()?;
    if validations.iter().any(|(curve, direction)| got_better(curve, *direction, since)) {
        return Ok(Some(Vec::new()));
    }
    let begin = median(values(&points[..points.len() / TENTHS]));
    let has_learned = begin.is_none_or(|begin| end.1.median < begin * UNLEARNED);
    let shown = |value| curves.shown(metric, value);
    let [from, to] = [shown(before.1.median), shown(end.1.median)];
    let found = if has_learned {
        let text = format!(
            "{metric} stands still: about {from} by step {}, and about {to} at the end",
            before.0
        );
        Finding::new(FindingKind::Plateau, Weight::Info, text).hint(
            "the training may be over; else let the learning rate fall, or look whether the model is large enough",
        )
    } else {
        let begin = shown(begin.unwrap_or_default());
        let text =
            format!("{metric} has not fallen: about {begin} at first, and about {to} at the end");
        Finding::new(FindingKind::Plateau, Weight::Warning, text).hint(
            "look whether labels belong to their inputs and gradients reach the weights; else try another learning rate",
        )
    };
    let at = [(before.0, before.1.median), (end.0, end.1.median)];
    Ok(Some(vec![found.metric(metric).at(at).threshold(limit)]))
}

/// Where the loss stood when its last third began, and at its end, each with the last step of that.
fn ends_of_last_third(points: &[Point]) -> Option<((u64, Level), (u64, Level))> {
    let sixth = points.len() / 6;
    let level = |from: usize, to: usize| {
        let points = points.get(from..to)?;
        Some((points.last()?.0, Level::of(values(points))?))
    };
    Some((level(3 * sixth, 4 * sixth)?, level(points.len() - sixth, points.len())?))
}

/// Whether a validation got better by 1 % after a step.
fn got_better(curve: &Curve, direction: Direction, since: u64) -> bool {
    let sign = if direction == Direction::Higher { -1.0 } else { 1.0 };
    let (mut before, mut after) = (f64::INFINITY, f64::INFINITY);
    for (step, value) in curve.finite() {
        let best = if step < since { &mut before } else { &mut after };
        *best = best.min(value * sign);
    }
    before.is_finite() && after < before - before.abs() * (1.0 - FALLS)
}

/// `None` if no loss is known of both, the training and a validation.
///
/// # Errors
/// Not in practice.
pub(super) fn overfit(curves: &Curves<'_>) -> Result<Option<Vec<Finding>>> {
    let of = |is_validation: bool| {
        curves
            .some(|metric| names::is_loss(metric) && names::is_validation(metric) == is_validation)
    };
    let (training, validations) = (of(false)?, of(true)?);
    let mut found = None;
    for validation in &validations {
        let subject = names::subject(&validation.metric);
        let alike = training.iter().filter(|curve| names::subject(&curve.metric) == subject);
        // An epoch's mean says more than a batch.
        let Some(train) = alike.min_by_key(|curve| names::is_of_batches(&curve.metric)) else {
            continue;
        };
        found.get_or_insert_with(Vec::new).extend(overfit_of(validation, train, curves));
    }
    Ok(found)
}

fn overfit_of(validation: &Curve, train: &Curve, curves: &Curves<'_>) -> Option<Finding> {
    let points = validation.finite();
    if points.len() < VALIDATIONS {
        return None;
    }
    let best = *points.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    // One bad validation at the end is none of these.
    let last = points.len() - (points.len() / 5).max(2);
    let least = *points.get(last..)?.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let end = *points.last()?;
    let limit = best.1 * OVERFIT;
    if best.1 < NOTHING || least.1 <= limit {
        return None;
    }
    let training = train.finite();
    let upto = training.partition_point(|(step, _)| *step <= best.0);
    let tenth = (training.len() / TENTHS).max(1);
    let around = median(values(training.get(upto.saturating_sub(tenth)..upto)?))?;
    let now = median(values(training.get(training.len().saturating_sub(tenth)..)?))?;
    if now >= around {
        return None;
    }
    let shown = |value| curves.shown(&validation.metric, value);
    let text = format!(
        "{} ends at {}, above its best of {} at step {}, while {} fell on: the model learns its training data by heart",
        validation.metric,
        shown(end.1),
        shown(best.1),
        best.0,
        train.metric
    );
    let found = Finding::new(FindingKind::Overfit, Weight::Warning, text);
    Some(found.metric(&validation.metric).at([best, end]).threshold(limit).hint(
        "stop at the best step and use its checkpoint; more data, augmentation, dropout or weight decay help against it",
    ))
}
