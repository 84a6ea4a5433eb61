//! The folders in which older versions of MLflow keep their runs.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use crate::{
    Account, Error, ForeignRun, Result, Sink,
    failed::failed,
    mlflow::{
        flat_yaml,
        foreign::{Naming, StoredRun, give, id_of},
        stored_files::{self, Place},
    },
};

/// So many folders may lie within each other: the parts of a metric's name.
const DEEPEST: usize = 64;
/// The most bytes of a file with one setting or tag.
const LONGEST_TEXT: u64 = 1 << 20;
/// The most bytes of a line with a point.
const LONGEST_LINE: u64 = 4_096;
/// The most settings or tags of one run.
const MOST_WORDS: usize = 100_000;

/// A folder `mlruns`, or a part of one.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    kind: Kind,
    known: HashMap<String, (PathBuf, Naming)>,
    deleted: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    All,
    Experiment,
    Run,
}

impl Folder {
    /// What is at a path; `None` if there is nothing of MLflow. Reads little.
    pub(super) fn open(path: &Path) -> Option<Self> {
        let kind = match meta(path) {
            Some(meta) if meta.contains_key("run_id") || meta.contains_key("run_uuid") => Kind::Run,
            Some(meta) if meta.contains_key("experiment_id") => Kind::Experiment,
            _ => {
                let is_experiment = |path: &PathBuf| {
                    meta(path).is_some_and(|meta| meta.contains_key("experiment_id"))
                };
                folders(path).iter().any(is_experiment).then_some(Kind::All)?
            }
        };
        Some(Self { path: path.to_owned(), kind, known: HashMap::new(), deleted: 0 })
    }

    #[expect(clippy::unnecessary_wraps, reason = "as a database tells of its runs")]
    pub(super) fn runs(&mut self) -> Result<Vec<ForeignRun>> {
        let runs: Vec<(PathBuf, Option<String>)> = match self.kind {
            Kind::All => {
                folders(&self.path).iter().flat_map(|folder| of_experiment(folder)).collect()
            }
            Kind::Experiment => of_experiment(&self.path),
            Kind::Run => vec![(self.path.clone(), self.path.parent().and_then(experiment_name))],
        };
        let mut stored: Vec<(StoredRun, PathBuf)> = Vec::new();
        for (path, experiment) in runs {
            let Some(meta) = meta(&path) else { continue };
            let is_deleted = meta.get("lifecycle_stage").is_some_and(|stage| stage == "deleted");
            match stored_run(&path, &meta, experiment).filter(|_| !is_deleted) {
                Some(run) => stored.push((run, path)),
                None => self.deleted += 1,
            }
        }
        let name = |run: &StoredRun| Some((run.id.clone(), run.name.clone()?));
        let names: HashMap<String, String> =
            stored.iter().filter_map(|(run, _)| name(run)).collect();
        stored.sort_by(|(one, _), (other, _)| (one.start, &one.id).cmp(&(other.start, &other.id)));
        let mut found = Vec::with_capacity(stored.len());
        for (run, path) in stored {
            let naming = Naming::of(&run.tags);
            let is_ours = naming.is_ours();
            self.known.insert(run.id.clone(), (path.clone(), naming));
            let mut run = run.into_foreign(&path.display().to_string(), &names);
            if is_ours {
                run.config =
                    stored_files::whole_config(&path.join("artifacts")).unwrap_or(run.config);
            }
            found.push(run);
        }
        Ok(found)
    }

    pub(super) fn read(
        &mut self,
        run: &ForeignRun,
        sink: &mut dyn Sink,
        account: &mut Account,
    ) -> Result<()> {
        let Some((path, naming)) = self.known.get(id_of(run)) else {
            let what = format!("{} has no run {}", self.path.display(), id_of(run));
            return Err(Error::Unusable { what, hint: "list its runs again".to_owned() });
        };
        account.leave_out("runs", "they were deleted in MLflow", std::mem::take(&mut self.deleted));
        for (key, file) in named_files(&path.join("metrics"), account) {
            let name = naming.read(&key);
            account.rename(&key, &name);
            points(&file, &name, sink, account)?;
        }
        for (folder, what) in
            [("inputs", "data sets and models that went in"), ("outputs", "models")]
        {
            let count = folders(&path.join(folder)).len() as u64;
            account.leave_out(what, "the tracker has no place for them", count);
        }
        let artifacts = path.join("artifacts");
        let place = if artifacts.is_dir() { Place::At(artifacts) } else { Place::None };
        stored_files::read(&place, naming, run.started_at, sink, account)
    }
}

fn of_experiment(folder: &Path) -> Vec<(PathBuf, Option<String>)> {
    let Some(meta) = meta(folder) else { return Vec::new() };
    let name = meta.get("name").cloned();
    folders(folder).into_iter().map(|run| (run, name.clone())).collect()
}

