//! Sends a run's folder to a place, and goes on after any kill.
//!
//! A round looks at the folder and sends what is not there yet, in this order: files that never change; full pieces of
//! files that grow; each writer's tail; the head; pieces that a part has replaced minutes ago are deleted; the user's own
//! files. Only what the place has confirmed is known, and a new sender learns it from one LIST of the run.
//!
//! Invariant: what is before a tail's bytes is confirmed before the tail is. Names are made of places in files alone, so
//! that two senders of one folder make the same objects; what has a name already with other contents is another folder's,
//! which is told, and nothing is replaced.

mod blobs;
mod check;
mod cleared;
mod fixed;
mod follow;
mod growing;
mod heads;
mod journal;
mod limit;
mod note;
mod objects;
mod sending;
mod swap;
mod tails;
mod trouble;

pub use check::{Check, Found};
pub use follow::FollowOptions;
pub use limit::parse_limit;
pub(crate) use objects::Objects;
pub use sending::{Artifacts, Progress, Uplink};
pub(crate) use swap::Swapped;
pub(crate) use tails::lies;
pub use trouble::Trouble;
pub(crate) use trouble::away;
