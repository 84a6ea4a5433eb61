//! The language by which runs are found, the same on the page and in the command line.
//!
//! | written | finds |
//! |---|---|
//! | `calm otter` | runs with these words in name, id, group, notes or tags, in capitals or not |
//! | `/^calm-.*7$/` | names that fit a regular expression; `/…/i` in capitals or not |
//! | `lr < 0.01 and state = finished` | what compares so: `=`, `!=`, `<`, `<=`, `>`, `>=`, `~` (a regular expression), `!~` |
//! | `optimizer in (adam, sgd)`, `seed not in (1, 2)` | one of several |
//! | `not tag = old or (lr > 1e-3 and group = a)` | `and` before `or`; brackets |
//! | `valid/accuracy > 93 %`, `duration < 10m`, `age < 2d` | a percentage is a fraction of one; `s`, `m`, `h`, `d` are seconds |
//! | `started >= 2026-11-01` | a day, month, year, hour or minute, in UTC; `today`, `yesterday` |
//!
//! A field is one of the run's own (`name`, `id`, `project`, `state`, `group`, `tag`, `notes`, `started`, `finished`,
//! `duration`, `age`, `alerts`, `diverged`, `host`, `user`, `branch`, `commit`), a setting by its dot path, or a
//! metric by its name: its best value where it is known which values are better, else its last. They are looked
//! for in this order; `config.NAME` and `summary.NAME` say which is meant. A name with spaces or signs is quoted:
//! `"my metric" > 3`. A field that no run has is an error, not an empty list.

mod field;
mod near;
mod number;
mod parser;
mod span;
mod test;
mod token;

pub use field::{Field, FieldValue, KnownFields, RunFields};

use regex_lite::Regex;

use crate::{Result, read::query::parser::parse};
use test::Test;

/// What was asked for, ready to be compared with runs.
///
/// ```no_run
/// use tracker_core::read::{KnownFields, Query, RunFields, Store};
///
/// # fn main() -> tracker_core::Result<()> {
/// let runs = Store::discover()?.runs()?.runs;
/// let fields: Vec<RunFields> = runs.iter().map(RunFields::of).collect::<Result<_, _>>()?;
/// let query = Query::parse("lr < 0.01 and state = finished", &KnownFields::of(&fields))?;
/// for (run, _) in runs.iter().zip(&fields).filter(|(_, fields)| query.finds(fields)) {
///     println!("{}", run.info().name);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Query {
    wanted: Wanted,
    notes: Vec<String>,
}

/// What a run must be.
#[derive(Debug)]
enum Wanted {
    Words(Vec<String>),
    Name(Regex),
    Any(Vec<Wanted>),
    All(Vec<Wanted>),
    Not(Box<Wanted>),
    /// A field of which a value passes one of the tests; with `is_negative`, none passes any.
    Compared {
        field: Field,
        tests: Vec<Test>,
        is_negative: bool,
    },
}

impl Query {
    /// Reads what was typed. An empty text finds every run.
    ///
    /// # Errors
    /// [`Error::Query`](crate::Error::Query) if it makes no sense, or names a field that none of the runs has.
    pub fn parse(text: &str, known: &KnownFields) -> Result<Self> {
        parse(text, known).map(|(wanted, notes)| Self { wanted, notes })
    }

    /// Whether it finds a run.
    pub fn finds(&self, run: &RunFields) -> bool {
        self.wanted.finds(run)
    }

    /// What may be meant otherwise than it was taken, in words.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl Wanted {
    fn finds(&self, run: &RunFields) -> bool {
        match self {
            Self::Words(words) => {
                let text = run.text();
                words.iter().all(|word| text.contains(word))
            }
            Self::Name(regex) => regex.is_match(run.name()),
            Self::Any(parts) => parts.iter().any(|part| part.finds(run)),
            Self::All(parts) => parts.iter().all(|part| part.finds(run)),
            Self::Not(part) => !part.finds(run),
            Self::Compared { field, tests, is_negative } => {
                let values = run.values(field);
                let passes = |value: &FieldValue| tests.iter().any(|test| test.passes(value));
                values.iter().any(passes) != *is_negative
            }
        }
    }
}

#[cfg(test)]
mod tests;
