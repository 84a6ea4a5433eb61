//! Which run made what another one used, as JSON.

use tracker_core::read::{Snapshot, User as StoredUser};

use crate::{
    answers::page::lineage::{Lineage, Used, User},
    ui::{failure::Answer, library::Library},
    view::lineage::{Made, made},
};

/// What `/runs/ID/lineage` answers. Where something was stays on this machine.
pub(crate) fn lineage(library: &Library, now: &Snapshot) -> Answer<Lineage> {
    let Some(store) = library.store() else {
        return Ok(Lineage { used: Vec::new(), used_by: Vec::new() });
    };
    let used = made(&store, now.used()?).into_iter().map(used).collect();
    let used_by = store.users_of(now.run())?.into_iter().map(user).collect();
    Ok(Lineage { used, used_by })
}

fn used(made: Made) -> Used {
    let Made { usage, run_name } = made;
    let used = usage.used;
    Used {
        name: used.name,
        kind: used.kind,
        version: used.version,
        sha256: used.sha256,
        bytes: used.bytes,
        files: used.files,
        run: used.run.map(|run| run.to_string()),
        run_name,
        project: used.project,
        time: usage.time,
    }
}

fn user(user: StoredUser) -> User {
    User {
        run: user.run.to_string(),
        run_name: user.run_name,
        project: user.project,
        name: user.name,
        version: user.version,
        named: user.named,
        time: user.time,
    }
}
