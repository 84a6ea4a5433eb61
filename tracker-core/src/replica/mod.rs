//! A run's folder for programs that carry it to other machines and back.

mod folder;
mod lines;

pub use folder::RunFolder;
pub use lines::{Added, LineFile, RunLine};
