//! The folders that Burn's own trainings leave: `train/epoch-1/Loss.log` and so on.
//!
//! Burn's `FileMetricLogger` writes a file for each metric of each epoch, with one line a batch. A [`BurnFolderSource`]
//! reads them as one run, with the names that `burn-callback` gives.

mod layout;
mod lines;
mod names;
mod source;

pub use source::BurnFolderSource;
