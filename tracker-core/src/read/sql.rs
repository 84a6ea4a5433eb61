//! Views over a store, for DuckDB: no server, no copy, and no engine of ours.

use std::{
    collections::HashSet,
    io::{self, Write},
    path::{MAIN_SEPARATOR, Path, PathBuf},
};

use crate::{
    Error, Result, RunId, State, Timestamp,
    error::{IoContext, excerpt},
    format::{folder::StorePath, layout::file_names},
    read::{
        RunReader, Series, Store,
        sources::{Positions, Sources},
        unsealed_rows::LooseRows,
        write_parquet,
    },
};

/// The views, with `{root}` in the place of the store's path.
const VIEWS: &str = include_str!("sql/views.sql");

/// The file of the views, in the store.
const FILE: &str = "views.sql";

/// The folder of what the views need beside the runs: one empty file of each kind, as DuckDB takes a pattern that no file
/// matches for a mistake, and the points that are in no part yet.
const FOLDER: &str = ".sql";

/// What is there where no run is. No run has this name, so the views leave it out.
const NONE: &str = "none";

/// What the file system may refuse.
const HINT: &str = "check the permissions of the store's folder";

/// What was written for DuckDB.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SqlViews {
    /// The file of the views.
    pub path: PathBuf,
    /// What stands in it.
    pub text: String,
    /// How many points beside the sealed ones the views see; `None` if nobody asked for them.
    pub live: Option<LivePoints>,
}

/// Points that were in no part yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LivePoints {
    /// When they were looked for: what was logged later is not among them.
    pub as_of: Timestamp,
    /// How many runs have such points.
    pub runs: u64,
    /// How many points these are.
    pub points: u64,
}

impl Store {
    /// Writes `views.sql` into the store: views over all runs, which DuckDB reads with `.read` or `-init`. They read the store's
    /// files whenever they are asked; docs/sql.md says what is in them.
    ///
    /// With `live`, the points that are in no part yet, as those of a run that trains, are copied into a file a run, and seen
    /// as they are now: a million a process at most. A copy stays until this is called again, and does no harm: points that
    /// have become part of a part meanwhile are taken from there.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// let views = tracker_core::read::Store::discover()?.write_sql_views(false)?;
    /// println!("duckdb -init {}", views.path.display());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the store's path cannot stand in SQL as it must be UTF-8, or the store cannot be written.
    pub fn write_sql_views(&self, live: bool) -> Result<SqlViews> {
        let text = views(self.root())?;
        let root = StorePath::named(self.root());
        let root = root.hold().io_context("open the store", self.root(), HINT)?;
        if root.is_mounted() {
            self.bring_all()?;
        }
        let own = root.child(FOLDER);
        write_none(&own).io_context("write", &own, HINT)?;
        let live = self.write_live(&own.child("live"), live)?;
        let file = root.child(FILE);
        file.replace_with(text.as_bytes(), false).io_context("write", &file, HINT)?;
        Ok(SqlViews { path: self.root().join(FILE), text, live })
    }

    /// Brings what the views read, of a store that lies elsewhere: DuckDB knows nothing of it.
    fn bring_all(&self) -> Result<()> {
        for run in self.runs()?.runs {
            let paths = run.paths();
            let parts = paths.parts()?.into_iter().map(|part| paths.part(part));
            let own =
                file_names(paths.folder())?.into_iter().map(|name| paths.folder().child(name));
            for file in parts.chain(own) {
                file.bring().io_context("fetch", &file, HINT)?;
            }
        }
        Ok(())
    }

    fn write_live(&self, folder: &StorePath, wanted: bool) -> Result<Option<LivePoints>> {
        let mut live = LivePoints { as_of: Timestamp::now(), runs: 0, points: 0 };
        let mut written = HashSet::from([parquet_name(NONE)]);
        let runs = if wanted { self.runs()?.runs } else { Vec::new() };
        for run in runs {
            // A part may have a run's last points though its process died before it could say so.
            if run.state() == State::Finished {
                continue;
            }
            let series = run.unsealed()?;
            let points: u64 = series.iter().map(|series| series.rows.len() as u64).sum();
            if points == 0 {
                continue;
            }
            let name = parquet_name(run.info().id.as_str());
            let file = folder.child(&name);
            write_rows(&file, &series, &run.info().id).io_context("write", &file, HINT)?;
            written.insert(name);
            (live.runs, live.points) = (live.runs + 1, live.points + points);
        }
        let names = folder.names().io_context("list", folder, HINT)?;
        for name in names.into_iter().filter(|name| !written.contains(name)) {
            let file = folder.child(name);
            file.remove().io_context("remove", &file, HINT)?;
        }
        Ok(wanted.then_some(live))
    }
}

