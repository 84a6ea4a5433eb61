//! What the last steps did to each tensor, as marks on a terminal.

use std::ops::Range;

use tracker_core::flight::{Finding, FlightRecord, FlightStep, Quantity};

use crate::{
    command::show::flight::{NAME, quantity},
    terminal::text::{bold, clean, more, shorten},
};

/// The most tensors of a map.
const MOST_TENSORS: usize = 32;

/// The most steps of a map, …
const MOST_STEPS: usize = 64;

/// … of which so many come before the first finding.
const BEFORE: usize = 16;

const LEGEND: &str =
    "  · usual   + twice   * 8 times   # 64 times   0 nothing   ! NaN or infinite\n";

/// A map of that quantity which left what was usual first, around that step: by how many times each tensor is what
/// is usual of it.
pub(super) fn text(record: &FlightRecord, findings: &[Finding]) -> String {
    let steps = around(record, findings.first());
    let Some(([first, ..], last)) = record.steps.get(steps.clone()).map(|of| (of, of.last()))
    else {
        return String::new();
    };
    let what = findings.first().map_or(Quantity::Gradient, |first| first.quantity);
    let last = last.unwrap_or(first).step;
    let title = format!("{} at steps {} to {last}", bold(quantity(what)), first.step);
    let shown = record.tensors.len().min(MOST_TENSORS);
    let names: Vec<String> =
        record.tensors.iter().take(shown).map(|name| shorten(&clean(name), NAME)).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
    let line = |(index, name): (usize, &String)| {
        format!("  {name:width$}  {}\n", marks(record, steps.clone(), what, index))
    };
    let lines: String = names.iter().enumerate().map(line).collect();
    let more = more(record.tensors.len(), shown, "`--json` names all");
    let more = more.map(|more| format!("  {more}\n")).unwrap_or_default();
    format!("\n{title}\n{lines}{more}{LEGEND}")
}

/// The steps of a map.
fn around(record: &FlightRecord, first: Option<&Finding>) -> Range<usize> {
    let end = record.steps.len();
    let last_ones = end.saturating_sub(MOST_STEPS);
    let from = first.map_or(last_ones, |first| first.at.saturating_sub(BEFORE)).min(end);
    from..end.min(from + MOST_STEPS)
}

fn marks(record: &FlightRecord, steps: Range<usize>, what: Quantity, tensor: usize) -> String {
    let value = |step: &FlightStep| step.values.get(tensor)?.of(what);
    let usual = median(record.steps.iter().filter_map(value));
    let steps = record.steps.get(steps).unwrap_or_default();
    steps.iter().map(|step| mark(value(step), usual)).collect()
}

fn mark(value: Option<f32>, usual: f32) -> char {
    match value {
        None => ' ',
        Some(value) if !value.is_finite() => '!',
        Some(value) if value <= usual * 1e-6 => '0',
        Some(value) if value >= 64.0 * usual => '#',
        Some(value) if value >= 8.0 * usual => '*',
        Some(value) if value >= 2.0 * usual => '+',
        Some(_) => '·',
    }
}

/// Of the finite ones.
fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.filter(|value| value.is_finite()).collect();
    values.sort_unstable_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
