//! Checkpoints of real trainings, as artifacts of their run and as places to go on from.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use crate::common::{BATCHES, Mlp, learner, training};
use burn::train::{
    SupervisedTraining,
    checkpoint::{
        Checkpoint, Checkpointer, CheckpointerError, CheckpointingStrategy, FileCheckpointer,
        KeepLastNCheckpoints, MetricCheckpointingStrategy,
    },
    metric::{
        LossMetric,
        store::{Aggregate, Direction as BurnDirection, Split},
    },
};
use burn_callback::{
    checkpoints::{Flaw, ResumeError, newest_whole, set_aside},
    prelude::*,
};
use tempfile::TempDir;
use tracker_core::{
    Artifact,
    read::{RunReader, Store, StoredEventKind},
};

/// With a learning rate this high, the best epoch is not the last.
const TOO_HIGH: f64 = 1.5;
const RECORDS: [&str; 3] = ["model", "optimizer", "scheduler"];

fn start(store: &TempDir) -> Run {
    init("points").dir(store.path()).signals(false).start().unwrap()
}

fn resume(store: &TempDir, run: &RunId) -> Run {
    let started = init("points").dir(store.path()).resume(run.to_string()).signals(false).start();
    started.unwrap()
}

/// Ends a run that has no problems. Without Burn's log and default checkpointers, there is
/// nothing by which the run's folder could be told for the training's.
fn finish(run: &Run) {
    let report = run.finish().unwrap();
    let mut problems = report.problems().to_vec();
    problems.retain(|problem| problem.kind != "training-in-another-folder");
    assert_eq!(problems, []);
}

fn reader(store: &TempDir) -> RunReader {
    Store::open(store.path()).unwrap().runs().unwrap().runs.pop().unwrap()
}

/// All that a run says of checkpoints, in its order.
struct Index {
    saved: Vec<Artifact>,
    deleted: Vec<(String, String)>,
    /// What is left, by name and version.
    standing: BTreeMap<(String, String), Artifact>,
}

impl Index {
    fn of(store: &TempDir) -> Self {
        let mut index = Self { saved: Vec::new(), deleted: Vec::new(), standing: BTreeMap::new() };
        for event in reader(store).events().unwrap() {
            match event.kind {
                StoredEventKind::Artifact(artifact) => {
                    let key = (artifact.name.clone(), artifact.version.clone());
                    index.standing.insert(key, artifact.clone());
                    index.saved.push(artifact);
                }
                StoredEventKind::ArtifactDeleted { name, version } => {
                    index.standing.remove(&(name.clone(), version.clone()));
                    index.deleted.push((name, version));
                }
                _ => {}
            }
        }
        index
    }

    /// The epochs of the standing versions of a record.
    fn epochs(&self, record: &str) -> Vec<u64> {
        let of_record = self.standing.values().filter(|artifact| artifact.kind == record);
        let epochs: BTreeSet<u64> = of_record.map(|artifact| artifact.epoch.unwrap()).collect();
        epochs.into_iter().collect()
    }

    /// The epoch whose version of a record has the alias.
    fn alias(&self, record: &str, alias: &str) -> Option<u64> {
        let has = |artifact: &&Artifact| {
            let key = (artifact.name.clone(), artifact.version.clone());
            artifact.kind == record
                && artifact.aliases.iter().any(|a| a == alias)
                && self.standing.contains_key(&key)
        };
        self.saved.iter().rev().find(has)?.epoch
    }
}

/// The hash of each file below a folder, as `sha256sum` says.
fn hashes(folder: &Path) -> BTreeMap<PathBuf, String> {
    let files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    let output = Command::new("sha256sum").args(&files).output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| line.split_once("  ").unwrap());
    lines.map(|(hash, path)| (PathBuf::from(path), hash.to_owned())).collect()
}

/// Asserts that the index has what is on the disk, and nothing else.
fn assert_index_is_true(store: &TempDir, folder: &Path) -> Index {
    let index = Index::of(store);
    let run = reader(store);
    let entries: BTreeMap<PathBuf, String> = index
        .standing
        .values()
        .map(|artifact| {
            let path = run.path().join(artifact.path.as_ref().unwrap());
            assert_eq!(artifact.bytes, Some(path.metadata().unwrap().len()));
            (path, artifact.sha256.clone().unwrap())
        })
        .collect();
    assert_eq!(entries, hashes(folder));
    index
}

