//! The folder of a new store.

use std::io;

use crate::format::{
    folder::StorePath,
    layout::{RunPaths, VIEWS},
};

/// Keeps the runs of a store out of git: `git add` would commit them, `git clean` and `git stash`
/// would take them away while they are written. A person may change it; it is written once.
const IGNORED: &str = "\
# Made by tracker: runs are no source code. Saved views and notes of projects may be committed.
*
!.views/
!.views/**
";

/// Makes a run's folder again, and its store, after somebody has removed them.
pub(crate) fn make_again(run: &RunPaths) -> io::Result<RunPaths> {
    if let Some(root) = run.folder().ancestors().nth(2) {
        make(&StorePath::named(root))?;
    }
    run.make_again()
}

/// Makes the store's folder, if there is none. One that is new is kept out of git.
pub(crate) fn make(root: &StorePath) -> io::Result<()> {
    root.create_folder()?;
    let names = root.names()?;
    if names.iter().all(|name| name == VIEWS) {
        // A store is one without it as well.
        let _ = root.child(".gitignore").replace_with(IGNORED.as_bytes(), false);
    }
    Ok(())
}
