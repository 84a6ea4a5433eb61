//! What a run has logged since the last look.

use std::collections::BTreeMap;

use crate::read::{Row, Warning, sources::Positions};

/// How far somebody has read a run with [`RunReader::tail`](crate::read::RunReader::tail). A new
/// one stands before the first point.
#[derive(Debug, Clone, Default)]
pub struct Cursor {
    pub(crate) positions: Positions,
}

/// The rows that have come since the last look.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Tail {
    /// The new rows of each metric that has any, by name, in the order of writers and seqs.
    pub metrics: BTreeMap<String, Vec<Row>>,
    /// What is damaged; everything else is here.
    pub warnings: Vec<Warning>,
}
