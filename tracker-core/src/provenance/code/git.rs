//! Asks git's own program what was changed.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use crate::{
    format::{
        code_file::{Code, MOST_FILES, MOST_PATCH, PatchKept},
        layout::STORE_FOLDER,
        run_file::FORMAT_VERSION,
    },
    platform::child,
    provenance::code::status::{self, Status},
};

/// How long git may take in all.
const LONGEST: Duration = Duration::from_secs(10);

/// The most bytes of the list of files that are read.
const MOST_STATUS: usize = 1 << 20;

/// What would lead git to another repository, another index, or another meaning of its arguments.
/// The commit of a run is that of the repository around its directory, so the changes are too.
const MISLEADING: [&str; 12] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_DIFF_OPTS",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
];

/// What git says: the contents of `code.json` and of `code.patch`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) code: Code,
    pub(super) patch: Vec<u8>,
}

/// A directory within a repository, and the store whose files are none of the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    directory: PathBuf,
    /// What git must not list.
    without: Vec<OsString>,
}

impl Place {
    /// `None` where nothing looks like a repository, so that no program is started.
    #[expect(clippy::disallowed_methods, reason = "looks at the code's own repository")]
    pub(super) fn new(directory: &Path, store: &Path) -> Option<Self> {
        let top = directory.ancestors().find(|folder| folder.join(".git").exists())?;
        // The folder, and what git tracks in it.
        let mut without: Vec<OsString> = ["", "/**"]
            .map(|within| format!(":(top,exclude,glob)**/{STORE_FOLDER}{within}").into())
            .into();
        let real = |path: &Path| path.canonicalize().ok();
        if let (Some(top), Some(store)) = (real(top), real(store))
            && let Ok(within) = store.strip_prefix(top)
            && !within.as_os_str().is_empty()
        {
            let mut store = OsString::from(":(top,exclude,literal)");
            store.push(within);
            without.push(store);
        }
        Some(Self { directory: directory.to_owned(), without })
    }

    /// Asks git. `None` if there is no such program, it takes no side in this directory, or it is
    /// too slow to say even which files were changed.
    pub(super) fn ask(&self) -> Option<Answer> {
        let until = Instant::now() + LONGEST;
        let (mut status, files_cut) = self.status(until)?;
        let files_cut = files_cut || status.files.len() > MOST_FILES;
        status.files.truncate(MOST_FILES);
        let (patch, patch_kept) = match &status.commit {
            _ if !status.has_patch => (Vec::new(), PatchKept::None),
            Some(commit) => self.patch(commit, until),
            None => (Vec::new(), PatchKept::Unknown),
        };
        let code = Code {
            version: FORMAT_VERSION,
            commit: status.commit,
            dirty: !status.files.is_empty(),
            files: status.files,
            files_cut,
            patch_kept,
        };
        Some(Answer { code, patch })
    }

    /// The changed files, and whether there are more than could be read.
    fn status(&self, until: Instant) -> Option<(Status, bool)> {
        let mut git = self.git("status");
        // Untracked folders are named and not walked through: they may hold a data set.
        git.args(["--porcelain=v2", "--branch", "-z", "--untracked-files=normal"]);
        let mut output = child::read(self.elsewhere(git), MOST_STATUS, until)?;
        if output.is_cut {
            cut_after_last(&mut output.bytes, 0);
        }
        Some((status::parse(&output.bytes)?, output.is_cut))
    }

    /// The patch against the commit that the files were compared with.
    fn patch(&self, commit: &str, until: Instant) -> (Vec<u8>, PatchKept) {
        let mut git = self.git("diff");
        git.args(["--no-color", "--no-ext-diff", "--no-textconv", "--no-relative", "--unified=3"]);
        // What `git apply` takes, whatever the settings of whoever trains.
        git.args(["--src-prefix=a/", "--dst-prefix=b/", "--submodule=short"]);
        git.args(["--ignore-submodules=dirty", "--diff-algorithm=default", commit]);
        match child::read(self.elsewhere(git), MOST_PATCH, until) {
            Some(mut output) if output.is_cut => {
                cut_after_last(&mut output.bytes, b'\n');
                (output.bytes, PatchKept::Cut)
            }
            Some(output) => (output.bytes, PatchKept::Whole),
            None => (Vec::new(), PatchKept::Unknown),
        }
    }

    /// Git, such that it changes nothing, asks nobody, and starts no program that a repository
    /// names for showing differences or watching files. Only filters that its owner has configured,
    /// as for large files, still run: without them every such file would count as changed.
    fn git(&self, command: &str) -> Command {
        let mut git = Command::new("git");
        git.current_dir(&self.directory);
        for name in MISLEADING {
            git.env_remove(name);
        }
        git.env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            // In a clone without all files, git would ask the network for them.
            .env("GIT_NO_LAZY_FETCH", "1")
            .args(["--no-pager", "-c", "core.fsmonitor=false", "-c", "core.quotepath=false"])
            // `git diff` would write the index anew, under its lock, and run a hook.
            .args(["-c", "diff.autoRefreshIndex=false"])
            .arg(command);
        git
    }

    /// The whole repository but the store.
    fn elsewhere(&self, mut git: Command) -> Command {
        git.args(["--", ":(top)"]).args(&self.without);
        git
    }
}

/// Leaves out what stands behind the last of these bytes.
fn cut_after_last(bytes: &mut Vec<u8>, last: u8) {
    let end = bytes.iter().rposition(|byte| *byte == last).map_or(0, |place| place + 1);
    bytes.truncate(end);
}
