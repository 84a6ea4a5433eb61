//! How people name a version of an artifact: `calm-otter:checkpoint@best`.

use std::{
    fs::File,
    io::{self, Write},
    path::{Component, Path, PathBuf},
};

use crate::{
    Artifact, Error, Result,
    error::{IoContext, excerpt, some_of},
    read::{ArtifactVersion, RunReader, Store},
    value::content_hash::Hashed,
};

/// What is taken of an artifact whose version nobody names.
const LATEST: &str = "latest";

/// A version of an artifact, with the run that made it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FoundArtifact {
    /// The run that made it.
    pub run: RunReader,
    /// What was recorded of it.
    pub version: ArtifactVersion,
}

/// The parts of a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Parts<'a> {
    run: &'a str,
    name: &'a str,
    /// A version or an alias.
    version: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(reference: &'a str) -> Result<Self> {
        let first = reference.split_once(':');
        // `@best:valid/loss:model` has a colon of its own.
        let is_best = first.is_some_and(|(run, _)| run.ends_with("@best"));
        let parts = if is_best { reference.rsplit_once(':') } else { first };
        let parts = parts.filter(|(run, name)| !run.is_empty() && !name.is_empty());
        let Some((run, rest)) = parts else {
            return Err(Error::InvalidName {
                what: "artifact",
                name: excerpt(reference),
                reason: "it is no run and name with a colon between them".into(),
                hint: "write RUN:NAME or RUN:NAME@VERSION, such as `calm-otter:checkpoint@best`"
                    .into(),
            });
        };
        Ok(match rest.rsplit_once('@') {
            Some((name, version)) if !name.is_empty() && !version.is_empty() => {
                Self { run, name, version: Some(version) }
            }
            _ => Self { run, name: rest, version: None },
        })
    }
}

impl Store {
    /// The version of an artifact that `reference` means: `RUN:NAME@VERSION`, where RUN is as for
    /// [`find`](Self::find), and VERSION one of the artifact's versions or an alias such as `best`; without
    /// it, `latest` or else the last one. The beginning of a name up to a `/` is enough if one artifact
    /// alone has it: `checkpoint` for `checkpoint/model`.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// let store = tracker_core::read::Store::discover()?;
    /// let found = store.find_artifact("mnist/calm-otter:checkpoint@best")?;
    /// println!("{:?} of {}", found.version.artifact.path, found.run.info().name);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If there is no such run, artifact or version.
    pub fn find_artifact(&self, reference: &str) -> Result<FoundArtifact> {
        let parts = Parts::of(reference)?;
        let run = self.find(parts.run)?;
        let known = run.artifacts()?;
        match chosen(&known, parts) {
            Ok(version) => Ok(FoundArtifact { version: version.clone(), run }),
            Err(hint) => {
                let run = run.info().name.clone();
                Err(Error::UnknownArtifact { artifact: excerpt(reference), run, hint })
            }
        }
    }
}

/// Which of the versions is meant; else what to do about it.
fn chosen<'a>(
    known: &'a [ArtifactVersion],
    parts: Parts<'_>,
) -> Result<&'a ArtifactVersion, String> {
    let is_within =
        |name: &str| name.strip_prefix(parts.name).is_some_and(|rest| rest.starts_with('/'));
    let mut names: Vec<&String> = known.iter().map(|known| &known.artifact.name).collect();
    names.sort_unstable();
    names.dedup();
    let within: Vec<&String> = names.iter().copied().filter(|name| is_within(name)).collect();
    let name = match (names.iter().find(|name| **name == parts.name), &*within) {
        (Some(name), _) | (None, [name]) => *name,
        (None, []) if names.is_empty() => return Err("the run has no artifacts".to_owned()),
        (None, []) => {
            return Err(format!("the run has {}", some_of(names.into_iter(), parts.name)));
        }
        (None, _) => {
            return Err(format!("name one of {}", some_of(within.into_iter(), parts.name)));
        }
    };
    let versions: Vec<&ArtifactVersion> =
        known.iter().filter(|known| known.artifact.name == *name).collect();
    version(&versions, parts.version)
}

fn version<'a>(
    versions: &[&'a ArtifactVersion],
    wanted: Option<&str>,
) -> Result<&'a ArtifactVersion, String> {
    let there = || versions.iter().rev().filter(|known| !known.deleted).copied();
    let of_alias =
        |alias: &str| there().find(|known| known.artifact.aliases.iter().any(|own| own == alias));
    let of_version =
        |version: &str| versions.iter().find(|known| known.artifact.version == version);
    let found = match wanted {
        Some(wanted) => of_version(wanted).copied().or_else(|| of_alias(wanted)),
        None => of_alias(LATEST).or_else(|| there().next()),
    };
    match found {
        Some(found) if found.deleted => Err("this version was deleted".to_owned()),
        Some(found) => Ok(found),
        None => {
            let names: Vec<&String> = there()
                .flat_map(|known| known.artifact.aliases.iter().chain([&known.artifact.version]))
                .collect();
            let wanted = wanted.unwrap_or_default();
            Err(format!("there are the versions {}", some_of(names.into_iter(), wanted)))
        }
    }
}

