//! What the tracker says of a fault, and whether that is right.

use std::path::Path;

use tracker_core::{
    flight::{Departure, Finding, FlightStep, Quantity},
    read::Store,
};

use crate::{Fault, Planted};

/// What was named rightly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The kind of fault.
    pub kind: bool,
    /// The layer, where one is at fault.
    pub layer: bool,
    /// The step, and the samples of the batch.
    pub batch: bool,
    /// What was said.
    pub said: String,
}

impl Verdict {
    /// Whether all was named rightly.
    pub fn is_right(&self) -> bool {
        self.kind && self.layer && self.batch
    }
}

/// Reads what the run of a planted fault says.
///
/// # Errors
/// If the run cannot be read.
pub fn judge(store: &Path, planted: &Planted) -> tracker_core::Result<Verdict> {
    let run = Store::open(store)?.find("@latest")?;
    let alerts: Vec<String> = run.alerts()?.into_iter().map(|(_, alert)| alert.rule).collect();
    if planted.fault == Fault::StalledLoader {
        let kind = alerts.iter().any(|rule| rule == "stall");
        return Ok(Verdict { kind, layer: true, batch: true, said: alerts.join(", ") });
    }
    let Some(flight) = run.flights()?.into_iter().next() else {
        return Ok(Verdict { kind: false, layer: false, batch: false, said: alerts.join(", ") });
    };
    let record = run.flight(&flight)?;
    let findings = record.findings();
    let said = record.verdict(&findings).unwrap_or_default();
    let Some((first, at)) =
        findings.first().and_then(|first| Some((first, record.steps.get(first.at)?)))
    else {
        return Ok(Verdict { kind: false, layer: false, batch: false, said });
    };
    let kinds = expected(planted.fault);
    Ok(Verdict {
        kind: kinds.contains(&(first.quantity, first.departure)),
        layer: planted.fault.tensor().is_none_or(|tensor| *first.tensor == *tensor),
        batch: is_at(planted, first, at, record.steps.get(first.at + 1)),
        said,
    })
}

/// Whether a finding is about the step of the fault. A weight that is changed before a step may show as a change
/// since the step before.
fn is_at(planted: &Planted, first: &Finding, at: &FlightStep, next: Option<&FlightStep>) -> bool {
    let is_step =
        |step: &FlightStep| step.step.0 == planted.step && *step.samples == *planted.samples;
    let is_before = first.quantity == Quantity::Change && planted.fault.tensor().is_some();
    is_step(at) || (is_before && next.is_some_and(is_step))
}

/// As what a fault may show first.
fn expected(fault: Fault) -> &'static [(Quantity, Departure)] {
    use {Departure as D, Quantity as Q};
    match fault {
        Fault::ScaledBatch | Fault::WrongLabels | Fault::ScaledLoss => {
            &[(Q::Gradient, D::Jumped), (Q::Change, D::Jumped)]
        }
        Fault::NanBatch => &[(Q::Gradient, D::NotFinite)],
        Fault::HighRate => &[(Q::Change, D::Jumped)],
        Fault::ZeroRate => &[(Q::Change, D::Vanished)],
        Fault::NanWeight | Fault::InfiniteBias => {
            &[(Q::Weight, D::NotFinite), (Q::Change, D::NotFinite)]
        }
        Fault::DeadLayer | Fault::ScaledLayer => &[(Q::Weight, D::Jumped), (Q::Change, D::Jumped)],
        Fault::ZeroedLayer => &[(Q::Weight, D::Vanished), (Q::Change, D::Jumped)],
        Fault::StalledLoader => &[],
    }
}