/// The loss of each epoch, as Burn's strategies see it: the plain mean of the batches.
fn best_epoch(folder: &Path, epochs: u64) -> u64 {
    let loss = |epoch: u64| {
        let file = folder.join(format!("valid/epoch-{epoch}/Loss.log"));
        let text = fs::read_to_string(file).unwrap();
        let last = text.lines().last().unwrap();
        last.split(|c: char| !c.is_ascii_digit() && !"+-.e".contains(c))
            .find_map(|word| word.parse::<f64>().ok())
            .unwrap()
    };
    (1..=epochs).min_by(|a, b| loss(*a).total_cmp(&loss(*b))).unwrap()
}

fn train(
    store: &TempDir,
    epochs: usize,
    rate: f64,
    strategy: Option<impl CheckpointingStrategy + 'static>,
) -> Run {
    let run = start(store);
    let training = training(run.dir(), epochs).with_default_checkpointers();
    let training = match strategy {
        Some(strategy) => training.with_checkpointing_strategy(strategy),
        None => training,
    };
    let result = training.track(&run).launch(learner(rate));
    assert!(result.error.is_none());
    finish(&run);
    run
}

const DEFAULT: Option<KeepLastNCheckpoints> = None;

#[test]
fn the_index_is_what_burns_default_strategy_left_on_the_disk() {
    let store = tempfile::tempdir().unwrap();
    let run = train(&store, 8, TOO_HIGH, DEFAULT);
    let index = assert_index_is_true(&store, &run.dir().join("checkpoint"));
    let best = best_epoch(run.dir(), 8);
    assert!(best < 7, "the best epoch is kept for being the best: {best}");
    for record in RECORDS {
        assert_eq!(index.epochs(record), [best, 7, 8]);
        assert_eq!(index.alias(record, "latest"), Some(8));
        assert_eq!(index.alias(record, "best"), Some(best));
    }
}

#[test]
fn an_entry_knows_the_step_and_the_values_of_its_epoch() {
    let store = tempfile::tempdir().unwrap();
    train(&store, 3, 0.01, DEFAULT);
    let index = Index::of(&store);
    let run = reader(&store);
    for artifact in index.standing.values() {
        let epoch = artifact.epoch.unwrap();
        assert_eq!(artifact.name, format!("checkpoint/{}", artifact.kind));
        assert_eq!(artifact.version, format!("epoch-{epoch}"));
        assert_eq!(artifact.step, Some(Step(epoch * BATCHES - 1)));
        for metric in ["train/loss", "valid/loss", "valid/accuracy"] {
            let rows = run.series(metric).unwrap();
            let row = rows.iter().find(|row| Some(row.step) == artifact.step).unwrap();
            assert_eq!(artifact.metrics[metric], row.value, "{metric} of epoch {epoch}");
        }
    }
}

#[test]
fn trainings_of_one_run_in_folders_of_their_own_have_checkpoints_of_their_own() {
    let store = tempfile::tempdir().unwrap();
    let run = start(&store);
    let rates = [0.001, 0.1, 0.001];
    for (fold, rate) in rates.into_iter().enumerate() {
        let folder = run.dir().join(format!("fold-{fold}"));
        training(&folder, 2)
            .with_default_checkpointers()
            .track_in(&run, &folder)
            .launch(learner(rate));
    }
    finish(&run);
    let index = Index::of(&store);
    let models: Vec<_> =
        index.standing.values().filter(|artifact| artifact.kind == "model").collect();
    let versions: Vec<_> = models.iter().map(|model| model.version.as_str()).collect();
    let expected = ["epoch-1", "epoch-2", "training-2-epoch-1", "training-2-epoch-2"];
    assert_eq!(versions[..4], expected);
    assert_eq!(versions.len(), 6, "{versions:?}");
    for model in models {
        let path = run.path().join(model.path.as_ref().unwrap());
        assert_eq!(model.bytes, Some(path.metadata().unwrap().len()), "{path:?}");
    }
    let best = run.best_checkpoint("model").unwrap().unwrap();
    assert!(best.ends_with("fold-1/checkpoint/model-2.bpk"), "the fast one learned most: {best:?}");
}

