//! The pictures, tables, plots and files of one name.

use serde::Serialize;
use tracker_core::{Step, Timestamp, read::MediaItem};

/// What `tracker show --media` prints.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "as it is printed")]
pub(crate) struct Media<'a> {
    pub(crate) run: &'a str,
    pub(crate) name: &'a str,
    pub(crate) media: Vec<Logged<'a>>,
}

/// What was logged in one call.
#[derive(Debug, Serialize)]
pub(crate) struct Logged<'a> {
    pub(crate) step: Step,
    pub(crate) time: Timestamp,
    pub(crate) items: Vec<Item<'a>>,
}

/// An item, and the file that it was saved as.
#[derive(Debug, Serialize)]
pub(crate) struct Item<'a> {
    #[serde(flatten)]
    pub(crate) item: &'a MediaItem,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) saved: Option<String>,
}
