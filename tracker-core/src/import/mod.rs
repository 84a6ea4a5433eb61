//! Runs that trained elsewhere and were kept by another tool: they come into the store whole, with the times, steps
//! and bits that they had.
//!
//! ```no_run
//! use tracker_core::{Outcome, Step, Timestamp, import::Import};
//!
//! # fn main() -> tracker_core::Result<()> {
//! let mut run = Import::new("mnist", "wandb/acme/mnist/3xk2").name("wide").start()?;
//! run.point("loss", Step(0), Timestamp(1_700_000_000_000_000), 0.5)?;
//! let imported = run.finish(Outcome::Finished, None)?;
//! println!("{} is {}", imported.name, imported.arrival);
//! # Ok(())
//! # }
//! ```
//!
//! A run is known by its origin, a text that is the same whenever the run is looked at. Imported again, it is there
//! already if nothing of it has changed; else it takes the place of the earlier import, which goes into the trash, and
//! what people have edited since stays. Nothing of this machine is said of it, no rule looks at its values, and no
//! thread waits for it: points go into parts as they come, so that ten million of them need seconds and the memory of one part.
//!
//! ```text
//! <root>/.importing/<id>/    hidden: the run as it is being written, and a lock that says that somebody does
//! ```
//!
//! It gets its place in one step once it is whole. Killed before, it leaves nothing in any list; the next import or `tracker gc` clears up,
//! and goes on where a run that is whole was to take the place of an earlier one.

mod body;
mod contents;
mod ending;
mod events;
mod facts;
mod hidden;
mod imported;
mod importing;
#[cfg(test)]
mod killed_tests;
mod new_import;
mod origin;

pub use hidden::leftovers;
pub use imported::{Arrival, Imported};
pub use importing::Importing;
pub use new_import::Import;
