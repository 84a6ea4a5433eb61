//! All runs of a store.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use parking_lot::Mutex;

use crate::{
    Error, Result, RunId,
    error::IoContext,
    format::{
        folder::StorePath,
        layout::{EDITS, RUN_FILE, RunPaths, check_project, default_root, file_names},
    },
    mounts::named,
    read::{Loss, RunReader, Warning, file_stamp::Stamp, reference},
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
    /// Whether the listing that is being made has met it.
    is_there: bool,
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
        StorePath::named(&*root).hold().io_context("open the store", &root, hint)?;
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
        Ok(self.projects_and_links()?.0)
    }

    /// All projects, and links in the place of one: these may lead anywhere, so nobody follows
    /// them.
    fn projects_and_links(&self) -> Result<(Vec<Project>, Vec<Warning>)> {
        let root = StorePath::named(&*self.root);
        let root = root.hold().io_context("list", &self.root, "check the folder's permissions")?;
        let mut names: Vec<String> = visible(file_names(&root)?).collect();
        names.sort_unstable();
        let (mut projects, mut links) = (Vec::new(), Vec::new());
        for name in names {
            match root.look_below(&name) {
                Ok(look) if look.is_folder() => projects.push(self.project(&name)),
                Ok(look) if look.is_link() => links.push(Warning::new(
                    Loss::Runs,
                    format!(
                        "skipped {}: it is a link, and a store's projects are real folders\n\
                     hint: move the folder here, or set TRACKER_DIR to a store on the other disk",
                        named(&root.child(name))
                    ),
                )),
                _ => {}
            }
        }
        Ok((projects, links))
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
        let (projects, warnings) = self.projects_and_links()?;
        let mut listing = Listing { runs: Vec::new(), warnings };
        for project in &projects {
            if let Err(error) = project.read(&mut listing) {
                listing
                    .warnings
                    .push(Warning::new(Loss::Runs, format!("skipped a project: {error}")));
            }
        }
        let there: HashSet<&str> = projects.iter().map(Project::name).collect();
        self.seen.lock().retain(|name, _| there.contains(&**name));
        listing.put_in_order();
        Ok(listing)
    }

    /// The run of this id, found by its folder: no other run is looked at, however many there are.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// use tracker_core::{RunId, read::Store};
    ///
    /// let id: RunId = "01JZXW5M4B6Q8T2V9Y3C7D0E1F".parse()?;
    /// println!("{}", Store::discover()?.run(&id)?.info().name);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If there is no such run, or it cannot be read. One whose folder somebody has given another
    /// name is found by [`find`](Self::find) alone.
    pub fn run(&self, id: &RunId) -> Result<RunReader> {
        for project in self.projects()? {
            if let Some(run) = project.run(id)? {
                return Ok(run);
            }
        }
        Err(Error::RunNotFound {
            reference: id.to_string(),
            root: self.root.clone(),
            hint: "`tracker ls` shows all runs".into(),
        })
    }

    /// The run that `reference` means: an id, the beginning of one, a name, `@latest`,
    /// `@latest~1` for the one before, or `@best:METRIC` for the one with the best finite value of
    /// a metric whose direction is defined; else `@best:min:METRIC` or `@best:max:METRIC`. Of
    /// several runs of one name or equally good ones, the one that started last. With a project before it,
    /// as in `mnist/calm-otter`, of the runs of that project.
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

    pub(crate) fn place(&self) -> StorePath {
        StorePath::named(&*self.store.root).child(&self.name)
    }

    /// All its runs.
    ///
    /// # Errors
    /// If there is no such project, or its folder cannot be listed. A run that cannot be read is a
    /// warning.
    pub fn runs(&self) -> Result<Listing> {
        check_project(&self.name)?;
        let place = self.place();
        place.hold().io_context("open the project", &place, "`tracker ls` shows all runs")?;
        let mut listing = Listing { runs: Vec::new(), warnings: Vec::new() };
        self.read(&mut listing)?;
        listing.put_in_order();
        Ok(listing)
    }

    /// The run of this id, if the project has it.
    pub(crate) fn run(&self, id: &RunId) -> Result<Option<RunReader>> {
        let place = self.place();
        let folder = place.hold().io_context("open", &place, "check its permissions")?;
        let name = id.as_str();
        if !folder.look_below(name).is_ok_and(|look| look.is_folder()) {
            return Ok(None);
        }
        let stamps = Stamps::of(&folder, name);
        let mut projects = self.store.seen.lock();
        let seen = projects.entry(self.name.clone()).or_default();
        if let Some(known) = seen.get(name).filter(|known| known.is_as_it_was(stamps, &folder)) {
            return Ok(Some(known.run.clone()));
        }
        let open = RunPaths::at(folder.child(name));
        let run = RunReader::open_from(RunPaths::at(place.child(name)), &open)?;
        if stamps.are_settled() && run.edits_stamp().is_settled() {
            let known = SeenRun { run: run.clone(), stamps, is_there: false };
            seen.insert(name.to_owned(), known);
        }
        Ok(Some(run))
    }

    fn read(&self, listing: &mut Listing) -> Result<()> {
        let place = self.place();
        let folder = place.hold().io_context("open", &place, "check its permissions")?;
        let names = file_names(&folder)?;
        let mut projects = self.store.seen.lock();
        let seen = projects.entry(self.name.clone()).or_default();
        listing.read_runs((&place, &folder), names, seen);
        seen.retain(|_, run| std::mem::take(&mut run.is_there));
        Ok(())
    }
}

