//! What seems to be the matter with a run, from what it has stored.

mod curve;
mod curves;
mod finding;
mod level;
mod machine;
mod median;
mod names;
mod not_finite;
mod rate;
mod recorded;
mod speed;
mod spike;

use crate::{
    Result,
    read::{
        RunReader,
        diagnose::{curves::Curves, spike::Spiked},
    },
};

pub use self::finding::{Diagnosis, Finding, FindingKind};

/// Looks a run over for what commonly goes wrong, and tells each thing with its evidence: the metric, the steps, the
/// values, the limit that they passed. [`FindingKind`] says what is looked for, and by which limits.
///
/// It reads little however long the run is: what the parts say of whole blocks, and some thousand points of the few metrics
/// that matter. A live run is judged by what it has so far. Of a fork, what it has of its parent counts too.
///
/// The limits are set so that a sound training passes them seldom; a finding is a place to look at, no proof.
///
/// ```no_run
/// # fn main() -> Result<(), tracker_core::Error> {
/// use tracker_core::read::{Store, diagnose};
///
/// let run = Store::discover()?.find("@latest")?;
/// for finding in diagnose(&run)?.findings {
///     println!("{}\n  hint: {}", finding.text, finding.hint);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// If the run's folder cannot be listed. What cannot be read of it is told by the run's
/// [warnings](RunReader::warnings).
pub fn diagnose(run: &RunReader) -> Result<Diagnosis> {
    let now = run.snapshot()?;
    let curves = Curves::of(&now);
    let mut found = Diagnosis::default();
    found.add(FindingKind::Ended, Some(recorded::ending(run, &curves)?));
    let not_finite = not_finite::look(&now)?;
    found.add(FindingKind::NotFinite, not_finite);
    let losses = curves.losses()?;
    let Spiked { findings, looked } = spike::look(&now, &losses, &curves)?;
    found.add(FindingKind::Spike, looked.then_some(findings));
    found.add(FindingKind::Rising, level::rising(&losses, &curves));
    found.add(FindingKind::LrHigh, rate::look(&curves, &found)?);
    found.add(FindingKind::Overfit, level::overfit(&curves)?);
    found.add(FindingKind::Plateau, level::plateau(&losses, &curves)?);
    found.add(FindingKind::DataWait, speed::data_wait(&curves)?);
    found.add(FindingKind::SlowSteps, speed::slow_steps(&curves)?);
    found.add(FindingKind::GpuIdle, machine::gpu_idle(&curves)?);
    found.add(FindingKind::MemoryFull, machine::memory_full(&curves)?);
    found.add(FindingKind::DiskFull, machine::disk_full(&curves)?);
    found.add(FindingKind::Flight, Some(recorded::flight(run)?));
    found.add(FindingKind::Alert, Some(recorded::alerts(run, &found)?));
    found.sort();
    Ok(found)
}
