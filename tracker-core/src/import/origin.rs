//! How a run is known again: by a text that says what it was elsewhere.

use sha2::{Digest, Sha256};

use crate::{
    Error, Result, RunId, Timestamp, Writer,
    error::excerpt,
    format::{
        layout::{RunPaths, file_names},
        run_file::RunFile,
    },
    read::Store,
};

/// Who writes an imported run.
pub(crate) const WRITER: Writer = Writer { rank: 0, attempt: 1 };

/// The topic of the facts that say where a run came from.
pub(crate) const TOPIC: &str = "imported";

/// The fact by which it is known.
pub(crate) const ORIGIN: &str = "origin";

/// The fact that tells whether it has changed.
pub(crate) const CONTENTS: &str = "contents";

/// The bits of the ids of all imports of an origin. With the time before them, the runs of one tool are listed
/// among others by when they started.
pub(crate) fn bits(origin: &str) -> u128 {
    let digest = Sha256::digest(origin.as_bytes());
    digest.iter().take(10).fold(0, |bits, byte| bits << 8 | u128::from(*byte))
}

/// The id of an origin's run that started at a time.
pub(crate) fn id(origin: &str, start: Timestamp) -> RunId {
    RunId::of_parts(start, bits(origin))
}

/// A run whose id has the bits of an origin, wherever people have moved it.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) id: RunId,
    pub(crate) project: String,
    pub(crate) paths: RunPaths,
}

/// Looks at the names of folders alone.
pub(crate) fn find(store: &Store, bits: u128) -> Result<Option<Found>> {
    for project in store.projects()? {
        let place = project.place();
        let ids = file_names(&place)?.into_iter().filter_map(|name| name.parse::<RunId>().ok());
        if let Some(id) = ids.into_iter().find(|id| id.bits() == bits) {
            let paths = RunPaths::at(place.child(id.as_str()));
            return Ok(Some(Found { id, project: project.name().to_owned(), paths }));
        }
    }
    Ok(None)
}

/// An import of the same origin that was made before.
#[derive(Debug)]
pub(crate) struct Earlier {
    pub(crate) id: RunId,
    pub(crate) project: String,
    pub(crate) paths: RunPaths,
    pub(crate) started_at: Timestamp,
    /// What tells whether it has changed since.
    pub(crate) contents: Option<String>,
}

/// The earlier import of an origin, if there is one.
///
/// # Errors
/// If a run of such an id is there that is no import of this origin, or more than that: it must not be replaced.
pub(crate) fn earlier(store: &Store, origin: &str) -> Result<Option<Earlier>> {
    let Some(Found { id, project, paths }) = find(store, bits(origin))? else { return Ok(None) };
    let refused = |reason: String, hint: &str| Error::Refused {
        action: "import over",
        path: paths.folder().to_path_buf(),
        reason,
        hint: hint.to_owned(),
    };
    let file = RunFile::read(&paths.run_file())?;
    if fact(&file, ORIGIN) != Some(origin) {
        return Err(refused(
            format!("it has the id of {} and is no import of it", excerpt(origin)),
            "move that run out of the store, or import into another store with --dir",
        ));
    }
    if paths.claimed_writers()? != [WRITER] {
        return Err(refused(
            "somebody has gone on training in it since it was imported".to_owned(),
            "import into another store with --dir, or move that run out of this one",
        ));
    }
    let contents = fact(&file, CONTENTS).map(str::to_owned);
    Ok(Some(Earlier { id, project, paths, started_at: file.started_at, contents }))
}

fn fact<'a>(file: &'a RunFile, name: &str) -> Option<&'a str> {
    file.about.get(TOPIC)?.get(name)?.as_str()
}
