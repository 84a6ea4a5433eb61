//! The folder of a new store.

use std::io;

use crate::format::{
    folder::StorePath,
    layout::{RunPaths, VIEWS},
};

/// Keeps the runs of a store out of git: `git add` would commit them, `git clean` and `git stash`
/// would take them away while they are written. A person may change it: only a text that tracker
/// itself wrote is ever replaced.
const IGNORED: &str = "\
# Made by tracker: runs are no source code. Saved views and notes of projects may be committed.
*
!.views/
!.views/**
";

/// What earlier versions wrote there.
const FORMER: &[&str] = &["\
# Made by tracker: runs are no source code. Saved views may be committed.
*
!.views/
!.views/**
"];

/// A longer file is none that tracker wrote.
const MOST_BYTES: u64 = 1024;

/// Makes a run's folder again, and its store, after somebody has removed them.
pub(crate) fn make_again(run: &RunPaths) -> io::Result<RunPaths> {
    if let Some(root) = run.folder().ancestors().nth(2) {
        make(&StorePath::named(root))?;
    }
    run.make_again()
}

/// Makes the store's folder, if there is none. One that is new is kept out of git, and one of an
/// earlier version as it would be now.
pub(crate) fn make(root: &StorePath) -> io::Result<()> {
    root.create_folder()?;
    let names = root.names()?;
    let ignored = root.child(".gitignore");
    if names.iter().all(|name| name == VIEWS) || is_former(&ignored) {
        // A store is one without it as well.
        let _ = ignored.replace_with(IGNORED.as_bytes(), false);
    }
    Ok(())
}

/// Whether the file is, to the letter, what an earlier version wrote.
fn is_former(file: &StorePath) -> bool {
    file.read(MOST_BYTES).is_ok_and(|text| FORMER.iter().any(|former| former.as_bytes() == text))
}
