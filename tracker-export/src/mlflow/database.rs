//! A database of MLflow.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, Row, types::ValueRef};

use crate::{
    Account, Error, ForeignRun, Result, Sink,
    mlflow::{
        foreign::{Naming, StoredRun, give, id_of},
        stored_files::{self, Place},
    },
    sqlite::{LONGEST_TEXT, columns_of, connect, integer, is_database, text, unreadable},
};

/// So many points are read at a time: MLflow can write between two such pieces.
const PIECE: i64 = 20_000;

/// What is read, by table.
const TABLES: [(&str, &[&str]); 5] = [
    ("experiments", &["experiment_id", "name", "lifecycle_stage"]),
    (
        "runs",
        &[
            "run_uuid",
            "name",
            "user_id",
            "status",
            "start_time",
            "end_time",
            "lifecycle_stage",
            "artifact_uri",
            "experiment_id",
        ],
    ),
    ("metrics", &["key", "value", "timestamp", "run_uuid", "step", "is_nan"]),
    ("params", &["key", "value", "run_uuid"]),
    ("tags", &["key", "value", "run_uuid"]),
];

/// What MLflow keeps of a run and has no place here: the table, its column with the run, and what it is called.
const COUNTED: [(&str, &str, &str); 2] = [
    ("inputs", "destination_id", "data sets and models that went in"),
    ("logged_models", "source_run_id", "models"),
];

/// A database of MLflow, opened for reading.
#[derive(Debug)]
pub(super) struct Database {
    path: PathBuf,
    connection: Connection,
    known: HashMap<String, Known>,
    /// Runs that were deleted in MLflow, until an account has told of them.
    deleted: u64,
}

/// What is needed to read a run that was told of.
#[derive(Debug)]
struct Known {
    naming: Naming,
    artifacts: Option<String>,
}

