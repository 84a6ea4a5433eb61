//! What a fork takes over from its parent as files of its own: the checkpoint with which it begins.
//!
//! It is copied, and compared with its hash on the way. So the parent may delete its checkpoints, go on, be
//! resumed or removed, and a training finds the one that it begins with as it finds its own.

use std::{io, path::Component};

use crate::{
    Result, Timestamp,
    error::IoContext,
    format::{
        event_line::{StoredEvent, StoredEventKind},
        folder::StorePath,
        layout::RunPaths,
    },
    read::{ForkCheckpoint, FoundArtifact},
    store::own_file::OwnFile,
};

/// The folder of a checkpoint that was not among its run's files.
const FOLDER: &str = "checkpoint";

/// The alias of the newest checkpoint.
const LATEST: &str = "latest";

const HINT: &str = "check the room on the disk, and that the checkpoint is still there";

/// Copies the files of a checkpoint to the run's own and enters them among its artifacts.
///
/// # Errors
/// If a file is not as it was recorded any more, or cannot be copied. Nothing stays behind then.
pub(super) fn take_over(
    paths: &RunPaths,
    events: &mut OwnFile,
    checkpoint: &ForkCheckpoint,
) -> Result<()> {
    let mut copies = Vec::new();
    let taken = checkpoint.files.iter().try_for_each(|file| {
        let place = place(paths, file);
        copies.push(place.clone());
        copy(file, &place)?;
        enter(paths, events, file, &place).io_context("write", &place, HINT)
    });
    taken.inspect_err(|_| {
        for copy in &copies {
            let _ = copy.remove();
            let mut folder = copy.folder();
            while folder != paths.files() && folder.remove_empty().is_ok() {
                folder = folder.folder();
            }
        }
    })
}

/// Where the copy of a file goes: to the same place among the run's files, where it was among its run's.
fn place(paths: &RunPaths, file: &FoundArtifact) -> StorePath {
    let is_plain = |part: &Component<'_>| matches!(part, Component::Normal(_));
    let same =
        file.place_among_files().filter(|path| path.components().all(|part| is_plain(&part)));
    if let Some(same) = same.filter(|path| path.file_name().is_some()) {
        return same.iter().fold(paths.files(), |folder, name| folder.child(name));
    }
    let path = file.version.artifact.path.as_deref();
    let name = path.and_then(|path| path.file_name()).unwrap_or_default();
    paths.files().child(FOLDER).child(name)
}

fn copy(file: &FoundArtifact, place: &StorePath) -> Result<()> {
    place.folder().create_folder().io_context("create", place, HINT)?;
    let mut refused = None;
    let written = place.replace(true, |mut copy| {
        file.copy_to(&mut copy).map(drop).map_err(|error| {
            refused = Some(error);
            io::ErrorKind::Other.into()
        })
    });
    match refused {
        Some(error) => Err(error),
        None => written.io_context("write", place, HINT),
    }
}

fn enter(
    paths: &RunPaths,
    events: &mut OwnFile,
    file: &FoundArtifact,
    place: &StorePath,
) -> io::Result<()> {
    let mut artifact = file.version.artifact.clone();
    artifact.path = Some(place.to_path_buf());
    artifact.aliases = vec![LATEST.to_owned()];
    let kind = StoredEventKind::Artifact(artifact.relative_to(paths.folder()));
    let mut line = serde_json::to_vec(&StoredEvent { time: Timestamp::now(), kind })?;
    line.push(b'\n');
    events.append(&line)
}
