//! Whole runs that come back from a place, and places that are kept tidy.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what sending is tested with is used in part")]

mod brings;
mod hostile;
#[path = "../moto/mod.rs"]
mod moto;
#[path = "../uplink/store.rs"]
mod store;
#[path = "../uplink/support.rs"]
mod support;
mod tidies;
mod tidies_safely;

use std::{collections::BTreeMap, fs, path::Path};

use moto::Moto;
use support::bucket;
use tracker_core::replica;
use tracker_remote::{Fetch, Fetched, Place};

/// Does the same at each kind of place.
fn at_each_place(test: impl Fn(&Place)) {
    test(&Place::memory());
    let folder = tempfile::tempdir().unwrap();
    test(&Place::parse(folder.path().to_str().unwrap()).unwrap());
    if let Some(moto) = Moto::start() {
        test(&bucket(&moto.endpoint(), "runs"));
    }
}

/// All that is carried of a run's folder, by path. Edits and requests are sets of lines.
fn carried(run: &Path) -> BTreeMap<String, Vec<u8>> {
    fn add(all: &mut BTreeMap<String, Vec<u8>>, root: &Path, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            let is_of_here =
                ["followers", "live", "companions.log", "control.jsonl", "edits.jsonl"];
            if is_of_here.contains(&&*name) {
                continue;
            }
            if path.is_dir() {
                add(all, root, &path);
            } else {
                all.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    let mut all = BTreeMap::new();
    add(&mut all, run, run);
    all
}

/// That two folders have the same, of which what differs is named.
#[track_caller]
fn assert_same(one: &Path, other: &Path) {
    let (one, other) = (carried(one), carried(other));
    let names: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let differ: Vec<&String> =
        names.into_iter().filter(|name| one.get(*name) != other.get(*name)).collect();
    assert!(differ.is_empty(), "{differ:?}");
}

/// Brings a run into the store in this folder.
fn bring(place: &Place, run: &Path, store: &Path) -> tracker_remote::Result<Fetched> {
    let id = run.file_name().unwrap().to_str().unwrap().parse().unwrap();
    Fetch::new(place, &replica::open_or_make(store)?)?.bring("mnist", &id)
}

/// Where a run is in a store.
fn in_store(run: &Path, store: &Path) -> std::path::PathBuf {
    store.join("mnist").join(run.file_name().unwrap())
}