impl FoundArtifact {
    /// Where its file is.
    ///
    /// # Errors
    /// If the artifact is no file.
    pub fn path(&self) -> Result<PathBuf> {
        let path = self.artifact().path.as_ref();
        path.map(|path| self.run.path().join(path)).ok_or_else(|| {
            self.unknown("it was recorded without a file; ask who made it where it is")
        })
    }

    /// Writes the bytes of its file to `out`, and gives how many. A path within the run's folder leads nowhere
    /// else, by no link; a file elsewhere is read only if its hash was recorded, so that it shows whether it is
    /// still the same.
    ///
    /// # Errors
    /// If the file cannot be read, `out` takes no more, or the bytes are not those that were recorded: what was
    /// written is not the artifact then.
    pub fn copy_to(&self, out: &mut dyn Write) -> Result<u64> {
        self.read(&mut |bytes| out.write_all(bytes)).map(|hashed| hashed.bytes)
    }

    /// Reads all of it, of which `each` is given every chunk. An error if it is not what was recorded.
    pub(crate) fn read(&self, each: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> Result<Hashed> {
        let path = self.path()?;
        let hint = "check the permissions, and where it is copied to, the room on the disk";
        let hashed = Hashed::of(self.open()?, each).io_context("read", &path, hint)?;
        let now = hashed.hexadecimal();
        match &self.artifact().sha256 {
            Some(recorded) if *recorded != now => Err(Error::Damaged {
                path,
                reason: format!("its SHA-256 is {now}, and {} was recorded", excerpt(recorded)),
                hint: "it was changed since; take another version, or make it anew".into(),
            }),
            _ => Ok(hashed),
        }
    }

    fn open(&self) -> Result<File> {
        let path = self.path()?;
        let recorded = self.artifact().path.as_deref().unwrap_or(&path);
        if is_inside(recorded) {
            return self.run.open_file(recorded);
        }
        if self.artifact().sha256.is_none() {
            let hint = "it lies outside of the run's folder and was recorded without its hash";
            return Err(self.unknown(hint));
        }
        open_plain(&path).io_context("open", &path, "the file was moved or removed since")
    }

    fn artifact(&self) -> &Artifact {
        &self.version.artifact
    }

    fn unknown(&self, hint: &str) -> Error {
        let Artifact { name, version, .. } = self.artifact();
        Error::UnknownArtifact {
            artifact: excerpt(&format!("{name}@{version}")),
            run: self.run.info().name.clone(),
            hint: hint.to_owned(),
        }
    }
}

fn is_inside(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

/// A pipe would keep whoever opens it waiting.
#[expect(clippy::disallowed_methods, reason = "outside of the store, at a path that was recorded")]
fn open_plain(path: &Path) -> io::Result<File> {
    if !path.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file"));
    }
    File::open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;

    #[test]
    fn a_reference_has_a_run_a_name_and_perhaps_a_version() {
        let parts = |run, name, version| Parts { run, name, version };
        for (reference, expected) in [
            ("otter:model", parts("otter", "model", None)),
            ("otter:model@best", parts("otter", "model", Some("best"))),
            ("mnist/otter:a/b@epoch-3", parts("mnist/otter", "a/b", Some("epoch-3"))),
            ("@latest:model@v1", parts("@latest", "model", Some("v1"))),
            ("@best:valid/loss:model", parts("@best:valid/loss", "model", None)),
            ("mnist/@best:min:loss:model", parts("mnist/@best:min:loss", "model", None)),
            ("otter:a:b", parts("otter", "a:b", None)),
            ("otter:@x", parts("otter", "@x", None)),
        ] {
            assert_eq!(Parts::of(reference).unwrap(), expected, "{reference}");
        }
        for nonsense in ["", "otter", ":model", "otter:", "@latest"] {
            let error = Parts::of(nonsense).unwrap_err().to_string();
            assert!(error.contains("RUN:NAME"), "{error}");
        }
    }

    #[test]
    fn versions_are_found_by_name_alias_or_as_the_latest() {
        let known = |name: &str, version: &str, alias: Option<&str>, deleted| {
            let artifact = Artifact::new(name, version);
            let artifact = alias.into_iter().fold(artifact, Artifact::alias);
            ArtifactVersion { artifact, time: Timestamp(0), deleted }
        };
        let versions = [
            known("checkpoint/model", "1", Some("best"), false),
            known("checkpoint/model", "2", Some("latest"), false),
            known("checkpoint/model", "3", None, true),
            known("data/a", "1", None, false),
            known("data/b", "1", None, false),
        ];
        let found = |reference: &str| {
            chosen(&versions, Parts::of(reference).unwrap()).map(|known| &*known.artifact.version)
        };
        assert_eq!(found("x:checkpoint/model@1"), Ok("1"));
        assert_eq!(found("x:checkpoint@best"), Ok("1"));
        assert_eq!(found("x:checkpoint"), Ok("2"));
        assert_eq!(found("x:data/a"), Ok("1"));
        assert_eq!(found("x:checkpoint@3").unwrap_err(), "this version was deleted");
        assert_eq!(found("x:data").unwrap_err(), "name one of data/a, data/b");
        assert_eq!(found("x:model").unwrap_err(), "the run has checkpoint/model, data/a, data/b");
        assert_eq!(
            found("x:checkpoint@4").unwrap_err(),
            "there are the versions latest, 2, best, 1"
        );
    }
}
