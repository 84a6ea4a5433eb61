//! Packages of which runs have different versions.

use std::collections::{BTreeMap, BTreeSet};

use crate::read::RunReader;

/// What runs were built with.
#[derive(Debug, Default)]
pub struct ComparedPackages {
    /// Each run's versions by package; `None` where its packages are not known.
    of_runs: Vec<Option<BTreeMap<String, String>>>,
    /// Why lists are missing.
    warnings: Vec<String>,
}

/// A package over several runs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ComparedPackage<'a> {
    /// Its name.
    pub name: &'a str,
    /// Each run's version; `None` where it has none, or nobody knows.
    pub versions: Vec<Option<&'a str>>,
}

impl ComparedPackages {
    /// Reads the lists of all runs. One that cannot be read costs itself and a warning.
    pub fn of(runs: &[RunReader]) -> Self {
        let mut packages = Self::default();
        for run in runs {
            let known = run.packages().unwrap_or_else(|error| {
                packages.warnings.push(error.to_string());
                None
            });
            packages.of_runs.push(known);
        }
        packages
    }

    /// Why lists are missing.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The packages of which two runs, whose packages are known, have different versions.
    pub fn differing(&self) -> Vec<ComparedPackage<'_>> {
        let known = self.of_runs.iter().flatten();
        let names: BTreeSet<&String> = known.flat_map(BTreeMap::keys).collect();
        let packages = names.into_iter().filter(|name| self.differ_in(name));
        packages.map(|name| ComparedPackage { name, versions: self.versions(name) }).collect()
    }

    fn differ_in(&self, name: &str) -> bool {
        let mut versions = self.of_runs.iter().flatten().map(|packages| packages.get(name));
        let first = versions.next();
        versions.any(|version| Some(version) != first)
    }

    fn versions(&self, name: &str) -> Vec<Option<&str>> {
        self.of_runs
            .iter()
            .map(|packages| packages.as_ref()?.get(name).map(String::as_str))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(packages: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = |(name, version): &(&str, &str)| ((*name).to_owned(), (*version).to_owned());
        packages.iter().map(owned).collect()
    }

    #[test]
    fn packages_differ_by_version_or_by_being_there() {
        let first = list(&[("burn", "0.18.0"), ("rand", "0.9.2"), ("serde", "1.0.0")]);
        let second = list(&[("burn", "0.17.0"), ("serde", "1.0.0")]);
        let packages = ComparedPackages {
            of_runs: vec![Some(first), Some(second), None],
            warnings: Vec::new(),
        };
        let wanted = [
            ComparedPackage { name: "burn", versions: vec![Some("0.18.0"), Some("0.17.0"), None] },
            ComparedPackage { name: "rand", versions: vec![Some("0.9.2"), None, None] },
        ];
        assert_eq!(packages.differing(), wanted);
    }

    #[test]
    fn a_run_whose_packages_nobody_knows_differs_from_none() {
        let packages = ComparedPackages {
            of_runs: vec![None, Some(list(&[("burn", "0.18.0")]))],
            warnings: Vec::new(),
        };
        assert_eq!(packages.differing(), []);
    }
}
