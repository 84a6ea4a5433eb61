//! What a sender leaves in the run's folder: for the training how far it is, for the next sender what spares work.

use serde_json::json;
use sha2::{Digest, Sha256};
use tracker_core::Timestamp;

use super::{
    blobs::Hashes,
    sending::{Progress, Uplink},
};
use crate::Result;

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
    let _ = uplink.folder.write_note(&name(uplink, "sync"), note.to_string().as_bytes());
}

/// The hashes that an earlier sender knew; none if the file is gone or damaged.
pub(super) fn read_hashes(uplink: &Uplink) -> Hashes {
    let path = format!("followers/{}", name(uplink, "hashes"));
    let known = uplink.folder.read(&path, MOST).ok().flatten();
    known.and_then(|known| serde_json::from_slice(&known).ok()).unwrap_or_default()
}

/// Keeps them, if there are any.
pub(super) fn write_hashes(uplink: &Uplink, hashes: &Hashes) {
    if !hashes.is_empty() && *hashes != read_hashes(uplink) {
        let text = serde_json::to_vec(hashes).unwrap_or_default();
        let _ = uplink.folder.write_note(&name(uplink, "hashes"), &text);
    }
}

/// Differs from place to place.
fn name(uplink: &Uplink, what: &str) -> String {
    let hash = Sha256::digest(uplink.objects.place.to_string());
    let [a, b, c, d, ..] = hash[..] else { return format!("{what}.json") };
    format!("{what}-{a:02x}{b:02x}{c:02x}{d:02x}.json")
}