impl RunReader {
    /// The rows that are in no part yet, those too that a resumed training took back.
    fn unsealed(&self) -> Result<Vec<Series>> {
        let sources = Sources::find(self.paths(), self.part_cache(), &Positions::new())?;
        let mut loose = LooseRows::new(sources.positions);
        let metrics: Vec<String> = loose.metrics().map(str::to_owned).collect();
        let series = metrics.into_iter().map(|metric| {
            let rows = loose.take(&metric).into_iter().flatten().collect();
            Series { metric, rows }
        });
        Ok(series.collect())
    }
}

fn parquet_name(name: &str) -> String {
    format!("{name}.parquet")
}

/// The views over the store at `root`.
fn views(root: &Path) -> Result<String> {
    let refused = |reason: &str| Error::InvalidName {
        what: "path of the store",
        name: excerpt(&root.to_string_lossy()),
        reason: reason.to_owned(),
        hint: "move the store, or name it by a link with --dir".to_owned(),
    };
    let path = root.to_str().ok_or_else(|| refused("it is no UTF-8, and SQL is"))?;
    if path.contains('\0') || (MAIN_SEPARATOR != '\\' && path.contains('\\')) {
        return Err(refused("DuckDB takes a backslash for the end of a folder's name"));
    }
    Ok(VIEWS.replace("{root}", &in_sql(path.trim_end_matches(MAIN_SEPARATOR))))
}

/// A path as a pattern of DuckDB that matches it alone, within a text of SQL.
fn in_sql(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            '*' | '?' | '[' => text.extend(['[', c, ']']),
            '\'' => text.push_str("''"),
            c => text.push(if c == MAIN_SEPARATOR { '/' } else { c }),
        }
    }
    text
}

/// One empty file of each kind.
fn write_none(own: &StorePath) -> io::Result<()> {
    let none = own.child(NONE);
    let (scalars, live) = (none.child("scalars"), own.child("live"));
    scalars.create_folder()?;
    live.create_folder()?;
    none.child("run.json").replace_with(b"{}", false)?;
    none.child("edits.jsonl").replace_with(b"", false)?;
    none.child("events-none.jsonl").replace_with(b"", false)?;
    let nothing: [Series; 0] = [];
    let id = RunId::generate();
    write_rows(&scalars.child("r0a0-0-0.parquet"), &nothing, &id)?;
    write_rows(&live.child(parquet_name(NONE)), &nothing, &id)
}

fn write_rows(file: &StorePath, series: &[Series], run: &RunId) -> io::Result<()> {
    file.replace(false, |file| {
        let mut out = io::BufWriter::new(file);
        write_parquet(series, run, &mut out)?;
        out.flush()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_break_out_of_its_text_nor_match_another() {
        assert_eq!(in_sql("/a b/it's"), "/a b/it''s");
        assert_eq!(in_sql("/x'; DROP TABLE y; --"), "/x''; DROP TABLE y; --");
        assert_eq!(in_sql("/[a]*?"), "/[[]a][*][?]");
    }

    #[test]
    fn the_views_of_a_store_have_its_path_and_nothing_left_to_fill_in() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("it's a store");
        std::fs::create_dir(&store).unwrap();
        let store = Store::open(store).unwrap();
        let views = store.write_sql_views(true).unwrap();
        assert_eq!(std::fs::read_to_string(&views.path).unwrap(), views.text);
        assert!(
            views.text.contains("/it''s a store/*/*/run.json") && !views.text.contains("{root}")
        );
        assert_eq!(views.live.map(|live| live.points), Some(0));
        assert!(store.projects().unwrap().is_empty(), "what the views need is no project");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_place_of_a_file_is_not_written_through() {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        std::fs::write(&secret, "secret").unwrap();
        let root = folder.path().join("store");
        std::fs::create_dir(&root).unwrap();
        std::os::unix::fs::symlink(&secret, root.join("views.sql")).unwrap();
        let store = Store::open(&root).unwrap();
        store.write_sql_views(false).unwrap();
        assert_eq!(std::fs::read_to_string(&secret).unwrap(), "secret");
        std::fs::remove_dir_all(root.join(".sql")).unwrap();
        std::os::unix::fs::symlink(folder.path(), root.join(".sql")).unwrap();
        assert!(store.write_sql_views(false).is_err());
        assert!(!folder.path().join("none").exists());
    }
}