#[test]
fn only_the_last_checkpoints_stand_where_burn_keeps_only_those() {
    let store = tempfile::tempdir().unwrap();
    let run = train(&store, 5, 0.01, Some(KeepLastNCheckpoints::new(2)));
    let index = assert_index_is_true(&store, &run.dir().join("checkpoint"));
    assert_eq!(index.epochs("model"), [4, 5]);
    for (name, version) in &index.deleted {
        let saved = |artifact: &Artifact| artifact.name == *name && artifact.version == *version;
        assert!(index.saved.iter().any(saved), "{name} {version} was never entered");
    }
}

#[test]
fn only_the_best_checkpoint_stands_where_burn_keeps_only_that() {
    let store = tempfile::tempdir().unwrap();
    let lowest_loss = MetricCheckpointingStrategy::new(
        &LossMetric::new(),
        Aggregate::Mean,
        BurnDirection::Lowest,
        Split::Valid,
    );
    let run = train(&store, 6, TOO_HIGH, Some(lowest_loss));
    let index = assert_index_is_true(&store, &run.dir().join("checkpoint"));
    let best = best_epoch(run.dir(), 6);
    for record in RECORDS {
        assert_eq!(index.epochs(record), [best]);
        assert_eq!(index.alias(record, "best"), Some(best));
        assert_eq!(index.alias(record, "latest"), Some(best));
    }
}

