//! The folder in which Burn's default checkpointers save, and what of it is in the index.

#![expect(
    clippy::disallowed_methods,
    reason = "the folder `files` is a person's own; the core has seen that it is no link"
)]

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use tracker_core::{Artifact, Event, Problem};

use super::{
    entry,
    epoch_history::EpochHistory,
    index::Index,
    part::Part,
    stamp::{self, Stamp},
};

/// A record by its epoch and part, so that records come in the order in which they were saved.
pub(crate) type Record = (u64, Part);

/// Follows the files of one folder. Each look compares what is there with what was there, and
/// tells the difference as events.
#[derive(Debug)]
pub(crate) struct CheckpointFolder {
    folder: PathBuf,
    /// The folder as artifacts have it.
    artifact_folder: PathBuf,
    /// Which of the run's trainings saves there, from 1.
    training: u64,
    known: BTreeMap<Record, Known>,
    unreadable: bool,
}

/// A file that needs no look, as long as it stays the same.
#[derive(Debug)]
struct Known {
    /// `None` if the file was gone before the training.
    stamp: Option<Stamp>,
    /// The hash in the index; `None` for a file that is not the run's.
    indexed: Option<String>,
    /// Whether the hash is known to be that of the file with this stamp.
    compared: bool,
}

impl CheckpointFolder {
    /// Notes what is in the folder before the training. Until the index was
    /// [compared](Self::compare), none of it counts as the run's.
    pub(crate) fn open(folder: PathBuf, run: Option<&Path>) -> Self {
        let foreign = |stamp| Known { stamp: Some(stamp), indexed: None, compared: true };
        let found = list(&folder).unwrap_or_default().into_iter();
        let known = found.map(|(record, stamp)| (record, foreign(stamp))).collect();
        Self {
            artifact_folder: entry::artifact_path(run, &folder),
            folder,
            training: 1,
            known,
            unreadable: false,
        }
    }

    /// Compares what was in the folder with the index of a run that existed before. What the run
    /// itself has left there without an entry gets one at the next look; what has an entry is
    /// looked at once, because it may have been rewritten since.
    pub(crate) fn compare(&mut self, index: &Index) {
        self.training = index.training_in(&self.artifact_folder);
        let before = std::mem::take(&mut self.known);
        for (epoch, part) in index.records() {
            if let Some(artifact) = index.of(part, epoch, &part.file(&self.artifact_folder, epoch))
            {
                let stamp = before.get(&(epoch, part)).and_then(|known| known.stamp);
                let indexed = Some(artifact.sha256.clone().unwrap_or_default());
                self.known.insert((epoch, part), Known { stamp, indexed, compared: false });
            }
        }
        let older = |known: &Known| {
            let modified = known.stamp.and_then(|stamp| stamp.modified);
            modified.zip(index.since).is_none_or(|(modified, since)| modified < since)
        };
        for (record, known) in before.into_iter().filter(|(_, known)| older(known)) {
            self.known.entry(record).or_insert(known);
        }
    }

    /// Tells what has changed since the last look. A file that is not whole, or whose epoch has
    /// no values yet, waits for a later one; in the `last` look, nothing waits.
    pub(crate) fn look(&mut self, history: &EpochHistory, last: bool, tell: &mut dyn FnMut(Event)) {
        let found = match list(&self.folder) {
            Ok(found) => found,
            Err(error) => return self.tell_unreadable(&error, tell),
        };
        self.unreadable = false;
        self.tell_deleted(history, &found, tell);
        for (record, stamp) in found {
            let (epoch, part) = record;
            let same = self
                .known
                .get(&record)
                .is_some_and(|known| known.compared && known.stamp == Some(stamp));
            let waits = !last && !history.is_past(epoch);
            if same || waits || history.is_tracked(&entry::name(part.kind())) {
                continue;
            }
            let path = part.file(&self.folder, epoch);
            match read(self.training, record, &path, stamp) {
                Ok(Some(artifact)) => self.tell_saved(history, record, stamp, artifact, tell),
                // It was replaced or deleted while it was read. The next look sees to it.
                Ok(None) if !last => {}
                Ok(None) => tell(entry::not_indexed(&path, "it changes after the training")),
                Err(reason) if last => tell(entry::not_indexed(&path, &reason)),
                Err(_) => {}
            }
        }
    }

