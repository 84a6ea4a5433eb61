//! Files of media beside a `.wandb` file, which names them. Whoever wrote it is not trusted.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

/// What to do about a file or folder that the operating system refuses.
pub(super) const HINT: &str = "look at the folder's permissions and whether its disk is full";

/// The file that a value names, if it lies in the run's folder `files` and is a plain file; no link may lead out.
pub(super) fn named(files: Option<&Path>, path: &str) -> Option<PathBuf> {
    let files = files?;
    let within = Path::new(path);
    let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    if path.is_empty() || !within.components().all(is_plain) {
        return None;
    }
    let (whole, files) =
        (fs::canonicalize(files.join(within)).ok()?, fs::canonicalize(files).ok()?);
    (whole.starts_with(&files) && whole.is_file()).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_outside_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let files = folder.path().join("files");
        fs::create_dir(&files).unwrap();
        fs::write(folder.path().join("secret.png"), "x").unwrap();
        fs::write(files.join("a.png"), "x").unwrap();
        std::os::unix::fs::symlink(folder.path().join("secret.png"), files.join("link.png"))
            .unwrap();
        let absolute = folder.path().join("secret.png");
        for bad in ["../secret.png", "", ".", "link.png", "missing.png", absolute.to_str().unwrap()]
        {
            assert_eq!(named(Some(&files), bad), None, "{bad}");
        }
        assert!(named(Some(&files), "a.png").is_some());
        assert_eq!(named(None, "a.png"), None);
    }
}
