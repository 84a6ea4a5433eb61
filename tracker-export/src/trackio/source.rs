//! The runs of a `TRACKIO_DIR`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use rusqlite::Connection;
use serde_json::{Map, Value};

use super::{
    database::Database,
    inbox_reader::{Inbox, Record},
    media_in::MediaFiles,
    names::{project_of, time_of},
    record::Teller,
    target::{CREATED, GROUP, USER},
};
use crate::{Account, Ended, Error, ForeignRun, Result, Sink, Source};

/// Runs of Trackio: in the databases of a `TRACKIO_DIR`, and in an inbox that Trackio has not read yet. Nothing there is
/// changed.
#[derive(Debug)]
pub struct TrackioSource {
    folder: PathBuf,
    databases: BTreeMap<String, Database>,
    inbox: Inbox,
    found: BTreeMap<Key, Found>,
    /// Parquet files of projects that have no database.
    parquet: u64,
}

/// A project and what its run is known by.
type Key = (String, String);

#[derive(Debug, Default)]
struct Found {
    name: String,
    config: Map<String, Value>,
    in_database: bool,
    /// The files of the inbox that tell of it.
    files: BTreeSet<usize>,
}

impl TrackioSource {
    /// Whether something is a `TRACKIO_DIR`, an inbox in one, or a project's database. Costs a look at the folder.
    pub fn looks_like(path: &Path) -> bool {
        if path.is_file() {
            return is_database(path) && matches!(Database::open(path), Ok(Some(_)));
        }
        let has_records = |folder: &Path| Inbox::in_folder(folder).first().is_some();
        let is_ours = |path: &PathBuf| matches!(Database::open(path), Ok(Some(_)));
        path.is_dir() && (databases_in(path).iter().any(is_ours) || has_records(&inbox_of(path)))
    }

    /// Opens a `TRACKIO_DIR`, an inbox in one, or a project's database.
    ///
    /// # Errors
    /// If it is none of them.
    pub fn open(path: &Path) -> Result<Self> {
        let is_file = path.is_file();
        let folder = if is_file { path.parent().unwrap_or(path) } else { path };
        let paths = if is_file { vec![path.to_owned()] } else { databases_in(path) };
        let mut databases = BTreeMap::new();
        for path in paths {
            let project = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
            if let (Some(project), Some(database)) = (project, Database::open(&path)?) {
                databases.insert(project, database);
            }
        }
        let inbox = if is_file { Inbox::default() } else { Inbox::in_folder(&inbox_of(path)) };
        let is_inbox = inbox_of(path) == path;
        let folder = if is_inbox { folder.parent().unwrap_or(folder) } else { folder };
        if databases.is_empty() && inbox.is_empty() {
            return Err(Error::Unusable {
                what: format!("{} has no runs of Trackio", path.display()),
                hint: "name a TRACKIO_DIR; where there are Parquet files alone, `trackio list projects` makes \
                       databases of them"
                    .to_owned(),
            });
        }
        let parquet = parquet_without_database(folder, &databases);
        Ok(Self { folder: folder.to_owned(), databases, inbox, found: BTreeMap::new(), parquet })
    }

    fn find(&mut self) -> Result<()> {
        self.found.clear();
        for (project, database) in &self.databases {
            for run in database.runs()? {
                let config = database.config(&run.id);
                let found =
                    Found { name: run.name, config, in_database: true, files: BTreeSet::new() };
                self.found.insert((project.clone(), run.id), found);
            }
        }
        // What cannot be read is counted when the run is read.
        let mut account = Account::default();
        for file in 0..self.inbox.len() {
            let found = &mut self.found;
            self.inbox.read(file, &mut account, &mut |record| {
                let Some((key, name)) = key_of(&record) else { return Ok(()) };
                let found = found.entry(key).or_default();
                if found.name.is_empty() {
                    found.name = name;
                }
                if let Some(Value::Object(config)) =
                    record.get("config").filter(|config| is_some(config))
                {
                    found.config.clone_from(config);
                }
                found.files.insert(file);
                Ok(())
            })?;
        }
        Ok(())
    }

    fn read_inbox(&self, (key, found): (&Key, &Found), teller: &mut Teller<'_>) -> Result<()> {
        let database = self.databases.get(&key.0).filter(|_| found.in_database);
        let seen = Seen::new()?;
        let mut account = Account::default();
        for file in &found.files {
            self.inbox.read(*file, &mut account, &mut |record| {
                if key_of(&record).is_some_and(|(of, _)| of == *key)
                    && is_new(&record, database, &seen)?
                {
                    tell(&record, teller)?;
                }
                Ok(())
            })?;
        }
        teller.account.add(account);
        Ok(())
    }
}

impl Source for TrackioSource {
    fn runs(&mut self) -> Result<Vec<ForeignRun>> {
        self.find()?;
        Ok(self.found.iter().map(|(key, found)| foreign(&self.folder, key, found)).collect())
    }

