//! The heads of a project, looked at again and again, and laid into its folder where they have changed.

use std::{
    collections::{BTreeMap, HashSet},
    io,
    path::PathBuf,
    time::{Duration, Instant},
};

use object_store::{ObjectMeta, path::Path as Name};
use serde::{Deserialize, Serialize};
use tracker_core::{RunId, Timestamp};

use super::{
    cache::{self, Cache},
    catalog::{self, Catalog, Entry, MISSING},
    shown,
};
use crate::{
    Error, Head, MOST_HEAD, Result,
    names::ProjectNames,
    requests::{Fetched, Requests},
};

/// How often all heads are looked at; in between, those from the oldest run on that trains.
const ALL_EVERY: i64 = 60_000_000;

/// A run that was not heard for so long is looked at with all others.
const SILENT: i64 = 600_000_000;

/// What changed between two looks that are closer than this has changed now, whatever clocks say.
const WATCHED: i64 = 60_000_000;

/// How many heads are fetched one by one before the catalogue is asked.
const FEW: usize = 32;

/// How many heads are in memory at a time.
const AT_A_TIME: usize = 256;

/// How often it is looked how far the catalogue is behind.
const RENEW_EVERY: Duration = Duration::from_mins(10);

/// The most bytes of what is kept of a list.
const MOST_KEPT: u64 = 1 << 30;

/// How often the list is kept while nothing but heartbeats change.
const KEEP_EVERY: Duration = Duration::from_secs(30);

/// What is known of the heads of one project.
#[derive(Debug)]
pub(super) struct Heads {
    names: ProjectNames,
    folder: PathBuf,
    list: PathBuf,
    known: List,
    looked: Option<Instant>,
    kept: Option<Instant>,
    /// When it was last looked how far the catalogue is behind.
    renewed: Option<Instant>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct List {
    runs: BTreeMap<RunId, Known>,
    /// When all were looked at, and when any were, in microseconds by this machine's clock.
    all: i64,
    last: i64,
    /// What tells the last change of a head that may be old from others.
    #[serde(default)]
    changed: Option<String>,
}

/// A head that was laid into the folder.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Known {
    /// What tells whether it has changed.
    pub(super) tag: String,
    /// When the run was last heard, by this machine's clock as well as that can be known.
    heard: i64,
    /// Whether a writer of it lives.
    pub(super) lives: bool,
    /// Of a run that was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gone: Option<Gone>,
}

/// A run that was deleted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Gone {
    pub(crate) name: String,
    pub(crate) since: Timestamp,
    pub(crate) is_removed: bool,
}

impl Heads {
    pub(super) fn new(cache: &Cache, project: &str) -> Self {
        let list = cache.list(project);
        let known =
            cache::read(&list, MOST_KEPT).and_then(|text| serde_json::from_slice(&text).ok());
        Self {
            names: ProjectNames::new(project),
            folder: cache.store().join(project),
            list,
            known: known.unwrap_or_default(),
            looked: None,
            kept: None,
            renewed: None,
        }
    }

    /// What is known of a run.
    pub(super) fn known(&self, run: &RunId) -> Option<&Known> {
        self.known.runs.get(run)
    }

    /// The runs that were deleted.
    pub(super) fn gone(&self) -> impl Iterator<Item = (&RunId, &Gone)> {
        self.known.runs.iter().filter_map(|(run, known)| Some((run, known.gone.as_ref()?)))
    }

