//! What a sender leaves in the run's folder: for the training how far it is, for the next sender what spares work.

use serde_json::json;
use tracker_core::{Timestamp, replica::RunFolder};

use super::{
    blobs::Hashes,
    sending::{Progress, Uplink},
    trouble::Trouble,
};
use crate::{Place, Result, hash::sha256};

/// The most bytes of what spares work.
const MOST: u64 = 64 << 20;

/// The most bytes of what says how far a run is sent.
const MOST_NOTE: u64 = 64 << 10;

/// Says how far the run is sent, for the training that waits at its end. A full disk keeps nobody from sending.
pub(super) fn write(uplink: &Uplink, sent: &Result<Progress>) {
    let progress = sent.as_ref().cloned().unwrap_or_else(|_| uplink.progress());
    let note = json!({
        "place": uplink.objects.place.to_string(),
        "told": Timestamp::now(),
        "all": progress.all,
        "behind": uplink.knows_place().then_some(progress.behind),
        "problem": sent.as_ref().err().map(ToString::to_string),
        "over": sent.as_ref().is_err_and(|error| !Trouble::of(error).is_tried_again()),
    });
    let _ =
        uplink.folder.write_note(&name(&uplink.objects.place, "sync"), note.to_string().as_bytes());
}

/// Whether somebody has begun to send the run to a place, or was about to, and all of it is not there.
pub(super) fn is_on_its_way(folder: &RunFolder, place: &Place) -> bool {
    let note = folder.read(&format!("followers/{}", name(place, "sync")), MOST_NOTE).ok().flatten();
    let note = note.and_then(|note| serde_json::from_slice::<serde_json::Value>(&note).ok());
    note.is_some_and(|note| note["all"] == false)
}

/// The hashes that an earlier sender knew; none if the file is gone or damaged.
pub(super) fn read_hashes(uplink: &Uplink) -> Hashes {
    let path = format!("followers/{}", name(&uplink.objects.place, "hashes"));
    let known = uplink.folder.read(&path, MOST).ok().flatten();
    let by_path = known.and_then(|known| serde_json::from_slice(&known).ok()).unwrap_or_default();
    Hashes { by_path, are_news: false }
}

/// Keeps them. Those that could not be written are tried again after the next round.
pub(super) fn write_hashes(folder: &RunFolder, place: &Place, hashes: &mut Hashes) {
    if hashes.are_news {
        let text = serde_json::to_vec(&hashes.by_path).unwrap_or_default();
        hashes.are_news = folder.write_note(&name(place, "hashes"), &text).is_err();
    }
}

/// Differs from place to place.
fn name(place: &Place, what: &str) -> String {
    let hash = sha256(place.to_string().as_bytes());
    format!("{what}-{}.json", &hash[..8])
}
