//! Following a run while it trains.

mod feed;
mod mirror;
mod state;
mod tally;
mod trouble;

pub use mirror::{Mirror, Open, Turn};
pub use tally::{LeftOutCount, Tally};
