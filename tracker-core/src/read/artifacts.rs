//! The files that belong to a run, version by version.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::{
    Artifact, Timestamp,
    format::event_line::{EventHead, EventKind, StoredEvent, StoredEventKind},
};

/// A version of an artifact, as it stands now.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ArtifactVersion {
    /// What was recorded of it. Its aliases are those that belong to it now, and its path is
    /// relative to the run's folder if the file lies within: [`RunReader::path`] joined with it is
    /// the file.
    ///
    /// [`RunReader::path`]: crate::read::RunReader::path
    #[serde(flatten)]
    pub artifact: Artifact,
    /// When it was recorded.
    pub time: Timestamp,
    /// Whether its file is gone.
    pub deleted: bool,
}

/// Whether an event tells of an artifact.
pub(crate) fn is_artifact(head: &EventHead<'_>) -> bool {
    matches!(head.kind, EventKind::Artifact | EventKind::ArtifactDeleted)
}

/// The index of all versions in the order in which they were recorded, from events in the order of
/// time. A version that was recorded again is the later one.
pub(crate) fn artifacts(events: Vec<StoredEvent>) -> Vec<ArtifactVersion> {
    let mut index = Index::default();
    for event in events {
        match event.kind {
            StoredEventKind::Artifact(artifact) => index.add(event.time, artifact),
            StoredEventKind::ArtifactDeleted { name, version } => index.delete(name, version),
            _ => {}
        }
    }
    index.finish()
}

/// An artifact's name and which of its versions.
type Version = (String, String);

#[derive(Default)]
struct Index {
    /// In the order in which they were recorded; `None` for one that was recorded again later.
    versions: Vec<Option<ArtifactVersion>>,
    /// Where a version is among them.
    places: HashMap<Version, usize>,
    /// Which version was given which alias, in the order in which they were.
    given: Vec<(Version, String)>,
    /// How many aliases had been given when a version was deleted: those that were its are not.
    given_before_deletion: HashMap<Version, usize>,
}

impl Index {
    fn add(&mut self, time: Timestamp, mut artifact: Artifact) {
        let version = (artifact.name.clone(), artifact.version.clone());
        let aliases = std::mem::take(&mut artifact.aliases).into_iter();
        self.given.extend(aliases.map(|alias| (version.clone(), alias)));
        if let Some(earlier) = self.places.insert(version, self.versions.len())
            && let Some(earlier) = self.versions.get_mut(earlier)
        {
            *earlier = None;
        }
        self.versions.push(Some(ArtifactVersion { artifact, time, deleted: false }));
    }

    fn delete(&mut self, name: String, version: String) {
        let version = (name, version);
        if let Some(known) = self.version(&version) {
            known.deleted = true;
        }
        self.given_before_deletion.insert(version, self.given.len());
    }

    fn version(&mut self, version: &Version) -> Option<&mut ArtifactVersion> {
        self.versions.get_mut(*self.places.get(version)?)?.as_mut()
    }

    /// An alias belongs to the version that was given it last, of those that are there.
    fn finish(mut self) -> Vec<ArtifactVersion> {
        let mut taken: HashSet<(&str, &str)> = HashSet::new();
        let mut owned: Vec<&(Version, String)> = Vec::new();
        for (index, given) in self.given.iter().enumerate().rev() {
            let (version, alias) = given;
            let is_gone = self.given_before_deletion.get(version).is_some_and(|end| index < *end);
            if !is_gone && taken.insert((&version.0, alias)) {
                owned.push(given);
            }
        }
        let owned: Vec<(Version, String)> = owned.into_iter().rev().cloned().collect();
        for (version, alias) in owned {
            if let Some(owner) = self.version(&version) {
                owner.artifact.aliases.push(alias);
            }
        }
        self.versions.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn added(name: &str, version: &str, aliases: &[&str]) -> StoredEventKind {
        let artifact = aliases
            .iter()
            .fold(Artifact::new(name, version), |artifact, alias| artifact.alias(*alias));
        StoredEventKind::Artifact(artifact)
    }

    fn deleted(name: &str, version: &str) -> StoredEventKind {
        StoredEventKind::ArtifactDeleted { name: name.into(), version: version.into() }
    }

    fn index(kinds: impl IntoIterator<Item = StoredEventKind>) -> Vec<ArtifactVersion> {
        let kinds = kinds.into_iter().enumerate();
        let event = |(time, kind)| StoredEvent { time: Timestamp(time as i64), kind };
        artifacts(kinds.map(event).collect())
    }

    /// Name, version and aliases of each version, `gone` for those that are deleted.
    fn told(versions: &[ArtifactVersion]) -> Vec<String> {
        let tell = |known: &ArtifactVersion| {
            let artifact = &known.artifact;
            let gone = if known.deleted { " gone" } else { "" };
            format!("{} {} {:?}{gone}", artifact.name, artifact.version, artifact.aliases)
        };
        versions.iter().map(tell).collect()
    }

    #[test]
    fn an_alias_belongs_to_the_last_version_that_was_given_it() {
        let versions = index([
            added("model", "1", &["latest", "best"]),
            added("data", "1", &["latest"]),
            added("model", "2", &["latest"]),
        ]);
        let expected = [r#"model 1 ["best"]"#, r#"data 1 ["latest"]"#, r#"model 2 ["latest"]"#];
        assert_eq!(told(&versions), expected);
    }

    #[test]
    fn an_alias_of_a_deleted_version_goes_back_to_the_one_before() {
        let versions = index([
            added("model", "1", &["latest"]),
            added("model", "2", &["latest"]),
            added("model", "3", &["latest"]),
            deleted("model", "3"),
            deleted("model", "1"),
            deleted("model", "unknown"),
        ]);
        let expected = ["model 1 [] gone", r#"model 2 ["latest"]"#, "model 3 [] gone"];
        assert_eq!(told(&versions), expected);
    }

    #[test]
    fn a_version_that_is_recorded_again_is_there_again() {
        let versions = index([
            added("model", "1", &["best"]),
            added("model", "2", &[]),
            deleted("model", "1"),
            added("model", "1", &["latest"]),
        ]);
        assert_eq!(told(&versions), ["model 2 []", r#"model 1 ["latest"]"#]);
    }

    proptest! {
        #[test]
        fn every_alias_has_one_owner_that_is_there(
            steps in prop::collection::vec((0..2_u8, 0..4_u8, 0..3_u8, any::<bool>()), 0..40),
        ) {
            let kind = |(name, version, alias, is_deletion): (u8, u8, u8, bool)| {
                let (name, version) = (name.to_string(), version.to_string());
                if is_deletion {
                    deleted(&name, &version)
                } else {
                    added(&name, &version, &[&alias.to_string()])
                }
            };
            let versions = index(steps.into_iter().map(kind));
            let mut owned: Vec<(&str, &str)> = Vec::new();
            for known in &versions {
                let artifact = &known.artifact;
                prop_assert!(!known.deleted || artifact.aliases.is_empty());
                owned.extend(artifact.aliases.iter().map(|alias| (&*artifact.name, &**alias)));
            }
            let all = owned.len();
            owned.sort_unstable();
            owned.dedup();
            prop_assert_eq!(owned.len(), all);
        }
    }
}
