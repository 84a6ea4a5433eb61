//! `tracker show RUN --flight`: the last steps layer by layer, and who left what was usual first.

use anyhow::Result;
use tracker_core::{
    flight::{Finding, FlightRecord, FlightValues, Quantity},
    read::{Flight, RunReader},
};

use crate::{
    answers::{flight::Flights, versioned::Versioned},
    args::Show,
    terminal::{
        printer,
        table::{Align, Grid, MISSING},
        text::{bold, clean, date, more, shorten},
    },
};

/// The most records that are shown, the last ones.
const MOST_RECORDS: usize = 16;

/// The most findings of a list.
const MOST_FINDINGS: usize = 12;

/// The most tensors of a map.
const MOST_TENSORS: usize = 32;

/// The most steps of a map, …
const MOST_STEPS: usize = 64;

/// … of which so many come before the first finding.
const BEFORE: usize = 16;

/// As much of a tensor's name as is shown.
const NAME: usize = 40;

/// Prints what the flight recorder stored.
pub(super) fn print(run: &RunReader, args: &Show) -> Result<()> {
    let flights = run.flights()?;
    if args.json {
        printer::json(&Versioned::new(Flights::read(run, &flights, false)?))?;
    } else if flights.is_empty() {
        printer::text(&nothing(run))?;
    } else {
        let left_out = flights.len().saturating_sub(MOST_RECORDS);
        let shown = flights.iter().skip(left_out);
        let text = shown.map(|flight| Ok(text(&run.flight(flight)?, flight)));
        let text = text.collect::<Result<String>>()?;
        printer::text(text.trim_start())?;
        if left_out > 0 {
            printer::text(&format!("\n… and {left_out} earlier ones: --json has more\n"))?;
        }
    }
    printer::left_out_by(run);
    Ok(())
}

fn nothing(run: &RunReader) -> String {
    let name = clean(&run.info().name);
    format!(
        "run {name} has stored none of its last steps\n\
         next: a training that watches its model keeps them, and stores them when something goes wrong; \
         `tracker flight {name}` asks one that trains\n"
    )
}

fn text(record: &FlightRecord, flight: &Flight) -> String {
    let findings = record.findings();
    let verdict = record.verdict().unwrap_or_else(|| "nothing left what was usual".to_owned());
    let title = format!("the last steps before {}, {}", flight.step, date(flight.time));
    format!(
        "\n{}\n{}\n{}{}",
        bold(&title),
        clean(&verdict),
        list(record, &findings),
        map(record, &findings)
    )
}

/// Who left, in order.
fn list(record: &FlightRecord, findings: &[Finding]) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let mut grid =
        Grid::new([Align::Right, Align::Left, Align::Left, Align::Right], printer::width());
    grid.header(["step", "tensor", "", "usual", "value", "epoch", "batch"]);
    let number =
        |number: Option<u64>| number.map_or_else(|| MISSING.to_owned(), |of| of.to_string());
    for finding in findings.iter().take(MOST_FINDINGS) {
        let Some(step) = record.steps.get(finding.at) else { continue };
        grid.row([
            step.step.to_string(),
            shorten(&clean(&finding.tensor), NAME),
            quantity(finding.quantity).to_owned(),
            finding.usual.map(|usual| format!("{usual:.3e}")).unwrap_or_default(),
            format!("{:.3e}", finding.value),
            number(step.epoch),
            number(step.batch),
        ]);
    }
    grid.section("who left, the first one first")
}

fn quantity(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Weight => "weights",
        Quantity::Gradient => "gradient",
        _ => "change",
    }
}

/// The gradients of tensors over the steps around the first finding: by how many times they are what is
/// usual.
fn map(record: &FlightRecord, findings: &[Finding]) -> String {
    let first = findings.first();
    let end = record.steps.len();
    let from =
        first.map_or(end.saturating_sub(MOST_STEPS), |first| first.at.saturating_sub(BEFORE));
    let to = end.min(from + MOST_STEPS);
    let Some(steps) = record.steps.get(from..to).filter(|steps| !steps.is_empty()) else {
        return String::new();
    };
    let what = first.map_or(Quantity::Gradient, |first| first.quantity);
    let mut text = format!(
        "\n{} of {} at steps {} to {}\n",
        bold("map"),
        match what {
            Quantity::Weight => "weights",
            Quantity::Gradient => "gradients",
            _ => "changes",
        },
        steps.first().map(|step| step.step).unwrap_or_default(),
        steps.last().map(|step| step.step).unwrap_or_default(),
    );
    let shown = record.tensors.len().min(MOST_TENSORS);
    let width = record.tensors.iter().take(shown).map(|name| name.chars().count().min(NAME)).max();
    for (index, name) in record.tensors.iter().take(shown).enumerate() {
        let value = |values: &[FlightValues]| {
            let of = values.get(index)?;
            match what {
                Quantity::Weight => of.weight,
                Quantity::Gradient => of.gradient,
                _ => of.change,
            }
        };
        let usual = median(record.steps.iter().filter_map(|step| value(&step.values)));
        let marks: String = steps.iter().map(|step| mark(value(&step.values), usual)).collect();
        let name = shorten(&clean(name), NAME);
        text.push_str(&format!("  {name:width$}  {marks}\n", width = width.unwrap_or_default()));
    }
    if let Some(more) = more(record.tensors.len(), shown, "`--json` names all") {
        text.push_str(&format!("  {more}\n"));
    }
    text + "  · usual   + twice   * 8 times   # 64 times   0 nothing   ! NaN or infinite\n"
}

fn mark(value: Option<f32>, usual: f32) -> char {
    let Some(value) = value else { return ' ' };
    let times = value / usual;
    if !value.is_finite() {
        '!'
    } else if value <= usual * 1e-6 {
        '0'
    } else if times >= 64.0 {
        '#'
    } else if times >= 8.0 {
        '*'
    } else if times >= 2.0 {
        '+'
    } else {
        '·'
    }
}

/// Of the finite ones.
fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.filter(|value| value.is_finite()).collect();
    values.sort_unstable_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
