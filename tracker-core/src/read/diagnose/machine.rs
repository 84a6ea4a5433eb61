//! What the machine says of a training.

use crate::{
    Level, Result,
    read::diagnose::{
        curves::Curves,
        finding::{Finding, FindingKind},
        median::median,
    },
};

/// The share of the memory above which it is nearly full.
const FULL: f64 = 0.95;

/// So few bytes are nearly none.
const LITTLE_DISK: f64 = 1e9;

/// A card that computes a smaller share of the time is idle.
const IDLE: f64 = 0.3;

/// So many looks must be known: ten seconds lie between two.
const ENOUGH: usize = 12;

/// A training has at least so many bytes on the card that it uses.
const IN_USE: f64 = 5e8;

/// `None` if the machine does not say how full its memory is.
///
/// # Errors
/// Not in practice.
pub(super) fn memory_full(curves: &Curves<'_>) -> Result<Option<Vec<Finding>>> {
    let Some(curve) = curves.one("system/memory_share")? else { return Ok(None) };
    let Some((step, most)) = curve.finite().into_iter().max_by(|a, b| a.1.total_cmp(&b.1)) else {
        return Ok(None);
    };
    if most <= FULL {
        return Ok(Some(Vec::new()));
    }
    let text = format!("the machine's memory was {:.1} % full", most * 100.0);
    let finding = Finding::new(FindingKind::MemoryFull, Level::Warning, text).metric(&curve.metric);
    let hint = "the system may end processes without a word; use smaller batches, fewer workers, or less data at once";
    Ok(Some(vec![finding.at([(step, most)]).threshold(FULL).hint(hint)]))
}

/// `None` if the machine does not say how much of its disk is free.
///
/// # Errors
/// Not in practice.
pub(super) fn disk_full(curves: &Curves<'_>) -> Result<Option<Vec<Finding>>> {
    let Some(curve) = curves.one("system/disk.free")? else { return Ok(None) };
    let Some((step, least)) = curve.finite().into_iter().min_by(|a, b| a.1.total_cmp(&b.1)) else {
        return Ok(None);
    };
    if least >= LITTLE_DISK {
        return Ok(Some(Vec::new()));
    }
    let text = format!("only {} of the run's disk were free", curves.shown(&curve.metric, least));
    let finding = Finding::new(FindingKind::DiskFull, Level::Warning, text).metric(&curve.metric);
    let hint = "points wait in memory once the disk is full; free some room, or let `tracker gc` remove what nobody needs";
    Ok(Some(vec![finding.at([(step, least)]).threshold(LITTLE_DISK).hint(hint)]))
}

/// `None` if there is no card that says what it does.
///
/// # Errors
/// Not in practice.
pub(super) fn gpu_idle(curves: &Curves<'_>) -> Result<Option<Vec<Finding>>> {
    let cards = curves
        .some(|metric| metric.starts_with("system/gpu.") && metric.ends_with(".utilization"))?;
    let mut looked = None;
    for card in &cards {
        if card.finite().len() < ENOUGH {
            continue;
        }
        let all = looked.get_or_insert_with(Vec::new);
        let memory = curves.one(&card.metric.replace(".utilization", ".memory"))?;
        let used = memory.and_then(|memory| median(memory.values()));
        let Some(usual) = median(card.values()) else { continue };
        if usual >= IDLE || used.is_none_or(|used| used < IN_USE) {
            continue;
        }
        let name = card.metric.trim_start_matches("system/").trim_end_matches(".utilization");
        let text = format!(
            "the graphics card {name} computes {:.0} % of the time, though its memory is in use",
            usual * 100.0
        );
        let finding = Finding::new(FindingKind::GpuIdle, Level::Info, text).metric(&card.metric);
        let hint = "look at data_wait; use larger batches, load data ahead of time, and read values back from the card less \
                    often";
        all.push(finding.values([usual]).threshold(IDLE).hint(hint));
    }
    Ok(looked)
}
