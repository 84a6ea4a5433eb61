//! The runs of a place as a store in the cache, brought as far as somebody looks at them.
//!
//! Lists read heads; a run's points are read by ranges, its events and messages put together from their pieces, and its
//! other files fetched when they are opened. What never changes is kept.

mod blocks;
mod bound;
mod cache;
mod catalog;
mod heads;
mod mirror;
pub(crate) mod objects;
mod run;
pub(crate) mod shown;
mod studies;
#[cfg(test)]
mod tests;
mod write_back;

use std::{io, path::PathBuf, time::Duration};

use tracker_core::{
    RunId,
    read::{Store, mount::mount},
};

pub(crate) use self::mirror::project_of;
use self::{
    cache::Cache,
    heads::{Gone, Heads},
    mirror::Mirror,
};
use crate::{Error, Place, Result, interval, requests::Requests};

/// How often what is looked at is looked at again where nobody says otherwise.
const EVERY: Duration = Duration::from_secs(1);

/// The variable that says it otherwise, in seconds.
const SETTING: &str = "TRACKER_FETCH_EVERY";

/// The runs of a place as a store, which any reader of `tracker-core` can read.
///
/// The store's folder is in the cache: `TRACKER_CACHE`, else `tracker` below `XDG_CACHE_HOME` or `~/.cache`. Lists take
/// the heads of runs alone; points are fetched as they are read, in ranges. A run that trains is looked at every second,
/// or as often as `TRACKER_FETCH_EVERY` says in seconds, for ten minutes after somebody has read of it. Edits, and what is
/// asked of a run, are written to the place; everything else that writes to a store is refused.
///
/// # Errors
/// If the cache cannot be written, the place does not answer or is of a newer tracker, or `TRACKER_FETCH_EVERY` is no
/// number of seconds.
pub fn open(place: &Place) -> Result<Store> {
    let every = interval::of_environment(SETTING, EVERY)?;
    open_in(place, Cache::of_place(place.identity()), every)
}

/// The runs of a place that were deleted, with their projects.
pub(crate) fn deleted(place: &Place) -> Result<Vec<(String, RunId, Gone)>> {
    let cache = made(Cache::of_place(place.identity()))?;
    let told = |source| place.not_read("read", source);
    let requests = Requests::new(place).map_err(told)?;
    let mut all = Vec::new();
    for project in requests.folders(&mut None).map_err(told)?.iter().filter_map(project_of) {
        let mut heads = Heads::new(&cache, &project);
        heads.look(&requests, Duration::ZERO).map_err(told)?;
        let gone = heads.gone().map(|(run, gone)| (project.clone(), run.clone(), gone.clone()));
        all.extend(gone);
    }
    Ok(all)
}

/// A place's runs in a folder, for a test that moves a reader step by step: each look asks the place, and nobody looks by
/// himself.
#[cfg(test)]
pub(crate) fn open_still(place: &Place, folder: &std::path::Path) -> io::Result<Store> {
    let cache = Cache::at(folder, &place.to_string())?;
    let root = cache.store();
    let mirror = Mirror::still(place, cache, Duration::ZERO, Duration::ZERO)?;
    mirror.list_projects()?;
    mount(&root, mirror);
    Store::open(root).map_err(io::Error::other)
}

fn made(cache: io::Result<Cache>) -> Result<Cache> {
    cache.map_err(|source| Error::Io {
        action: "make",
        path: PathBuf::from("the cache"),
        hint: "name a folder that you may write to in TRACKER_CACHE",
        source,
    })
}

fn open_in(place: &Place, cache: io::Result<Cache>, every: Duration) -> Result<Store> {
    let cache = made(cache)?;
    let away = |source| place.not_read("read", source);
    let root = cache.store();
    let mirror = Mirror::start(place, cache, every).map_err(away)?;
    mirror.list_projects().map_err(away)?;
    mount(&root, mirror);
    Ok(Store::open(root)?)
}
