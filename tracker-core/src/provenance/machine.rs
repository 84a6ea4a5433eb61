//! Where and from what a run is started.

#![expect(clippy::disallowed_methods, reason = "reads the code's own repository, and no store")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    thread,
};

use crate::{
    format::run_file::Provenance,
    platform::machine::{host_name, system, user_name},
};

/// What this process knows of itself. Starts no other process and asks no network.
pub(crate) fn collect() -> Provenance {
    let directory = env::current_dir().unwrap_or_default();
    let (git_commit, git_branch) = git_head(&directory).unwrap_or_default();
    Provenance {
        host: host_name(),
        os: system(),
        arch: env::consts::ARCH.to_owned(),
        cpus: thread::available_parallelism().map_or(0, usize::from),
        pid: std::process::id(),
        user: user_name(),
        command: env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect(),
        directory: directory.to_string_lossy().into_owned(),
        git_commit,
        git_branch,
        // Only git's own program can tell, and it is asked elsewhere.
        git_dirty: None,
        tracker: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// Commit and branch of the repository around `directory`, read from its files.
/// <https://git-scm.com/docs/gitrepository-layout>
fn git_head(directory: &Path) -> Option<(Option<String>, Option<String>)> {
    let git = directory.ancestors().find_map(git_folder)?;
    let head = fs::read_to_string(git.join("HEAD")).ok()?;
    let Some(reference) = head.trim().strip_prefix("ref: ") else {
        return Some((Some(head.trim().to_owned()), None));
    };
    let branch = reference.strip_prefix("refs/heads/").map(str::to_owned);
    let shared = fs::read_to_string(git.join("commondir"));
    let shared = shared.map_or_else(|_| git.clone(), |common| git.join(common.trim()));
    let commit = fs::read_to_string(shared.join(reference))
        .ok()
        .map(|commit| commit.trim().to_owned())
        .or_else(|| packed_commit(&shared, reference));
    Some((commit, branch))
}

fn git_folder(folder: &Path) -> Option<PathBuf> {
    let git = folder.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let pointer = fs::read_to_string(&git).ok()?;
    Some(folder.join(pointer.trim().strip_prefix("gitdir: ")?))
}

fn packed_commit(git: &Path, reference: &str) -> Option<String> {
    let packed = fs::read_to_string(git.join("packed-refs")).ok()?;
    let mut lines = packed.lines().filter_map(|line| line.split_once(' '));
    lines.find(|(_, name)| *name == reference).map(|(commit, _)| commit.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commit_and_branch_are_read_from_loose_and_packed_references() {
        let folder = tempfile::tempdir().unwrap();
        let git = folder.path().join(".git");
        fs::create_dir_all(git.join("refs/heads")).unwrap();
        fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        fs::write(git.join("packed-refs"), "# pack-refs\nabc refs/heads/main\n").unwrap();
        let branch = Some("main".to_owned());
        assert_eq!(git_head(folder.path()), Some((Some("abc".into()), branch.clone())));
        fs::write(git.join("refs/heads/main"), "def\n").unwrap();
        assert_eq!(git_head(folder.path()), Some((Some("def".into()), branch)));
    }

    #[test]
    fn a_detached_head_has_a_commit_and_no_branch() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".git")).unwrap();
        fs::write(folder.path().join(".git/HEAD"), "abc\n").unwrap();
        assert_eq!(git_head(folder.path()), Some((Some("abc".into()), None)));
    }
}
