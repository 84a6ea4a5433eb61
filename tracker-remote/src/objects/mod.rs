//! What a place is asked object by object: each with a limit of time and size, and with what to do where it does not answer.

mod limit;
mod objects;
mod swap;
mod trouble;

pub use limit::parse_limit;
pub(crate) use objects::{Changed, Compared, Objects};
pub(crate) use swap::Swapped;
pub use trouble::Trouble;
pub(crate) use trouble::{away, lies};
