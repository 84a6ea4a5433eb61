//! All studies of a store.

use crate::{
    Result,
    format::layout::{check_project, file_names},
    read::{Project, Store},
    studies::{StudyFolder, folder::studies_of},
};

/// The most studies of a project that are listed.
const MOST: usize = 1_000;

impl Store {
    /// All studies of all projects, by project and name.
    ///
    /// # Errors
    /// If the store cannot be listed. A project whose studies cannot be listed has none.
    pub fn studies(&self) -> Result<Vec<StudyFolder>> {
        let projects = self.projects()?;
        Ok(projects.iter().filter_map(|project| project.studies().ok()).flatten().collect())
    }
}

impl Project {
    /// All studies of the project by name, at most a thousand. What is no folder, or has a name that no study can have,
    /// is none.
    ///
    /// # Errors
    /// If their folder cannot be listed.
    pub fn studies(&self) -> Result<Vec<StudyFolder>> {
        check_project(self.name())?;
        let mut names = file_names(&studies_of(self))?;
        names.sort_by_cached_key(|name| (name.to_lowercase(), name.clone()));
        let studies = names.iter().filter_map(|name| StudyFolder::listed(self, name));
        Ok(studies.take(MOST).collect())
    }
}
