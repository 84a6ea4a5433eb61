//! Stores that lie elsewhere and are read like a folder.
//!
//! A reader opens all of a store through one door. Where a folder is [mounted](mount()), its [`Mount`] is asked at that
//! door to bring what is about to be used, so every reader of this crate reads from there, without knowing it. What
//! would write to such a store is refused; edits and requests are [appended](Mount::append) where it lies.

pub use crate::mounts::{Mount, MountedFile, mount, named};
