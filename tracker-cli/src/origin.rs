//! Where a run came from.

use tracker_core::read::Provenance;

use crate::text::clean;

/// Where a run came from, as people read it.
pub(crate) fn origin_rows(provenance: &Provenance) -> Vec<(&'static str, String)> {
    let git = [provenance.git_commit.as_deref(), provenance.git_branch.as_deref()];
    let git = git.into_iter().flatten().collect::<Vec<_>>().join(" on ");
    let machine = match provenance.cpus {
        0 => String::new(),
        cpus => format!("{}, {}, {cpus} cpus", provenance.os, provenance.arch),
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
