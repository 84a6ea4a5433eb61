//! Writes the files of a checkpoint so that a killed process leaves whole ones only.

#![expect(
    clippy::disallowed_methods,
    reason = "`plain` has looked at the folder; no entry of it is followed"
)]

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use crate::{
    Artifact,
    adapter::checkpoints::{
        format::CheckpointFormat,
        header::Header,
        plain,
        progress::Progress,
        version::{Part, Version},
    },
};

/// Makes the folder, and clears away what a killed process has left unfinished there.
///
/// `run` is the run's own folder.
///
/// # Errors
/// If the folder cannot be made or listed, or a link leads to it within the run's.
pub(crate) fn prepare(run: Option<&Path>, folder: &Path, suffix: &str) -> io::Result<()> {
    plain::check_folders(run, folder)?;
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| Part::is_unfinished_file(name, suffix)) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Writes the files of a checkpoint. All of them are on the disk under other names before the
/// first gets its own, and the model's, which stands for the whole, is the last.
///
/// # Errors
/// If the disk does not take a file. Nothing of it is left then.
pub(crate) fn write<F: CheckpointFormat>(
    folder: &Path,
    version: Version,
    snapshot: &F::Snapshot,
    header: &Header,
    progress: &Progress,
) -> Result<Vec<(Part, Artifact)>, String> {
    let parts = Part::ALL.into_iter().filter(|part| *part == Part::Model || header.has_optimizer);
    let mut unfinished = Vec::new();
    for part in parts {
        let file = Unfinished::at::<F>(folder, part, version);
        unfinished.push(file.write::<F>(version, snapshot, header, progress)?);
    }
    finish(folder, unfinished, progress).map_err(|error| error.to_string())
}

fn finish(
    folder: &Path,
    unfinished: Vec<Unfinished>,
    progress: &Progress,
) -> io::Result<Vec<(Part, Artifact)>> {
    let finished = unfinished.into_iter().map(Unfinished::finish).collect::<io::Result<_>>()?;
    sync_folder(folder)?;
    progress.note();
    Ok(finished)
}

/// A file that has not got its own name yet. It is deleted if it never does.
struct Unfinished {
    path: PathBuf,
    part: Part,
    artifact: Option<Artifact>,
    place: PathBuf,
}

impl Unfinished {
    fn at<F: CheckpointFormat>(folder: &Path, part: Part, version: Version) -> Self {
        let path = folder.join(part.unfinished_file(version, F::SUFFIX));
        let place = folder.join(part.file(version, F::SUFFIX));
        Self { path, part, artifact: None, place }
    }

    fn write<F: CheckpointFormat>(
        mut self,
        version: Version,
        snapshot: &F::Snapshot,
        header: &Header,
        progress: &Progress,
    ) -> Result<Self, String> {
        F::write(snapshot, self.part, &self.path, header.to_strings(), progress)?;
        let (name, version) = (self.part.artifact(), version.to_string());
        let artifact =
            Artifact::of_file(name, version, &self.path).map_err(|error| error.to_string())?;
        progress.note();
        self.artifact = Some(artifact.kind(self.part.kind()));
        Ok(self)
    }

    /// Gives the file its own name.
    fn finish(mut self) -> io::Result<(Part, Artifact)> {
        let Some(mut artifact) = self.artifact.take() else {
            return Err(io::Error::other("it was not written"));
        };
        fs::rename(&self.path, &self.place)?;
        artifact.path = Some(self.place.clone());
        Ok((self.part, artifact))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // A rename takes the file away; then, and where it could not be made, there is none.
        let _ = fs::remove_file(&self.path);
    }
}

/// Waits until the names in a folder are on the disk.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
