//! Runs beyond one machine: any object store holds the truth, and the folder of a run is the queue.
//!
//! A program that trains sends its runs itself, where the command `tracker` is not at hand: begin them by [`init`] in place of
//! [`tracker_core::init`], and `TRACKER_SYNC=s3://bucket/runs` or `.sync("s3://bucket/runs")` works as ever. With Candle or
//! Burn, the feature `remote` of `candle-hooks` or `burn-callback` does that.
//!
//! ```no_run
//! fn main() -> tracker_core::Result<()> {
//!     let run = tracker_remote::init("mnist").sync("s3://bucket/runs").start()?;
//!     for step in 0..1_000 {
//!         run.log([("loss", 1.0 / f64::from(step + 1))]);
//!     }
//!     let report = run.finish()?; // waits until all is there, ten seconds at most
//!     println!("{report}");
//!     Ok(())
//! }
//! ```
//!
//! Somewhere else, [`open`] gives the place's runs as a store to read.
//!
//! # Where things are
//!
//! From the ground up; a room knows those above it in this list, and none below.
//!
//! | room | what |
//! |---|---|
//! | `platform` | what differs between operating systems |
//! | `place` | where runs go to and come from: [`Place`] |
//! | `names` | how the objects of a place are named |
//! | `hash`, `packed`, `head`, `tail`, `manifest` | what is in them |
//! | `objects` | what a place is asked object by object, and what is told where it does not answer: [`Trouble`] |
//! | `requests`, `change` | what readers ask of a place; how they change a head |
//! | `condemned`, `record` | contents that are about to go; what of a run was brought from where |
//! | `study` | sends a study's journal: [`StudyUplink`] |
//! | `uplink` | sends a run's folder: [`Uplink`], and what was left on its way: [`send_left`] |
//! | `mirror` | a place's runs as a store in the cache: [`open`] |
//! | `fetch` | brings whole runs into a store on this machine: [`Fetch`] |
//! | `tidy` | deletes runs of a place, brings them back, removes what nobody needs: [`Tidy`] |
//! | `in_process` | a thread of the training that sends it: [`init`], [`send_in_process`] |

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

mod change;
mod condemned;
mod error;
mod fetch;
mod fetched_tails;
mod format;
mod hash;
mod head;
mod in_process;
mod interval;
mod manifest;
mod mirror;
pub mod names;
mod objects;
mod packed;
mod place;
mod platform;
mod record;
mod requests;
mod study;
mod tail;
mod tidy;
mod uplink;

pub use error::{Error, Result};
pub use fetch::{Fetch, Fetched};
pub use head::{Head, Line, MOST_HEAD};
pub use in_process::{init, send_in_process};
pub use manifest::{Blob, Manifest};
pub use mirror::open;
pub use objects::{Trouble, parse_limit};
pub use place::Place;
pub use study::StudyUplink;
pub use tail::{End, Tail};
pub use tidy::{Collected, Deleted, Garbage, Tidy};
pub use uplink::{Artifacts, Check, FollowOptions, Found, Progress, Uplink, places_of, send_left};
