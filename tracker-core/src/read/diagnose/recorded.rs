//! What the run itself, its rules and its flight recorder have told.

use crate::{
    Level, Result, State, Step,
    read::{
        RunReader,
        diagnose::{
            curves::Curves,
            finding::{Diagnosis, Finding, FindingKind},
            median::median,
        },
    },
};

/// The most alerts that are told, the last ones.
const MOST_ALERTS: usize = 8;

/// As much of a text is told as people read.
const LONGEST: usize = 600;

/// A container's memory above this share of its limit may have ended the process.
const FULL: f64 = 0.9;

/// So many of the last looks at the machine say how it was at the end.
const LAST_LOOKS: usize = 3;

/// How the run ended, if not as it should have.
///
/// # Errors
/// If the run's folder cannot be listed.
pub(super) fn ending(run: &RunReader, curves: &Curves<'_>) -> Result<Vec<Finding>> {
    let state = run.state();
    let level = match state {
        State::Failed | State::Crashed | State::Lost => Level::Error,
        State::Ended => Level::Warning,
        State::Running | State::Finished | State::Stopped => return Ok(Vec::new()),
    };
    let told = run.info().message.as_deref().map(shortened);
    let full = memory_at_the_end(curves)?;
    let last = run.last_step()?;
    let at = last.map(|step| format!(", after step {step}")).unwrap_or_default();
    let memory = full.map(|share| format!("; the memory was {:.0} % full then", share * 100.0));
    let told_state = state.told_with(told.as_deref());
    let text = format!("the run {told_state}{at}{}", memory.unwrap_or_default());
    let mut finding = Finding::new(FindingKind::Ended, level, text);
    finding.steps.extend(last);
    Ok(vec![finding.hint(hint(state, told.as_deref(), full.is_some()))])
}

fn hint(state: State, message: Option<&str>, is_full: bool) -> &'static str {
    let message = message.unwrap_or_default().to_ascii_lowercase();
    let said = ["out of memory", "oom", "allocat"].iter().any(|word| message.contains(word));
    match state {
        _ if said || is_full => {
            "the memory was not enough: use smaller batches, fewer workers, or less data at once"
        }
        State::Failed => {
            "`tracker logs RUN` shows what the program said before; RUST_BACKTRACE=1 says where"
        }
        State::Lost => {
            "nothing is heard of its machine: look whether it is there, and whether it sees the store"
        }
        State::Ended => "call `finish` at the end of the training, and pass its errors on",
        _ => {
            "a process that is gone without a word was killed, or the system ran out of memory: `dmesg` says so, and `tracker \
             logs RUN` what the program said before"
        }
    }
}

/// How full the memory of the machine or of the container was in the last looks, if it was nearly full.
fn memory_at_the_end(curves: &Curves<'_>) -> Result<Option<f64>> {
    let last = |metric: &str| -> Result<Option<f64>> {
        let curve = curves.one(metric)?;
        Ok(curve.and_then(|curve| {
            median(curve.values().collect::<Vec<_>>().into_iter().rev().take(LAST_LOOKS))
        }))
    };
    let machine = last("system/memory_share")?;
    let [used, limit] = [last("system/cgroup.memory")?, last("system/cgroup.limit")?];
    let container =
        used.zip(limit).filter(|(_, limit)| *limit > 0.0).map(|(used, limit)| used / limit);
    Ok(machine.into_iter().chain(container).filter(|share| *share > FULL).max_by(f64::total_cmp))
}

/// Who left what was usual first, by the last record of the last steps that has an answer.
///
/// # Errors
/// If the run's events cannot be read.
pub(super) fn flight(run: &RunReader) -> Result<Vec<Finding>> {
    let flights = run.flights()?;
    let Some(flight) = flights.last() else { return Ok(Vec::new()) };
    // A record that cannot be read is told where it is asked for.
    let Ok(record) = run.flight(flight) else { return Ok(Vec::new()) };
    let findings = record.findings();
    let (Some(verdict), Some(first)) = (record.verdict(&findings), findings.first()) else {
        return Ok(Vec::new());
    };
    let step = record.steps.get(first.at).map_or(flight.step, |step| step.step);
    let finding = Finding::new(FindingKind::Flight, Level::Warning, verdict);
    let hint = "`tracker show RUN --flight` has the last steps layer by layer";
    Ok(vec![finding.at([(step.0, first.value)]).hint(hint)])
}

/// The last alerts that tell what no finding tells.
///
/// # Errors
/// If the run's events cannot be read.
pub(super) fn alerts(run: &RunReader, found: &Diagnosis) -> Result<Vec<Finding>> {
    let mut alerts = run.alerts()?;
    alerts.retain(|(_, alert)| {
        let same = match alert.rule.as_str() {
            "not-finite" => FindingKind::NotFinite,
            "spike" => FindingKind::Spike,
            "plateau" => FindingKind::Plateau,
            "above" if alert.metric.as_deref() == Some("system/memory_share") => {
                FindingKind::MemoryFull
            }
            "below" if alert.metric.as_deref() == Some("system/disk.free") => FindingKind::DiskFull,
            _ => return true,
        };
        found.of(same).next().is_none()
    });
    let left_out = alerts.len().saturating_sub(MOST_ALERTS);
    Ok(alerts
        .into_iter()
        .skip(left_out)
        .map(|(_, alert)| {
            let mut finding = Finding::new(FindingKind::Alert, alert.level, shortened(&alert.text));
            finding.steps = alert.step.into_iter().collect::<Vec<Step>>();
            finding.values = alert.value.into_iter().collect();
            finding.hint = shortened(
                alert.hint.as_deref().unwrap_or("the rule or the program that raised it says why"),
            );
            finding.metric = alert.metric;
            finding
        })
        .collect())
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
