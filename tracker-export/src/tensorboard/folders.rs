//! Where event files are: each folder that has some is a run, as TensorBoard sees it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{Error, Result, failed::failed};

/// What the name of an event file has in it.
const MARK: &str = "tfevents";

const HINT: &str = "name a folder with event files that you may read";

/// Folders deeper than this are not looked at.
const DEEPEST: usize = 64;

/// A folder with event files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunFolder {
    /// Its path below the folder that was named, with `/`; that folder's own name for itself.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    /// In the order of the time in their names.
    pub(crate) files: Vec<PathBuf>,
}

/// The runs in a folder and those below it, or the one of a file. Links to folders are not followed.
pub(crate) fn find(root: &Path) -> Result<Vec<RunFolder>> {
    let absolute = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
    let found = fs::metadata(&absolute).map_err(failed("look into", root, HINT))?;
    if found.is_file() {
        let path = absolute.parent().unwrap_or(&absolute).to_owned();
        let name = own_name(&path);
        return Ok(vec![RunFolder { name, path, files: vec![absolute] }]);
    }
    let mut runs = Vec::new();
    let mut waiting = vec![(absolute.clone(), String::new(), 0)];
    while let Some((path, name, depth)) = waiting.pop() {
        let (mut files, folders) = entries(&path)?;
        for folder in folders.into_iter().filter(|_| depth < DEEPEST) {
            let own = own_name(&folder);
            let below = if name.is_empty() { own } else { format!("{name}/{own}") };
            waiting.push((folder, below, depth + 1));
        }
        if !files.is_empty() {
            files.sort_by_key(|file| (time_of(&own_name(file)), file.clone()));
            let name = if name.is_empty() { own_name(&path) } else { name };
            runs.push(RunFolder { name, path, files });
        }
    }
    runs.sort_by(|one, other| one.path.cmp(&other.path));
    if runs.is_empty() {
        return Err(Error::Unusable {
            what: format!("{} has no event files", root.display()),
            hint: "name the folder that `tensorboard --logdir` is given".to_owned(),
        });
    }
    Ok(runs)
}

/// Whether a file has such a name, or a folder has such files in it or below.
pub(crate) fn has_some(path: &Path) -> bool {
    if path.is_file() { own_name(path).contains(MARK) } else { find(path).is_ok() }
}

/// The event files and the folders in a folder.
fn entries(folder: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(folder).map_err(failed("look into", folder, HINT))? {
        let entry = entry.map_err(failed("look into", folder, HINT))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(failed("look into", &path, HINT))?;
        if kind.is_dir() {
            folders.push(path);
        } else if is_event_file(&own_name(&path)) && path.is_file() {
            files.push(path);
        }
    }
    Ok((files, folders))
}

fn is_event_file(name: &str) -> bool {
    name.contains(MARK) && !name.ends_with(".profile-empty")
}

fn own_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The time in a file's name; zero for one that has none.
fn time_of(name: &str) -> u64 {
    let behind = name.split_once(MARK).map(|(_, behind)| behind.trim_start_matches('.'));
    let digits = behind.and_then(|behind| behind.split('.').next());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or_default()
}
