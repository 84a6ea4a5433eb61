//! `tracker show RUN --flight`: the last steps layer by layer, and who left what was usual first.

use anyhow::Result;
use tracker_core::{
    flight::{Finding, FlightRecord, Quantity},
    read::{Flight, RunReader},
};

use crate::{
    answers::{flight::Flights, versioned::Versioned},
    args::Show,
    command::show::flight_map,
    terminal::{
        printer,
        table::{Align, Grid, MISSING},
        text::{bold, clean, date, shorten},
    },
};

/// The most records that are shown, the last ones.
const MOST_RECORDS: usize = 16;

/// The most findings of a list.
const MOST_FINDINGS: usize = 12;

/// As much of a tensor's name as is shown.
pub(super) const NAME: usize = 40;

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
    let verdict = record.verdict(&findings);
    let verdict = verdict.unwrap_or_else(|| "nothing left what was usual".to_owned());
    let title = format!("the last steps before {}, {}", flight.step, date(flight.time));
    format!(
        "\n{}\n{}\n{}{}",
        bold(&title),
        clean(&verdict),
        list(record, &findings),
        flight_map::text(record, &findings)
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

pub(super) fn quantity(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Weight => "weights",
        Quantity::Gradient => "gradient",
        _ => "change",
    }
}
