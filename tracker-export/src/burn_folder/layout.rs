//! Which files of metrics a folder has.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// The name under which `burn-callback` carries its steps through Burn's files: no metric.
const MARKS: &str = "Tracker_Step";

const EPOCH: &str = "epoch-";

/// More files than a folder of metrics has.
const MOST_FILES: usize = 10_000;

/// The files of metrics of an epoch, by their names without the ending.
pub(super) type Files = BTreeMap<String, PathBuf>;

/// What a training left.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// `train`, `valid` and `test`, each with its epochs.
    pub(super) splits: BTreeMap<String, BTreeMap<u64, Files>>,
    /// Evaluations that are of no epoch, by the tags of their test sets; `test` where there is none.
    pub(super) tests: BTreeMap<String, Files>,
}

impl Layout {
    /// Looks through a folder. What is a link is not followed.
    pub(super) fn of(folder: &Path) -> Self {
        let mut layout = Self::default();
        for split in ["train", "valid", "test"] {
            for (name, path) in folders(&folder.join(split)) {
                match epoch_of(&name) {
                    Some(epoch) => layout.add(split, epoch, files(&path)),
                    None if split == "test" => layout.add_test(&name, &path),
                    None => {}
                }
            }
        }
        let alone = files(folder);
        if !alone.is_empty() {
            layout.tests.insert("test".to_owned(), alone);
        }
        layout
    }

    fn add(&mut self, split: &str, epoch: u64, files: Files) {
        if !files.is_empty() {
            self.splits.entry(split.to_owned()).or_default().insert(epoch, files);
        }
    }

    /// A test set with a tag: of no epoch, or with epochs of its own.
    fn add_test(&mut self, tag: &str, path: &Path) {
        let split = format!("test/{tag}");
        for (name, path) in folders(path) {
            if let Some(epoch) = epoch_of(&name) {
                self.add(&split, epoch, files(&path));
            }
        }
        let alone = files(path);
        if !alone.is_empty() {
            self.tests.insert(split, alone);
        }
    }

    /// Whether there is nothing at all. A folder of other `.log` files is no training's.
    pub(super) fn is_empty(&self) -> bool {
        self.splits.is_empty() && self.tests.keys().all(|tag| tag == "test")
    }

    /// The names of all metrics.
    pub(super) fn metrics(&self) -> BTreeSet<String> {
        let of_epochs = self.splits.values().flat_map(BTreeMap::values);
        of_epochs.chain(self.tests.values()).flat_map(BTreeMap::keys).cloned().collect()
    }

    /// All epochs of all splits, in their order.
    pub(super) fn epochs(&self) -> BTreeSet<u64> {
        self.splits.values().flat_map(BTreeMap::keys).copied().collect()
    }
}

fn epoch_of(name: &str) -> Option<u64> {
    name.strip_prefix(EPOCH)?.parse().ok()
}

fn folders(folder: &Path) -> Vec<(String, PathBuf)> {
    listed(folder, |kind| kind.is_dir())
}

fn files(folder: &Path) -> Files {
    let named =
        |(name, path): (String, PathBuf)| Some((name.strip_suffix(".log")?.to_owned(), path));
    let is_metric = |(name, _): &(String, PathBuf)| name != MARKS && name != "experiment";
    listed(folder, |kind| kind.is_file()).into_iter().filter_map(named).filter(is_metric).collect()
}

fn listed(folder: &Path, wanted: impl Fn(fs::FileType) -> bool) -> Vec<(String, PathBuf)> {
    let Ok(listed) = fs::read_dir(folder) else { return Vec::new() };
    let named = listed.flatten().take(MOST_FILES).filter_map(|entry| {
        let is_wanted = entry.file_type().is_ok_and(&wanted);
        is_wanted.then(|| Some((entry.file_name().into_string().ok()?, entry.path())))?
    });
    let mut named: Vec<_> = named.collect();
    named.sort();
    named
}