    fn read(&mut self, run: &ForeignRun, sink: &mut dyn Sink, account: &mut Account) -> Result<()> {
        let known = |(key, _): &(&Key, &Found)| origin(key) == run.origin;
        let Some((key, found)) = self.found.iter().find(known) else {
            return Err(Error::Unusable {
                what: format!("{} is not there any more", run.origin),
                hint: "ask for the runs again".to_owned(),
            });
        };
        let media = MediaFiles::new(self.folder.join("media"));
        let mut teller = Teller::new(sink, account, media, run.started_at);
        if let Some(database) = self.databases.get(&key.0).filter(|_| found.in_database) {
            database.read(&key.1, &mut teller)?;
        }
        self.read_inbox((key, found), &mut teller)?;
        if !run.config.is_empty() {
            account.keep("settings", run.config.len() as u64);
        }
        let parquet = std::mem::take(&mut self.parquet);
        account.leave_out("Parquet files", "their projects have no database beside them", parquet);
        Ok(())
    }
}

fn tell(record: &Record, teller: &mut Teller<'_>) -> Result<()> {
    let time = record.get("timestamp").and_then(Value::as_str);
    let none = Map::new();
    let metrics = record.get("metrics").and_then(Value::as_object).unwrap_or(&none);
    match record.get("kind").and_then(Value::as_str) {
        Some("metric") => teller.metrics(time, record.get("step"), metrics),
        Some("system_metric") => teller.system(time, metrics),
        _ => teller.alert(time, record),
    }
}

/// Trackio keeps the first of those that have one id.
fn is_new(record: &Record, database: Option<&Database>, seen: &Seen) -> Result<bool> {
    let kind = record.get("kind").and_then(Value::as_str).unwrap_or_default();
    let field = if kind == "alert" { "alert_id" } else { "log_id" };
    let Some(id) = record.get(field).and_then(Value::as_str) else { return Ok(true) };
    Ok(!database.is_some_and(|database| database.has(kind, id)) && seen.is_first(kind, id)?)
}

/// The ids that were met, on the disk where they are many.
struct Seen(Connection);

impl Seen {
    fn new() -> Result<Self> {
        let made = Connection::open("").and_then(|connection| {
            connection
                .execute_batch("CREATE TABLE seen (id TEXT PRIMARY KEY) WITHOUT ROWID; BEGIN")?;
            Ok(Self(connection))
        });
        made.map_err(no_temporary)
    }

    fn is_first(&self, kind: &str, id: &str) -> Result<bool> {
        let mut statement = self
            .0
            .prepare_cached("INSERT OR IGNORE INTO seen VALUES (?1)")
            .map_err(no_temporary)?;
        Ok(statement.execute([format!("{kind} {id}")]).map_err(no_temporary)? == 1)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
fn no_temporary(error: rusqlite::Error) -> Error {
    Error::Unusable {
        what: format!("no temporary database can be written: {error}"),
        hint: "make room in the folder for temporary files".to_owned(),
    }
}

fn key_of(record: &Record) -> Option<(Key, String)> {
    let text = |key: &str| {
        record
            .get(key)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty() && text.len() <= 1_000)
    };
    let name = text("run")?;
    let id = text("run_id").unwrap_or(name);
    Some(((project_of(text("project")?), id.to_owned()), name.to_owned()))
}

fn is_some(config: &Value) -> bool {
    config.as_object().is_some_and(|config| !config.is_empty())
}

fn origin((project, run): &Key) -> String {
    format!("trackio/{project}/{run}")
}

fn foreign(folder: &Path, key: &Key, found: &Found) -> ForeignRun {
    let mut config = found.config.clone();
    let mut text = |key: &str| match config.shift_remove(key) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let (created, group, user) = (text(CREATED), text(GROUP), text(USER));
    let facts = [("run_id", Some(key.1.clone())), ("user", user)];
    let facts = facts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.into())));
    ForeignRun {
        origin: origin(key),
        from: folder.display().to_string(),
        project: Some(key.0.clone()),
        name: Some(found.name.clone()),
        group,
        notes: None,
        tags: Vec::new(),
        config,
        about: vec![("trackio".to_owned(), facts.collect())],
        started_at: created.as_deref().and_then(time_of),
        ended: Ended::Unknown,
    }
}

/// The inbox in a `TRACKIO_DIR`; a folder that is one itself.
fn inbox_of(path: &Path) -> PathBuf {
    let inner = path.join("inbox");
    let is_one = path.file_name().is_some_and(|name| name == "inbox") && !inner.is_dir();
    if is_one { path.to_owned() } else { inner }
}

fn databases_in(folder: &Path) -> Vec<PathBuf> {
    files_with(folder, "db").into_iter().filter(|path| is_database(path)).collect()
}

fn files_with(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let Ok(listed) = fs::read_dir(folder) else { return Vec::new() };
    let paths = listed.flatten().map(|entry| entry.path());
    let mut paths: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|found| found == ending)).collect();
    paths.sort();
    paths
}

/// Whether a file begins as all databases of `SQLite` do.
fn is_database(path: &Path) -> bool {
    let mut begin = [0; 16];
    let read =
        fs::File::open(path).and_then(|mut file| std::io::Read::read_exact(&mut file, &mut begin));
    path.is_file() && read.is_ok() && begin == *b"SQLite format 3\0"
}

fn parquet_without_database(folder: &Path, databases: &BTreeMap<String, Database>) -> u64 {
    let belongs = |path: &PathBuf| {
        let stem =
            path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        databases.keys().any(|project| stem.starts_with(project.as_str()))
    };
    files_with(folder, "parquet").iter().filter(|path| !belongs(path)).count() as u64
}
