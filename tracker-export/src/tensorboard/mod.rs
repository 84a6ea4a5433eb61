//! TensorBoard's event files: `events.out.tfevents.<time>.<host>.<pid>.<uid>`, written and read.
//!
//! | what | where |
//! |---|---|
//! | out | `target` writes one run: `file` (records, and where they end), `scalars`, `values` (all with a plugin), `tags`, `hparams`, `facts`, `plots`, `tables`, `paths` |
//! | in | `source` finds runs: `folders`, `packed`; `session` (what is known before points are read) ─ `telling` (events), `told` (what is no scalar) ─ `tensor`, `histograms`, `pictures` |
//! | both | `wire` (protocol buffers), `event` (names of fields and plugins) |

mod event;
mod facts;
mod file;
mod folders;
mod histograms;
mod hparams;
mod media;
mod packed;
mod paths;
mod pictures;
mod plots;
mod scalars;
mod session;
mod source;
mod tables;
mod tags;
mod target;
mod telling;
mod tensor;
mod told;
mod values;
mod wire;

pub use source::TensorBoardSource;
pub use target::TensorBoardTarget;
pub use telling::read_events;
