//! Offline runs of W&B, out and in.

mod environment;
mod files;
mod find;
mod head;
mod history;
mod items_out;
mod lines;
mod names;
mod number;
mod record;
mod rows;
mod run_out;
mod source;
mod structured;
mod target;
mod walk;

pub use source::WandbSource;
pub use target::WandbTarget;
