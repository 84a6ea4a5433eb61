//! Whether the learning rate seems too high.

use crate::{
    Level, Result,
    read::diagnose::{
        curves::Curves,
        finding::{Diagnosis, Finding, FindingKind},
        median::median,
    },
};

/// An update of more than this share of the weights is large.
const LARGE: f64 = 1e-2;

/// The metric of a training that watches its model: how large an update is beside the weights.
const RATIO: &str = "updates/ratio";

/// Large updates alone are none that is wrong: small models learn by them. They are where the loss goes wrong, too.
/// `None` if the training does not watch its model.
///
/// # Errors
/// Not in practice.
pub(super) fn look(curves: &Curves<'_>, found: &Diagnosis) -> Result<Option<Vec<Finding>>> {
    let Some(curve) = curves.one(RATIO)? else { return Ok(None) };
    let kinds = [FindingKind::NotFinite, FindingKind::Rising, FindingKind::Spike];
    let Some(trouble) = kinds.into_iter().find_map(|kind| found.of(kind).next()) else {
        return Ok(Some(Vec::new()));
    };
    let Some(usual) = median(curve.values()).filter(|usual| *usual > LARGE) else {
        return Ok(Some(Vec::new()));
    };
    let went = match trouble.kind {
        FindingKind::NotFinite => "became no number",
        FindingKind::Rising => "rose",
        _ => "jumped",
    };
    let text = format!(
        "the learning rate seems too high: an update is about {} of the weights, and {} {went}",
        curves.shown(RATIO, usual),
        trouble.metric.as_deref().unwrap_or("the loss"),
    );
    let finding = Finding::new(FindingKind::LrHigh, Level::Warning, text).metric(RATIO);
    let hint =
        "try a third of the learning rate, or a warm-up; 0.001 of the weights an update is usual";
    Ok(Some(vec![finding.values([usual]).threshold(LARGE).hint(hint)]))
}
