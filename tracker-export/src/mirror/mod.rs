//! Following a run while it trains.

mod feed;
#[expect(clippy::module_inception, reason = "the noun of this folder")]
mod mirror;
mod state;
mod tally;
mod trouble;

pub use mirror::{Mirror, Open, Turn};
pub use tally::{LeftOutCount, Tally};
