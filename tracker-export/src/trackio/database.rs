//! The databases of a `TRACKIO_DIR`: one `SQLite` file a project.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OptionalExtension, Row, types::ValueRef};
use serde_json::{Map, Value};

use super::record::Teller;
use crate::{
    Account, Error, Result,
    sqlite::{columns_of, connect, unreadable},
};

/// The longest text of a row that is read.
const MOST_BYTES: i64 = 64 << 20;

/// No time is longer.
const TIME: &str = "substr(timestamp, 1, 100)";

/// More runs than a project has.
const MOST_RUNS: i64 = 100_000;

/// The database of a project, open for reading alone.
#[derive(Debug)]
pub(super) struct Database {
    connection: Connection,
    path: PathBuf,
    /// Databases before version 0.20 know runs by their names alone.
    key: &'static str,
}

/// A run, as its database names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedRun {
    pub(super) id: String,
    pub(super) name: String,
}

impl Database {
    /// Opens a database, if it is one of Trackio's.
    ///
    /// It may be in use: `SQLite` sees to it that whole transactions are read. Where nothing can be written beside it, it
    /// is read as it lies there.
    pub(super) fn open(path: &Path) -> Result<Option<Self>> {
        if !path.is_file() {
            return Ok(None);
        }
        let connection = connect(path).map_err(|error| unreadable(path, &error))?;
        let mut database = Self { connection, path: path.to_owned(), key: "run_id" };
        let Some(columns) = database.columns("metrics") else { return Ok(None) };
        let has = |name: &str| columns.contains(name);
        if !has("run_name") || !has("metrics") || !has("timestamp") {
            return Ok(None);
        }
        if !has("run_id") {
            database.key = "run_name";
        }
        Ok(Some(database))
    }

    /// The columns of a table; `None` if there is no such table, or it cannot be read.
    fn columns(&self, table: &str) -> Option<BTreeSet<String>> {
        columns_of(&self.connection, table).ok().flatten()
    }

