//! Where the page is.

use std::borrow::Cow;

use serde::Serialize;

/// What `tracker ui` prints once it listens.
#[derive(Debug, Serialize)]
pub(crate) struct Listening<'a> {
    pub(crate) url: &'a str,
    pub(crate) port: u16,
    pub(crate) root: Cow<'a, str>,
}
