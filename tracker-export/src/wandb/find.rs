//! Where `.wandb` files are.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use super::files::HINT;
use crate::{Error, Result, failed::failed};

/// So deep below what was named: a folder `wandb` within it, runs within that, their files.
const DEPTH: usize = 3;

/// The `.wandb` files in a place, in the order of the names of their folders, which is that of their times: one that
/// is such a file, those of a run's folder, or those of a folder of runs. No link below the place is followed.
pub(super) fn files(place: &Path) -> Result<Vec<PathBuf>> {
    let known = fs::metadata(place).map_err(failed("read", place, HINT))?;
    let mut found = Vec::new();
    if known.is_file() {
        found.extend(is_log(place).then(|| place.to_owned()));
    } else {
        look(place, DEPTH, &mut found).map_err(failed("list", place, HINT))?;
    }
    if found.is_empty() {
        return Err(Error::Unusable {
            what: format!("{} holds no run of W&B", place.display()),
            hint: "name a `.wandb` file, the folder of a run, or a folder `wandb`".to_owned(),
        });
    }
    found.sort();
    Ok(found)
}

fn look(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (kind, path) = (entry.file_type()?, entry.path());
        if kind.is_file() && is_named_so(&path) {
            found.push(path);
        } else if kind.is_dir() && depth > 0 && is_of_runs(&entry.file_name().to_string_lossy()) {
            // A folder that may not be listed costs its own runs alone.
            look(&path, depth - 1, found).unwrap_or_default();
        }
    }
    Ok(())
}

fn is_named_so(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "wandb")
}

/// Whether a file is called as W&B's are, or begins as they do.
fn is_log(path: &Path) -> bool {
    let mut beginning = [0; 4];
    let mut read = || fs::File::open(path)?.read_exact(&mut beginning);
    is_named_so(path) || read().is_ok() && beginning == *b":W&B"
}

/// Whether a folder of this name may hold runs.
fn is_of_runs(name: &str) -> bool {
    name == "wandb" || name.starts_with("run-") || name.starts_with("offline-run-")
}

/// The id in the name of a file, `run-<id>.wandb`.
pub(super) fn id_of(path: &Path) -> String {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    name.strip_prefix("run-").unwrap_or(&name).to_owned()
}