impl Listing {
    /// Reads the runs of a project that have changed since they were seen.
    fn read_runs(
        &mut self,
        (place, project): (&StorePath, &StorePath),
        names: Vec<String>,
        seen: &mut SeenRuns,
    ) {
        for name in visible(names) {
            let stamps = Stamps::of(project, &name);
            let known = seen.get_mut(&name).filter(|known| known.is_as_it_was(stamps, project));
            if let Some(known) = known {
                known.is_there = true;
                self.add(known.run.clone());
                continue;
            }
            match read_run(&name, RunPaths::at(place.child(&name)), project) {
                Ok(run) => {
                    if stamps.are_settled() && run.edits_stamp().is_settled() {
                        seen.insert(name, SeenRun { run: run.clone(), stamps, is_there: true });
                    }
                    self.add(run);
                }
                Err(warning) => self.warnings.push(warning),
            }
        }
    }

    fn add(&mut self, run: RunReader) {
        self.warnings.extend(run.damage().cloned());
        self.runs.push(run);
    }

    /// The one that started last first. Where two folders hold one run, that is told.
    fn put_in_order(&mut self) {
        let place = |run: &RunReader| (run.info().started_at, run.info().id.clone());
        self.runs.sort_by_cached_key(|run| std::cmp::Reverse(place(run)));
        let mut folders: HashMap<&RunId, &Path> = HashMap::with_capacity(self.runs.len());
        for run in &self.runs {
            if let Some(other) = folders.insert(&run.info().id, run.path()) {
                self.warnings.push(Warning::new(
                    Loss::Runs,
                    format!(
                        "{} and {} hold the same run {}; move one of them away",
                        named(other),
                        named(run.path()),
                        run.info().id
                    ),
                ));
            }
        }
    }
}

impl SeenRun {
    /// Whether neither the run's folder, nor its `run.json`, nor what people edited has changed. A
    /// run without edits is not looked at again: their file appears in the folder.
    fn is_as_it_was(&self, stamps: Stamps, project: &StorePath) -> bool {
        let edits = self.run.edits_stamp();
        let now = || {
            let folder = self.run.path().file_name().and_then(|name| name.to_str());
            folder.map(|name| Stamp::within(project, &format!("{name}/{EDITS}")))
        };
        self.stamps == stamps && (edits == Stamp::default() || now() == Some(edits))
    }
}

impl Stamps {
    fn of(project: &StorePath, run: &str) -> Self {
        Self {
            folder: Stamp::within(project, run),
            file: Stamp::within(project, &format!("{run}/{RUN_FILE}")),
        }
    }

    fn are_settled(self) -> bool {
        self.folder.is_settled() && self.file.is_settled()
    }
}

/// Reads a run of an open project, which is found again by `paths`.
fn read_run(name: &str, paths: RunPaths, project: &StorePath) -> Result<RunReader, Warning> {
    if name.parse::<RunId>().is_err() {
        return Err(Warning::new(
            Loss::Runs,
            format!("skipped {}: not a run's folder", named(paths.folder())),
        ));
    }
    let open = RunPaths::at(project.child(name));
    RunReader::open_from(paths, &open)
        .map_err(|error: Error| Warning::new(Loss::Runs, format!("skipped a run: {error}")))
}

fn visible(names: Vec<String>) -> impl Iterator<Item = String> {
    names.into_iter().filter(|name| !name.starts_with('.'))
}
