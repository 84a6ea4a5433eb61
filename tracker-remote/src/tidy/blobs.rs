//! Contents that no manifest names.

use std::collections::{BTreeMap, BTreeSet};

use object_store::{ObjectMeta, path::Path as Name};
use tracker_core::RunId;

use super::garbage::{Look, unless_gone};
use crate::{Manifest, Result, condemned::Removal};

/// The most bytes of a manifest.
const MOST: u64 = 80 << 20;

/// How many objects are asked for, or removed, at a time.
const AT_A_TIME: usize = 256;

/// What manifests name, and what tells each from others.
#[derive(Default)]
struct Named {
    tags: BTreeMap<Name, Option<String>>,
    hashes: BTreeSet<String>,
}

impl Look<'_> {
    /// Removes contents that are old and that no manifest names.
    pub(super) fn blobs(&mut self) -> Result<()> {
        let requests = self.tidy.requests.clone();
        let listed = requests.list(&self.names.blobs(), None);
        let listed = listed.map_err(|error| requests.told("list", error))?;
        let old = listed.into_iter().filter(|blob| self.is_old(blob, self.grace));
        let mut old: BTreeMap<String, ObjectMeta> =
            old.filter_map(|blob| Some((blob.location.filename()?.to_owned(), blob))).collect();
        if old.is_empty() {
            return Ok(());
        }
        let mut named = Named::default();
        self.read_manifests(&mut named)?;
        old.retain(|hash, _| !named.hashes.contains(hash));
        if old.is_empty() {
            return Ok(());
        }
        if self.removes {
            let hashes = old.keys().cloned().collect();
            let Some(removal) = Removal::begin(&requests, &self.names, hashes, self.now)? else {
                return Ok(());
            };
            // Who has named one since may have done so before it was said that it goes.
            self.runs = self.tidy.runs(&self.names)?;
            self.read_manifests(&mut named)?;
            old.retain(|hash, _| !named.hashes.contains(hash));
            let names: Vec<Name> = old.values().map(|blob| blob.location.clone()).collect();
            for some in names.chunks(AT_A_TIME) {
                if removal.is_over() {
                    break;
                }
                self.remove(some.to_vec())?;
            }
            removal.end()?;
        }
        for blob in old.values() {
            self.find(&blob.location, &[blob], "contents that no run has".into(), true);
        }
        Ok(())
    }

    /// Reads all manifests that have changed since, those too of runs that may be brought back. What cannot be read could
    /// name anything, so nothing is removed then.
    fn read_manifests(&self, named: &mut Named) -> Result<()> {
        let manifest = |(run, objects): (&RunId, &Vec<ObjectMeta>)| {
            let name = self.names.run(run).manifest();
            let object = objects.iter().find(|object| object.location == name)?;
            Some((name, object.e_tag.clone()))
        };
        let wanted: Vec<(Name, Option<String>)> = self
            .runs
            .iter()
            .filter_map(manifest)
            .filter(|(name, tag)| tag.is_none() || named.tags.get(name) != Some(tag))
            .collect();
        let requests = &self.tidy.requests;
        for some in wanted.chunks(AT_A_TIME) {
            let names: Vec<Name> = some.iter().map(|(name, _)| name.clone()).collect();
            for ((name, tag), got) in some.iter().zip(requests.get_all(&names, MOST)) {
                let got = unless_gone(got).map_err(|error| requests.told("read", error))?;
                let Some(got) = got else { continue };
                let files = Manifest::unpack(name.as_ref(), &got.bytes)?.files;
                named.hashes.extend(files.into_values().map(|blob| blob.sha256));
                named.tags.insert(name.clone(), tag.clone());
            }
        }
        Ok(())
    }
}