    /// Looks at the place, unless that was done a moment ago.
    pub(super) fn look(&mut self, requests: &Requests, at_most_every: Duration) -> io::Result<()> {
        if self.looked.is_some_and(|looked| looked.elapsed() < at_most_every) {
            return Ok(());
        }
        cache::make_folder(&self.folder)?;
        let now = Timestamp::now().as_micros();
        let is_due = !(0..ALL_EVERY).contains(&(now - self.known.all));
        let mut behind = if is_due { None } else { self.behind(now) };
        let mut listed = requests.list(&self.names.heads(), behind.as_ref())?;
        let changed = listed.iter().find(|object| object.location == self.names.changed()).map(tag);
        if changed != self.known.changed {
            if behind.take().is_some() {
                listed = requests.list(&self.names.heads(), None)?;
            }
            self.known.changed = changed;
        }
        let listed: BTreeMap<RunId, ObjectMeta> = listed
            .into_iter()
            .filter_map(|object| Some((self.names.run_of_head(&object.location)?, object)))
            .collect();
        let is_whole = behind.is_none();
        let changed = self.lay(requests, &listed, is_whole, now)?;
        if is_whole {
            let gone: Vec<RunId> =
                self.known.runs.keys().filter(|run| !listed.contains_key(run)).cloned().collect();
            for run in gone {
                cache::remove(&self.folder.join(run.as_str()));
                self.known.runs.remove(&run);
            }
            self.known.all = now;
        }
        self.known.last = now;
        self.looked = Some(Instant::now());
        let is_kept = self.kept.is_some_and(|kept| kept.elapsed() < KEEP_EVERY);
        if !is_kept && (changed || is_whole) {
            self.kept = Some(Instant::now());
            cache::put(&self.list, &serde_json::to_vec(&self.known)?)?;
        }
        Ok(())
    }

    /// As if the last look had been long ago.
    #[cfg(test)]
    pub(super) fn look_at_all_again(&mut self) {
        self.known.all = 0;
        self.renewed = Instant::now().checked_sub(RENEW_EVERY);
    }

    /// The head behind which something may have changed. `None` if that is the first one.
    fn behind(&self, now: i64) -> Option<Name> {
        let is_heard = |known: &Known| known.lives && now - known.heard < SILENT;
        let oldest = self.known.runs.iter().find(|(_, known)| is_heard(known)).map(|(run, _)| run);
        let before = match oldest {
            Some(oldest) => self.known.runs.range(..oldest).next_back(),
            None => self.known.runs.iter().next_back(),
        };
        before.map(|(run, _)| self.names.run(run).head())
    }

    /// Lays the heads into the folder that have changed. Whether there were any.
    fn lay(
        &mut self,
        requests: &Requests,
        listed: &BTreeMap<RunId, ObjectMeta>,
        is_whole: bool,
        now: i64,
    ) -> io::Result<bool> {
        let is_changed = |run: &RunId, object: &ObjectMeta| {
            self.known.runs.get(run).is_none_or(|known| known.tag != tag(object))
        };
        let changed: Vec<RunId> = listed
            .iter()
            .filter(|(run, object)| is_changed(run, object))
            .map(|(run, _)| run.clone())
            .collect();
        let mut catalog = if is_whole && changed.len() > FEW {
            Catalog::read(requests, &self.names, |_| true)
        } else {
            Catalog::default()
        };
        catalog
            .entries
            .retain(|run, entry| listed.get(run).is_some_and(|object| tag(object) == entry.tag));
        let mut uncovered = Vec::new();
        for run in &changed {
            let (Some(entry), Some(object)) = (catalog.entries.get(run), listed.get(run)) else {
                uncovered.push(run.clone());
                continue;
            };
            let modified = object.last_modified.timestamp_micros();
            self.take(run, &entry.tag, modified, Ok(&entry.head), now)?;
        }
        let missing = self.fetch(requests, &uncovered, now, !is_whole)?;
        catalog.renew(requests, &self.names, &missing);
        if is_whole {
            self.renew(requests, listed)?;
        }
        Ok(!changed.is_empty())
    }

    /// Fetches heads one by one. What of them the catalogue may have, unless nobody wants to know.
    fn fetch(
        &mut self,
        requests: &Requests,
        runs: &[RunId],
        now: i64,
        forgets: bool,
    ) -> io::Result<BTreeMap<RunId, Entry>> {
        let mut fetched = BTreeMap::new();
        for some in runs.chunks(AT_A_TIME) {
            let names: Vec<Name> = some.iter().map(|run| self.names.run(run).head()).collect();
            let got = requests.get_all(&names, MOST_HEAD as u64);
            for ((run, name), got) in some.iter().zip(&names).zip(got) {
                let got = match got {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    got => got?,
                };
                let head = Head::read(name.as_ref(), &got.bytes);
                let tag = tag_of(&got);
                self.take(run, &tag, got.modified, head.as_ref(), now)?;
                if let (false, Ok(head)) = (forgets, head) {
                    fetched.insert(run.clone(), Entry { tag, head });
                }
            }
        }
        Ok(fetched)
    }