    fn tell_saved(
        &mut self,
        history: &EpochHistory,
        (epoch, part): Record,
        stamp: Stamp,
        mut artifact: Artifact,
        tell: &mut dyn FnMut(Event),
    ) {
        let indexed = artifact.sha256.clone();
        let known = Known { stamp: Some(stamp), indexed, compared: true };
        let before = self.known.insert((epoch, part), known);
        let untouched = before
            .is_some_and(|before| before.stamp == Some(stamp) && before.indexed == artifact.sha256);
        if !untouched {
            artifact.path = Some(part.file(&self.artifact_folder, epoch));
            tell(entry::saved(artifact, part.kind(), epoch, history.epoch(epoch)));
        }
    }

    fn tell_deleted(
        &mut self,
        history: &EpochHistory,
        found: &BTreeMap<Record, Stamp>,
        tell: &mut dyn FnMut(Event),
    ) {
        self.known.retain(|record @ (epoch, part), known| {
            let there = found.contains_key(record);
            let tracked = history.is_tracked(&entry::name(part.kind()));
            if !there && !tracked && known.indexed.is_some() {
                tell(entry::deleted(part.kind(), self.training, *epoch));
            }
            there
        });
    }

    fn tell_unreadable(&mut self, error: &io::Error, tell: &mut dyn FnMut(Event)) {
        if std::mem::replace(&mut self.unreadable, true) {
            return;
        }
        tell(Event::Problem(Problem::new(
            "checkpoint-folder-unreadable",
            format!("failed to list {}: {error}", self.folder.display()),
            "check the folder's permissions; its checkpoints are not among the run's artifacts",
        )));
    }
}

