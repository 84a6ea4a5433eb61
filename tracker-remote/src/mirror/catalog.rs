//! Many heads in one object, so that a first look at ten thousand runs takes a dozen requests.
//!
//! It is derived: an entry counts only as long as the place tells of its head what it told then. Each object has the heads
//! from the run on that is its name, up to the next object's. Whoever finds that some are missing adds them, by
//! compare-and-swap; who is too late leaves it, since another one has just done so.

use std::collections::{BTreeMap, HashMap};

use object_store::{ObjectMeta, UpdateVersion};
use serde::{Deserialize, Serialize};
use tracker_core::RunId;

use crate::{Head, names::ProjectNames, packed, requests::Requests};

/// How many heads are in one object, and how many of them are too many.
const HEADS: usize = 1_000;
const TOO_MANY: usize = 1_500;

/// How many heads of runs that have ended have to be missing before objects are written anew: those of runs that live
/// change all the time.
pub(super) const MISSING: usize = 16;

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

/// What the catalogue has.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    pub(super) entries: HashMap<RunId, Entry>,
    /// Its objects, by the first run of each.
    objects: BTreeMap<RunId, UpdateVersion>,
}

/// When each object of the catalogue was written, in microseconds by the place's clock.
pub(super) fn times(requests: &Requests, project: &ProjectNames) -> Option<BTreeMap<RunId, i64>> {
    let listed = requests.list(&project.catalog(), None).ok()?;
    let time =
        |object: &ObjectMeta| Some((first(object)?, object.last_modified.timestamp_micros()));
    Some(listed.iter().filter_map(time).collect())
}

/// The object in which a run's head belongs, of those that begin with these runs.
pub(super) fn object_of<'a, T>(
    objects: &'a BTreeMap<RunId, T>,
    run: &RunId,
) -> Option<(&'a RunId, &'a T)> {
    objects.range(..=run).next_back().or_else(|| objects.iter().next())
}

impl Catalog {
    /// The heads that the catalogue has, of the objects that are wanted. One that is damaged or not there costs requests,
    /// nothing else.
    pub(super) fn read(
        requests: &Requests,
        project: &ProjectNames,
        is_wanted: impl Fn(&RunId) -> bool,
    ) -> Self {
        let Ok(listed) = requests.list(&project.catalog(), None) else { return Self::default() };
        let mut all = Self::default();
        let wanted: Vec<(RunId, ObjectMeta)> = listed
            .into_iter()
            .take(MOST_OBJECTS)
            .filter_map(|object| Some((first(&object)?, object)))
            .collect();
        let names: Vec<_> = wanted
            .iter()
            .filter(|(run, _)| is_wanted(run))
            .map(|(_, object)| object.location.clone())
            .collect();
        for (run, object) in &wanted {
            let version =
                UpdateVersion { e_tag: object.e_tag.clone(), version: object.version.clone() };
            all.objects.insert(run.clone(), version);
        }
        for (name, got) in names.iter().zip(requests.get_all(&names, MOST)) {
            let Ok(got) = got else { continue };
            if let Some(first) = name.filename().and_then(|name| name.parse().ok()) {
                all.objects.insert(first, got.version.clone());
            }
            let Ok(text) = packed::unpack(name.as_ref(), &got.bytes, MOST_UNPACKED) else {
                continue;
            };
            let Ok(some) = serde_json::from_slice::<BTreeMap<RunId, Entry>>(&text) else {
                continue;
            };
            all.entries.extend(some);
        }
        all
    }

    /// Adds heads that were missing, if these are many. Who may not write leaves it to others.
    pub(super) fn renew(
        &self,
        requests: &Requests,
        project: &ProjectNames,
        missing: &BTreeMap<RunId, Entry>,
    ) {
        let has_ended = |entry: &&Entry| !entry.head.live.values().any(|lives| *lives);
        if missing.values().filter(has_ended).count() < MISSING {
            return;
        }
        let mut objects: BTreeMap<Option<&RunId>, BTreeMap<&RunId, &Entry>> = BTreeMap::new();
        for (run, entry) in missing {
            let object = object_of(&self.objects, run).map(|(first, _)| first);
            objects.entry(object).or_default().insert(run, entry);
        }
        for (run, entry) in &self.entries {
            let object = object_of(&self.objects, run).map(|(first, _)| first);
            if let Some(object) = objects.get_mut(&object) {
                object.entry(run).or_insert(entry);
            }
        }
        for (object, entries) in objects {
            if !self.write(requests, project, object, &entries) {
                return;
            }
        }
    }

    /// Whether somebody may write there.
    fn write(
        &self,
        requests: &Requests,
        project: &ProjectNames,
        object: Option<&RunId>,
        entries: &BTreeMap<&RunId, &Entry>,
    ) -> bool {
        let entries: Vec<(&RunId, &Entry)> =
            entries.iter().map(|(run, entry)| (*run, *entry)).collect();
        let many = if entries.len() > TOO_MANY || object.is_none() { HEADS } else { TOO_MANY };
        // What begins behind another one is there before that one ends before it.
        for (number, some) in entries.chunks(many).enumerate().rev() {
            let Some((first, _)) = some.first() else { continue };
            let (first, seen) = match object {
                Some(object) if number == 0 => (object, self.objects.get(object)),
                _ => (*first, None),
            };
            let some: BTreeMap<&RunId, &Entry> = some.iter().copied().collect();
            let Ok(text) = serde_json::to_vec(&some) else { continue };
            let name = project.catalog().join(first.as_str());
            match requests.swap(&name, packed::pack(&text), seen) {
                Ok(_) => {}
                Err(_) => return false,
            }
        }
        true
    }
}

fn first(object: &ObjectMeta) -> Option<RunId> {
    object.location.filename()?.parse().ok()
}
