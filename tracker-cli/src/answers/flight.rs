//! What the flight recorder stored, for commands and pages alike.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use tracker_core::{
    Result, Timestamp,
    flight::{Departure, Finding, FlightRecord, FlightStep, Quantity},
    read::{Flight, RunReader},
};

use crate::answers::{step::Step, value::Value};

/// The most records of an answer: a process stores five, and a stranger's run may name any number.
const MOST_RECORDS: usize = 64;

/// So many numbers are enough for an answer, beside those of its last record.
const ENOUGH: usize = 4 << 20;

/// The records of the last steps of a run.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Flights {
    pub(crate) flights: Vec<Recorded>,
    /// How many earlier ones are not among them.
    pub(crate) left_out: usize,
}

/// One record of the last steps.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Recorded {
    /// The last step of it.
    pub(crate) step: Step,
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) time: Timestamp,
    /// Who left what was usual first, in a sentence; null if nothing did.
    pub(crate) verdict: Option<String>,
    pub(crate) findings: Vec<Found>,
    pub(crate) tensors: Vec<String>,
    pub(crate) steps: Vec<Flown>,
}

/// Something that left what was usual.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Found {
    pub(crate) tensor: String,
    /// `weight`, `gradient` or `change`.
    #[cfg_attr(test, ts(type = "\"weight\" | \"gradient\" | \"change\""))]
    pub(crate) quantity: Quantity,
    /// `not_finite`, `jumped` or `vanished`.
    #[cfg_attr(test, ts(type = "\"not_finite\" | \"jumped\" | \"vanished\""))]
    pub(crate) departure: Departure,
    pub(crate) step: Step,
    pub(crate) value: Value,
    /// What had been usual; null if too little came before.
    pub(crate) usual: Option<Value>,
}

/// One of the steps.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Flown {
    pub(crate) step: Step,
    #[cfg_attr(test, ts(type = "number | null"))]
    pub(crate) epoch: Option<u64>,
    #[cfg_attr(test, ts(type = "number | null"))]
    pub(crate) batch: Option<u64>,
    pub(crate) learning_rate: Option<Value>,
    /// Which samples were in the batch, as digits.
    #[cfg_attr(test, ts(type = "Array<string>"))]
    pub(crate) samples: Samples,
    /// The root mean square of the weights of each tensor, null where none was looked at; then of the
    /// gradients, then of the changes. Empty where only the answer to a page has them.
    pub(crate) weight: Vec<Option<Value>>,
    pub(crate) gradient: Vec<Option<Value>>,
    pub(crate) change: Vec<Option<Value>>,
}

/// Numbers of samples, which become digits where they are written.
#[derive(Debug)]
pub(crate) struct Samples(Arc<[u64]>);

impl Serialize for Samples {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(u64::to_string))
    }
}

impl Flights {
    /// Reads records, of many the last ones.
    pub(crate) fn read(run: &RunReader, all: &[Flight], with_values: bool) -> Result<Self> {
        let (mut flights, mut numbers) = (Vec::new(), 0);
        for flight in all.iter().rev().take(MOST_RECORDS) {
            let record = run.flight(flight)?;
            numbers += size(&record, with_values);
            if numbers > ENOUGH && !flights.is_empty() {
                break;
            }
            flights.push(Recorded::of(flight, &record, with_values));
        }
        flights.reverse();
        Ok(Self { left_out: all.len() - flights.len(), flights })
    }
}

/// About how many numbers an answer has of a record.
fn size(record: &FlightRecord, with_values: bool) -> usize {
    let of_step = |step: &FlightStep| {
        let values = if with_values { 3 * step.values.len() } else { 0 };
        8 + step.samples.len() + values
    };
    record.tensors.len() + record.steps.iter().map(of_step).sum::<usize>()
}

impl Recorded {
    pub(crate) fn of(flight: &Flight, record: &FlightRecord, with_values: bool) -> Self {
        let findings = record.findings();
        let found = |found: &Finding| {
            Some(Found {
                tensor: found.tensor.to_string(),
                quantity: found.quantity,
                departure: found.departure,
                step: Step(record.steps.get(found.at)?.step),
                value: Value(found.value),
                usual: found.usual.map(Value),
            })
        };
        Self {
            step: Step(flight.step),
            time: flight.time,
            verdict: record.verdict(&findings),
            findings: findings.iter().filter_map(found).collect(),
            tensors: record.tensors.iter().map(ToString::to_string).collect(),
            steps: record.steps.iter().map(|step| Flown::of(step, with_values)).collect(),
        }
    }
}

/// Four digits, which are as many as a map shows.
fn short(value: f32) -> Value {
    Value(format!("{value:.3e}").parse().unwrap_or(f64::from(value)))
}

impl Flown {
    fn of(step: &FlightStep, with_values: bool) -> Self {
        let values = |quantity| {
            let of_tensors = step.values.iter().filter(|_| with_values);
            of_tensors.map(|of| of.of(quantity).map(short)).collect()
        };
        Self {
            step: Step(step.step),
            epoch: step.epoch,
            batch: step.batch,
            learning_rate: step.rate.map(Value),
            samples: Samples(Arc::clone(&step.samples)),
            weight: values(Quantity::Weight),
            gradient: values(Quantity::Gradient),
            change: values(Quantity::Change),
        }
    }
}
