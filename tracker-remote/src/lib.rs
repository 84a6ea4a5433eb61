//! Runs beyond one machine: any object store holds the truth, and the folder of a run is the queue.
//!
//! # Where things are
//!
//! From the ground up; a room knows those above it in this list, and none below.
//!
//! | room | what |
//! |---|---|
//! | `place` | where runs go to and come from: [`Place`] |
//! | `names` | how the objects of a place are named |
//! | `hash`, `packed`, `head`, `tail`, `manifest` | what is in them |
//! | `uplink` | sends a run's folder: [`Uplink`] |
//! | `requests`, `change` | what all others ask of a place; how they change a head |
//! | `mirror` | a place's runs as a store in the cache: [`open`] |
//! | `fetch` | brings whole runs into a store on this machine: [`Fetch`] |
//! | `tidy` | deletes runs of a place, brings them back, removes what nobody needs: [`Tidy`] |

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

mod change;
mod error;
mod fetch;
mod hash;
mod head;
mod manifest;
mod mirror;
pub mod names;
mod packed;
mod place;
mod requests;
mod tail;
mod tidy;
mod uplink;

pub use error::{Error, Result};
pub use fetch::{Fetch, Fetched};
pub use head::{Head, Line, MOST_HEAD};
pub use manifest::{Blob, Manifest};
pub use mirror::open;
pub use place::Place;
pub use tail::{End, Tail};
pub use tidy::{Collected, Deleted, Garbage, Tidy};
pub use uplink::{Artifacts, Check, FollowOptions, Found, Progress, Trouble, Uplink, parse_limit};