#[test]
fn a_training_in_a_folder_of_its_own_has_absolute_paths() {
    let (store, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let run = start(&store);
    training(&elsewhere, 2)
        .with_default_checkpointers()
        .track_in(&run, &elsewhere)
        .launch(learner(0.01));
    run.finish().unwrap();
    let index = assert_index_is_true(&store, &elsewhere.path().join("checkpoint"));
    assert!(index.saved.iter().all(|artifact| artifact.path.as_ref().unwrap().is_absolute()));
}

/// Saves, deletes and restores slowly.
struct Slow(FileCheckpointer);

impl<R: Checkpoint> Checkpointer<R> for Slow {
    fn save(&self, epoch: usize, record: R) -> Result<(), CheckpointerError> {
        thread::sleep(Duration::from_millis(200));
        self.0.save(epoch, record)
    }
    fn delete(&self, epoch: usize) -> Result<(), CheckpointerError> {
        thread::sleep(Duration::from_millis(50));
        Checkpointer::<R>::delete(&self.0, epoch)
    }
    fn restore(&self, epoch: usize) -> Result<R, CheckpointerError> {
        self.0.restore(epoch)
    }
}

/// The training with checkpointers that save to `folder`, each wrapped by `wrap`.
fn custom<C>(
    run: &Run,
    folder: &Path,
    epochs: usize,
    wrap: impl Fn(FileCheckpointer) -> C,
) -> SupervisedTraining<Mlp>
where
    C: Send
        + 'static
        + Checkpointer<burn::store::ModuleRecord>
        + Checkpointer<burn::optim::OptimizerRecord>
        + Checkpointer<burn::lr_scheduler::LrSchedulerRecord>,
{
    let tracked = |record: &'static str, name: &'static str| {
        let path = folder.to_owned();
        run.checkpointer(record, wrap(FileCheckpointer::new(folder, name)))
            .file(move |epoch| path.join(format!("{name}-{epoch}.bpk")))
    };
    training(run.dir(), epochs).with_custom_checkpointers(
        tracked("model", "model"),
        tracked("optimizer", "optim"),
        tracked("scheduler", "scheduler"),
    )
}

#[test]
fn custom_checkpointers_enter_everything_that_they_do() {
    let store = tempfile::tempdir().unwrap();
    let run = start(&store);
    let folder = run.dir().join("weights");
    custom(&run, &folder, 5, |inner| inner)
        .with_checkpointing_strategy(KeepLastNCheckpoints::new(2))
        .track(&run)
        .launch(learner(0.01));
    finish(&run);
    let index = assert_index_is_true(&store, &folder);
    for record in RECORDS {
        let name = format!("checkpoint/{record}");
        let saved = index.saved.iter().filter(|artifact| artifact.kind == record);
        assert_eq!(
            saved.map(|artifact| artifact.epoch.unwrap()).collect::<Vec<_>>(),
            [1, 2, 3, 4, 5]
        );
        let deleted = index.deleted.iter().filter(|(of, _)| *of == name);
        let versions: Vec<_> = deleted.map(|(_, version)| version.as_str()).collect();
        assert_eq!(versions, ["epoch-1", "epoch-2", "epoch-3"]);
    }
    assert!(index.saved.iter().all(|artifact| artifact.metrics.contains_key("valid/loss")));
    assert!(index.saved.iter().all(|artifact| artifact.step.is_some()));
}

#[test]
fn custom_checkpointers_in_burns_own_folder_are_not_entered_twice() {
    let store = tempfile::tempdir().unwrap();
    let run = start(&store);
    let folder = run.dir().join("checkpoint");
    custom(&run, &folder, 3, |inner| inner).track(&run).launch(learner(0.01));
    run.finish().unwrap();
    let index = assert_index_is_true(&store, &folder);
    assert_eq!(index.saved.len(), 3 * RECORDS.len());
}

#[test]
fn a_slow_disk_loses_no_entry_and_enters_no_half_file() {
    let store = tempfile::tempdir().unwrap();
    let run = start(&store);
    let folder = run.dir().join("weights");
    custom(&run, &folder, 3, Slow).track(&run).launch(learner(0.01));
    finish(&run);
    let index = assert_index_is_true(&store, &folder);
    assert_eq!(index.alias("model", "latest"), Some(3));
}

#[test]
fn slow_checkpointers_that_nobody_wrapped_are_seen_in_burns_folder() {
    let store = tempfile::tempdir().unwrap();
    let run = start(&store);
    let folder = run.dir().join("checkpoint");
    let slow = |name: &str| Slow(FileCheckpointer::new(&folder, name));
    training(run.dir(), 3)
        .with_custom_checkpointers(slow("model"), slow("optim"), slow("scheduler"))
        .track(&run)
        .launch(learner(0.01));
    finish(&run);
    let index = assert_index_is_true(&store, &folder);
    assert_eq!(index.alias("scheduler", "latest"), Some(3));
}

#[test]
fn a_checkpoint_without_a_file_is_entered_without_a_path() {
    let store = tempfile::tempdir().unwrap();
    let run = start(&store);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| FileCheckpointer::new(&folder, name);
    training(run.dir(), 2)
        .with_custom_checkpointers(
            run.checkpointer("model", file("model")),
            run.checkpointer("optimizer", file("optim")),
            file("scheduler"),
        )
        .track(&run)
        .launch(learner(0.01));
    finish(&run);
    let index = Index::of(&store);
    assert_eq!(index.saved.len(), 2 * 2, "nobody tells of the scheduler's");
    assert!(index.saved.iter().all(|artifact| artifact.path.is_none()));
}

#[test]
fn a_file_that_is_not_where_it_should_be_is_a_problem() {
    let store = tempfile::tempdir().unwrap();
    let run = start(&store);
    let folder = tempfile::tempdir().unwrap();
    let inner = FileCheckpointer::new(&folder, "model");
    let checkpointer = run.checkpointer("model", inner).file(|_| PathBuf::from("elsewhere.bpk"));
    Checkpointer::save(&checkpointer, 1, ()).unwrap();
    drop(checkpointer);
    let report = run.finish().unwrap();
    let [problem] = report.problems() else { panic!("{report}") };
    assert_eq!(problem.kind, "checkpoint-not-indexed");
    assert!(problem.message.contains("elsewhere.bpk"), "{}", problem.message);
    assert_eq!(Index::of(&store).saved.len(), 1);
}

/// Fails as a disk does.
struct Fails;

impl<R: Checkpoint> Checkpointer<R> for Fails {
    fn save(&self, _: usize, _: R) -> Result<(), CheckpointerError> {
        Err(CheckpointerError::Unknown("the disk is full".to_owned()))
    }
    fn delete(&self, _: usize) -> Result<(), CheckpointerError> {
        Err(CheckpointerError::Unknown("the disk is read-only".to_owned()))
    }
    fn restore(&self, _: usize) -> Result<R, CheckpointerError> {
        Err(CheckpointerError::Unknown("the disk is gone".to_owned()))
    }
}

#[test]
fn what_the_inner_checkpointer_says_is_passed_on_and_not_entered() {
    let store = tempfile::tempdir().unwrap();
    let run = start(&store);
    let checkpointer = run.checkpointer("model", Fails).file(|_| PathBuf::from("never"));
    let said = [
        Checkpointer::<()>::save(&checkpointer, 1, ()).unwrap_err(),
        Checkpointer::<()>::delete(&checkpointer, 1).unwrap_err(),
        Checkpointer::<()>::restore(&checkpointer, 1).unwrap_err(),
    ];
    let texts = said.map(|error| error.to_string());
    for (text, reason) in texts.iter().zip(["full", "read-only", "gone"]) {
        assert!(text.contains(reason), "{text}");
    }
    drop(checkpointer);
    finish(&run);
    let index = Index::of(&store);
    assert!(index.saved.is_empty() && index.deleted.is_empty());
}

#[test]
fn the_newest_checkpoint_that_is_whole_is_found() {
    let store = tempfile::tempdir().unwrap();
    let run = train(&store, 11, 0.01, Some(KeepLastNCheckpoints::new(3)));
    let found = newest_whole(&run, run.dir()).unwrap();
    assert_eq!((found.epoch, found.step), (11, Some(Step(11 * BATCHES - 1))));
    assert_eq!(found.passed_over, []);

    let folder = run.dir().join("checkpoint");
    fs::remove_file(folder.join("optim-11.bpk")).unwrap();
    let model = folder.join("model-10.bpk");
    let bytes = fs::read(&model).unwrap();
    fs::write(&model, &bytes[..bytes.len() - 1]).unwrap();
    let found = newest_whole(&run, run.dir()).unwrap();
    assert_eq!(found.epoch, 9, "9 is less than 10, whatever their letters say");
    let flaws: Vec<_> = found
        .passed_over
        .iter()
        .map(|checkpoint| (checkpoint.epoch, checkpoint.files[0].flaw.clone()))
        .collect();
    let size = Flaw::Size { saved: bytes.len() as u64, found: bytes.len() as u64 - 1 };
    assert_eq!(flaws, [(11, Flaw::Missing), (10, size)]);
    let words = found.passed_over[0].to_string();
    assert_eq!(words, "of epoch 11, optim-11.bpk is missing");
}

#[test]
fn bytes_that_changed_after_they_were_saved_are_seen() {
    let store = tempfile::tempdir().unwrap();
    let run = train(&store, 2, 0.01, DEFAULT);
    let model = run.dir().join("checkpoint/model-2.bpk");
    let mut bytes = fs::read(&model).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&model, bytes).unwrap();
    let found = newest_whole(&run, run.dir()).unwrap();
    assert_eq!(found.epoch, 1);
    assert_eq!(found.passed_over[0].files[0].flaw, Flaw::Content);
}

