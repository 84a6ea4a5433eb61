//! The last steps of a training, as its flight recorder stored them.

use tracker_core::read::RunReader;

use crate::{answers::flight::Flights, ui::failure::Answer};

/// What `/runs/ID/flights` answers: the last records in short, or those up to one step whole.
pub(crate) fn flights(run: &RunReader, step: Option<u64>) -> Answer<Flights> {
    let mut flights = run.flights()?;
    flights.retain(|flight| step.is_none_or(|step| flight.step.0 == step));
    Ok(Flights::read(run, &flights, step.is_some())?)
}
