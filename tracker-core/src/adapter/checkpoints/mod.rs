//! Checkpoints: kept as a training goes, and what a resumed one goes on from.
//!
//! When they are saved, which are kept, how their files come into being and are found again is decided
//! once here. What is in a file is the framework's: see [`CheckpointFormat`].
//!
//! | part | what |
//! |---|---|
//! | `options`, `training_state`, `evaluated` | when one is saved and which are kept; what is known then |
//! | `keeper`, `handoff`, `writer_thread` | the training's side, the hand-over, the thread's side |
//! | `format` | [`CheckpointFormat`]: what a framework writes and reads |
//! | `header`, `atomic_write`, `plain`, `files`, `progress` | from a snapshot to files, reached through no link |
//! | `version`, `index`, `retention` | names, what the run knows, what is kept and what is best |
//! | `search`, `restored` | what a resumed training goes on from |
//! | `problem` | words for what fails |

mod atomic_write;
mod evaluated;
pub mod files;
mod format;
mod handoff;
mod header;
mod index;
mod keeper;
mod options;
mod plain;
mod problem;
mod progress;
mod restored;
mod retention;
mod search;
mod training_state;
mod version;
mod writer_thread;

pub use evaluated::Evaluated;
pub use format::{CheckpointFormat, Opened};
pub use header::Header;
pub use keeper::{CheckpointKeeper, Patience};
pub use options::CheckpointOptions;
pub use plain::{create, open};
pub use progress::{Progress, WatchedFile};
pub use restored::Restored;
pub use search::{Found, NotFound, find, find_best};
pub use training_state::TrainingState;
pub use version::{Part, Version};

/// The folder for checkpoints among the run's own files.
const FOLDER: &str = "checkpoint";
