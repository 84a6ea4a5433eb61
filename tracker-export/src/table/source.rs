//! A table as runs.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::SystemTime,
};

use tracker_core::Timestamp;

use super::{
    guess::stem,
    mapping::{Mapping, Values},
    reading::{Columns, Counts, Reading, at},
    rows::{Next, Rows},
    runs::{Found, Roles, Trouble, number_of, runs},
};
use crate::{Account, Ended, Error, ForeignRun, Result, Sink, Source, failed::failed};

/// The endings of files that are tables.
const ENDINGS: [&str; 5] = ["csv", "tsv", "jsonl", "ndjson", "txt"];

/// The runs of a CSV file or of JSON lines, read by a [`Mapping`]. It is read twice: for its runs, and for their points.
/// However long it is, only the row that is looked at is in memory.
///
/// ```no_run
/// use tracker_export::{Mapping, Source, TableSource};
///
/// # fn main() -> tracker_export::Result<()> {
/// let path = "progress.csv".as_ref();
/// let mapping = Mapping::guess(path)?.with("step=iteration,ignore=seed")?;
/// println!("{mapping}");
/// for run in TableSource::new(path, mapping).runs()? {
///     println!("{:?}", run.name);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TableSource {
    path: PathBuf,
    mapping: Mapping,
    found: BTreeMap<String, Found>,
    trouble: Trouble,
}

impl TableSource {
    /// Whether a file is a table by its name, and [`Mapping::guess`] finds numbers in it.
    pub fn looks_like(path: &Path) -> bool {
        let name =
            path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        let is_named = ENDINGS
            .iter()
            .any(|ending| name.strip_suffix(ending).is_some_and(|rest| rest.ends_with('.')));
        path.is_file()
            && is_named
            && Mapping::guess(path).is_ok_and(|mapping| mapping.check().is_ok())
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
