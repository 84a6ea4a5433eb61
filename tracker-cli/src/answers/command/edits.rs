//! What was changed of a run, or asked of it.

use serde::Serialize;

/// What `tracker note` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Noted<'a> {
    pub(crate) run: &'a str,
    pub(crate) notes: Option<&'a str>,
}

/// What `tracker tag` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Tagged<'a> {
    pub(crate) run: &'a str,
    pub(crate) tags: &'a [String],
}

/// What `tracker stop` prints.
#[derive(Debug, Serialize)]
pub(crate) struct StopAsked<'a> {
    pub(crate) run: &'a str,
    pub(crate) when: &'static str,
    pub(crate) reason: String,
}
