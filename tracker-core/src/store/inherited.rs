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
    let mut copies: Vec<StorePath> = Vec::new();
    let taken = checkpoint.files.iter().try_for_each(|file| {
        let place = free(place(paths, file), &copies);
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

/// The place, or one beside it where another file is there: files of the same name may come from several folders.
fn free(place: StorePath, taken: &[StorePath]) -> StorePath {
    if !taken.contains(&place) {
        return place;
    }
    let name = place.file_name().unwrap_or_default();
    let beside = |number: usize| place.folder().child(number.to_string()).child(name);
    // One more than are taken: one of them is free.
    let mut others = (2..=taken.len() + 2).map(beside);
    others.find(|other| !taken.contains(other)).unwrap_or_else(|| place.clone())
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{Artifact, Writer, init, read::Store};

    #[test]
    fn nothing_stays_of_a_checkpoint_that_is_damaged_while_it_is_copied() {
        let folder = tempfile::tempdir().unwrap();
        let builder = init("mnist").name("parent").dir(folder.path().join("store")).signals(false);
        let parent = builder.code_changes(false).system_metrics(false).start().unwrap();
        parent.log_at(9_u64, [("loss", 0.5)]);
        let weights = parent.dir().join("a/b/weights");
        fs::create_dir_all(weights.parent().unwrap()).unwrap();
        for part in ["model", "optimizer"] {
            let path = weights.with_file_name(part);
            fs::write(&path, part).unwrap();
            let artifact = Artifact::of_file(format!("checkpoint/{part}"), "epoch-1", &path);
            let artifact = artifact.unwrap().step(9_u64).relative_to(parent.path());
            parent.log_artifact(artifact);
        }
        parent.finish().unwrap();
        let point = Store::open(folder.path().join("store")).unwrap().fork_point("parent").unwrap();
        let checkpoint = point.checkpoint.unwrap();
        fs::write(weights.with_file_name("optimizer"), "other bytes").unwrap();

        let paths = RunPaths::new(folder.path().join("run"));
        paths.files().create_folder().unwrap();
        let writer = Writer { rank: 0, attempt: 1 };
        let mut events = OwnFile::claim(paths.events(writer)).unwrap();
        let error = take_over(&paths, &mut events, &checkpoint).unwrap_err().to_string();
        assert!(error.contains("optimizer") && error.contains("hint: "), "{error}");
        assert_eq!(paths.files().names().unwrap(), [""; 0]);
        fs::write(weights.with_file_name("optimizer"), "optimizer").unwrap();
        take_over(&paths, &mut events, &checkpoint).unwrap();
        let copy = folder.path().join("run/files/a/b/model");
        assert_eq!(fs::read_to_string(copy).unwrap(), "model");
    }
}