    /// The tables of these that are there and name runs.
    fn tables<'a>(&self, names: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
        let of_run =
            |name: &&str| self.columns(name).is_some_and(|columns| columns.contains(self.key));
        names.iter().copied().filter(of_run).collect::<Vec<_>>().into_iter()
    }

    /// Its runs.
    pub(super) fn runs(&self) -> Result<Vec<NamedRun>> {
        let tables = self.tables(&["metrics", "system_metrics", "alerts", "configs"]);
        let each: Vec<String> = tables
            .map(|table| {
                format!(
                    "SELECT {0} AS id, substr(run_name, 1, 1000) AS name FROM {table} GROUP BY {0}",
                    self.key
                )
            })
            .collect();
        let sql = format!(
            "SELECT id, max(name) FROM ({}) WHERE typeof(id) = 'text' AND length(id) <= 1000
             GROUP BY id LIMIT {MOST_RUNS}",
            each.join(" UNION ALL ")
        );
        let read = || -> rusqlite::Result<Vec<NamedRun>> {
            let mut statement = self.connection.prepare(&sql)?;
            let runs = statement.query_map([], |row| {
                let id: String = row.get(0)?;
                let name = row.get::<_, Option<String>>(1).ok().flatten();
                Ok(NamedRun { name: name.unwrap_or_else(|| id.clone()), id })
            })?;
            runs.collect()
        };
        read().map_err(|error| unreadable(&self.path, &error))
    }

    /// The settings of a run.
    pub(super) fn config(&self, run: &str) -> Map<String, Value> {
        let sql = format!(
            "SELECT CASE WHEN length(config) <= {MOST_BYTES} THEN config END FROM configs
             WHERE {} = ?1 ORDER BY id DESC LIMIT 1",
            self.key
        );
        let found = self.connection.query_row(&sql, [run], |row| Ok(object(row.get_ref(0)?)));
        found.optional().ok().flatten().flatten().unwrap_or_default()
    }

    /// Whether a line or an alert with this id is there.
    pub(super) fn has(&self, kind: &str, id: &str) -> bool {
        let sql = match kind {
            "metric" => "SELECT 1 FROM metrics WHERE log_id = ?1",
            "system_metric" => "SELECT 1 FROM system_metrics WHERE log_id = ?1",
            _ => "SELECT 1 FROM alerts WHERE alert_id = ?1",
        };
        self.connection.query_row(sql, [id], |_| Ok(())).is_ok()
    }

    /// Tells all lines and alerts of a run, in the order in which they came.
    pub(super) fn read(&self, run: &str, teller: &mut Teller<'_>) -> Result<()> {
        let json = format!("CASE WHEN length(metrics) <= {MOST_BYTES} THEN metrics END");
        self.each(run, "metrics", &format!("{TIME}, {json}, step"), &mut |row| {
            let Some((time, metrics)) = line(row) else {
                count_unreadable(teller.account);
                return Ok(());
            };
            let step = match row.get_ref(2) {
                Ok(ValueRef::Integer(step)) => Value::from(step),
                _ => Value::from(-1),
            };
            teller.metrics(Some(&time), Some(&step), &metrics)
        })
        .or_else(|error| self.told(error, teller))?;
        self.each(run, "system_metrics", &format!("{TIME}, {json}"), &mut |row| {
            let Some((time, metrics)) = line(row) else {
                count_unreadable(teller.account);
                return Ok(());
            };
            teller.system(Some(&time), &metrics)
        })
        .or_else(|error| self.told(error, teller))?;
        let texts = "substr(title, 1, 65536), substr(text, 1, 65536), substr(level, 1, 10)";
        self.each(run, "alerts", &format!("{TIME}, {texts}, step"), &mut |row| {
            let text = |at| text(row.get_ref(at).ok());
            let mut alert = Map::new();
            for (at, key) in [(1, "title"), (2, "text"), (3, "level")] {
                alert.extend(text(at).map(|text| (key.to_owned(), text.into())));
            }
            if let Ok(Some(step)) = row.get::<_, Option<i64>>(4) {
                alert.insert("step".into(), step.into());
            }
            teller.alert(text(0).as_deref(), &alert)
        })
        .or_else(|error| self.told(error, teller))?;
        self.count_rest(run, teller.account);
        Ok(())
    }

    fn each(
        &self,
        run: &str,
        table: &str,
        columns: &str,
        tell: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<(), Stopped> {
        if self.tables(&[table]).next().is_none() {
            return Ok(());
        }
        let sql = format!("SELECT {columns} FROM {table} WHERE {} = ?1 ORDER BY id", self.key);
        let mut statement = self.connection.prepare(&sql)?;
        let mut rows = statement.query([run])?;
        while let Some(row) = rows.next()? {
            tell(row).map_err(Stopped::Sink)?;
        }
        Ok(())
    }

    /// Damage costs the rest of a table; a sink that cannot be written ends all.
    fn told(&self, stopped: Stopped, teller: &mut Teller<'_>) -> Result<()> {
        match stopped {
            Stopped::Sink(error) => Err(error),
            Stopped::Database(error) => {
                let why = format!("{} is damaged: {error}", self.path.display());
                teller.account.leave_out("parts of the database", why, 1);
                Ok(())
            }
        }
    }

    fn count_rest(&self, run: &str, account: &mut Account) {
        for (table, what) in [("traces", "traces"), ("run_artifact_links", "links to artifacts")] {
            if self.tables(&[table]).next().is_none() {
                continue;
            }
            let sql = format!("SELECT count(*) FROM {table} WHERE {} = ?1", self.key);
            let count = self.connection.query_row(&sql, [run], |row| row.get::<_, i64>(0));
            let count = u64::try_from(count.unwrap_or_default()).unwrap_or_default();
            account.leave_out(what, "there is no place for them here", count);
        }
    }
}

/// Why the reading of a table came to an end.
enum Stopped {
    Database(rusqlite::Error),
    Sink(Error),
}

impl From<rusqlite::Error> for Stopped {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

fn count_unreadable(account: &mut Account) {
    account.leave_out("lines", "they are no JSON that can be read", 1);
}

/// The time and the metrics of a row.
fn line(row: &Row<'_>) -> Option<(String, Map<String, Value>)> {
    Some((text(row.get_ref(0).ok())?, object(row.get_ref(1).ok()?)?))
}

fn text(value: Option<ValueRef<'_>>) -> Option<String> {
    match value? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8(bytes.to_owned()).ok(),
        _ => None,
    }
}

fn object(value: ValueRef<'_>) -> Option<Map<String, Value>> {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => serde_json::from_slice(bytes).ok(),
        _ => None,
    }
}
