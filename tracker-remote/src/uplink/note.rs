//! What a sender leaves in the run's folder: for the training how far it is, for the next sender what spares work.

use serde::de::DeserializeOwned;
use serde_json::json;
use tracker_core::{Timestamp, replica::RunFolder};

use super::{
    blobs::Hashes,
    cleared::Sealed,
    sending::{Progress, Uplink},
};
use crate::{Place, Result, hash::sha256};

/// The most bytes of what spares work.
const MOST: u64 = 64 << 20;

/// Says how far the run is sent, for the training that waits at its end. A full disk keeps nobody from sending.
pub(super) fn write(uplink: &Uplink, sent: &Result<Progress>) {
    let progress = sent.as_ref().cloned().unwrap_or_else(|_| uplink.progress());
    let note = json!({
        "place": uplink.objects.place.to_string(),
        "told": Timestamp::now(),
        "all": progress.all,
        "behind": progress.behind,
        "problem": sent.as_ref().err().map(ToString::to_string),
    });
    let _ =
        uplink.folder.write_note(&name(&uplink.objects.place, "sync"), note.to_string().as_bytes());
}

/// The hashes that an earlier sender knew; none if the file is gone or damaged.
pub(super) fn read_hashes(uplink: &Uplink) -> Hashes {
    Hashes { by_path: read(uplink, "hashes"), are_news: false }
}

/// Since when an earlier sender has seen parts that replace pieces.
pub(super) fn read_sealed(uplink: &Uplink) -> Sealed {
    Sealed { since: read(uplink, "sealed"), are_news: false }
}

fn read<T: DeserializeOwned + Default>(uplink: &Uplink, what: &str) -> T {
    let path = format!("followers/{}", name(&uplink.objects.place, what));
    let known = uplink.folder.read(&path, MOST).ok().flatten();
    known.and_then(|known| serde_json::from_slice(&known).ok()).unwrap_or_default()
}

/// Keeps them. Those that could not be written are tried again after the next round.
pub(super) fn write_hashes(folder: &RunFolder, place: &Place, hashes: &mut Hashes) {
    if hashes.are_news {
        let text = serde_json::to_vec(&hashes.by_path).unwrap_or_default();
        hashes.are_news = folder.write_note(&name(place, "hashes"), &text).is_err();
    }
}

/// Keeps since when there are parts that replace pieces.
pub(super) fn write_sealed(folder: &RunFolder, place: &Place, sealed: &mut Sealed) {
    if sealed.are_news {
        let text = serde_json::to_vec(&sealed.since).unwrap_or_default();
        sealed.are_news = folder.write_note(&name(place, "sealed"), &text).is_err();
    }
}

/// Differs from place to place.
fn name(place: &Place, what: &str) -> String {
    let hash = sha256(place.to_string().as_bytes());
    format!("{what}-{}.json", &hash[..8])
}
