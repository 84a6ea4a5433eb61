//! Files by their hashes: what is logged twice is stored once.

use std::io::{self, Write};

use crate::{
    MediaExtension, Problem, Step,
    format::{
        folder::StorePath,
        layout::RunPaths,
        media_item::{MediaHash, StoredMedia},
    },
    store::media::{home::MediaHome, limit, problem},
};

/// Stores the bytes of a file.
pub(super) fn store(
    home: &dyn MediaHome,
    (name, step): (&str, Step),
    extension: MediaExtension,
    bytes: &[u8],
) -> Result<StoredMedia, Problem> {
    let paths = home.paths();
    let sha256 = MediaHash::of(bytes);
    let place = paths.media_file(&sha256, extension);
    let file = StoredMedia { sha256, ext: extension, bytes: bytes.len() as u64 };
    if !is_there(&place, file.bytes) {
        let used = used(home, &paths).saturating_add(file.bytes);
        if used > limit::limit() {
            return Err(problem::limit_reached(name, step, limit::limit()));
        }
        write(home, &paths, &place, bytes).map_err(|error| problem::not_written(&place, &error))?;
        home.ledger().set_bytes(used);
    }
    home.ledger().wrote(&file);
    Ok(file)
}

fn is_there(place: &StorePath, bytes: u64) -> bool {
    place.look().is_ok_and(|look| look.is_file() && look.length == bytes)
}

/// How many bytes the run has. Of one that goes on, those of earlier attempts too.
fn used(home: &dyn MediaHome, paths: &RunPaths) -> u64 {
    home.ledger().bytes().unwrap_or_else(|| {
        if let Some(problem) = limit::not_understood() {
            home.problem(problem);
        }
        let media = paths.media();
        if media.exists() { media.size() } else { 0 }
    })
}

/// Writes a file whole or not at all. Another rank may write the same one at this moment: each under
/// a name of its own before it has this one.
fn write(
    home: &dyn MediaHome,
    paths: &RunPaths,
    place: &StorePath,
    bytes: &[u8],
) -> io::Result<()> {
    let folder = place.folder();
    if !folder.exists() {
        if paths.folder().is_removed() {
            // It is made again by the writer thread, which knows what belongs into it.
            return Err(io::ErrorKind::NotFound.into());
        }
        folder.create_folder()?;
    }
    let unborn = place.sibling(format!("{}.{}.tmp", place.name(), home.writer()));
    let written = unborn.create_anew().and_then(|mut file| {
        file.write_all(bytes)?;
        unborn.rename_to(place)
    });
    written.inspect_err(|_| {
        // A disk that is full needs the space.
        let _ = unborn.remove();
    })
}
