//! Brings whole runs from a place into a store on this machine, as folders like any other.
//!
//! A run is looked at as a reader does (tails, then a list, then objects), compared with what is here, and what is
//! missing is brought, each file whole or from where it ended. What is brought is written down in the run's folder first:
//! so whoever goes on after a kill knows which files are from the place, and a run that went on here is left alone.
//! Nothing that is here is ever removed but a log whose points are in a part that came.

mod carry;
mod fetching;
mod here;
mod there;

pub use fetching::{Fetch, Fetched};
