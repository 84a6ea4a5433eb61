//! Sends a run's folder to a place, and goes on after any kill.
//!
//! A round looks at the folder and sends what is not there yet, in this order: parts; full pieces of files that grow; each
//! writer's tail; the head; pieces that a part has replaced minutes ago are deleted. Media and the user's own files go
//! beside, several at once, so that no round waits for a long one. Only what the place has confirmed is known, and a new
//! sender learns it from one LIST of the run.
//!
//! Invariant: what is before a tail's bytes is confirmed before the tail is. Names are made of places in files alone, so
//! that two senders of one folder make the same objects; what has a name already with other contents is another folder's,
//! which is told, and nothing is replaced.

mod artifacts;
mod blobs;
mod check;
mod cleared;
mod conditions;
mod fixed;
mod follow;
mod growing;
mod grown;
mod heads;
mod journal;
mod known;
mod lane;
mod left;
mod long;
mod note;
mod progress;
mod round;
mod sending;
mod tails;
#[cfg(test)]
mod tests;

pub use artifacts::Artifacts;
pub use check::{Check, Found};
pub use follow::FollowOptions;
pub use left::send_left;
pub use note::places_of;
pub use progress::Progress;
pub use sending::Uplink;
