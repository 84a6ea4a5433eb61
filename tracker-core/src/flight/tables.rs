//! The two tables that a record is stored as, which are media of the run: what shows, joins, exports and
//! removes tables does so with these.

use std::sync::Arc;

use crate::{
    Cell, Table,
    event::flight_record::{
        FlightRecord, FlightStep, MAX_NUMBERS, MAX_SAMPLES, MAX_STEPS, MAX_TENSORS,
    },
    media::limits::MAX_ROWS,
};

/// Under which name records are among the media of a run.
pub(crate) const FLIGHT: &str = "flight";

/// What is told of each tensor in each step.
pub(crate) const TENSOR_COLUMNS: [&str; 5] = ["step", "tensor", "weight", "gradient", "change"];

/// What is told of each step.
pub(crate) const BATCH_COLUMNS: [&str; 5] = ["step", "epoch", "batch", "learning rate", "samples"];

/// What the last steps showed of each tensor: as many steps as a table has room for.
pub(crate) fn tensors(record: &FlightRecord) -> Table {
    let mut table = Table::new(TENSOR_COLUMNS);
    let room = MAX_ROWS / record.tensors.len().clamp(1, MAX_TENSORS);
    let left_out = record.steps.len().saturating_sub(room.min(MAX_STEPS));
    for step in record.steps.iter().skip(left_out) {
        for (tensor, values) in record.tensors.iter().zip(&step.values).take(MAX_TENSORS) {
            table.push([
                number(step),
                Cell::Text(tensor.to_string()),
                optional(values.weight.map(f64::from)),
                optional(values.gradient.map(f64::from)),
                optional(values.change.map(f64::from)),
            ]);
        }
    }
    table
}

/// The batches of all steps.
pub(crate) fn batches(record: &FlightRecord) -> Table {
    let mut table = Table::new(BATCH_COLUMNS);
    let steps = || record.steps.iter().skip(record.steps.len().saturating_sub(MAX_STEPS));
    let mut numbers: usize = steps().map(|step| step.samples.len()).sum();
    for step in steps() {
        let is_room = numbers <= MAX_NUMBERS;
        numbers -= step.samples.len();
        let samples = (is_room && !step.samples.is_empty()).then(|| samples(step));
        table.push([
            number(step),
            optional(step.epoch.map(|epoch| epoch as f64)),
            optional(step.batch.map(|batch| batch as f64)),
            optional(step.rate),
            samples.map_or(Cell::Null, Cell::Text),
        ]);
    }
    table
}

/// A step as a text: a number of a table is a float, which does not hold each step.
fn number(step: &FlightStep) -> Cell {
    Cell::Text(step.step.to_string())
}

fn optional(value: Option<f64>) -> Cell {
    value.map_or(Cell::Null, Cell::Number)
}

fn samples(step: &FlightStep) -> String {
    step.samples.iter().map(u64::to_string).collect::<Vec<_>>().join(" ")
}

/// The numbers of samples in a cell; what is none is left out, as a stranger may have written it.
pub(crate) fn parse_samples(text: &str) -> Arc<[u64]> {
    text.split(' ').take(MAX_SAMPLES).filter_map(|number| number.parse().ok()).collect()
}
