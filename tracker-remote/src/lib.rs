//! Runs beyond one machine: any object store holds the truth, and the folder of a run is the queue.
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
//! | `mirror` | a place's runs as a store in the cache: [`open`] |
//! | `uplink` | sends a run's folder: [`Uplink`] |

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

mod error;
mod hash;
mod head;
mod manifest;
mod mirror;
pub mod names;
mod packed;
mod place;
mod platform;
mod tail;
mod uplink;

pub use error::{Error, Result};
pub use head::{Head, Line, MOST_HEAD};
pub use manifest::{Blob, Manifest};
pub use mirror::open;
pub use place::Place;
pub use tail::{End, Tail};
pub use uplink::{Artifacts, Check, FollowOptions, Found, Progress, Trouble, Uplink, parse_limit};
