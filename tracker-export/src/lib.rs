//! Runs of the tracker in the forms of other tools, and theirs in the tracker's.
//!
//! Out: a [`Target`] writes one run piece by piece, and [`export`] drives it through a whole run. In: a [`Source`]
//! tells of the runs that it found and then each piece by piece to a [`Sink`]. Either way an [`Account`] says what came
//! over, what was named otherwise and what the other side has no place for: nothing is left out in silence.
//!
//! | what | where |
//! |---|---|
//! | what both ways share | [`Account`], [`Error`] |
//! | out | [`Target`], [`export`], [`Neighbour`] |
//! | out while it trains | [`Mirror`], which keeps a [`Tally`] |
//! | in | [`Source`], [`Sink`], [`ForeignRun`]; [`Kind`] says whose runs lie at a place |
//! | all runs of a source into a store | [`import()`], [`plan`] |
//! | TensorBoard's event files | [`TensorBoardTarget`], [`TensorBoardSource`], [`read_events`] |
//! | W&B's offline runs | [`WandbTarget`], [`WandbSource`] |
//! | Trackio's databases and inbox | [`TrackioTarget`], [`TrackioSource`] |
//! | CSV and JSON lines | [`TableSource`] reads them by a [`Mapping`] |
//! | folders that Burn's own trainings leave | [`BurnFolderSource`] |
//! | MLflow | [`MlflowTarget`], [`MlflowSource`], [`Patience`] |

mod account;
mod burn_folder;
mod by_step;
mod drive;
mod error;
mod failed;
mod framing;
#[doc(hidden)]
pub mod fuzzing;
mod import;
mod kinds;
mod mirror;
mod mlflow;
mod neighbour;
mod next_step;
mod source;
mod sqlite;
mod table;
mod target;
mod tensorboard;
mod trackio;
mod wandb;
mod words;

pub use account::{Account, LeftOut};
pub use burn_folder::BurnFolderSource;
pub use drive::export;
pub use error::{Error, Result};
pub use import::{ImportOptions, ImportedRun, PlannedRun, folder_of, import, plan};
pub use kinds::{Kind, Opened};
pub use mirror::{LeftOutCount, Mirror, Open, Tally, Turn};
pub use mlflow::{MlflowSource, MlflowTarget, Patience};
pub use neighbour::{Destination, Neighbour};
pub use source::{Ended, ForeignRun, Sink, Source};
pub use table::{Mapping, TableSource, Values};
pub use target::{Order, Target};
pub use tensorboard::{TensorBoardSource, TensorBoardTarget, read_events};
pub use trackio::{TrackioSource, TrackioTarget};
pub use wandb::{WandbSource, WandbTarget};
