//! How long runs took.

use tracker_core::read::{Elapsed, RunReader};

/// How long a run took. Of a folder that cannot be listed, nobody knows; whoever reads its points
/// says why.
pub(crate) fn elapsed(run: &RunReader) -> Option<Elapsed> {
    run.elapsed().unwrap_or_default()
}
