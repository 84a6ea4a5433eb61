//! The pictures of a run, within its report.

use std::collections::HashMap;

use tracker_core::{
    Result,
    read::{ArtifactVersion, RunReader, Snapshot},
};

use crate::{
    answers::page::{media::MediaAt, recorded::Artifacts},
    ui::responses::{artifacts::Picture, media::MediaContent},
};

/// What the pictures of one run may take, in bytes, so that a report can be sent by mail.
pub(crate) const MOST_BYTES: u64 = 4 << 20;

/// Writes the pictures of a step into the answer that tells of them, as long as there is `room`, and
/// takes the addresses of all else out of it. Answers how many pictures found none.
pub(crate) fn embed_media(run: &RunReader, at: &mut MediaAt, room: &mut u64) -> usize {
    let mut without_room = 0;
    for logged in &mut at.media {
        logged.content = None;
        let hash = logged.item.file().map(|file| file.sha256.as_str().to_owned());
        let content = hash.and_then(|hash| MediaContent::find(run, &hash).ok());
        let Some(content) = content else { continue };
        let bytes = content.bytes();
        if bytes > *room {
            without_room += usize::from(logged.item.kind() == "picture");
        } else if let Some(address) = content.address() {
            *room -= bytes;
            logged.content = Some(address);
        }
    }
    without_room
}

/// Writes pictures into the answer that lists the run's files, and takes the addresses of all others
/// out of it: a report does not hold them. Answers how many pictures found no room.
pub(crate) fn embed(now: &Snapshot, listed: &mut Artifacts) -> Result<usize> {
    let shown = &mut listed.artifacts;
    for version in shown.iter_mut() {
        version.content = None;
    }
    let versions = now.artifacts()?;
    let (mut left, mut without_room) = (MOST_BYTES, 0);
    for number in newest_first(&versions) {
        let Some(picture) = Picture::find(now.run(), &versions[number]) else { continue };
        let Some(version) = shown.get_mut(number) else { continue };
        let bytes = picture.bytes();
        if bytes > left {
            without_room += 1;
        } else if let Some(address) = picture.address() {
            left -= bytes;
            version.content = Some(address);
        }
    }
    Ok(without_room)
}

/// The newest of each name, then those before them, and so on.
fn newest_first(versions: &[ArtifactVersion]) -> Vec<usize> {
    let mut newer = HashMap::new();
    let mut ranked: Vec<(usize, usize)> = Vec::with_capacity(versions.len());
    for (number, known) in versions.iter().enumerate().rev() {
        let rank = newer.entry(known.artifact.name.as_str()).or_insert(0);
        *rank += 1;
        ranked.push((*rank, number));
    }
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, number)| number).collect()
}
