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
//! | in | [`Source`], [`Sink`], [`ForeignRun`] |
//! | MLflow | [`MlflowTarget`], [`MlflowSource`], [`Patience`] |

mod account;
mod drive;
mod error;
mod mlflow;
mod neighbour;
mod source;
mod target;

pub use account::{Account, LeftOut};
pub use drive::export;
pub use error::{Error, Result};
pub use mlflow::{MlflowSource, MlflowTarget, Patience};
pub use neighbour::{Destination, Neighbour};
pub use source::{Ended, ForeignRun, Sink, Source};
pub use target::{Order, Target};
