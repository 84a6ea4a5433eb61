//! At which step two runs begin to differ.

mod cause;
mod divergence;
mod search;
mod timing;
mod walk;
mod windows;

use std::collections::BTreeSet;

use crate::{Result, read::RunReader};

pub(crate) use self::{cause::rank_of_cause, timing::without_rank};
pub use self::{
    divergence::{Alone, DifferingPoint, Divergence},
    timing::is_timing,
};

/// Compares the points of two runs at the steps that both have, for the metrics that are `wanted`. Values differ beyond the
/// `tolerance` if they lie further apart than this share of the greater one; those that are not finite, unless they are the
/// same. All NaN are the same. Of several points of a metric at one step, the first is compared with the first, and so on.
///
/// What the parts say of whole blocks bounds the search, so that an early difference is found without decoding much.
///
/// ```no_run
/// # fn main() -> Result<(), tracker_core::Error> {
/// use tracker_core::read::{Store, diverge, is_timing};
///
/// let store = Store::discover()?;
/// let (first, second) = (store.find("@latest~1")?, store.find("@latest")?);
/// let found = diverge(&first, &second, |metric| !is_timing(metric, None), 1e-6)?;
/// for point in &found.bitwise {
///     println!("{} at step {}: {:?}", point.metric, point.step, point.values);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// If the folder of a run cannot be listed. What cannot be read is told by the [warnings](RunReader::warnings) of the runs.
pub fn diverge(
    first: &RunReader,
    second: &RunReader,
    wanted: impl Fn(&str) -> bool,
    tolerance: f64,
) -> Result<Divergence> {
    let now = [first.snapshot()?, second.snapshot()?];
    let metrics = now.each_ref().map(|now| -> BTreeSet<String> {
        now.metrics().into_iter().filter(|metric| wanted(metric)).collect()
    });
    let common: Vec<&str> = metrics[0].intersection(&metrics[1]).map(String::as_str).collect();
    let mut found = search::search(&now, &common, tolerance)?;
    let alone = [&metrics[0] - &metrics[1], &metrics[1] - &metrics[0]];
    for ((side, alone), run) in found.alone.iter_mut().zip(alone).zip([first, second]) {
        side.metrics = alone.into_iter().collect();
        side.last_step = run.last_step()?;
    }
    Ok(found)
}
