//! All runs of a store.

use std::{
    collections::HashMap,
    fs::{self, File},
    path::{Path, PathBuf},
    sync::Arc,
};

use parking_lot::Mutex;

use crate::{
    Error, Result, RunId,
    error::IoContext,
    format::layout::{EDITS, RunPaths, check_project, default_root, file_names},
    read::{RunReader, Warning, reference, stamp::Stamp},
};

/// A store: the folder with all projects and their runs.
///
/// Keep one, and clone it freely: it remembers the runs that it has read and looks only for
/// changes when it lists them again.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
    seen: Arc<Mutex<HashMap<String, SeenRuns>>>,
}

/// The runs of one project that have been read, by the names of their folders.
type SeenRuns = HashMap<String, SeenRun>;

/// A run as it was read, and what tells whether it is still so.
#[derive(Debug)]
struct SeenRun {
    run: RunReader,
    stamps: Stamps,
}

/// The stamps of a run's folder, in which every file of interest is made or replaced, and of its
/// `run.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamps {
    folder: Stamp,
    file: Stamp,
}

/// One project of a store.
#[derive(Debug, Clone)]
pub struct Project {
    store: Store,
    name: String,
}

/// The runs of a store or project, and what could not be read.
#[derive(Debug)]
#[non_exhaustive]
pub struct Listing {
    /// The runs, the one that started last first.
    pub runs: Vec<RunReader>,
    /// Folders that are no runs, or cannot be read.
    pub warnings: Vec<Warning>,
}

impl Store {
    /// Opens the store in `root`.
    ///
    /// # Errors
    /// If there is no such folder.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self> {
        let root: PathBuf = root.into();
        let root = std::path::absolute(&root).unwrap_or(root);
        let hint = "train once with tracker to make a store, or name its folder with --dir or \
                    TRACKER_DIR";
        let found = fs::metadata(&root).and_then(|found| {
            let other = || std::io::Error::new(std::io::ErrorKind::NotADirectory, "not a folder");
            if found.is_dir() { Ok(()) } else { Err(other()) }
        });
        found.io_context("open the store", &root, hint)?;
        Ok(Self { root, seen: Arc::default() })
    }

    /// Opens the store that a training started here would write to: `TRACKER_DIR`, else the
    /// nearest `.tracker` up to the root of the git repository or Cargo workspace.
    ///
    /// # Errors
    /// If there is none.
    pub fn discover() -> Result<Self> {
        Self::open(default_root()?)
    }

    /// The folder that [`discover`](Self::discover) opens, whether it is there or not yet.
    ///
    /// # Errors
    /// If the working directory cannot be found.
    pub fn discovered_root() -> Result<PathBuf> {
        default_root()
    }

    /// The store's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// All projects, by name.
    ///
    /// # Errors
    /// If the store cannot be listed.
    pub fn projects(&self) -> Result<Vec<Project>> {
        let mut names: Vec<String> =
            visible(file_names(&self.root)?).filter(|name| self.root.join(name).is_dir()).collect();
        names.sort_unstable();
        Ok(names.iter().map(|name| self.project(name)).collect())
    }

    /// The project of this name, whether there is one or not.
    pub fn project(&self, name: &str) -> Project {
        Project { store: self.clone(), name: name.to_owned() }
    }

    /// All runs of all projects.
    ///
    /// # Errors
    /// If the store itself cannot be listed. A run that cannot be read is a warning.
    pub fn runs(&self) -> Result<Listing> {
        let mut listing = Listing { runs: Vec::new(), warnings: Vec::new() };
        let projects = self.projects()?;
        for project in &projects {
            if let Err(error) = project.read(&mut listing) {
                listing.warnings.push(Warning(format!("skipped a project: {error}")));
            }
        }
        let is_there = |name: &String| projects.iter().any(|project| project.name == *name);
        self.seen.lock().retain(|name, _| is_there(name));
        listing.put_in_order();
        Ok(listing)
    }

    /// The run that `reference` means: an id, the beginning of one, a name, `@latest`,
    /// `@latest~1` for the one before, or `@best:METRIC` for the one with the best finite value of
    /// a metric whose direction is defined; else `@best:min:METRIC` or `@best:max:METRIC`. Of
    /// several runs of one name or equally good ones, the one that started last.
    ///
    /// # Errors
    /// If no run or several runs match, or nobody says which values of the metric are better.
    pub fn find(&self, reference: &str) -> Result<RunReader> {
        reference::find(self, reference)
    }
}