fn stored_run(
    path: &Path,
    meta: &HashMap<String, String>,
    experiment: Option<String>,
) -> Option<StoredRun> {
    let text = |key: &str| meta.get(key).filter(|value| !value.is_empty()).cloned();
    let number = |key: &str| text(key)?.parse().ok();
    let words = |folder: &str| {
        let files = named_files(&path.join(folder), &mut Account::default());
        let read = |(key, file): (String, PathBuf)| Some((key, read_text(&file)?));
        files.into_iter().take(MOST_WORDS).filter_map(read).collect()
    };
    Some(StoredRun {
        id: text("run_id").or_else(|| text("run_uuid"))?,
        experiment,
        name: text("run_name").or_else(|| text("name")),
        user: text("user_id"),
        status: status(&text("status").unwrap_or_default()).to_owned(),
        start: number("start_time"),
        end: number("end_time"),
        params: words("params"),
        tags: words("tags"),
    })
}

/// A status is stored as a number of MLflow's protocol, once as its name.
fn status(stored: &str) -> &str {
    match stored {
        "1" => "RUNNING",
        "2" => "SCHEDULED",
        "3" => "FINISHED",
        "4" => "FAILED",
        "5" => "KILLED",
        name => name,
    }
}

fn experiment_name(folder: &Path) -> Option<String> {
    meta(folder)?.get("name").cloned()
}

fn meta(folder: &Path) -> Option<HashMap<String, String>> {
    read_text(&folder.join("meta.yaml")).map(|text| flat_yaml::read(&text))
}

fn read_text(path: &Path) -> Option<String> {
    if !fs::symlink_metadata(path).ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(LONGEST_TEXT).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The folders in a folder, by name; no links, and nothing hidden such as `.trash`.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_one = |entry: &fs::DirEntry| {
        entry.file_type().is_ok_and(|kind| kind.is_dir())
            && !entry.file_name().to_string_lossy().starts_with('.')
    };
    let mut found: Vec<PathBuf> = entries.filter(is_one).map(|entry| entry.path()).collect();
    found.sort();
    found
}

/// The files below a folder, each with its path there, which is a name in MLflow.
fn named_files(folder: &Path, account: &mut Account) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let mut waiting = vec![(String::new(), folder.to_owned(), 0)];
    while let Some((before, folder, depth)) = waiting.pop() {
        if depth > DEEPEST {
            account.leave_out("names", format!("they have more than {DEEPEST} parts"), 1);
            continue;
        }
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = format!("{before}{}", entry.file_name().to_string_lossy());
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => {
                    waiting.push((format!("{name}/"), entry.path(), depth + 1));
                }
                Ok(kind) if kind.is_file() => found.push((name, entry.path())),
                _ => account.leave_out("files", "they are links", 1),
            }
        }
    }
    found.sort();
    found
}

fn points(file: &Path, name: &str, sink: &mut dyn Sink, account: &mut Account) -> Result<()> {
    let opened = File::open(file).map_err(failed("open", file, "check the file's permissions"))?;
    let mut reader = BufReader::with_capacity(1 << 16, opened);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut reader).take(LONGEST_LINE).read_until(b'\n', &mut line);
        match read {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) => {
                account.leave_out("damaged files", error.to_string(), 1);
                return Ok(());
            }
        }
        match std::str::from_utf8(&line).ok().and_then(point) {
            Some(point) => give(sink, name, point, account)?,
            None if line.iter().all(u8::is_ascii_whitespace) => {}
            None => account.leave_out("points", "their line is damaged", 1),
        }
    }
}

/// The time in milliseconds, the step and the value of a line. The oldest versions have no steps; a data set may stand
/// behind.
fn point(line: &str) -> Option<(i64, i64, f64)> {
    let mut parts = line.split_whitespace();
    let millis = parts.next()?.parse().ok()?;
    let value = parts.next()?.parse().ok()?;
    let step = parts.next().map_or(Some(0), |step| step.parse().ok())?;
    Some((millis, step, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_time_a_value_and_a_step() {
        assert_eq!(point("17 0.1 3\n"), Some((17, 3, 0.1)));
        assert_eq!(point("17 -inf 3 data 0af\n"), Some((17, 3, f64::NEG_INFINITY)));
        assert_eq!(point("17 1e-05"), Some((17, 0, 1e-5)));
        assert!(point("17 nan 0").is_some_and(|(_, _, value)| value.is_nan()));
        for damaged in ["", "17", "x 1 2", "17 1 x", "17  "] {
            assert_eq!(point(damaged), None, "{damaged}");
        }
    }
}
