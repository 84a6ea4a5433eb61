//! Where a run came from.

use tracker_core::{
    read::{Code, Provenance},
    text::plural,
};

use crate::terminal::text::clean;

/// As much of a commit as git needs to find it in any repository.
pub(crate) fn short_commit(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}

/// The commit, the branch, and whether files were changed: `0123abcd on main, with changes in
/// 2 files`.
pub(crate) fn git_line(provenance: &Provenance, code: Option<&Code>) -> String {
    // Where the files were compared with a commit, it is that one.
    let asked = code.and_then(|code| code.commit.as_deref());
    let commit = asked.or(provenance.git_commit.as_deref());
    let git = [commit.map(short_commit), provenance.git_branch.as_deref()];
    let git = git.into_iter().flatten().collect::<Vec<_>>().join(" on ");
    let changes = match (code, code.map(|code| code.dirty).or(provenance.git_dirty)) {
        (Some(code), Some(true)) => {
            let more = if code.files_cut { "more than " } else { "" };
            format!("with changes in {more}{}", plural(code.files.len() as u64, "file"))
        }
        (None, Some(true)) => "with changes".to_owned(),
        (_, Some(false)) => "without changes".to_owned(),
        (_, None) => return git,
    };
    let git = if git.is_empty() { "no commit".to_owned() } else { git };
    format!("{git}, {changes}")
}

/// Where a run came from, as people read it.
pub(crate) fn origin_rows(
    provenance: &Provenance,
    code: Option<&Code>,
) -> Vec<(&'static str, String)> {
    let git = git_line(provenance, code);
    let machine = match provenance.cpus {
        0 => String::new(),
        cpus => format!("{}, {}, {}", provenance.os, provenance.arch, plural(cpus as u64, "cpu")),
    };
    let rows = [
        ("host", provenance.host.clone()),
        ("machine", machine),
        ("command", provenance.command.join(" ")),
        ("directory", provenance.directory.clone()),
        ("git", git),
        ("tracker", provenance.tracker.clone()),
    ];
    rows.map(|(name, value)| (name, clean(&value))).into()
}