impl Database {
    /// Opens a file, and looks whether it has what is read later.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let unreadable = |error: &rusqlite::Error| unreadable(path, error);
        let connection = connect(path).map_err(|error| unreadable(&error))?;
        for (table, columns) in TABLES {
            let found = columns_of(&connection, table).map_err(|error| unreadable(&error))?;
            let Some(found) = found else {
                let hint =
                    "name the database of an MLflow server: it has tables `runs` and `metrics`";
                return Err(unusable(format!("{} has no table `{table}`", path.display()), hint));
            };
            if let Some(missing) = columns.iter().find(|column| !found.contains(**column)) {
                let what =
                    format!("table `{table}` of {} has no column `{missing}`", path.display());
                let hint = format!(
                    "an old version wrote it: `mlflow db upgrade sqlite:///{}`",
                    path.display()
                );
                return Err(unusable(what, &hint));
            }
        }
        Ok(Self { path: path.to_owned(), connection, known: HashMap::new(), deleted: 0 })
    }

    /// Whether a file is a database with MLflow's tables.
    pub(super) fn is_at(path: &Path) -> bool {
        is_database(path) && Self::open(path).is_ok()
    }

    pub(super) fn runs(&mut self) -> Result<Vec<ForeignRun>> {
        let found = self.stored_runs().map_err(|error| unreadable(&self.path, &error))?;
        let name = |run: &StoredRun| Some((run.id.clone(), run.name.clone()?));
        let names: HashMap<String, String> =
            found.iter().filter_map(|(run, _)| name(run)).collect();
        let from = self.path.display().to_string();
        let mut runs = Vec::with_capacity(found.len());
        for (stored, artifacts) in found {
            let naming = Naming::of(&stored.tags);
            let place = stored_files::beside(&self.path, artifacts.as_deref());
            let id = stored.id.clone();
            let is_ours = naming.is_ours();
            let mut run = stored.into_foreign(&from, &names);
            if let (true, Place::At(folder)) = (is_ours, place) {
                run.config = stored_files::whole_config(&folder).unwrap_or(run.config);
            }
            self.known.insert(id, Known { naming, artifacts });
            runs.push(run);
        }
        Ok(runs)
    }

    fn stored_runs(&mut self) -> rusqlite::Result<Vec<(StoredRun, Option<String>)>> {
        let mut statement = self.connection.prepare(
            "SELECT r.run_uuid, e.name, r.name, r.user_id, r.status, r.start_time, r.end_time, r.artifact_uri, \
             coalesce(r.lifecycle_stage, 'active') = 'deleted' OR coalesce(e.lifecycle_stage, 'active') = 'deleted' \
             FROM runs r LEFT JOIN experiments e ON e.experiment_id = r.experiment_id ORDER BY r.start_time, r.run_uuid",
        )?;
        let mut rows = statement.query([])?;
        let (mut runs, mut deleted) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            let (Some(id), false) = (text(row, 0)?, integer(row, 8)? == Some(1)) else {
                deleted += 1;
                continue;
            };
            let stored = StoredRun {
                params: self.words("params", &id)?,
                tags: self.words("tags", &id)?,
                id,
                experiment: text(row, 1)?,
                name: text(row, 2)?,
                user: text(row, 3)?,
                status: text(row, 4)?.unwrap_or_default(),
                start: integer(row, 5)?,
                end: integer(row, 6)?,
            };
            runs.push((stored, text(row, 7)?));
        }
        self.deleted = deleted;
        Ok(runs)
    }

    /// The settings or tags of a run.
    fn words(&self, table: &str, run: &str) -> rusqlite::Result<Vec<(String, String)>> {
        let query = format!(
            "SELECT \"key\", value FROM \"{table}\" WHERE run_uuid = ?1 \
             AND octet_length(\"key\") <= {LONGEST_TEXT} AND coalesce(octet_length(value), 0) <= {LONGEST_TEXT} \
             ORDER BY rowid LIMIT 100000"
        );
        let mut statement = self.connection.prepare_cached(&query)?;
        let mut rows = statement.query([run])?;
        let mut words = Vec::new();
        while let Some(row) = rows.next()? {
            if let Some(key) = text(row, 0)? {
                words.push((key, text(row, 1)?.unwrap_or_default()));
            }
        }
        Ok(words)
    }

    pub(super) fn read(
        &mut self,
        run: &ForeignRun,
        sink: &mut dyn Sink,
        account: &mut Account,
    ) -> Result<()> {
        let id = id_of(run).to_owned();
        let Some(known) = self.known.get(&id) else {
            return Err(unusable(
                format!("{} has no run {id}", self.path.display()),
                "list its runs again",
            ));
        };
        account.leave_out("runs", "they were deleted in MLflow", std::mem::take(&mut self.deleted));
        self.points(&id, &known.naming, sink, account)?;
        for (table, column, what) in COUNTED {
            account.leave_out(
                what,
                "the tracker has no place for them",
                self.count(table, column, &id),
            );
        }
        let place = stored_files::beside(&self.path, known.artifacts.as_deref());
        stored_files::read(&place, &known.naming, run.started_at, sink, account)
    }

    fn points(
        &self,
        run: &str,
        naming: &Naming,
        sink: &mut dyn Sink,
        account: &mut Account,
    ) -> Result<()> {
        let mut names = HashMap::new();
        let mut after = i64::MIN;
        loop {
            match self.piece(run, after, naming, &mut names, sink, account)? {
                Ok(Some(last)) => after = last,
                Ok(None) => return Ok(()),
                Err(error) => {
                    account.leave_out("damaged parts of the database", error.to_string(), 1);
                    return Ok(());
                }
            }
        }
    }

    /// Some points, in the order in which they were written; the place of the last one, or `None` if there were none.
    fn piece(
        &self,
        run: &str,
        after: i64,
        naming: &Naming,
        names: &mut HashMap<String, String>,
        sink: &mut dyn Sink,
        account: &mut Account,
    ) -> Result<rusqlite::Result<Option<i64>>> {
        let query = format!(
            "SELECT rowid, \"key\", value, timestamp, step, is_nan FROM metrics WHERE run_uuid = ?1 AND rowid > ?2 \
             AND octet_length(\"key\") <= {LONGEST_TEXT} ORDER BY rowid LIMIT {PIECE}"
        );
        let mut statement = match self.connection.prepare_cached(&query) {
            Ok(statement) => statement,
            Err(error) => return Ok(Err(error)),
        };
        let mut rows = match statement.query(rusqlite::params![run, after]) {
            Ok(rows) => rows,
            Err(error) => return Ok(Err(error)),
        };
        let mut last = None;
        loop {
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => return Ok(Ok(last)),
                Err(error) => return Ok(Err(error)),
            };
            let Some(place) = integer(row, 0).ok().flatten() else { return Ok(Ok(None)) };
            last = Some(place);
            let Some((key, point)) = point(row) else {
                account.leave_out("points", "what stands there is no point", 1);
                continue;
            };
            if !names.contains_key(key) {
                let name = naming.read(key);
                account.rename(key, &name);
                names.insert(key.to_owned(), name);
            }
            let name = names.get(key).map_or(key, String::as_str);
            give(sink, name, point, account)?;
        }
    }

    /// How many rows of a table are of a run. None if there is no such table, as in older versions.
    fn count(&self, table: &str, column: &str, run: &str) -> u64 {
        let has = columns_of(&self.connection, table).ok().flatten();
        if !has.is_some_and(|columns| columns.contains(column)) {
            return 0;
        }
        let query = format!("SELECT count(*) FROM \"{table}\" WHERE \"{column}\" = ?1");
        let count: rusqlite::Result<i64> =
            self.connection.query_row(&query, [run], |row| row.get(0));
        count.map_or(0, |count| u64::try_from(count).unwrap_or(0))
    }
}

/// The time in milliseconds, the step and the value of a point, with its name.
fn point<'a>(row: &'a Row<'_>) -> Option<(&'a str, (i64, i64, f64))> {
    let ValueRef::Text(key) = row.get_ref(1).ok()? else { return None };
    let value = match row.get_ref(2).ok()? {
        ValueRef::Real(value) => value,
        ValueRef::Integer(value) => value as f64,
        _ => return None,
    };
    let millis = integer(row, 3).ok()??;
    let step = integer(row, 4).ok()?.unwrap_or(0);
    let is_nan = integer(row, 5).ok()?.unwrap_or(0) != 0;
    Some((std::str::from_utf8(key).ok()?, (millis, step, value_of(value, is_nan))))
}

/// A value as it was logged: MLflow keeps what is no number as 0 with a mark, and infinities as the greatest numbers.
fn value_of(value: f64, is_nan: bool) -> f64 {
    match value {
        _ if is_nan => f64::NAN,
        f64::MAX => f64::INFINITY,
        f64::MIN => f64::NEG_INFINITY,
        value => value,
    }
}

fn unusable(what: String, hint: &str) -> Error {
    Error::Unusable { what, hint: hint.to_owned() }
}
