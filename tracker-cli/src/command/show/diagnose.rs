//! `tracker show RUN --diagnose`: what seems to be the matter with a run.

use anyhow::Result;
use tracker_core::{
    Level,
    read::{Diagnosis, Finding, FindingKind, RunReader, diagnose},
};

use crate::{
    answers::{command::diagnosis::Diagnosed, versioned::Versioned},
    args::Show,
    terminal::{
        printer,
        text::{bold, clean, clean_lines},
    },
};

/// Prints what was found.
pub(super) fn print(run: &RunReader, args: &Show) -> Result<()> {
    let diagnosis = diagnose(run)?;
    if args.json {
        printer::json(&Versioned::new(Diagnosed::of(run, &diagnosis)))?;
    } else {
        printer::text(&text(&clean(&run.info().name), &diagnosis))?;
    }
    printer::left_out_by(run);
    Ok(())
}

fn text(name: &str, diagnosis: &Diagnosis) -> String {
    let found: Vec<String> = diagnosis.findings.iter().map(of_finding).collect();
    let found = match found.as_slice() {
        [] => format!("nothing found: run {name} looks sound\n"),
        found => found.join("\n") + "\n",
    };
    let unseen: Vec<&str> = diagnosis.unseen.iter().map(|kind| thing(*kind)).collect();
    match unseen.as_slice() {
        [] => found,
        unseen => format!("{found}not seen by what the run holds: {}\n", unseen.join(", ")),
    }
}

fn of_finding(finding: &Finding) -> String {
    let level = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        _ => "info",
    };
    let mark = format!("{level}: {}", finding.kind);
    format!(
        "{}  {}\n  hint: {}\n",
        bold(&mark),
        clean_lines(&finding.text),
        clean_lines(&finding.hint)
    )
}

/// What a kind looks for, in words.
fn thing(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::NotFinite => "values that are no numbers",
        FindingKind::Spike => "spikes of a loss",
        FindingKind::Rising => "a loss that rises",
        FindingKind::LrHigh => "a learning rate that is too high",
        FindingKind::Overfit => "overfitting",
        FindingKind::Plateau => "a loss that stands still",
        FindingKind::DataWait => "waiting for data",
        FindingKind::SlowSteps => "slow steps",
        FindingKind::GpuIdle => "an idle graphics card",
        FindingKind::MemoryFull => "full memory",
        FindingKind::DiskFull => "a full disk",
        other => other.as_str(),
    }
}
