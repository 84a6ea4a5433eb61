//! What a sender leaves in the run's folder: for the training how far it is, for the next sender what spares work.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use tracker_core::{Timestamp, replica::RunFolder};

use super::progress::Progress;
use crate::{Place, hash::sha256};

/// The most bytes of what spares work.
const MOST: u64 = 64 << 20;

/// Says how far the run is sent, for the training that waits at its end. A full disk keeps nobody from sending.
pub(super) fn tell(
    folder: &RunFolder,
    place: &Place,
    progress: &Progress,
    problem: Option<String>,
) {
    let note = json!({
        "place": place.to_string(),
        "told": Timestamp::now(),
        "all": progress.all,
        "behind": progress.behind,
        "problem": problem,
    });
    let _ = folder.write_note(&name(place, "sync"), note.to_string().as_bytes());
}

/// What an earlier sender has written down for this place; nothing if it is gone or damaged.
pub(super) fn read<T: DeserializeOwned + Default>(
    folder: &RunFolder,
    place: &Place,
    what: &str,
) -> T {
    let path = format!("followers/{}", name(place, what));
    let known = folder.read(&path, MOST).ok().flatten();
    known.and_then(|known| serde_json::from_slice(&known).ok()).unwrap_or_default()
}

/// Writes down what spares the next sender work. Whether that could be written.
pub(super) fn write(folder: &RunFolder, place: &Place, what: &str, known: &impl Serialize) -> bool {
    let text = serde_json::to_vec(known).unwrap_or_default();
    folder.write_note(&name(place, what), &text).is_ok()
}

/// Differs from place to place.
fn name(place: &Place, what: &str) -> String {
    let hash = sha256(place.to_string().as_bytes());
    format!("{what}-{}.json", &hash[..8])
}
