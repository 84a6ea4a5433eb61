//! What a program has said, an answer a line.

use serde::Serialize;
use tracker_core::read::StoredMessage;

/// What `tracker logs --json` prints of a message.
#[derive(Debug, Serialize)]
pub(crate) struct Said<'a> {
    pub(crate) run: &'a str,
    #[serde(flatten)]
    pub(crate) message: &'a StoredMessage,
}
