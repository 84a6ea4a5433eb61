//! Contents that are about to be removed, so that no sender takes them for there.
//!
//! Who removes contents says which, then looks once more who names them, then removes them. A sender says in its manifest
//! which it names, then looks whether they are about to be removed. One of the two sees the other: either the contents
//! stay, or the sender waits until they are gone and sends them again. What is said counts for an hour.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    time::{Duration, Instant, SystemTime},
};

use object_store::{UpdateVersion, path::Path as Name};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tracker_core::RunId;

use crate::{Result, names::ProjectNames, objects::Objects, packed, requests::Requests};

/// How long who has said so may remove them.
const COUNTS: Duration = Duration::from_mins(30);

/// After so long it does not count any more.
const FORGOTTEN: Duration = Duration::from_hours(1);

/// The most bytes of the list, as it is stored and before it was packed.
const MOST: u64 = 64 << 20;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Condemned {
    /// Tells this list from an earlier one of the same contents, whose tag would be the same.
    #[serde(default)]
    id: String,
    blobs: BTreeSet<String>,
}

/// Which of these contents are about to be removed, as somebody says there.
pub(crate) async fn are_condemned(
    objects: &Objects,
    project: &ProjectNames,
    blobs: &BTreeSet<Name>,
) -> Result<BTreeSet<Name>> {
    static SEEN: Mutex<BTreeMap<String, (Option<String>, Instant)>> = Mutex::new(BTreeMap::new());
    let name = project.condemned();
    let key = format!("{} {name}", objects.place_identity());
    let Some((bytes, version)) = objects.get(&name, MOST).await? else {
        SEEN.lock().remove(&key);
        return Ok(BTreeSet::new());
    };
    let mut seen = SEEN.lock();
    let since = seen.entry(key).or_insert_with(|| (version.e_tag.clone(), Instant::now()));
    if since.0 != version.e_tag {
        *since = (version.e_tag.clone(), Instant::now());
    }
    // Clocks of machines may be days apart, so this one's own time counts.
    if since.1.elapsed() > FORGOTTEN {
        return Ok(BTreeSet::new());
    }
    let condemned = read(&name, &bytes)?;
    Ok(blobs
        .iter()
        .filter(|blob| condemned.contains(blob.filename().unwrap_or_default()))
        .cloned()
        .collect())
}

/// What is being removed from a project by this process alone.
pub(crate) struct Removal<'a> {
    requests: &'a Requests,
    name: Name,
    since: Instant,
    began: SystemTime,
}

impl<'a> Removal<'a> {
    /// Says which contents are about to be removed. `None` if another process removes some.
    pub(crate) fn begin(
        requests: &'a Requests,
        project: &ProjectNames,
        blobs: BTreeSet<String>,
        now: i64,
    ) -> Result<Option<Self>> {
        let name = project.condemned();
        let there = match requests.get_if_changed(&name, None, MOST) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            got => got.map_err(|error| requests.told("read", error))?,
        };
        let is_young = |modified: i64| now - modified < FORGOTTEN.as_micros() as i64;
        if there.as_ref().is_some_and(|there| is_young(there.modified)) {
            return Ok(None);
        }
        let seen: Option<UpdateVersion> = there.map(|there| there.version);
        let id = RunId::generate().to_string();
        let text = serde_json::to_vec(&Condemned { id, blobs }).unwrap_or_default();
        let (since, began) = (Instant::now(), SystemTime::now());
        let is_mine = requests.swap(&name, packed::pack(&text), seen.as_ref())?.is_done();
        Ok(is_mine.then_some(Self { requests, name, since, began }))
    }

    /// Whether it counts no more. Of a machine that sleeps, one of the two clocks stands; one that is set back tells nothing.
    pub(crate) fn is_over(&self) -> bool {
        let told = self.began.elapsed().unwrap_or(FORGOTTEN);
        self.since.elapsed().max(told) > COUNTS
    }

    /// Says that nothing is removed any more. After too long, what is said there may be another one's: it is forgotten by
    /// itself.
    pub(crate) fn end(self) -> Result<()> {
        if self.is_over() {
            return Ok(());
        }
        let ended = self.requests.delete_all(vec![self.name]);
        ended.map_err(|error| self.requests.told("remove", error))
    }
}

fn read(name: &Name, bytes: &[u8]) -> Result<BTreeSet<String>> {
    let text = packed::unpack(name.as_ref(), bytes, MOST)?;
    let condemned: Condemned = serde_json::from_slice(&text).map_err(|error| {
        crate::Error::damaged(name.as_ref(), format!("it is no list of contents: {error}"))
    })?;
    Ok(condemned.blobs)
}
