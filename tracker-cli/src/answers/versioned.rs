//! Which form an answer has.

use serde::Serialize;

/// The version of the JSON that all commands print and the server answers.
pub(crate) const VERSION: u32 = 1;

/// An answer, with the version of its form.
#[derive(Debug, Serialize)]
pub(crate) struct Versioned<T> {
    version: u32,
    #[serde(flatten)]
    answer: T,
}

impl<T> Versioned<T> {
    pub(crate) fn new(answer: T) -> Self {
        Self { version: VERSION, answer }
    }
}
