//! The points of a row.

use std::collections::HashMap;

use tracker_core::{Step, Timestamp, text::is_unseen};

use super::{
    field::{Field, Moment},
    rows::Rows,
    runs::{Roles, Trouble},
};
use crate::{Account, Result, Sink};

/// The longest name of a metric in a row.
const LONGEST_NAME: usize = 4_096;

/// Metrics whose rows are counted, where no column has the step.
const MOST_COUNTED: usize = 100_000;

/// What a spreadsheet takes for the beginning of a formula, before which `tracker export` writes an apostrophe.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// What a row is read with.
pub(super) struct Reading<'a> {
    pub(super) roles: Roles,
    pub(super) values: Columns<'a>,
    /// The time where a row has none, and from which small times count.
    pub(super) base: Timestamp,
    pub(super) is_own: bool,
}

/// Where the metrics are.
pub(super) enum Columns<'a> {
    Long {
        metric: usize,
        value: usize,
    },
    /// Columns with the names of their metrics. Of JSON lines, there may be more later.
    Wide(Vec<(usize, &'a str)>),
}

/// What is counted while a run is read.
#[derive(Default)]
pub(super) struct Counts {
    rows: Trouble,
    cells: Trouble,
    points: u64,
    approximate: u64,
    /// The next step of each metric where rows have none; of a wide table, that of all.
    steps: HashMap<String, u64>,
}

impl Counts {
    /// Tells the account of all that was counted.
    pub(super) fn tell(mut self, has_times: bool, account: &mut Account) {
        account.keep("points", self.points);
        self.rows.tell("rows", account);
        self.cells.tell("values", account);
        let why = if has_times {
            "they are empty, or seconds since a beginning: these are counted from the file's last change"
        } else {
            "no column has them: points have that of the file's last change"
        };
        account.leave_out("times", why, self.approximate);
    }

    /// The next step of a series whose rows have none. `None` if too many are counted.
    fn count(&mut self, series: &str) -> Option<u64> {
        if let Some(next) = self.steps.get_mut(series) {
            *next += 1;
            return Some(*next);
        }
        if self.steps.len() >= MOST_COUNTED {
            return None;
        }
        self.steps.insert(series.to_owned(), 0);
        Some(0)
    }
}

/// When something was that has happened at a moment after a beginning.
pub(super) fn at(moment: Moment, base: Timestamp) -> Timestamp {
    match moment {
        Moment::At(time) => time,
        Moment::After(micros) => Timestamp(base.0.saturating_add(micros)),
    }
}

impl Reading<'_> {
    /// Tells the points of a row. `known` columns were there when reading began.
    pub(super) fn row(
        &self,
        rows: &Rows,
        known: usize,
        sink: &mut dyn Sink,
        counts: &mut Counts,
    ) -> Result<()> {
        let line = rows.line();
        let field =
            |column: Option<usize>| column.map_or(Field::Empty, |column| rows.field(column));
        let (said, moment) = (field(self.roles.step), field(self.roles.time));
        let step = said.step();
        if self.roles.step.is_some() && step.is_none() {
            counts.rows.add(line, || format!("`{}` is no step", excerpt(said)));
            return Ok(());
        }
        let found = moment.moment();
        if found.is_none() && !moment.is_empty() {
            counts.rows.add(line, || format!("`{}` is no time", excerpt(moment)));
            return Ok(());
        }
        let is_approximate = !matches!(found, Some(Moment::At(_)));
        let time = at(found.unwrap_or(Moment::After(0)), self.base);
        let before = counts.points;
        match &self.values {
            Columns::Long { metric, value } => {
                let (name, value) = (rows.field(*metric).text(), rows.field(*value));
                let name = name.filter(|name| name.len() <= LONGEST_NAME);
                let Some((name, number)) = name.zip(value.number()) else {
                    counts.rows.add(line, || {
                        format!("`{}` is no value of a named metric", excerpt(value))
                    });
                    return Ok(());
                };
                let name = if self.is_own { unshielded(&name) } else { name.trim() };
                let Some(step) = step.or_else(|| counts.count(name)) else {
                    counts.rows.add(line, || {
                        "there are too many metrics whose steps are counted".to_owned()
                    });
                    return Ok(());
                };
                counts.points += 1;
                sink.point(name, Step(step), time, number)?;
            }
            Columns::Wide(metrics) => {
                let step = step.or_else(|| counts.count("")).unwrap_or_default();
                let named = metrics.iter().map(|(column, metric)| (*column, *metric));
                // A key that the beginning of the file had not is a metric of its own name.
                let later = rows.columns().iter().enumerate().skip(known);
                for (column, metric) in
                    named.chain(later.map(|(column, name)| (column, name.as_str())))
                {
                    let value = rows.field(column);
                    match value.number() {
                        Some(number) => {
                            counts.points += 1;
                            sink.point(metric, Step(step), time, number)?;
                        }
                        None if value.is_empty() => {}
                        None => {
                            counts.cells.add(line, || format!("`{}` is no number", excerpt(value)));
                        }
                    }
                }
            }
        }
        if is_approximate {
            counts.approximate += counts.points - before;
        }
        Ok(())
    }
}

/// The beginning of what stands somewhere.
fn excerpt(field: Field<'_>) -> String {
    let text = field.text().unwrap_or_default();
    text.chars().take(40).map(|c| if c.is_control() { '·' } else { c }).collect()
}

/// A metric's name without the apostrophe that keeps spreadsheets from computing it.
fn unshielded(name: &str) -> &str {
    let is_shielded = |rest: &&str| {
        let first = rest.chars().find(|c| !c.is_whitespace() && !is_unseen(*c));
        first.is_some_and(|c| FORMULA.contains(&c))
    };
    name.strip_prefix('\'').filter(is_shielded).unwrap_or(name)
}
