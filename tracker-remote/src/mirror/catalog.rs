//! Many heads in one object, so that a first look at ten thousand runs takes a dozen requests.

use std::collections::{BTreeMap, HashMap};

use object_store::PutMode;
use serde::{Deserialize, Serialize};
use tracker_core::RunId;

use crate::{Head, names::ProjectNames, packed, requests::Requests};

/// How many heads are in one object.
const HEADS: usize = 1_000;

/// How many heads have to be fetched one by one before an object is written anew.
const UNCOVERED: usize = 200;

/// The most bytes of an object, as it is stored and before it was packed.
const MOST: u64 = 64 << 20;
const MOST_UNPACKED: u64 = 512 << 20;

/// The most objects of a catalogue that are read.
const MOST_OBJECTS: usize = 1_000;

/// A head as the catalogue has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    /// What the place said of the head's object: it is worth something only as long as that is so.
    pub(super) tag: String,
    pub(super) head: Head,
}

/// The heads that the catalogue has. One that is damaged or not there costs requests, nothing else.
pub(super) fn read(requests: &Requests, project: &ProjectNames) -> HashMap<RunId, Entry> {
    let Ok(listed) = requests.list(&project.catalog(), None) else { return HashMap::new() };
    let names: Vec<_> =
        listed.into_iter().take(MOST_OBJECTS).map(|object| object.location).collect();
    let mut entries = HashMap::new();
    for (name, got) in names.iter().zip(requests.get_all(&names, MOST)) {
        let Ok(got) = got else { continue };
        let Ok(text) = packed::unpack(name.as_ref(), &got.bytes, MOST_UNPACKED) else { continue };
        let Ok(some) = serde_json::from_slice::<BTreeMap<RunId, Entry>>(&text) else { continue };
        entries.extend(some);
    }
    entries
}

/// Writes anew what of the catalogue many heads were missing from. Who may not write leaves it to others: nothing in
/// it is trusted that the heads do not say, so whoever is last may replace it.
pub(super) fn renew(
    requests: &Requests,
    project: &ProjectNames,
    heads: &BTreeMap<RunId, Entry>,
    is_covered: impl Fn(&RunId) -> bool,
) {
    let all: Vec<(&RunId, &Entry)> = heads.iter().collect();
    for some in all.chunks(HEADS) {
        let uncovered = some.iter().filter(|(run, _)| !is_covered(run)).count();
        let Some((first, _)) = some.first().filter(|_| uncovered >= UNCOVERED) else { continue };
        let entries: BTreeMap<&RunId, &Entry> = some.iter().copied().collect();
        let Ok(text) = serde_json::to_vec(&entries) else { continue };
        let name = project.catalog().join(first.as_str());
        if requests.put(&name, packed::pack(&text), PutMode::Overwrite).is_err() {
            return;
        }
    }
}
