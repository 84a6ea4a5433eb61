//! Where two runs begin to differ, as JSON.

use tracker_core::read::{Alone, DifferingPoint, RunReader, diverge, is_timing};

use crate::{
    answers::{
        page::divergence::{AloneIn, Differing, DifferingValue, Divergence},
        step::Step,
        value::Value,
    },
    ui::failure::{Answer, Failure},
    view::beside::{self, Beside},
};

/// How far apart two values may lie that differ by rounding alone, as `tracker diverge` has it.
const TOLERANCE: f64 = 1e-6;

/// The points, names and settings that an answer has of each kind.
const MOST: usize = 200;

/// What `/diverge` answers.
///
/// # Errors
/// If both are one run, or one cannot be read.
pub(crate) fn divergence(runs: &[RunReader; 2]) -> Answer<Divergence> {
    let [first, second] = runs;
    if first.info().id == second.info().id {
        return Err(Failure::bad_request("`a` and `b` are one run"));
    }
    let definition = |metric: &str| runs.iter().find_map(|run| run.info().definitions.get(metric));
    let found = diverge(first, second, |metric| !is_timing(metric, definition(metric)), TOLERANCE)?;
    let beside = Beside::of(runs);
    let mut warnings: Vec<String> = beside.warnings().cloned().collect();
    warnings.extend(runs.iter().flat_map(RunReader::warnings).map(|warning| warning.to_string()));
    Ok(Divergence {
        compared: found.compared,
        tolerance: TOLERANCE,
        bitwise: found.bitwise.iter().take(MOST).map(value).collect(),
        bitwise_of: found.bitwise.len(),
        beyond: found.beyond.iter().take(MOST).map(value).collect(),
        beyond_of: found.beyond.len(),
        alone: found.alone.iter().map(alone).collect(),
        config: differing(&beside.config),
        facts: differing(&beside.facts),
        origin: differing(&beside.origin),
        packages: differing(&beside.packages),
        warnings,
    })
}

fn value(point: &DifferingPoint) -> DifferingValue {
    DifferingValue {
        metric: point.metric.clone(),
        rank: point.rank,
        step: Step(point.step),
        after: point.after.map(Step),
        values: point.values.map(Value).into(),
    }
}

fn alone(alone: &Alone) -> AloneIn {
    let (first_metric, first_step) = alone.first.clone().unzip();
    AloneIn {
        metrics: alone.metrics.iter().take(MOST).cloned().collect(),
        points: alone.points,
        first_metric,
        first_step: first_step.map(Step),
        last_step: alone.last_step.map(Step),
    }
}

fn differing(rows: &[beside::Differing]) -> Vec<Differing> {
    let row =
        |row: &beside::Differing| Differing { name: row.name.clone(), values: row.values.to_vec() };
    rows.iter().take(MOST).map(row).collect()
}
