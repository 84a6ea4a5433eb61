//! References that mean several runs at once: `@group:NAME`, `@study:NAME`.

use crate::{
    Error, Result,
    error::{excerpt, some_of},
    read::{RunInfo, RunReader, Store, reference::project_of},
};

/// What brings runs together.
#[derive(Debug, Clone, Copy)]
enum Bond {
    Group,
    Study,
}

impl Store {
    /// All runs that `reference` means, the one that started first coming first: `@group:NAME` is all runs of a group,
    /// trials of a study of this name that are of no other group too, `@study:NAME` all trials of a study, each perhaps behind a project and a slash; everything else is one run, as
    /// for [`find`](Self::find).
    ///
    /// # Errors
    /// If no run matches, or several where one is meant.
    pub fn find_all(&self, reference: &str) -> Result<Vec<RunReader>> {
        let (project, rest) = match reference.split_once('/') {
            Some((project, rest)) if rest.starts_with('@') => (project_of(project), rest),
            _ => (None, reference),
        };
        let Some((bond, name)) = Bond::parse(rest) else { return Ok(vec![self.find(reference)?]) };
        let listing = match project {
            Some(project) => self.project(project).runs()?,
            None => self.runs()?,
        };
        let is_member = |run: &&RunReader| bond.of(run.info()) == Some(name);
        let found: Vec<RunReader> = listing.runs.iter().rev().filter(is_member).cloned().collect();
        if found.is_empty() {
            return Err(bond.not_found(self, reference, name, &listing.runs));
        }
        Ok(found)
    }
}

impl Bond {
    fn parse(reference: &str) -> Option<(Self, &str)> {
        let after = |bond: Self| Some((bond, reference.strip_prefix(bond.prefix())?));
        after(Self::Group).or_else(|| after(Self::Study))
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::Group => "@group:",
            Self::Study => "@study:",
        }
    }

    fn of(self, info: &RunInfo) -> Option<&str> {
        match self {
            Self::Group => info.group_or_study(),
            Self::Study => info.study(),
        }
    }

    fn not_found(self, store: &Store, reference: &str, name: &str, runs: &[RunReader]) -> Error {
        let mut names: Vec<String> =
            runs.iter().filter_map(|run| self.of(run.info())).map(str::to_owned).collect();
        names.sort_unstable();
        names.dedup();
        let word = match self {
            Self::Group => "group",
            Self::Study => "study",
        };
        let hint = if names.is_empty() {
            format!("no run has a {word} yet")
        } else {
            format!("runs have {word} {}", some_of(names.iter(), name))
        };
        Error::RunNotFound { reference: excerpt(reference), root: store.root().to_owned(), hint }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::init;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        for (project, name, group) in
            [("mnist", "a1", "a"), ("mnist", "b1", "b"), ("mnist", "a2", "a"), ("cifar", "a3", "a")]
        {
            let run = init(project).name(name).group(group).dir(folder.path());
            let run = run.signals(false).code_changes(false).start().unwrap();
            if name == "b1" {
                run.describe("study", json!({ "name": "lr", "trial": 3 }));
            }
            run.finish().unwrap();
        }
        let store = Store::open(folder.path()).unwrap();
        (folder, store)
    }

    fn names(store: &Store, reference: &str) -> Vec<String> {
        let runs = store.find_all(reference).unwrap();
        runs.iter().map(|run| run.info().name.clone()).collect()
    }

    #[test]
    fn a_group_is_all_its_runs_the_first_started_first() {
        let (_folder, store) = store();
        assert_eq!(names(&store, "@group:a"), ["a1", "a2", "a3"]);
        assert_eq!(names(&store, "mnist/@group:a"), ["a1", "a2"]);
        assert_eq!(names(&store, "@study:lr"), ["b1"]);
    }

    #[test]
    fn a_trial_without_a_group_is_of_the_group_of_its_study() {
        let (_folder, store) = store();
        assert!(store.find_all("@group:lr").is_err(), "it has a group of its own");
        store.find("b1").unwrap().edit(&crate::read::Edit::new().group("")).unwrap();
        assert_eq!(names(&store, "@group:lr"), ["b1"]);
    }

    #[test]
    fn any_other_reference_is_one_run() {
        let (_folder, store) = store();
        assert_eq!(names(&store, "a2"), ["a2"]);
        assert_eq!(names(&store, "cifar/a3"), ["a3"]);
        assert_eq!(names(&store, "mnist/@latest"), ["a2"]);
    }

    #[test]
    fn an_unknown_group_is_an_error_that_names_the_known_ones() {
        let (_folder, store) = store();
        let error = store.find_all("@group:c").unwrap_err().to_string();
        assert!(error.contains("runs have group a, b"), "{error}");
        let error = store.find_all("cifar/@study:c").unwrap_err().to_string();
        assert!(error.contains("no run has a study yet"), "{error}");
    }
}
