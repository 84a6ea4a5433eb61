//! What nobody needs any more at a place, and removes it.
//!
//! Each kind has its own reason why a run that lives is never harmed. A run that was deleted is marked as removed in its
//! head, by compare-and-swap, before anything of it goes: from then on nobody brings it back, and its senders stop when they
//! look at it, before they send anything else.
//! Objects of which no head tells may be those of a sender that is on its way: such a run is only marked as deleted, which
//! its sender would see and tell, and goes when it has been deleted for long enough. Pieces of logs go where the part is
//! there that has replaced them. Contents are [condemned](crate::condemned) first.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    time::Duration,
};

use object_store::{ObjectMeta, PutMode, path::Path as Name};
use tracker_core::{RunId, Timestamp};

use super::{
    delete::{empty, removed},
    tidying::Tidy,
};
use crate::{
    Error, Head, MOST_HEAD, Result,
    change::{Change, change, tell_lists},
    mirror::project_of,
    names::{Object, PIECE, ProjectNames, log_of},
};

/// What has no head for at least so long may be a mistake of somebody's; before, it may be on its way.
const LEAST_ORPHAN: Duration = Duration::from_hours(24);

/// How many heads are in memory at a time.
const AT_A_TIME: usize = 256;

/// Objects that nobody needs any more.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Garbage {
    /// The name of the object, or that below which all of them are.
    pub name: String,
    /// How many objects these are.
    pub objects: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// Why nobody needs them.
    pub reason: String,
    /// Whether they are removed now, or would be; else their run is marked as deleted, and they go when that is long ago.
    pub goes: bool,
}

/// What was found at a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Collected {
    /// What nobody needs.
    pub garbage: Vec<Garbage>,
    /// What kept more from being found, in words.
    pub told: Vec<String>,
}

/// What is being looked at.
pub(super) struct Look<'a> {
    pub(super) tidy: &'a Tidy,
    pub(super) names: ProjectNames,
    /// How old something must be, and what time it is, in microseconds.
    pub(super) grace: i64,
    pub(super) now: i64,
    pub(super) removes: bool,
    pub(super) runs: BTreeMap<RunId, Vec<ObjectMeta>>,
    pub(super) found: Vec<Garbage>,
}

impl Tidy {
    /// Finds all that nobody needs any more and that is at least as old as `grace`, and removes it if `removes` is said.
    ///
    /// Goes on after any kill. Trainings may send meanwhile, and people delete and bring back.
    ///
    /// # Errors
    /// If the place does not answer, or does not let it be removed. What was removed is removed.
    pub fn garbage(&self, grace: Duration, removes: bool) -> Result<Collected> {
        let folders = self.requests.folders(&mut None);
        let folders = folders.map_err(|error| self.requests.told("list", error))?;
        let mut all = Collected::default();
        for project in folders.iter().filter_map(project_of) {
            let names = ProjectNames::new(&project);
            let now = if removes { self.clock(&names)? } else { Timestamp::now().as_micros() };
            let grace = i64::try_from(grace.as_micros()).unwrap_or(i64::MAX);
            // What has no head is looked for before heads are: of a run that comes meanwhile, the head is seen.
            let runs = self.runs(&names)?;
            let mut look = Look { tidy: self, names, grace, now, removes, runs, found: Vec::new() };
            look.runs()?;
            if removes && !look.found.is_empty() {
                tell_lists(&self.requests, &look.names);
            }
            match look.blobs() {
                // Contents that it names are not known then, so all stay.
                Err(error @ Error::Damaged { .. }) => all.told.push(error.to_string()),
                done => done?,
            }
            all.garbage.append(&mut look.found);
        }
        Ok(all)
    }

    /// What time it is at the place, whose clock tells how old objects are.
    fn clock(&self, names: &ProjectNames) -> Result<i64> {
        let name = names.clock();
        let told = |error| self.requests.told("write", error);
        self.requests.put(&name, b"now".to_vec(), PutMode::Overwrite).map_err(told)?;
        let got = self.requests.get_if_changed(&name, None, 64);
        let got = got.map_err(|error| self.requests.told("read", error))?;
        let gone = self.requests.delete_all(vec![name]);
        gone.map_err(|error| self.requests.told("remove", error))?;
        Ok(got.map_or(0, |got| got.modified))
    }

    /// All objects of runs, by run.
    pub(super) fn runs(&self, names: &ProjectNames) -> Result<BTreeMap<RunId, Vec<ObjectMeta>>> {
        let listed = self.requests.list(&names.runs(), None);
        let listed = listed.map_err(|error| self.requests.told("list", error))?;
        let mut runs: BTreeMap<RunId, Vec<ObjectMeta>> = BTreeMap::new();
        for object in listed {
            if let Some(run) = names.run_of_object(&object.location) {
                runs.entry(run).or_default().push(object);
            }
        }
        Ok(runs)
    }
}