impl Project {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its folder.
    pub fn path(&self) -> PathBuf {
        self.store.root.join(&self.name)
    }

    /// All its runs.
    ///
    /// # Errors
    /// If there is no such project, or its folder cannot be listed. A run that cannot be read is a
    /// warning.
    pub fn runs(&self) -> Result<Listing> {
        check_project(&self.name)?;
        let path = self.path();
        fs::metadata(&path).io_context("open the project", &path, "`tracker ls` shows all runs")?;
        let mut listing = Listing { runs: Vec::new(), warnings: Vec::new() };
        self.read(&mut listing)?;
        listing.put_in_order();
        Ok(listing)
    }

    fn read(&self, listing: &mut Listing) -> Result<()> {
        let path = self.path();
        let names = file_names(&path)?;
        let folder = File::open(&path).io_context("open", &path, "check its permissions")?;
        let mut projects = self.store.seen.lock();
        let before = projects.remove(&self.name).unwrap_or_default();
        let seen = projects.entry(self.name.clone()).or_default();
        listing.read_runs((&path, &folder), names, before, seen);
        Ok(())
    }
}

impl Listing {
    /// Reads the runs of a project, those that have not changed from `before`.
    fn read_runs(
        &mut self,
        (path, project): (&Path, &File),
        names: Vec<String>,
        mut before: SeenRuns,
        seen: &mut SeenRuns,
    ) {
        for name in visible(names) {
            let stamps = Stamps::of(project, &name);
            let known = before.remove(&name).filter(|known| known.is_as_it_was(stamps, project));
            let run = match known {
                Some(known) => Ok(known.run),
                None => read_run(&name, RunPaths::new(path.join(&name))),
            };
            match run {
                Ok(run) => {
                    self.warnings.extend(run.damage().cloned());
                    if stamps.are_settled() && run.edits_stamp().is_settled() {
                        seen.insert(name, SeenRun { run: run.clone(), stamps });
                    }
                    self.runs.push(run);
                }
                Err(warning) => self.warnings.push(warning),
            }
        }
    }

    /// The one that started last first. Where two folders hold one run, that is told.
    fn put_in_order(&mut self) {
        let place = |run: &RunReader| (run.info().started_at, run.info().id.clone());
        self.runs.sort_by_cached_key(|run| std::cmp::Reverse(place(run)));
        let mut folders: HashMap<&RunId, &Path> = HashMap::with_capacity(self.runs.len());
        for run in &self.runs {
            if let Some(other) = folders.insert(&run.info().id, run.path()) {
                self.warnings.push(Warning(format!(
                    "{} and {} hold the same run {}; move one of them away",
                    other.display(),
                    run.path().display(),
                    run.info().id
                )));
            }
        }
    }
}

impl SeenRun {
    /// Whether neither the run's folder, nor its `run.json`, nor what people edited has changed. A
    /// run without edits is not looked at again: their file appears in the folder.
    fn is_as_it_was(&self, stamps: Stamps, project: &File) -> bool {
        let edits = self.run.edits_stamp();
        let now = || {
            let folder = self.run.path().file_name().and_then(|name| name.to_str());
            folder.map(|name| Stamp::within(project, &format!("{name}/{EDITS}")))
        };
        self.stamps == stamps && (edits == Stamp::default() || now() == Some(edits))
    }
}

impl Stamps {
    fn of(project: &File, run: &str) -> Self {
        Self {
            folder: Stamp::within(project, run),
            file: Stamp::within(project, &format!("{run}/run.json")),
        }
    }

    fn are_settled(self) -> bool {
        self.folder.is_settled() && self.file.is_settled()
    }
}

fn read_run(name: &str, paths: RunPaths) -> Result<RunReader, Warning> {
    if name.parse::<RunId>().is_err() {
        return Err(Warning(format!("skipped {}: not a run's folder", paths.folder().display())));
    }
    RunReader::open_at(paths).map_err(|error: Error| Warning(format!("skipped a run: {error}")))
}

fn visible(names: Vec<String>) -> impl Iterator<Item = String> {
    names.into_iter().filter(|name| !name.starts_with('.'))
}
