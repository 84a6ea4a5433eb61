//! What a sender leaves in the run's folder: for the training how far it is, for the next sender what spares work.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use tracker_core::{
    Timestamp,
    replica::{RunFolder, note_name},
};

use super::progress::Progress;
use crate::{Error, Place, objects::Trouble};

/// The most bytes of what spares work.
const MOST: u64 = 64 << 20;

/// The most bytes of what says how far a run is sent.
const MOST_NOTE: u64 = 64 << 10;

/// Says how far the run is sent, for the training that waits at its end: what is behind only if the place has said what is
/// there. A full disk keeps nobody from sending.
pub(super) fn tell(
    folder: &RunFolder,
    place: &Place,
    progress: &Progress,
    knows_place: bool,
    error: Option<&Error>,
) {
    let note = json!({
        "place": place.to_string(),
        "told": Timestamp::now(),
        "all": progress.all,
        "behind": knows_place.then_some(progress.behind),
        "problem": error.map(ToString::to_string),
        "over": error.is_some_and(|error| !Trouble::of(error).is_tried_again()),
    });
    let _ = folder.write_note(&name(place, "sync"), note.to_string().as_bytes());
}

/// Whether somebody has begun to send the run to a place, or was about to, and all of it is not there.
pub(super) fn is_on_its_way(folder: &RunFolder, place: &Place) -> bool {
    told(folder, &name(place, "sync")).is_some_and(|note| note["all"] == false)
}

/// The places to which a run was sent, or was to be.
pub fn places_of(folder: &RunFolder) -> Vec<String> {
    let notes = folder.notes().unwrap_or_default();
    let notes = notes.iter().filter(|name| name.starts_with("sync-"));
    let place = |name: &String| Some(told(folder, name)?["place"].as_str()?.to_owned());
    notes.filter_map(place).collect()
}

/// What a sender has told in a note of this name.
fn told(folder: &RunFolder, name: &str) -> Option<serde_json::Value> {
    let note = folder.read(&format!("followers/{name}"), MOST_NOTE).ok()??;
    serde_json::from_slice(&note).ok()
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

fn name(place: &Place, what: &str) -> String {
    note_name(what, &place.to_string())
}
