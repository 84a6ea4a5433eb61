//! What the footer of a table's Parquet file says.

use serde::{Deserialize, Serialize};

use crate::ColumnType;

/// Footer key: the columns and the key, as JSON.
pub(crate) const TABLE_KEY: &str = "tracker.table";

/// What the columns of a table hold, which Parquet alone does not tell: pictures are texts to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Footer {
    /// Each column's name, and what it holds, in their order.
    pub(crate) columns: Vec<(String, ColumnType)>,
    /// The column by which rows of several tables are the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
}
