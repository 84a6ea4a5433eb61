//! The two states of the sources that are compared.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::command::output;

/// A folder with all sources of tracker.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) folder: PathBuf,
    pub(crate) name: String,
}

impl Tree {
    /// The tree that this program lies in, with what is not committed.
    pub(crate) fn working() -> Result<Self, Box<dyn Error>> {
        let folder = repository()?;
        let commit = git(&folder, &["rev-parse", "--short", "HEAD"])?;
        let is_changed = !git(&folder, &["status", "--porcelain"])?.is_empty();
        let name = if is_changed { format!("{commit} with changes") } else { commit };
        Ok(Self { folder, name })
    }

    /// The tree of a commit, written out below `scratch`.
    pub(crate) fn of_commit(commit: &str, scratch: &Path) -> Result<Self, Box<dyn Error>> {
        let repository = repository()?;
        let name = git(&repository, &["rev-parse", "--short", commit])?;
        let folder = scratch.join("before");
        fs::create_dir(&folder)?;
        let archive = scratch.join("before.tar");
        let to = format!("--output={}", archive.display());
        git(&repository, &["archive", "--format=tar", &to, commit])?;
        output(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(&folder))?;
        fs::remove_file(archive)?;
        Ok(Self { folder, name })
    }
}

/// Where what is built and measured lies: on a disk, and reused by the next time.
pub(crate) fn target_folder() -> Result<PathBuf, Box<dyn Error>> {
    let folder = repository()?.join("benchmarks/guards/target");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn repository() -> Result<PathBuf, Box<dyn Error>> {
    Ok(fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))?)
}

fn git(folder: &Path, words: &[&str]) -> Result<String, Box<dyn Error>> {
    Ok(output(Command::new("git").current_dir(folder).args(words))?.trim().to_owned())
}
