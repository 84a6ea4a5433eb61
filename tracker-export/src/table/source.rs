//! A table as runs.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    time::SystemTime,
};

use tracker_core::{Step, Timestamp, text::is_unseen};

use super::{
    field::{Field, Moment},
    guess::{guess, stem},
    mapping::{Mapping, Values},
    rows::{Next, Rows},
    runs::{Found, Roles, Trouble, number_of, runs},
};
use crate::{Account, Ended, Error, ForeignRun, Result, Sink, Source, failed::failed};

/// The longest name of a metric in a row.
const LONGEST_NAME: usize = 4_096;

/// Metrics whose rows are counted, where no column has the step.
const MOST_COUNTED: usize = 100_000;

/// The endings of files that are tables.
const ENDINGS: [&str; 5] = ["csv", "tsv", "jsonl", "ndjson", "txt"];

/// What a spreadsheet takes for the beginning of a formula, before which `tracker export` writes an apostrophe.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// The runs of a CSV file or of JSON lines, read by a [`Mapping`]. It is read twice: for its runs, and for their points.
/// However long it is, only the row that is looked at is in memory.
#[derive(Debug)]
pub struct TableSource {
    path: PathBuf,
    mapping: Mapping,
    found: BTreeMap<String, Found>,
    trouble: Trouble,
}

/// What a row is read with.
struct Reading<'a> {
    roles: Roles,
    values: Columns<'a>,
    /// The time where a row has none, and from which small times count.
    base: Timestamp,
    is_own: bool,
}

enum Columns<'a> {
    Long {
        metric: usize,
        value: usize,
    },
    /// Columns with the names of their metrics. Of JSON lines, there may be more later.
    Wide(Vec<(usize, &'a str)>),
}

/// What is counted while a run is read.
#[derive(Default)]
struct Counts {
    rows: Trouble,
    cells: Trouble,
    points: u64,
    approximate: u64,
    /// The next step of each metric where rows have none; of a wide table, that of all.
    steps: HashMap<String, u64>,
}

impl TableSource {
    /// Whether a file is a table by its name, and [`guess`] finds numbers in it.
    pub fn looks_like(path: &Path) -> bool {
        let name =
            path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        let is_named = ENDINGS
            .iter()
            .any(|ending| name.strip_suffix(ending).is_some_and(|rest| rest.ends_with('.')));
        path.is_file() && is_named && guess(path).is_ok_and(|mapping| mapping.check().is_ok())
    }

    /// The runs of a file, by what its columns are.
    pub fn new(path: impl Into<PathBuf>, mapping: Mapping) -> Self {
        Self { path: path.into(), mapping, found: BTreeMap::new(), trouble: Trouble::default() }
    }

    /// What its columns are.
    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    fn changed(&self) -> Result<Timestamp> {
        let hint = "look whether the file is still there";
        let changed = self.path.metadata().and_then(|known| known.modified());
        let changed = changed.map_err(failed("look at", &self.path, hint))?;
        let since = changed.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Ok(Timestamp(since.as_micros() as i64))
    }

    fn origin(&self, run: &str) -> String {
        if self.mapping.is_own() {
            return format!("tracker/{run}");
        }
        let path = std::path::absolute(&self.path).unwrap_or_else(|_| self.path.clone());
        format!("table/{}#{run}", path.display())
    }

    fn foreign(&self, name: &str, found: &Found, base: Timestamp) -> ForeignRun {
        let name_or_stem = if name.is_empty() { stem(&self.path) } else { name.to_owned() };
        ForeignRun {
            origin: self.origin(name),
            from: self.path.display().to_string(),
            project: found.project.clone(),
            name: Some(name_or_stem),
            group: None,
            notes: None,
            tags: Vec::new(),
            config: found.settings.clone(),
            about: Vec::new(),
            started_at: found.started.map(|moment| at(moment, base)),
            ended: Ended::Unknown,
        }
    }

    fn reading(&self, rows: &Rows) -> Result<Reading<'_>> {
        let columns = rows.columns();
        let values = match &self.mapping.values {
            Values::Long { metric, value } => Columns::Long {
                metric: number_of(columns, metric)?,
                value: number_of(columns, value)?,
            },
            Values::Wide(metrics) => {
                let named = metrics.iter().map(|(column, metric)| {
                    number_of(columns, column).map(|at| (at, metric.as_str()))
                });
                Columns::Wide(named.collect::<Result<_>>()?)
            }
        };
        let roles = Roles::of(&self.mapping, columns)?;
        Ok(Reading { roles, values, base: self.changed()?, is_own: self.mapping.is_own() })
    }
}

impl Source for TableSource {
    fn runs(&mut self) -> Result<Vec<ForeignRun>> {
        self.mapping.clone().check()?;
        (self.found, self.trouble) = runs(&self.path, &self.mapping)?;
        let base = self.changed()?;
        Ok(self.found.iter().map(|(name, found)| self.foreign(name, found, base)).collect())
    }

    fn read(&mut self, run: &ForeignRun, sink: &mut dyn Sink, account: &mut Account) -> Result<()> {
        let known = self.found.iter().find(|(name, _)| self.origin(name) == run.origin);
        let Some((name, found)) = known else {
            return Err(Error::Unusable {
                what: format!("{} is not there any more", run.origin),
                hint: "ask for the runs again".to_owned(),
            });
        };
        let mut rows = Rows::open_at(&self.path, found.first, &self.mapping.columns)?;
        let reading = self.reading(&rows)?;
        let known = rows.columns().len();
        let mut counts = Counts::default();
        loop {
            match rows.advance() {
                Next::Row => {}
                // It was counted when the runs were looked for.
                Next::Bad(_) => continue,
                Next::End => break,
            }
            if rows.line() > found.last {
                break;
            }
            if reading.roles.name(&rows).as_deref() == Some(name.as_str()) {
                reading.row(&rows, known, sink, &mut counts)?;
            }
        }
        if !run.config.is_empty() {
            account.keep("settings", run.config.len() as u64);
        }
        account.leave_out("values of settings", "the first one in a run counts", found.changed);
        counts.tell(reading.roles.time.is_some(), account);
        self.trouble.tell("rows", account);
        for column in &self.mapping.ignored {
            account.leave_out("columns", format!("`{column}` is not read"), 1);
        }
        Ok(())
    }
}

impl Counts {
    fn tell(mut self, has_times: bool, account: &mut Account) {
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

fn at(moment: Moment, base: Timestamp) -> Timestamp {
    match moment {
        Moment::At(time) => time,
        Moment::After(micros) => Timestamp(base.0.saturating_add(micros)),
    }
}

impl Reading<'_> {
    fn row(
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
