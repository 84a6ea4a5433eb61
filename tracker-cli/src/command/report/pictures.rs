//! The pictures of a run, within its report.

use std::collections::HashMap;

use tracker_core::{
    Result,
    read::{ArtifactVersion, Snapshot},
};

use crate::{answers::page::recorded::Artifacts, ui::responses::artifacts::Picture};

/// What the pictures of one run may take, in bytes, so that a report can be sent by mail.
const MOST_BYTES: u64 = 4 << 20;

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