#[test]
fn a_checkpoint_that_the_run_does_not_know_must_be_loadable() {
    let store = tempfile::tempdir().unwrap();
    let run = train(&store, 2, 0.01, DEFAULT);
    let other = tempfile::tempdir().unwrap();
    let folder = other.path().join("checkpoint");
    fs::create_dir(&folder).unwrap();
    for file in fs::read_dir(run.dir().join("checkpoint")).unwrap() {
        let path = file.unwrap().path();
        fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
    }
    assert_eq!(newest_whole(&run, &other).unwrap().epoch, 2);

    for name in ["model-2.bpk", "optim-2.bpk", "scheduler-2.bpk"] {
        let path = folder.join(name);
        let bytes = fs::read(&path).unwrap();
        // Behind its header, a scheduler's file is mostly padding.
        for length in [0, 1, 9, 10, 11] {
            fs::write(&path, &bytes[..length]).unwrap();
            let found = newest_whole(&run, &other).unwrap();
            assert_eq!(found.epoch, 1, "{name} with {length} bytes");
            assert!(matches!(found.passed_over[0].files[0].flaw, Flaw::NotLoadable(_)));
        }
        fs::write(&path, &bytes).unwrap();
    }
}

#[test]
fn without_a_whole_checkpoint_the_error_says_what_is_wrong_with_each() {
    let store = tempfile::tempdir().unwrap();
    let run = train(&store, 2, 0.01, DEFAULT);
    for epoch in [1, 2] {
        fs::remove_file(run.dir().join(format!("checkpoint/model-{epoch}.bpk"))).unwrap();
    }
    let error = newest_whole(&run, run.dir()).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, ResumeError::Incomplete { .. }), "{text}");
    for part in ["of epoch 2, model-2.bpk is missing", "of epoch 1, model-1.bpk", "hint: "] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn a_run_without_checkpoints_cannot_be_gone_on_with() {
    let store = tempfile::tempdir().unwrap();
    let run = start(&store);
    let none = newest_whole(&run, run.dir()).unwrap_err();
    assert!(matches!(none, ResumeError::NoCheckpoint { .. }), "{none}");
    fs::create_dir(run.dir().join("checkpoint")).unwrap();
    for name in ["model-x.bpk", "model-1.bpk.77-0.tmp", "notes.txt"] {
        fs::write(run.dir().join("checkpoint").join(name), "x").unwrap();
    }
    let none = newest_whole(&run, run.dir()).unwrap_err();
    assert!(matches!(none, ResumeError::NoCheckpoint { .. }), "{none}");
    assert!(none.to_string().contains("hint: "), "{none}");
}