impl Look<'_> {
    pub(super) fn is_old(&self, object: &ObjectMeta, grace: i64) -> bool {
        self.is_long_ago(object.last_modified.timestamp_micros(), grace)
    }

    fn is_long_ago(&self, micros: i64, grace: i64) -> bool {
        self.now.saturating_sub(micros) >= grace
    }

    /// Removes objects, if that is what is wanted.
    pub(super) fn remove(&self, names: Vec<Name>) -> Result<()> {
        if !self.removes || names.is_empty() {
            return Ok(());
        }
        let requests = &self.tidy.requests;
        requests.delete_all(names).map_err(|error| requests.told("remove", error))
    }

    pub(super) fn find(
        &mut self,
        name: &Name,
        objects: &[&ObjectMeta],
        reason: String,
        goes: bool,
    ) {
        self.found.push(Garbage {
            name: name.to_string(),
            objects: objects.len() as u64,
            bytes: objects.iter().map(|object| object.size).sum(),
            reason,
            goes,
        });
    }

    fn runs(&mut self) -> Result<()> {
        let requests = self.tidy.requests.clone();
        let listed = requests.list(&self.names.heads(), None);
        let listed = listed.map_err(|error| requests.told("list", error))?;
        let heads: Vec<(RunId, ObjectMeta)> = listed
            .into_iter()
            .filter_map(|object| Some((self.names.run_of_head(&object.location)?, object)))
            .collect();
        for some in heads.chunks(AT_A_TIME) {
            let names: Vec<Name> = some.iter().map(|(_, object)| object.location.clone()).collect();
            let got = requests.get_all(&names, MOST_HEAD as u64);
            for ((run, object), got) in some.iter().zip(got) {
                // Of a head that cannot be read, or is gone just now, everything stays.
                let Ok(got) = got else { continue };
                let Ok(head) = Head::read(object.location.as_ref(), &got.bytes) else { continue };
                self.run(run, got.modified, &head)?;
            }
        }
        let known: BTreeSet<&RunId> = heads.iter().map(|(run, _)| run).collect();
        let orphans: Vec<RunId> =
            self.runs.keys().filter(|run| !known.contains(run)).cloned().collect();
        orphans.iter().try_for_each(|run| self.orphan(run))
    }

    /// Looks at a run by its head as it was read, and by when that was `written`, which may be after heads were listed.
    fn run(&mut self, run: &RunId, written: i64, head: &Head) -> Result<()> {
        match head.deleted {
            None => self.pieces(run, head),
            Some(_) if head.is_removed() || self.is_long_ago(written, self.grace) => {
                self.remove_run(run, head)
            }
            Some(_) => Ok(()),
        }
    }

    /// Marks a run as removed, then removes all of it.
    fn remove_run(&mut self, run: &RunId, head: &Head) -> Result<()> {
        let objects = self.runs.remove(run).unwrap_or_default();
        if objects.is_empty() && head.is_removed() {
            return Ok(());
        }
        let names = self.names.run(run);
        if self.removes {
            let now = change(&self.tidy.requests, &names.head(), |there| {
                Ok(match there.deleted {
                    // Somebody has brought it back, or has deleted it again since.
                    deleted if deleted != head.deleted => Change::Not,
                    Some(_) if !there.is_removed() => Change::To(removed(there)),
                    _ => Change::Not,
                })
            })?;
            if now.deleted != head.deleted || !now.is_removed() {
                self.runs.insert(run.clone(), objects);
                return Ok(());
            }
            self.remove(objects.iter().map(|object| object.location.clone()).collect())?;
        }
        let name = head.name();
        let reason = if name.is_empty() {
            "a run that was deleted".into()
        } else {
            format!("{name}, which was deleted")
        };
        self.find(&names.all(), &objects.iter().collect::<Vec<_>>(), reason, true);
        Ok(())
    }

    /// Marks a run of which no head tells as deleted.
    fn orphan(&mut self, run: &RunId) -> Result<()> {
        let grace = self.grace.max(LEAST_ORPHAN.as_micros() as i64);
        let Some(objects) = self.runs.get(run).cloned() else { return Ok(()) };
        if !objects.iter().all(|object| self.is_old(object, grace)) {
            return Ok(());
        }
        let names = self.names.run(run);
        if self.removes {
            let head = Head { deleted: Some(Timestamp::now()), ..empty() };
            let head = serde_json::to_vec(&head).unwrap_or_default();
            if !self.tidy.requests.swap(&names.head(), head, None)?.is_done() {
                return Ok(());
            }
        }
        let objects: Vec<&ObjectMeta> = objects.iter().collect();
        self.find(&names.all(), &objects, "objects of which no head tells".into(), false);
        Ok(())
    }

    /// Pieces of logs whose part is there, of a writer that has ended.
    fn pieces(&mut self, run: &RunId, head: &Head) -> Result<()> {
        let names = self.names.run(run);
        let Some(objects) = self.runs.get(run).cloned() else { return Ok(()) };
        let mut parts = BTreeMap::new();
        let mut pieces: BTreeMap<String, Vec<&ObjectMeta>> = BTreeMap::new();
        for object in &objects {
            match names.object(&object.location) {
                Some(Object::File(path)) => {
                    if let Some(part) = tracker_core::replica::PartRange::of_path(&path) {
                        parts.insert((part.writer, part.first), (part.last, object));
                    }
                }
                Some(Object::Piece { file, .. }) if log_of(&file).is_some() => {
                    pieces.entry(file).or_default().push(object);
                }
                _ => {}
            }
        }
        for (file, pieces) in pieces {
            let Some((writer, first)) = log_of(&file) else { continue };
            let Some((last, part)) = parts.get(&(writer, first)) else { continue };
            let slots = last.saturating_sub(first).saturating_add(1);
            // After a machine's crash a log may be shorter than what was sent of it: then all of it stays.
            let fits = pieces.len() as u64
                <= slots.saturating_mul(32).saturating_add(1 << 20).div_ceil(PIECE);
            let is_old = self.is_old(part, self.grace)
                && pieces.iter().all(|piece| self.is_old(piece, self.grace));
            if fits && is_old && !head.live.contains_key(&writer) {
                self.remove(pieces.iter().map(|piece| piece.location.clone()).collect())?;
                let reason = "pieces of a log whose points are in a part".to_owned();
                self.find(&names.all().join("grow"), &pieces, reason, true);
            }
        }
        Ok(())
    }
}

/// Whether it was gone already.
pub(super) fn unless_gone<T>(got: io::Result<T>) -> io::Result<Option<T>> {
    match got {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        got => got.map(Some),
    }
}
