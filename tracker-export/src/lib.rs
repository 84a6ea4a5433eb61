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
//! | in | [`Source`], [`Sink`], [`ForeignRun`] |
//! | TensorBoard's event files | [`TensorBoardTarget`], [`TensorBoardSource`], [`read_events`] |

mod account;
mod drive;
mod error;
mod framing;
mod mirror;
mod neighbour;
mod next_step;
mod source;
mod target;
mod tensorboard;

pub use account::{Account, LeftOut};
pub use drive::export;
pub use error::{Error, Result};
pub use mirror::{LeftOutCount, Mirror, Open, Tally, Turn};
pub use neighbour::{Destination, Neighbour};
pub use source::{Ended, ForeignRun, Sink, Source};
pub use target::{Order, Target};
pub use tensorboard::{TensorBoardSource, TensorBoardTarget, read_events};