#[test]
fn a_folder_that_cannot_be_listed_is_no_folder_without_checkpoints() {
    let store = tempfile::tempdir().unwrap();
    let run = start(&store);
    fs::write(run.dir().join("checkpoint"), "a file").unwrap();
    let error = newest_whole(&run, run.dir()).unwrap_err();
    assert!(matches!(error, ResumeError::Io { action: "open", .. }), "{error}");
}

#[test]
fn a_store_that_cannot_be_read_is_told_with_its_reason() {
    let store = tempfile::tempdir().unwrap();
    let run = train(&store, 1, 0.01, DEFAULT);
    fs::remove_dir_all(run.path()).unwrap();
    let error = newest_whole(&run, run.dir()).unwrap_err();
    assert!(matches!(error, ResumeError::Store { .. }), "{error}");
    assert!(error.to_string().contains("hint: "), "{error}");
}

#[test]
fn a_resumed_training_supersedes_what_it_does_again() {
    let store = tempfile::tempdir().unwrap();
    let run = train(&store, 4, 0.01, Some(KeepLastNCheckpoints::new(4)));
    let first = Index::of(&store);
    drop(run.clone());

    let run = resume(&store, run.id());
    let folder = run.dir().join("checkpoint");
    fs::remove_file(folder.join("scheduler-4.bpk")).unwrap();
    fs::remove_file(folder.join("scheduler-3.bpk")).unwrap();
    let whole = newest_whole(&run, run.dir()).unwrap();
    assert_eq!(whole.epoch, 2);
    let moved = set_aside(run.dir(), whole.epoch).unwrap();
    assert_eq!(moved.len(), 2 * 2 + 2 * 2);
    training(run.dir(), 5)
        .with_default_checkpointers()
        .with_checkpointing_strategy(KeepLastNCheckpoints::new(4))
        .checkpoint(whole.epoch)
        .track(&run)
        .launch(learner(0.01));
    finish(&run);

    let index = assert_index_is_true(&store, &folder);
    assert_eq!(index.epochs("model"), [2, 3, 4, 5]);
    assert!(index.deleted.iter().all(|(_, version)| version != "epoch-2"));
    for epoch in [2, 3, 4, 5] {
        let saved: Vec<_> =
            index.saved.iter().filter(|artifact| artifact.epoch == Some(epoch)).collect();
        assert_eq!(saved.len(), 3, "what attempt 1 saved of epoch {epoch} is not told any more");
        let before: Vec<_> =
            first.saved.iter().filter(|artifact| artifact.epoch == Some(epoch)).collect();
        assert_eq!(saved == before, epoch == 2, "epoch {epoch}");
    }
}
