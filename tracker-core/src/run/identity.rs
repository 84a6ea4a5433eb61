//! Which run a process starts: one of its own, one that others of its training share, or one that
//! goes on.

use std::{env, path::Path};

use parking_lot::{Mutex, MutexGuard};
use sha2::{Digest, Sha256};

use crate::{
    Error, Result, RunId, State,
    console::notice,
    format::{folder::StorePath, layout::RunPaths, run_file::RunFile},
    read::Store,
};

const RUN_ID: &str = "TRACKER_RUN_ID";
const RANK: &str = "TRACKER_RANK";

/// A run, and the project in whose folder it lies: one that was moved may lie in another than it
/// says of itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Joined {
    pub(crate) id: RunId,
    pub(crate) lies_in: String,
}

/// Where the run of an id lies that a process of `project` joins or makes.
pub(crate) fn joined(root: &Path, project: &str, id: RunId) -> Joined {
    let folder =
        |project: &str| RunPaths::at(StorePath::named(root).child(project).child(id.as_str()));
    let is_moved = |other: &str| {
        let file = RunFile::read(&folder(other).run_file());
        file.is_ok_and(|file| file.project == project)
    };
    let mut lies_in = project.to_owned();
    if !folder(project).folder().exists() {
        let projects = Store::open(root).and_then(|store| store.projects()).unwrap_or_default();
        let moved = projects.iter().find(|other| is_moved(other.name()));
        lies_in = moved.map_or(lies_in, |other| other.name().to_owned());
    }
    Joined { id, lies_in }
}

/// How many runs this process has started under the id that the environment names.
static STARTED: Mutex<u64> = Mutex::new(0);

/// A run that starts under the id that the environment names. As long as it does, no other one
/// begins to.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) id: RunId,
    started: MutexGuard<'static, u64>,
}

impl Shared {
    /// The id for the next run of this process: the first gets the one that the environment names,
    /// and each further one an id of its own, which is the same in all processes that start their
    /// runs in the same order.
    ///
    /// # Errors
    /// If the environment names no run id.
    pub(crate) fn from_env() -> Result<Option<Self>> {
        let Some(id) = id_from_env()? else { return Ok(None) };
        let started = STARTED.lock();
        let id = derived(&id, *started);
        Ok(Some(Self { id, started }))
    }

    /// The run has started.
    pub(crate) fn done(mut self) {
        *self.started += 1;
        if *self.started == 2 {
            notice::warn(
                "TRACKER_RUN_ID is the id of one run, and this is the second of the process: it \
                 has an id of its own",
                "to go on with the first one, start it with `.resume(ID)`",
            );
        }
    }
}

/// The id of the run of this number, counted from 0, under the id of the first.
fn derived(first: &RunId, number: u64) -> RunId {
    if number == 0 {
        return first.clone();
    }
    let digest = Sha256::new().chain_update(first.as_str()).chain_update(number.to_le_bytes());
    let bits =
        digest.finalize().iter().take(16).fold(0, |bits, byte| bits << 8 | u128::from(*byte));
    RunId::beside(first, bits)
}

fn id_from_env() -> Result<Option<RunId>> {
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

/// What the environment says; `None` for nothing.
pub(crate) fn variable(name: &str) -> Option<String> {
    let value = env::var_os(name)?.to_string_lossy().into_owned();
    (!value.is_empty()).then_some(value)
}

/// The id of the run to go on with.
///
/// # Errors
/// If there is no such run, it is of another project, or, for the first rank, a process still logs
/// to it.
pub(crate) fn resumed(root: &Path, project: &str, reference: &str, rank: u16) -> Result<Joined> {
    let run = Store::open(root)?.find(reference)?;
    let refused = |reason: String, hint: &str| Error::InvalidName {
        what: "run to resume",
        name: crate::error::excerpt(reference),
        reason,
        hint: hint.into(),
    };
    let folder = run.path().parent().and_then(Path::file_name).unwrap_or_default();
    let lies_in = folder.to_string_lossy().into_owned();
    // One that was moved is gone on with by the program that began it, where it lies.
    let began_in = RunFile::read(&run.paths().run_file()).map(|file| file.project);
    if lies_in != project && !began_in.is_ok_and(|began_in| began_in == project) {
        let reason = format!("it is in the project `{lies_in}`, not `{project}`");
        return Err(refused(reason, "name the run's own project in `init`"));
    }
    let here = StorePath::named(root).child(project).child(run.info().id.as_str());
    if lies_in != project && here.exists() {
        let reason = format!("both {} and {} hold it", here.display(), run.path().display());
        return Err(refused(reason, "move one of them out of the store"));
    }
    // The first rank may have resumed it a moment ago.
    if rank == 0 && run.state() == State::Running {
        let reason = "a process still logs to it".to_owned();
        return Err(refused(reason, "stop that process first, or start a new run"));
    }
    Ok(Joined { id: run.info().id.clone(), lies_in })
}
