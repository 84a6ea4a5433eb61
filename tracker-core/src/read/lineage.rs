//! Which run made what another one made use of.

use std::collections::HashSet;

use serde::Serialize;

use crate::{
    Result, RunId, Timestamp, Used,
    format::event_line::{EventHead, EventKind, StoredEvent, StoredEventKind},
    read::{ArtifactVersion, RunReader, Snapshot, Store},
};

/// Something that a run made use of.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Usage {
    /// What it was.
    #[serde(flatten)]
    pub used: Used,
    /// When it was recorded.
    pub time: Timestamp,
}

/// A run that made use of what another run made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct User {
    /// The run's id.
    pub run: RunId,
    /// Its name.
    pub run_name: String,
    /// Its project.
    pub project: String,
    /// The name of the artifact that it made use of.
    pub name: String,
    /// Which version of it.
    pub version: String,
    /// Whether it named the artifact. Else it used a file that has the same bytes.
    pub named: bool,
    /// When.
    pub time: Timestamp,
}

impl RunReader {
    /// What the run made use of: data sets, and files that other runs made. Each once, in the order in which
    /// they were recorded.
    ///
    /// # Errors
    /// As [`events`](Self::events).
    pub fn used(&self) -> Result<Vec<Usage>> {
        if !self.may_use() {
            return Ok(Vec::new());
        }
        self.ask_events(None, &mut is_used, &mut |_| {}).map(usages)
    }
}

impl Snapshot {
    /// What the run made use of, as [`RunReader::used`] gives it.
    ///
    /// # Errors
    /// As [`RunReader::events`].
    pub fn used(&self) -> Result<Vec<Usage>> {
        if !self.run().may_use() {
            return Ok(Vec::new());
        }
        self.events_of(is_used).map(usages)
    }
}

impl Store {
    /// The runs of this store, of any project, that made use of what `run` made: those that named one of its
    /// artifacts, and those that used a file with the same bytes. The latest run first. Of all other runs,
    /// only the events of those are read that made use of anything.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// let store = tracker_core::read::Store::discover()?;
    /// let run = store.find("@latest")?;
    /// for user in store.users_of(&run)? {
    ///     println!("{} used {}@{}", user.run_name, user.name, user.version);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the store cannot be listed, or the events of a run that used something cannot be read.
    pub fn users_of(&self, run: &RunReader) -> Result<Vec<User>> {
        let made = run.artifacts()?;
        let mut users = Vec::new();
        for other in self.runs()?.runs {
            if other.info().id != run.info().id {
                let of_other = other.used()?;
                users.extend(of_other.iter().filter_map(|usage| user(&other, usage, run, &made)));
            }
        }
        Ok(users)
    }
}

/// What it made use of, if `maker` made that.
fn user(
    run: &RunReader,
    usage: &Usage,
    maker: &RunReader,
    made: &[ArtifactVersion],
) -> Option<User> {
    let used = &usage.used;
    let named = used.run.as_ref() == Some(&maker.info().id);
    let (name, version) = if named {
        (&used.name, used.version.clone().unwrap_or_default())
    } else {
        let is_same = |known: &&ArtifactVersion| {
            used.sha256.is_some() && known.artifact.sha256 == used.sha256
        };
        let artifact = &made.iter().rev().find(is_same)?.artifact;
        (&artifact.name, artifact.version.clone())
    };
    let info = run.info();
    Some(User {
        run: info.id.clone(),
        run_name: info.name.clone(),
        project: info.project.clone(),
        name: name.clone(),
        version,
        named,
        time: usage.time,
    })
}

fn is_used(head: &EventHead<'_>) -> bool {
    head.kind == EventKind::Used
}

/// Each once, though each attempt of a run records them: the first time counts. One whose hash was not known
/// gives way to the same one whose hash is.
fn usages(events: Vec<StoredEvent>) -> Vec<Usage> {
    let used = |event: StoredEvent| match event.kind {
        StoredEventKind::Used(used) => Some(Usage { used, time: event.time }),
        _ => None,
    };
    let mut all: Vec<Usage> = events.into_iter().filter_map(used).collect();
    let place = |used: &Used| (used.name.clone(), used.version.clone(), used.run.clone());
    let hashed: HashSet<_> = all
        .iter()
        .filter(|usage| usage.used.sha256.is_some())
        .map(|usage| place(&usage.used))
        .collect();
    let mut seen = HashSet::new();
    all.retain(|Usage { used, .. }| {
        let is_known = used.sha256.is_none() && hashed.contains(&place(used));
        !is_known && seen.insert((place(used), used.sha256.clone()))
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_each_attempt_records_is_told_once_with_its_hash() {
        let used = |name: &str, sha256: Option<&str>| Used {
            sha256: sha256.map(str::to_owned),
            ..Used::new(name, "dataset")
        };
        let all = [
            used("mnist", None),
            used("mnist", Some("aa")),
            used("text", None),
            used("text", None),
            used("mnist", Some("aa")),
            used("mnist", Some("bb")),
        ];
        let events = (0..).zip(all).map(|(time, used)| StoredEvent {
            time: Timestamp(time),
            kind: StoredEventKind::Used(used),
        });
        let told: Vec<_> = usages(events.collect())
            .into_iter()
            .map(|usage| (usage.time.0, usage.used.name, usage.used.sha256))
            .collect();
        let expected = [(1, "mnist", Some("aa")), (2, "text", None), (5, "mnist", Some("bb"))];
        let owned = |(time, name, hash): (i64, &str, Option<&str>)| {
            (time, name.to_owned(), hash.map(str::to_owned))
        };
        assert_eq!(told, expected.map(owned));
    }
}
