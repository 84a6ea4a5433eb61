//! What a run makes use of.

use std::path::{Path, PathBuf};

use crate::{
    Error, Event, Result, Run, Tracker, Used,
    read::{FoundArtifact, Store},
    run::datasets::Dataset,
    value::content_hash::Hashed,
};

impl Run {
    /// Gives the file of an artifact that another run made, and records that this run makes use of it: from
    /// then on, `tracker show` of either names the other. `reference` is `RUN:NAME@VERSION`, as for
    /// [`Store::find_artifact`]. The whole file is read, to see that it is the one that was recorded. Of
    /// several ranks, each gets the file, and the first records it.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// let run = tracker_core::init("mnist").start()?;
    /// let weights = run.use_artifact("mnist/calm-otter:checkpoint@best")?;
    /// println!("goes on from {}", weights.display());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Where tracking is disabled, the store is looked into all the same, and nothing is recorded.
    ///
    /// # Errors
    /// If there is no such run, artifact or version, its file cannot be read, or it is not the one that was
    /// recorded.
    pub fn use_artifact(&self, reference: &str) -> Result<PathBuf> {
        self.refuse_in_child()?;
        let found = self.store()?.find_artifact(reference)?;
        let path = found.path()?;
        let hashed = found.read(&mut |_| Ok(()))?;
        // What a run makes and uses itself tells nothing.
        if self.rank() == 0 && found.run.info().id != *self.id() {
            self.record(Event::Used(used(&found, &path, &hashed)));
        }
        Ok(path)
    }

    /// Records that the run makes use of a data set: a file, or a folder with all that is in it. It is read on
    /// a thread of its own, so that the training does not wait, and its SHA-256 and size are recorded. The end
    /// of the run waits up to ten seconds for that; what is not read by then is recorded without its hash, and
    /// told as a problem, as is what cannot be read. Of several ranks, the first records it.
    ///
    /// ```no_run
    /// # let run = tracker_core::init("mnist").start().unwrap();
    /// run.dataset("mnist", "data/mnist");
    /// run.dataset("labels", "data/labels.csv");
    /// ```
    ///
    /// The hash of a file is the one that `sha256sum` prints. That of a folder is the SHA-256 over its files,
    /// folder by folder in the order of their names, of which each adds: the length of its path within the
    /// folder, that path with `/` between its names, its size, both numbers as 8 bytes with the least first,
    /// and the 32 bytes of its own SHA-256. Links in a folder are not followed, and no part of it.
    pub fn dataset(&self, name: impl Into<String>, path: impl AsRef<Path>) {
        let Some((session, datasets)) = self.datasets().filter(|_| self.rank() == 0) else {
            return;
        };
        let path = path.as_ref();
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        datasets.add(session, Dataset { name: name.into(), path });
    }

    /// The store that the run is in, or would be.
    fn store(&self) -> Result<Store, Error> {
        match self.root() {
            Some(root) => Store::open(root),
            None => Store::discover(),
        }
    }
}

fn used(found: &FoundArtifact, path: &Path, hashed: &Hashed) -> Used {
    let (info, artifact) = (found.run.info(), &found.version.artifact);
    Used {
        version: Some(artifact.version.clone()),
        sha256: Some(hashed.hexadecimal()),
        bytes: Some(hashed.bytes),
        run: Some(info.id.clone()),
        project: Some(info.project.clone()),
        path: Some(path.to_owned()),
        ..Used::new(&artifact.name, &artifact.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Artifact, init};

    #[test]
    fn a_disabled_run_gets_files_of_others_too_and_records_nothing() {
        let store = tempfile::tempdir().unwrap();
        let builder = init("mnist").name("maker").dir(store.path()).signals(false);
        let maker = builder.code_changes(false).system_metrics(false).start().unwrap();
        let path = maker.dir().join("weights");
        std::fs::write(&path, "weights").unwrap();
        maker.log_artifact(Artifact::of_file("model", "1", &path).unwrap());
        maker.finish().unwrap();
        let root = Some(store.path().to_owned());
        let run = Run::disabled("mnist".into(), "user".into(), root).unwrap();
        assert_eq!(run.use_artifact("maker:model").unwrap(), path);
        run.dataset("weights", path);
        run.finish().unwrap();
        assert_eq!(Store::open(store.path()).unwrap().runs().unwrap().runs.len(), 1);
    }
}
