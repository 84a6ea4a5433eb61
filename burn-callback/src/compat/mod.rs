//! All that the next Burn changes: how progress is told.
//!
//! Burn 0.23 gives its progress calls a `Progress` in place of counts. Nothing else of what this
//! crate hooks into changes, so a version for it is this folder, rewritten. The policy: one minor
//! version of this crate for each of Burn's, the latest of which is kept up.

mod batch_progress;
mod progress_calls;
#[cfg(feature = "rl")]
mod rl_progress_calls;

pub(crate) use batch_progress::{Progress, progress_of};
