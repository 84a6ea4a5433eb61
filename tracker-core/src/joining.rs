//! Which run a process starts: one of its own, one that others of its training share, or one that
//! goes on.

use std::{env, path::Path};

use crate::{Error, Result, RunId, State, read::Store};

const RUN_ID: &str = "TRACKER_RUN_ID";
const RANK: &str = "TRACKER_RANK";

/// The id that the environment names.
///
/// # Errors
/// If it is no run id.
pub(crate) fn id_from_env() -> Result<Option<RunId>> {
    let Some(text) = variable(RUN_ID) else { return Ok(None) };
    match text.to_ascii_uppercase().parse() {
        Ok(id) => Ok(Some(id)),
        Err(_) => Err(Error::InvalidName {
            what: RUN_ID,
            name: crate::error::excerpt(&text),
            reason: "it is not the id of a run".into(),
            hint: format!(
                "use the 26 letters and digits that `tracker ls` shows, or a new one such as {}",
                RunId::generate()
            ),
        }),
    }
}

/// The rank of this process in its training, 0 where nobody says.
///
/// # Errors
/// If it is no number from 0 to 65,535.
pub(crate) fn rank() -> Result<u16> {
    let Some(text) = variable(RANK) else { return Ok(0) };
    text.parse().map_err(|_| Error::InvalidName {
        what: RANK,
        name: crate::error::excerpt(&text),
        reason: "it is not a number from 0 to 65535".into(),
        hint: "give each process of a training its own number, the first one 0".into(),
    })
}

fn variable(name: &str) -> Option<String> {
    let value = env::var_os(name)?.to_string_lossy().into_owned();
    (!value.is_empty()).then_some(value)
}

/// The id of the run to go on with.
///
/// # Errors
/// If there is no such run, it is of another project, or, for the first rank, a process still logs
/// to it.
pub(crate) fn resumed(root: &Path, project: &str, reference: &str, rank: u16) -> Result<RunId> {
    let run = Store::open(root)?.find(reference)?;
    let refused = |reason: String, hint: &str| Error::InvalidName {
        what: "run to resume",
        name: crate::error::excerpt(reference),
        reason,
        hint: hint.into(),
    };
    if run.info().project != project {
        let reason = format!("it is in the project `{}`, not `{project}`", run.info().project);
        return Err(refused(reason, "name the run's own project in `init`"));
    }
    // The first rank may have resumed it a moment ago.
    if rank == 0 && run.state() == State::Running {
        let reason = "a process still logs to it".to_owned();
        return Err(refused(reason, "stop that process first, or start a new run"));
    }
    Ok(run.info().id.clone())
}
