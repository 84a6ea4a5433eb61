//! The last steps of a training, layer by layer, as the flight recorder keeps them in memory; and who left
//! first when something went wrong. Adapters make a [`FlightRecord`] and hand it over as
//! [`Event::Flight`](crate::Event::Flight); [`RunReader::flights`](crate::read::RunReader::flights) reads them.
//!
//! | module | what |
//! |---|---|
//! | `findings` | [`findings`](FlightRecord::findings): which tensor left what was usual, when, in which batch |
//! | `words` | a finding as a sentence |
//! | `tables` | the two tables that a record is stored as |

mod findings;
mod tables;
mod words;

pub use crate::event::flight_record::{FlightRecord, FlightStep, FlightValues, MAX_SAMPLES};
pub(crate) use crate::event::flight_record::{MAX_NUMBERS, MAX_STEPS, MAX_TENSORS};
pub use findings::{Departure, Finding, Quantity};
pub(crate) use tables::{BATCH_COLUMNS, FLIGHT, TENSOR_COLUMNS, batches, parse_samples, tensors};
