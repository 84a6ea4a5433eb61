//! What the columns of a table are, by their names and by what is in them.

use std::path::Path;

use super::{
    field::{Field, Moment},
    mapping::{Mapping, Values},
    roles::{self, best, plain},
    rows::{Next, Rows},
};
use crate::{Error, Result};

/// So many rows are looked at.
const ROWS: usize = 1_000;

/// What is in a column, of the rows that were looked at.
#[derive(Debug, Clone, Default)]
struct Seen {
    filled: usize,
    numbers: usize,
    steps: usize,
    dates: usize,
    moments: usize,
}

impl Seen {
    fn add(&mut self, field: Field<'_>) {
        if field.is_empty() {
            return;
        }
        self.filled += 1;
        self.numbers += usize::from(field.number().is_some());
        self.steps += usize::from(field.step().is_some());
        let moment = field.moment();
        self.moments += usize::from(moment.is_some());
        self.dates +=
            usize::from(matches!(moment, Some(Moment::At(_))) && field.number().is_none());
    }

    /// Nearly all: a file may have some damage.
    fn are_most(&self, count: usize) -> bool {
        self.filled > 0 && count * 10 >= self.filled * 9
    }

    fn is_numeric(&self) -> bool {
        self.are_most(self.numbers)
    }
}

impl Mapping {
    /// Guesses what the columns of a file are. Reads its first thousand rows.
    ///
    /// # Errors
    /// If it is no table, or no column has numbers: say then with [`with`](Self::with) what they are.
    pub fn guess(path: &Path) -> Result<Self> {
        let mut rows = Rows::open(path)?;
        let mut seen = vec![Seen::default(); rows.columns().len()];
        let mut count = 0;
        while count < ROWS {
            match rows.advance() {
                Next::Row => count += 1,
                Next::Bad(_) => continue,
                Next::End => break,
            }
            seen.resize(rows.columns().len(), Seen::default());
            for (at, seen) in seen.iter_mut().enumerate() {
                seen.add(rows.field(at));
            }
        }
        let columns = rows.columns().to_vec();
        if columns.is_empty() || count == 0 {
            return Err(Error::Unusable {
                what: format!("{} has no rows", path.display()),
                hint: "name a CSV file whose first line has the columns' names, or JSON lines"
                    .to_owned(),
            });
        }
        Ok(mapping(columns, &seen, &stem(path)))
    }
}

/// The file's name without its endings.
pub(super) fn stem(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let cut = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    if cut.is_empty() { name.to_owned() } else { cut.to_owned() }
}

fn mapping(columns: Vec<String>, seen: &[Seen], stem: &str) -> Mapping {
    let none = Seen::default();
    let of = |at: usize| seen.get(at).unwrap_or(&none);
    let is_text =
        |at: usize| of(at).filled > 0 && !of(at).is_numeric() && !of(at).are_most(of(at).dates);
    let is_filled = |at: usize| of(at).filled > 0;
    let is_step = |at: usize| of(at).are_most(of(at).steps);
    let is_time = |at: usize| of(at).are_most(of(at).moments);
    let is_number = |at: usize| of(at).is_numeric();

    let step = best(&columns, &roles::STEP, &is_step).cloned();
    let time = best(&columns, &roles::TIME, &is_time).cloned();
    let value = best(&columns, &roles::VALUE, &is_number).cloned();
    let metric = value.as_ref().and_then(|_| best(&columns, &roles::METRIC, &is_text)).cloned();
    let is_free = |at: usize| is_filled(at) && columns.get(at) != metric.as_ref();
    let run = best(&columns, &roles::RUN, &is_free).cloned();
    let is_project = |at: usize| is_text(at) && is_free(at);
    let project = best(&columns, &roles::PROJECT, &is_project).cloned();

    let taken = [&run, &project, &step, &time];
    let is_taken = |column: &String| taken.iter().any(|role| role.as_ref() == Some(column));
    let (mut metrics, mut settings, mut ignored) = (Vec::new(), Vec::new(), Vec::new());
    for (at, column) in columns.iter().enumerate().filter(|(_, column)| !is_taken(column)) {
        let is_long = metric.is_some() && [&metric, &value].contains(&&Some(column.clone()));
        if is_long {
            continue;
        }
        let name = plain(column);
        let is_named = roles::SETTING.contains(&name.as_str())
            || ["config/", "config_", "params/", "hparams/"]
                .iter()
                .any(|begin| name.starts_with(begin));
        if metric.is_none() && is_number(at) && !is_named {
            let is_value = value.as_ref() == Some(column);
            metrics.push((column.clone(), if is_value { stem.to_owned() } else { column.clone() }));
        } else if is_filled(at) && (is_named || is_text(at)) {
            settings.push(column.clone());
        } else {
            ignored.push(column.clone());
        }
    }
    let values = match metric.zip(value) {
        Some((metric, value)) => Values::Long { metric, value },
        None => Values::Wide(metrics),
    };
    Mapping { columns, run, project, step, time, values, settings, ignored }
}
