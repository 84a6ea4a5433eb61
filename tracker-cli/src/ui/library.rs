//! The store as it is now. It may appear, grow and vanish while the server runs.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use tracker_core::read::{Listing, RunReader, Store};

use crate::ui::failure::{Answer, Failure};

/// A folder that is a store, or will be one.
#[derive(Debug)]
pub(crate) struct Library {
    root: PathBuf,
    /// Kept for what it remembers of runs that have not changed.
    store: std::sync::Mutex<Option<Store>>,
}

impl Library {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root, store: std::sync::Mutex::default() }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The store; `None` while its folder is not there.
    #[expect(clippy::disallowed_methods, reason = "the root of a store is a person's own folder")]
    pub(crate) fn store(&self) -> Option<Store> {
        let mut kept = self.store.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !self.root.is_dir() {
            *kept = None;
        } else if kept.is_none() {
            *kept = Store::open(&self.root).ok();
        }
        kept.clone()
    }

    /// All runs, the one that started last first; `None` while there is no store.
    #[expect(clippy::disallowed_methods, reason = "the root of a store is a person's own folder")]
    pub(crate) fn listing(&self) -> Answer<Option<Listing>> {
        match self.store() {
            Some(store) => match store.runs() {
                Ok(listing) => Ok(Some(listing)),
                // It vanished between two looks.
                Err(_) if !self.root.is_dir() => Ok(None),
                Err(error) => Err(error.into()),
            },
            None => Ok(None),
        }
    }

    /// The runs of these ids, in their order.
    pub(crate) fn find_all(&self, ids: &[String]) -> Answer<Vec<RunReader>> {
        let runs = self.listing()?.map(|listing| listing.runs).unwrap_or_default();
        let by_id: HashMap<&str, &RunReader> =
            runs.iter().rev().map(|run| (run.info().id.as_str(), run)).collect();
        let find = |id: &String| {
            let found = by_id.get(id.as_str()).map(|run| RunReader::clone(run));
            found.ok_or_else(|| Failure::not_found(format!("there is no run {id:.40}")))
        };
        ids.iter().map(find).collect()
    }

    /// The run of this id. The others are looked at only if its folder has another name.
    pub(crate) fn find(&self, id: &str) -> Answer<RunReader> {
        let known = || self.store()?.run(&id.parse().ok()?).ok();
        if let Some(run) = known() {
            return Ok(run);
        }
        let mut found = self.find_all(&[id.to_owned()])?;
        found.pop().ok_or_else(|| Failure::not_found("there is no such run"))
    }
}