/// The records in a folder; none if there is no such folder.
///
/// # Errors
/// If the folder cannot be listed.
pub(crate) fn list(folder: &Path) -> io::Result<BTreeMap<Record, Stamp>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        result => result?,
    };
    let mut records = BTreeMap::new();
    for file in entries {
        let file = file?;
        let name = file.file_name();
        let Some((part, epoch)) = name.to_str().and_then(Part::of_file) else { continue };
        match fs::symlink_metadata(file.path()) {
            Ok(metadata) if metadata.is_file() => {
                records.insert((epoch, part), Stamp::of(&metadata));
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(records)
}

/// The artifact of a whole file; `None` if the file is not the one that was seen any more.
fn read(
    training: u64,
    (epoch, part): Record,
    path: &Path,
    seen: Stamp,
) -> Result<Option<Artifact>, String> {
    part.check(path)?;
    stamp::artifact(&entry::name(part.kind()), &entry::version(training, epoch), path, seen)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::checkpoints::samples::{ended, save};

    /// A training's folder, and what was told of it.
    struct Fixture {
        folder: TempDir,
        checkpoints: CheckpointFolder,
        history: EpochHistory,
    }

    impl Fixture {
        fn new(before: impl FnOnce(&Path)) -> Self {
            let folder = tempfile::tempdir().unwrap();
            before(folder.path());
            let checkpoints = CheckpointFolder::open(folder.path().to_owned(), Some(folder.path()));
            Self { folder, checkpoints, history: EpochHistory::default() }
        }

        fn path(&self, record: Record) -> PathBuf {
            record.1.file(self.folder.path(), record.0)
        }

        fn end(&self, epoch: u64, loss: f64) {
            self.history.epoch_ended(ended(epoch, loss));
        }

        fn look(&mut self, last: bool) -> Vec<Event> {
            let mut told = Vec::new();
            self.checkpoints.look(&self.history, last, &mut |event| told.push(event));
            told
        }

        /// The versions told, with a mark for those that are gone.
        fn versions(&mut self) -> Vec<String> {
            self.look(false).into_iter().map(|event| short(&event)).collect()
        }
    }

    fn short(event: &Event) -> String {
        match event {
            Event::Artifact(artifact) => format!("{} {}", artifact.kind, artifact.version),
            Event::ArtifactDeleted { name, version } => format!("{name} {version} gone"),
            Event::Problem(problem) => problem.kind.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_saved_is_told_once_with_what_is_known_of_its_epoch() {
        let mut fixture = Fixture::new(|_| {});
        save(fixture.folder.path(), Part::Model, 1, 0);
        fixture.end(1, 0.5);
        let told = fixture.look(false);
        let [Event::Artifact(artifact)] = &told[..] else { panic!("{told:?}") };
        assert_eq!((&*artifact.name, &*artifact.version), ("checkpoint/model", "epoch-1"));
        assert_eq!(artifact.path.as_deref(), Some(Path::new("model-1.bpk")));
        assert_eq!((artifact.epoch, artifact.step), (Some(1), Some(10.into())));
        assert_eq!(artifact.metrics["valid/loss"], 0.5);
        assert_eq!(artifact.aliases, ["latest", "best"]);
        let size = fixture.path((1, Part::Model)).metadata().unwrap().len();
        assert_eq!(artifact.bytes, Some(size));
        assert!(fixture.look(false).is_empty());
    }

    #[test]
    fn a_record_waits_for_the_values_of_its_epoch_but_not_forever() {
        let mut fixture = Fixture::new(|_| {});
        save(fixture.folder.path(), Part::Scheduler, 1, 0);
        assert_eq!(fixture.versions(), [""; 0]);
        assert_eq!(fixture.look(true).iter().map(short).collect::<Vec<_>>(), ["scheduler epoch-1"]);
    }

    #[test]
    fn a_file_that_is_cut_short_waits_until_it_is_whole() {
        let mut fixture = Fixture::new(|_| {});
        save(fixture.folder.path(), Part::Model, 1, 0);
        fixture.end(1, 0.5);
        let path = fixture.path((1, Part::Model));
        let whole = fs::read(&path).unwrap();
        for length in [0, 1, 9, 10, 11, 200, whole.len() / 2, whole.len() - 1] {
            fs::write(&path, &whole[..length]).unwrap();
            assert_eq!(fixture.versions(), [""; 0], "with {length} bytes of {}", whole.len());
        }
        fs::write(&path, &whole).unwrap();
        assert_eq!(fixture.versions(), ["model epoch-1"]);
    }

    #[test]
    fn a_file_that_never_gets_whole_is_a_problem_at_the_end() {
        let mut fixture = Fixture::new(|_| {});
        fixture.end(1, 0.5);
        fs::write(fixture.path((1, Part::Optimizer)), "burn").unwrap();
        assert_eq!(fixture.versions(), [""; 0]);
        assert_eq!(
            fixture.look(true).iter().map(short).collect::<Vec<_>>(),
            ["checkpoint-not-indexed"]
        );
    }

    #[test]
    fn epochs_come_in_the_order_of_their_numbers() {
        let mut fixture = Fixture::new(|_| {});
        for epoch in [10, 9, 100] {
            save(fixture.folder.path(), Part::Scheduler, epoch, 0);
            fixture.end(epoch, 0.5);
        }
        let told = fixture.versions();
        assert_eq!(told, ["scheduler epoch-9", "scheduler epoch-10", "scheduler epoch-100"]);
    }

    #[test]
    fn what_is_deleted_is_told_and_what_comes_again_is_told_anew() {
        let mut fixture = Fixture::new(|_| {});
        save(fixture.folder.path(), Part::Scheduler, 1, 0);
        fixture.end(1, 0.5);
        assert_eq!(fixture.versions(), ["scheduler epoch-1"]);
        fs::remove_file(fixture.path((1, Part::Scheduler))).unwrap();
        assert_eq!(fixture.versions(), ["checkpoint/scheduler epoch-1 gone"]);
        save(fixture.folder.path(), Part::Scheduler, 1, 1);
        assert_eq!(fixture.versions(), ["scheduler epoch-1"]);
        save(fixture.folder.path(), Part::Scheduler, 1, 1);
        assert_eq!(fixture.versions(), ["scheduler epoch-1"], "it was saved once more");
    }

    #[test]
    fn a_folder_that_is_emptied_takes_all_entries_with_it() {
        let mut fixture = Fixture::new(|_| {});
        save(fixture.folder.path(), Part::Scheduler, 1, 0);
        fixture.end(1, 0.5);
        assert_eq!(fixture.versions(), ["scheduler epoch-1"]);
        fs::remove_dir_all(fixture.folder.path()).unwrap();
        assert_eq!(fixture.versions(), ["checkpoint/scheduler epoch-1 gone"]);
        assert_eq!(fixture.versions(), [""; 0]);
    }

    #[test]
    fn files_of_others_are_left_alone() {
        let mut fixture = Fixture::new(|folder| save(folder, Part::Scheduler, 1, 0));
        fixture.checkpoints.compare(&Index::default());
        for name in ["model-2.bpk.4711-0.tmp", "model-x.bpk", "notes.txt"] {
            fs::write(fixture.folder.path().join(name), "x").unwrap();
        }
        fs::create_dir(fixture.folder.path().join("model-3.bpk")).unwrap();
        fixture.end(3, 0.5);
        assert_eq!(fixture.versions(), [""; 0]);
        fs::remove_file(fixture.path((1, Part::Scheduler))).unwrap();
        assert_eq!(fixture.versions(), [""; 0], "it was never in the index");
    }

    #[test]
    fn what_a_checkpointer_itself_enters_is_not_entered_twice() {
        let mut fixture = Fixture::new(|_| {});
        fixture.history.track("checkpoint/scheduler");
        save(fixture.folder.path(), Part::Scheduler, 1, 0);
        fixture.end(1, 0.5);
        assert_eq!(fixture.versions(), [""; 0]);
    }

    #[test]
    fn a_folder_that_cannot_be_listed_is_a_problem_told_once() {
        let mut fixture = Fixture::new(|_| {});
        fixture.checkpoints.folder = fixture.folder.path().join("file");
        fs::write(&fixture.checkpoints.folder, "").unwrap();
        assert_eq!(fixture.versions(), ["checkpoint-folder-unreadable"]);
        assert_eq!(fixture.versions(), [""; 0]);
    }

    /// What an earlier attempt has entered.
    fn index_of(told: Vec<Event>) -> Index {
        let artifact = |event| match event {
            Event::Artifact(artifact) => artifact,
            other => panic!("{other:?}"),
        };
        told.into_iter().map(artifact).collect()
    }

    #[test]
    fn a_resumed_run_enters_only_what_has_changed() {
        let mut fixture = Fixture::new(|_| {});
        for epoch in 1..=4 {
            save(fixture.folder.path(), Part::Scheduler, epoch, 0);
            fixture.end(epoch, 0.5);
        }
        let mut index = index_of(fixture.look(false));
        index.since = Stamp::at(&fixture.path((1, Part::Scheduler))).unwrap().unwrap().modified;
        fs::remove_file(fixture.path((2, Part::Scheduler))).unwrap();
        save(fixture.folder.path(), Part::Scheduler, 3, 7);
        save(fixture.folder.path(), Part::Scheduler, 5, 0);
        fixture.end(5, 0.5);

        fixture.checkpoints =
            CheckpointFolder::open(fixture.folder.path().to_owned(), Some(fixture.folder.path()));
        fixture.checkpoints.compare(&index);
        save(fixture.folder.path(), Part::Scheduler, 4, 0);
        let told = fixture.versions();
        let gone = "checkpoint/scheduler epoch-2 gone";
        let anew = ["scheduler epoch-3", "scheduler epoch-4", "scheduler epoch-5"];
        assert_eq!(told[..1], [gone]);
        assert_eq!(told[1..], anew, "the fourth has the same bytes, but was saved anew");
        assert_eq!(fixture.versions(), [""; 0]);
    }
}
