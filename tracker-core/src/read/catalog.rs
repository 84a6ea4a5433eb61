//! All runs of a store.

use std::path::{Path, PathBuf};

use crate::{
    Error, Result, RunId,
    error::IoContext,
    format::layout::{default_root, file_names},
    read::{RunReader, Warning, reference},
};

/// A store: the folder with all projects and their runs.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

/// The runs of a store, and what could not be read.
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
        let root = root.into();
        let hint = "train once with tracker to make a store, or name its folder with --dir or \
                    TRACKER_DIR";
        let found = std::fs::metadata(&root).and_then(|found| {
            let other = || std::io::Error::new(std::io::ErrorKind::NotADirectory, "not a folder");
            if found.is_dir() { Ok(()) } else { Err(other()) }
        });
        found.io_context("open the store", &root, hint)?;
        Ok(Self { root })
    }

    /// Opens the store that a training started here would write to: `TRACKER_DIR`, else the
    /// nearest `.tracker` up to the root of the git repository or Cargo workspace.
    ///
    /// # Errors
    /// If there is none.
    pub fn discover() -> Result<Self> {
        Self::open(default_root()?)
    }

    /// The store's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// All runs of all projects.
    ///
    /// # Errors
    /// If the store itself cannot be listed. A run that cannot be read is a warning.
    pub fn runs(&self) -> Result<Listing> {
        let mut listing = Listing { runs: Vec::new(), warnings: Vec::new() };
        for project in visible(file_names(&self.root)?) {
            let folder = self.root.join(&project);
            if folder.is_dir()
                && let Err(error) = listing.read_project(&folder)
            {
                listing.warnings.push(Warning(format!("skipped a project: {error}")));
            }
        }
        let newest_first =
            |run: &RunReader| std::cmp::Reverse((run.info().started_at, run.info().id.clone()));
        listing.runs.sort_by_cached_key(newest_first);
        Ok(listing)
    }

    /// The run that `reference` means: an id, the beginning of one, a name, `@latest`, or
    /// `@latest~1` for the one before. Of several runs of one name, the one that started last.
    ///
    /// # Errors
    /// If no run or several runs match.
    pub fn find(&self, reference: &str) -> Result<RunReader> {
        reference::find(self, reference)
    }
}

impl Listing {
    fn read_project(&mut self, project: &Path) -> Result<()> {
        for name in visible(file_names(project)?) {
            let folder = project.join(&name);
            match read_run(&name, folder) {
                Ok(run) => {
                    self.warnings.extend(run.damage().cloned());
                    self.runs.push(run);
                }
                Err(warning) => self.warnings.push(warning),
            }
        }
        Ok(())
    }
}

fn read_run(name: &str, folder: PathBuf) -> Result<RunReader, Warning> {
    if name.parse::<RunId>().is_err() {
        return Err(Warning(format!("skipped {}: not a run's folder", folder.display())));
    }
    RunReader::open(folder).map_err(|error: Error| Warning(format!("skipped a run: {error}")))
}

fn visible(names: Vec<String>) -> impl Iterator<Item = String> {
    names.into_iter().filter(|name| !name.starts_with('.'))
}
