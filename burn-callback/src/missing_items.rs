//! What is said of a data loader that ends early. Where a thread of it has failed, it gives out fewer items than it told of,
//! and says nothing.

use tracker_core::Problem;

/// That a part of a training ended so.
pub(crate) fn items_missing(part: &str) -> Problem {
    Problem::new(
        "items-missing",
        format!("{part} ended before all items that its data loader told of"),
        "if a thread that loads data has failed, its message stands above; a loader that leaves items out by intent tells of \
         too many",
    )
}
