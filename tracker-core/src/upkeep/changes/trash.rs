//! Empties the trash.

use std::time::Duration;

use crate::{
    Result, Timestamp,
    format::layout::file_names,
    read::Store,
    upkeep::{
        changes::{
            journal::{EMPTIED, Entry, entries, trash_of},
            sealed::is_live,
        },
        garbage::Garbage,
    },
};

/// How long the trash keeps what was deleted, where nobody says otherwise.
pub const TRASH_KEPT: Duration = Duration::from_hours(7 * 24);

/// What was put into the store's trash longer ago than this, and what is kept of older changes to take them back.
/// Removes nothing; what is then [removed](Garbage::remove) cannot be brought back.
///
/// # Errors
/// If the trash cannot be listed.
pub fn trash(store: &Store, kept: Duration) -> Result<Vec<Garbage>> {
    let trash = trash_of(store);
    let mut found = Vec::new();
    for name in file_names(&trash)? {
        // Its name is gone for whoever looks for a change, so that nobody brings back a half of it.
        if name.starts_with(EMPTIED) {
            found.push(Garbage::new(trash.child(&name), "what is left of the trash"));
        }
    }
    for entry in entries(store)? {
        let age = Timestamp::now().as_micros() - entry.time().as_micros();
        let is_old = u128::from(age.max(0).unsigned_abs()) >= kept.as_micros();
        if is_old && !has_living_run(&entry) {
            let deleted: usize = entry.runs()?.iter().map(|(_, runs)| runs.len()).sum();
            let reason = if deleted > 0 {
                "deleted runs, which can no longer be brought back then"
            } else {
                "what `tracker undo` needs to take back a change"
            };
            let hidden = trash.child(format!("{EMPTIED}{}", entry.id));
            found.push(Garbage::hidden_first(entry.folder, hidden, reason));
        }
    }
    Ok(found)
}

/// Somebody may have joined a run at the very moment at which it was deleted.
fn has_living_run(entry: &Entry) -> bool {
    let runs = entry.runs().unwrap_or_default();
    let mut places = runs
        .iter()
        .flat_map(|(project, runs)| runs.iter().map(move |run| entry.project(project).child(run)));
    places.any(|run| is_live(&run))
}
