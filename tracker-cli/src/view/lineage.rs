//! What a run made use of, and who made use of it.

use serde::Serialize;
use tracker_core::{
    Result, Timestamp,
    read::{RunReader, Store, Usage, User},
};

use crate::terminal::{
    table::{Align, Grid, MISSING},
    text::{ago, clean, size},
};

/// How many of each are shown.
const MAX_ROWS: usize = 20;

/// How much of a hash is shown.
const HASH: usize = 12;

/// Both ends of a run.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Lineage {
    pub(crate) used: Vec<Made>,
    pub(crate) used_by: Vec<User>,
}

/// What a run made use of, with the name of the run that made it.
#[derive(Debug, Serialize)]
pub(crate) struct Made {
    #[serde(flatten)]
    pub(crate) usage: Usage,
    /// Null if nobody named a run, or it is not in this store.
    pub(crate) run_name: Option<String>,
}

impl Lineage {
    pub(crate) fn of(store: &Store, run: &RunReader) -> Result<Self> {
        let used = run.used()?;
        Ok(Self { used: made(store, used), used_by: store.users_of(run)? })
    }
}

/// Who made it, by the names and projects that they have now: a run may have been moved or renamed since.
pub(crate) fn made(store: &Store, used: Vec<Usage>) -> Vec<Made> {
    let known = |mut usage: Usage| {
        let maker = usage.used.run.as_ref().and_then(|id| store.run(id).ok());
        if let Some(maker) = &maker {
            usage.used.project = Some(maker.info().project.clone());
        }
        Made { run_name: maker.map(|maker| maker.info().name.clone()), usage }
    };
    used.into_iter().map(known).collect()
}

/// What the run made use of.
pub(crate) fn used(used: &[Made], width: u16) -> String {
    let aligns = [Align::Left, Align::Left, Align::Right, Align::Left];
    let mut grid = Grid::new(aligns, width);
    grid.header(["", "version", "size", "sha256", "made by"]);
    for Made { usage, run_name } in used.iter().take(MAX_ROWS) {
        let used = &usage.used;
        let by = match (run_name, &used.run) {
            (Some(name), _) => clean(name),
            (None, Some(id)) => format!("{id}, not in this store"),
            (None, None) => MISSING.to_owned(),
        };
        grid.row([
            clean(&used.name),
            used.version.as_deref().map_or_else(|| MISSING.to_owned(), clean),
            used.bytes.map_or_else(|| MISSING.to_owned(), size),
            hash(used.sha256.as_deref()),
            by,
        ]);
    }
    grid.section(&title("Used", used.len()))
}

/// Who made use of the run.
pub(crate) fn used_by(users: &[User], width: u16) -> String {
    let mut grid = Grid::new([Align::Left], width);
    grid.header(["", "project", "used", "when"]);
    for user in users.iter().take(MAX_ROWS) {
        let same = if user.named { "" } else { " (the same bytes)" };
        grid.row([
            clean(&user.run_name),
            clean(&user.project),
            format!("{}@{}{same}", clean(&user.name), clean(&user.version)),
            ago(user.time, Timestamp::now()),
        ]);
    }
    grid.section(&title("Used by", users.len()))
}

fn title(title: &str, count: usize) -> String {
    match count.saturating_sub(MAX_ROWS) {
        0 => title.to_owned(),
        more => format!("{title} (the first {MAX_ROWS}; --json has {more} more)"),
    }
}

/// The beginning of a hash.
pub(crate) fn hash(sha256: Option<&str>) -> String {
    sha256.map_or_else(|| MISSING.to_owned(), |hash| clean(hash).chars().take(HASH).collect())
}
