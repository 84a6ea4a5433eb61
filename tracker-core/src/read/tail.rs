//! What a run has logged since the last look.

use std::collections::BTreeMap;

use crate::{
    Writer,
    read::{Row, Warning, sources::Positions, unsealed::Position},
};

/// How far somebody has read a run with [`RunReader::tail`](crate::read::RunReader::tail). A new
/// one stands before the first point.
#[derive(Debug, Clone, Default)]
pub struct Cursor {
    pub(crate) positions: Positions,
}

impl Cursor {
    /// How far each writer was read: the [`seq`](Row::seq) of its first point that was not given. To be written
    /// down by a program that goes on later, with [`behind`](Self::behind).
    pub fn places(&self) -> BTreeMap<Writer, u64> {
        self.positions.iter().map(|(writer, position)| (*writer, position.given())).collect()
    }

    /// One that stands where another one stood, also in an earlier process.
    pub fn behind(places: &BTreeMap<Writer, u64>) -> Self {
        let position = |given: u64| Position::default().behind(given);
        Self {
            positions: places.iter().map(|(writer, given)| (*writer, position(*given))).collect(),
        }
    }
}

/// The rows that have come since the last look.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Tail {
    /// The new rows of each metric that has any, by name, in the order of writers and seqs.
    pub metrics: BTreeMap<String, Vec<Row>>,
    /// What is damaged; everything else is here.
    pub warnings: Vec<Warning>,
    /// Whether there is more that was not read yet, because [`tail_some`](crate::read::RunReader::tail_some) was asked
    /// for some.
    pub has_more: bool,
}