    /// Whoever looks for long looks now and then how far the catalogue is behind, from the times of its objects alone, and
    /// adds what many are missing: who comes anew has a short way then.
    fn renew(
        &mut self,
        requests: &Requests,
        listed: &BTreeMap<RunId, ObjectMeta>,
    ) -> io::Result<()> {
        let Some(renewed) = self.renewed else {
            // Whoever looks once has no time for it.
            self.renewed = Some(Instant::now());
            return Ok(());
        };
        if renewed.elapsed() < RENEW_EVERY {
            return Ok(());
        }
        self.renewed = Some(Instant::now());
        let Some(times) = catalog::times(requests, &self.names) else { return Ok(()) };
        let is_missing = |run: &RunId, object: &ObjectMeta| {
            let written = catalog::object_of(&times, run).map_or(0, |(_, written)| *written);
            object.last_modified.timestamp_micros() > written
                && self.known.runs.get(run).is_some_and(|known| !known.lives)
        };
        let missing: Vec<RunId> = listed
            .iter()
            .filter(|(run, object)| is_missing(run, object))
            .map(|(run, _)| run.clone())
            .collect();
        if missing.len() < MISSING {
            return Ok(());
        }
        let wanted: HashSet<&RunId> =
            missing.iter().filter_map(|run| Some(catalog::object_of(&times, run)?.0)).collect();
        let mut catalog = Catalog::read(requests, &self.names, |first| wanted.contains(first));
        catalog
            .entries
            .retain(|run, entry| listed.get(run).is_some_and(|object| tag(object) == entry.tag));
        let now = Timestamp::now().as_micros();
        let fetched = self.fetch(requests, &missing, now, false)?;
        catalog.renew(requests, &self.names, &fetched);
        Ok(())
    }

    /// Takes over a head that was fetched or written.
    pub(super) fn take(
        &mut self,
        run: &RunId,
        tag: &str,
        modified: i64,
        head: Result<&Head, &Error>,
        now: i64,
    ) -> io::Result<()> {
        let folder = self.folder.join(run.as_str());
        let before = self.known.runs.get(run);
        let was_watched = (0..WATCHED).contains(&(now - self.known.last));
        let heard = match before {
            Some(known) if known.tag == tag => known.heard,
            Some(_) if was_watched => now,
            _ => modified.min(now),
        };
        let object = self.names.run(run).head();
        let is_of_run = |head: &&Head| shown::check(object.as_ref(), run, head).is_ok();
        let head = head.map(|head| Some(head).filter(is_of_run));
        let mut gone = None;
        let lives = match head {
            Ok(Some(head)) if head.deleted.is_some() => {
                cache::remove(&folder);
                gone = head.deleted.map(|since| Gone {
                    name: head.name(),
                    since,
                    is_removed: head.is_removed(),
                });
                false
            }
            // Of one that was removed and may be sent again.
            Ok(Some(head)) if head.documents.is_empty() => {
                cache::remove(&folder);
                false
            }
            Ok(Some(head)) => {
                shown::show(&folder, head, heard)?;
                head.live.values().any(|lives| *lives)
            }
            Ok(None) => {
                let error = Error::damaged(object.to_string(), "it is the head of another run");
                shown::show_damage(&folder, &error)?;
                false
            }
            Err(error) => {
                shown::show_damage(&folder, error)?;
                false
            }
        };
        self.known.runs.insert(run.clone(), Known { tag: tag.to_owned(), heard, lives, gone });
        Ok(())
    }
}

/// What tells whether an object has changed, as a list says it.
fn tag(object: &ObjectMeta) -> String {
    let time = || format!("{}-{}", object.size, object.last_modified.timestamp_micros());
    object.e_tag.clone().unwrap_or_else(time)
}

/// The same, of an object that was fetched.
pub(super) fn tag_of(got: &Fetched) -> String {
    let time = || format!("{}-{}", got.bytes.len(), got.modified);
    got.version.e_tag.clone().unwrap_or_else(time)
}
