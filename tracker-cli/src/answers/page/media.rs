//! Pictures, tables, plots and files of a run.

use serde::Serialize;
use tracker_core::{Timestamp, read::MediaItem};

use crate::answers::{step::Step, value::Value};

/// The media of one name, in short.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct MediaName {
    pub(crate) name: String,
    /// What the last one is, in a word.
    pub(crate) kind: &'static str,
    /// All steps that have some.
    pub(crate) steps: Vec<Step>,
}

/// What `/runs/ID/media` answers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct MediaNames {
    pub(crate) names: Vec<MediaName>,
}

/// Something that was logged as media.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct LoggedMedia {
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) time: Timestamp,
    #[cfg_attr(test, ts(type = "MediaItem"))]
    pub(crate) item: MediaItem,
    /// Where its file is fetched, or the picture itself in a report; null where it cannot be.
    pub(crate) content: Option<String>,
}

/// What `/runs/ID/media?name=` answers: what there is at one step, the last one unless another is
/// asked for.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct MediaAt {
    pub(crate) name: String,
    /// All steps that have some.
    pub(crate) steps: Vec<Step>,
    pub(crate) step: Option<Step>,
    pub(crate) media: Vec<LoggedMedia>,
}

/// What stands in one place of a table.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged)]
#[cfg_attr(test, ts(untagged))]
pub(crate) enum TableValue {
    Null,
    Number(Value),
    Text(String),
    Bool(bool),
    /// A picture, by its hash.
    Image {
        sha256: String,
    },
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct TableColumn {
    pub(crate) name: String,
    /// `number`, `text`, `bool` or `image`.
    #[serde(rename = "type")]
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) kind: tracker_core::ColumnType,
}

/// What `/runs/ID/tables/HASH` answers: some rows of a table.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct TableRows {
    pub(crate) columns: Vec<TableColumn>,
    pub(crate) key: Option<String>,
    /// How many rows the table has.
    pub(crate) of: u64,
    /// How many of them the filter lets through.
    pub(crate) matching: u64,
    /// Which of those is the first here, counted from 0.
    pub(crate) from: u64,
    pub(crate) rows: Vec<Vec<TableValue>>,
}

/// A row of several tables that have the same key.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct JoinedRow {
    pub(crate) key: TableValue,
    /// The cells of each run's row; null for a run that has none.
    pub(crate) cells: Vec<Option<Vec<TableValue>>>,
}

/// What `/tables/join` answers: the tables of several runs row by row.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct JoinedTables {
    pub(crate) key: String,
    /// In the order of the runs that were asked for; null for one without such a table.
    pub(crate) columns: Vec<Option<Vec<TableColumn>>>,
    /// How many keys there are.
    pub(crate) of: u64,
    pub(crate) from: u64,
    pub(crate) rows: Vec<JoinedRow>,
}
