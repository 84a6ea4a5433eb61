//! What was removed.

use std::borrow::Cow;

use serde::Serialize;

/// What `tracker gc` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Collected<'a> {
    /// It was not, in a dry run.
    pub(crate) removed: bool,
    pub(crate) bytes: u64,
    pub(crate) garbage: Vec<Garbage<'a>>,
}

impl<'a> Collected<'a> {
    /// All that was found; it stays where it is in a dry run.
    pub(crate) fn new(garbage: Vec<Garbage<'a>>, dry_run: bool) -> Self {
        let bytes = garbage.iter().map(|item| item.bytes).sum();
        Self { removed: !dry_run, bytes, garbage }
    }
}

/// A file or folder that nobody needs.
#[derive(Debug, Serialize)]
pub(crate) struct Garbage<'a> {
    pub(crate) path: Cow<'a, str>,
    pub(crate) bytes: u64,
    pub(crate) reason: &'a str,
}

/// What `tracker rm` prints.
#[expect(clippy::struct_field_names, reason = "the names of the JSON that is printed")]
#[derive(Debug, Serialize)]
pub(crate) struct Removed<'a> {
    pub(crate) removed: Vec<RemovedRun<'a>>,
    pub(crate) bytes: u64,
    /// What `tracker undo` takes; null if nothing is gone.
    pub(crate) change: Option<&'a str>,
}

/// A run that is in the trash, and the room that it takes there.
#[derive(Debug, Serialize)]
pub(crate) struct RemovedRun<'a> {
    pub(crate) id: &'a str,
    pub(crate) bytes: u64,
}

/// What `tracker rm --undo` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Restored<'a> {
    /// The runs that are back.
    pub(crate) restored: Vec<&'a str>,
    /// Those of which nothing is left, and which may be sent again.
    pub(crate) to_send_again: Vec<&'a str>,
}
