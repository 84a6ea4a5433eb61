//! The last steps of a training, as its flight recorder stored them.

use tracker_core::read::{Flight, RunReader};

use crate::{
    answers::flight::{Flights, Recorded},
    ui::failure::Answer,
};

/// What `/runs/ID/flights` answers: all records in short, or those up to one step whole.
pub(crate) fn flights(run: &RunReader, step: Option<u64>) -> Answer<Flights> {
    let mut flights = Vec::new();
    let is_wanted = |flight: &Flight| step.is_none_or(|step| flight.step.0 == step);
    for flight in run.flights()?.into_iter().filter(is_wanted) {
        flights.push(Recorded::of(&flight, &run.flight(&flight)?, step.is_some()));
    }
    Ok(Flights { flights })
}
