//! `tracker artifact get`: a copy of a file that a run made.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use anyhow::{Result, anyhow, bail};
use tracker_core::read::{FoundArtifact, Store};

use crate::{
    answers::{command::artifacts::Copied, versioned::Versioned},
    args::ArtifactGet,
    command::export::write_file,
    terminal::{
        printer,
        text::{clean, size},
    },
};

/// Runs `tracker artifact get`.
pub(crate) fn run(store: &Store, args: &ArtifactGet) -> Result<()> {
    let found = store.find_artifact(&args.artifact)?;
    let target = target(&found, &args.folder)?;
    let bytes = copy(&found, &target, args.force)?;
    let artifact = &found.version.artifact;
    if args.json {
        printer::json(&Versioned::new(Copied {
            run: found.run.info().id.as_str(),
            artifact: &found.version,
            path: target.to_string_lossy(),
            bytes,
        }))?;
    } else {
        let (name, version) = (clean(&artifact.name), clean(&artifact.version));
        let (size, target) = (size(bytes), clean(&target.to_string_lossy()));
        printer::text(&format!("copied {name}@{version}, {size}, to {target}\n"))?;
    }
    Ok(())
}

/// Where the copy goes: under the file's own name into the folder.
fn target(found: &FoundArtifact, folder: &Path) -> Result<PathBuf> {
    let path = found.path()?;
    let name = path.file_name().ok_or_else(|| anyhow!("the artifact's file has no name"))?;
    Ok(folder.join(name))
}

/// Copies all of it or nothing, and replaces no file unless that is wanted.
#[expect(clippy::disallowed_methods, reason = "a folder that the person names")]
fn copy(found: &FoundArtifact, target: &Path, force: bool) -> Result<u64> {
    if let Some(folder) = target.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
    }
    if !force {
        match File::create_new(target) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => bail!(
                "{} is there already, and was left alone\nhint: name another folder, or type `--force` to \
                 replace it",
                target.display()
            ),
            made => drop(made.map_err(|error| cannot_write(target, &error))?),
        }
    }
    let mut copied = None;
    let written = write_file(target, |out| {
        let bytes = copied.insert(found.copy_to(out));
        bytes.as_ref().map(drop).map_err(|_| io::ErrorKind::Other.into())
    });
    if written.is_err() && !force {
        // The empty file that kept the place.
        let _ = fs::remove_file(target);
    }
    match (copied, written) {
        (Some(Err(error)), _) => Err(error.into()),
        (Some(Ok(bytes)), Ok(())) => Ok(bytes),
        (_, Err(error)) => Err(cannot_write(target, &error)),
        (None, Ok(())) => bail!("nothing was copied to {}", target.display()),
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> anyhow::Error {
    anyhow!(
        "failed to write {}: {error}\nhint: name a folder that you may write to",
        path.display()
    )
}
