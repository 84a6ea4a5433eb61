//! Trainings that go on from a checkpoint, as if they had never been interrupted.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::common::{
    BATCH, BATCHES, Mlp, PointBatcher, Slow, ordered_loader, points, scheduled_learner, training_on,
};
use burn::{
    data::dataloader::DataLoaderBuilder,
    lr_scheduler::exponential::ExponentialLrSchedulerConfig,
    train::{
        Learner, MetricEarlyStoppingStrategy, StoppingCondition, SupervisedTraining,
        checkpoint::{
            ComposedCheckpointingStrategy, KeepLastNCheckpoints, MetricCheckpointingStrategy,
        },
        metric::{
            LossMetric,
            store::{Aggregate, Direction, Split},
        },
    },
};
use burn_callback::{ResumableLoader, ResumeError, prelude::*};
use tracker_core::read::{RunReader, Store};

const EPOCHS: usize = 8;

fn builder(store: &Path) -> RunBuilder {
    init("points").dir(store).signals(false)
}

fn only_run(store: &Path) -> RunReader {
    Store::open(store).unwrap().runs().unwrap().runs.pop().unwrap()
}

fn trained(run: &Run, epochs: usize) -> SupervisedTraining<Mlp> {
    training_on(ordered_loader(), run.dir(), epochs).with_default_checkpointers()
}

/// With a learning rate this high, some epochs are worse than those before them.
fn learner(seed: u64) -> Learner<Mlp> {
    scheduled_learner(seed, ExponentialLrSchedulerConfig::new(0.9, 0.995).init().unwrap())
}

/// The strategies that forget: Burn's early stopping and its choice of checkpoints.
fn strategies() -> TrackOptions {
    let loss = LossMetric::new();
    let (mean, lowest) = (Aggregate::Mean, Direction::Lowest);
    let stopping = StoppingCondition::NoImprovementSince { n_epochs: 3 };
    TrackOptions::new()
        .early_stopping(MetricEarlyStoppingStrategy::new(
            &loss,
            mean,
            lowest,
            Split::Valid,
            stopping,
        ))
        .checkpointing_strategy(
            ComposedCheckpointingStrategy::builder()
                .add(KeepLastNCheckpoints::new(2))
                .add(MetricCheckpointingStrategy::new(&loss, mean, lowest, Split::Valid))
                .build(),
        )
}

/// Everything that an export would have, but the times: each metric's steps and values, bit by bit.
fn series(reader: &RunReader) -> BTreeMap<String, Vec<(u64, u64)>> {
    let timed = ["epoch_seconds", "items_per_second", "eta_seconds"];
    let metrics = reader.metrics().unwrap().into_iter();
    let untimed = metrics
        .filter(|metric| !timed.contains(&metric.as_str()) && !metric.starts_with("system/"));
    let rows = |metric: String| {
        let rows = reader.series(&metric).unwrap();
        (metric, rows.iter().map(|row| (row.step.0, row.value.to_bits())).collect())
    };
    untimed.map(rows).collect()
}

fn kept(run: &Path) -> BTreeSet<String> {
    let files = fs::read_dir(run.join("files/checkpoint")).unwrap();
    files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

/// Trains without an interruption.
fn uninterrupted(seed: u64, epochs: usize) -> (tempfile::TempDir, RunReader) {
    let store = tempfile::tempdir().unwrap();
    let run = builder(store.path()).start().unwrap();
    trained(&run, epochs).track_with(&run, strategies()).launch(learner(seed));
    run.finish().unwrap();
    let reader = only_run(store.path());
    (store, reader)
}

/// Trains for `first` epochs, and then on from there in a run that is resumed.
fn interrupted(seed: u64, first: usize, epochs: usize) -> (tempfile::TempDir, RunReader) {
    let store = tempfile::tempdir().unwrap();
    let run = builder(store.path()).start().unwrap();
    trained(&run, first).track_with(&run, strategies()).launch(learner(seed));
    run.finish().unwrap();
    go_on(store.path(), run.id(), seed, epochs);
    let reader = only_run(store.path());
    (store, reader)
}

fn go_on(store: &Path, run: &RunId, seed: u64, epochs: usize) {
    let run = builder(store).resume(run.to_string()).start().unwrap();
    assert!(run.is_resumed());
    trained(&run, epochs).resume_with(&run, strategies()).unwrap().launch(learner(seed));
    let report = run.finish().unwrap();
    assert_eq!(report.problems(), []);
}

/// Two trainings in one run, each with a folder of its own.
fn two_trainings(run: &Run, epochs: [usize; 2]) {
    for (name, epochs) in ["one", "two"].into_iter().zip(epochs) {
        let folder = run.dir().join(name);
        training_on(ordered_loader(), &folder, epochs)
            .with_default_checkpointers()
            .resume_with(run, TrackOptions::new().directory(&folder))
            .unwrap()
            .launch(learner(7));
    }
    run.finish().unwrap();
}

#[test]
fn a_resumed_run_of_two_trainings_keeps_the_one_that_was_over() {
    let whole = tempfile::tempdir().unwrap();
    two_trainings(&builder(whole.path()).start().unwrap(), [3, 3]);

    let store = tempfile::tempdir().unwrap();
    let run = builder(store.path()).start().unwrap();
    two_trainings(&run, [3, 1]);
    let run = builder(store.path()).resume(run.id().to_string()).start().unwrap();
    two_trainings(&run, [3, 3]);
    let (expected, found) = (series(&only_run(whole.path())), series(&only_run(store.path())));
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (metric, rows) in expected {
        assert_eq!(found[&metric], rows, "{metric}");
    }
}

#[test]
fn a_resumed_run_has_the_series_and_the_checkpoints_of_an_uninterrupted_one() {
    for (seed, first) in [(1, 1), (2, 3), (3, 2), (4, 5)] {
        let (_store, whole) = uninterrupted(seed, EPOCHS);
        let (_other, resumed) = interrupted(seed, first, EPOCHS);
        assert_eq!(series(&resumed), series(&whole), "seed {seed}, {first} epochs before");
        assert_eq!(kept(resumed.path()), kept(whole.path()), "seed {seed}");
        assert_eq!(resumed.state(), State::Finished);
    }
}

/// Trains for three epochs in a folder of its own, or in one that many trainings share.
fn parent(store: &Path, folder: Option<&Path>) -> Run {
    let run = builder(store).name("parent").start().unwrap();
    let folder = folder.unwrap_or(run.dir());
    training_on(ordered_loader(), folder, 3)
        .with_default_checkpointers()
        .track_with(&run, strategies().directory(folder))
        .launch(learner(7));
    run.finish().unwrap();
    run
}

#[test]
fn a_fork_has_the_series_of_an_uninterrupted_training() {
    let (_store, whole) = uninterrupted(7, EPOCHS);
    let store = tempfile::tempdir().unwrap();
    parent(store.path(), None);
    let run = builder(store.path()).fork("parent").start().unwrap();
    trained(&run, EPOCHS).resume_with(&run, strategies()).unwrap().launch(learner(7));
    assert_eq!(run.finish().unwrap().problems(), []);
    let fork = run.reader().unwrap();
    assert_eq!(series(&fork), series(&whole));
    let own = fork.summary().unwrap()["epoch"].count;
    assert_eq!(own, whole.summary().unwrap()["epoch"].count - 3);
}

#[test]
fn a_fork_that_would_go_on_from_checkpoints_of_others_is_refused() {
    let (store, shared) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    parent(store.path(), Some(shared.path()));
    let run = builder(store.path()).fork("parent@0").start().unwrap();
    let training = training_on(ordered_loader(), shared.path(), 4).with_default_checkpointers();
    let options = TrackOptions::new().directory(shared.path());
    let error = training.resume_with(&run, options).err().unwrap();
    assert!(matches!(&error, ResumeError::FolderOfOthers { .. }), "{error}");
    assert!(error.to_string().contains("hint: train in the run's own folder"), "{error}");
    run.finish().unwrap();
}

#[test]
fn early_stopping_decides_in_a_resumed_run_as_in_an_uninterrupted_one() {
    let mut lengths = BTreeSet::new();
    for seed in 10..20 {
        let (_store, whole) = uninterrupted(seed, 40);
        let epochs = whole.series("epoch").unwrap().len();
        let before = (epochs - 1).clamp(1, 4);
        let (_other, resumed) = interrupted(seed, before, 40);
        assert_eq!(resumed.series("epoch").unwrap().len(), epochs, "seed {seed}");
        assert_eq!(kept(resumed.path()), kept(whole.path()), "seed {seed}");
        lengths.insert(epochs);
    }
    assert!(lengths.len() > 2 && lengths.first() < Some(&40), "{lengths:?}");
}

#[test]
fn a_training_that_was_killed_goes_on_from_its_last_checkpoint() {
    let store = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "resume::training_process", "--ignored", "--nocapture"])
        .env("TRACKER_TEST_STORE", store.path())
        // A program that is about to start has the locks of the process that starts it.
        .envs([("TRACKER_CODE_CHANGES", "off"), ("TRACKER_SYSTEM", "off")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for_step(store.path(), 4 * BATCHES + 2);
    child.kill().unwrap();
    child.wait().unwrap();

    let reader = only_run(store.path());
    assert_eq!(reader.state(), State::Crashed);
    let rows = reader.series("batch/train/loss").unwrap().len() as u64;
    assert!(rows > 4 * BATCHES, "the killed process lost no point: {rows}");
    go_on(store.path(), &reader.info().id, 5, EPOCHS);
    let (_other, whole) = uninterrupted(5, EPOCHS);
    let resumed = only_run(store.path());
    assert_eq!(series(&resumed), series(&whole));
    assert_eq!(resumed.state(), State::Finished);
}

fn wait_for_step(store: &Path, step: u64) {
    let end = Instant::now() + Duration::from_mins(2);
    loop {
        assert!(Instant::now() < end, "the training does not get on");
        thread::sleep(Duration::from_millis(20));
        let Ok(store) = Store::open(store) else { continue };
        let Some(run) = store.runs().ok().and_then(|listing| listing.runs.into_iter().next())
        else {
            continue;
        };
        let last = run.series("batch/train/loss").unwrap_or_default();
        if last.last().is_some_and(|row| row.step.0 >= step) {
            return;
        }
    }
}

#[test]
#[ignore = "started by another test as a process of its own"]
fn training_process() {
    let store = std::env::var_os("TRACKER_TEST_STORE").unwrap();
    let run = builder(store.as_ref()).start().unwrap();
    trained(&run, EPOCHS)
        .metric_train(Slow(Duration::from_millis(50)))
        .track_with(&run, strategies())
        .launch(learner(5));
}

#[test]
fn a_run_without_a_whole_checkpoint_says_what_is_missing() {
    let store = tempfile::tempdir().unwrap();
    let run = builder(store.path()).start().unwrap();
    trained(&run, 1).track(&run).launch(learner(1));
    run.finish().unwrap();
    fs::remove_file(run.dir().join("checkpoint/optim-1.bpk")).unwrap();

    let run = builder(store.path()).resume(run.id().to_string()).start().unwrap();
    let error = trained(&run, 2).resume(&run).err().unwrap().to_string();
    assert!(error.contains("optim-1.bpk is missing"), "{error}");
    assert!(error.contains("hint: "), "{error}");
}

/// As programs do whose first line empties the folder that they are given.
#[test]
fn a_resumed_run_whose_folder_was_emptied_says_so_and_who_does_that() {
    let store = tempfile::tempdir().unwrap();
    let run = builder(store.path()).start().unwrap();
    trained(&run, 2).track(&run).launch(learner(1));
    run.finish().unwrap();

    let run = builder(store.path()).resume(run.id().to_string()).start().unwrap();
    fs::remove_dir_all(run.dir()).unwrap();
    fs::create_dir_all(run.dir()).unwrap();
    let error = trained(&run, 4).resume(&run).err().unwrap();
    assert!(matches!(&error, ResumeError::Emptied { epochs, .. } if *epochs == [2, 1]), "{error}");
    let text = error.to_string();
    for part in ["of epochs 2, 1 are gone", "create_artifact_dir", "`run.is_resumed()`"] {
        assert!(text.contains(part), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn a_resumed_run_whose_checkpoints_lie_behind_a_link_is_refused() {
    let store = tempfile::tempdir().unwrap();
    let run = builder(store.path()).start().unwrap();
    trained(&run, 1).track(&run).launch(learner(1));
    run.finish().unwrap();
    let (folder, elsewhere) = (run.dir().join("checkpoint"), store.path().join("elsewhere"));
    fs::rename(&folder, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &folder).unwrap();
    let run = builder(store.path()).resume(run.id().to_string()).start().unwrap();
    let error = trained(&run, 2).resume(&run).err().unwrap().to_string();
    assert!(error.contains("checkpoint: it is a link"), "{error}");
    assert!(error.contains("a folder of your own"), "{error}");
}

#[test]
fn a_run_that_was_not_resumed_is_tracked_from_its_beginning() {
    let store = tempfile::tempdir().unwrap();
    let run = builder(store.path()).start().unwrap();
    trained(&run, 2).resume(&run).unwrap().launch(learner(1));
    run.finish().unwrap();
    let rows = only_run(store.path()).series("batch/train/loss").unwrap();
    assert_eq!(rows.len() as u64, 2 * BATCHES);
}

#[test]
fn a_checkpoint_of_the_users_own_choice_is_gone_on_from_as_well() {
    let store = tempfile::tempdir().unwrap();
    let run = builder(store.path()).start().unwrap();
    trained(&run, 3).track(&run).launch(learner(1));
    run.finish().unwrap();
    let run = builder(store.path()).resume(run.id().to_string()).start().unwrap();
    trained(&run, 4).checkpoint(2).track(&run).launch(learner(1));
    assert_eq!(run.finish().unwrap().problems(), []);

    let rows = only_run(store.path()).series("epoch").unwrap();
    let epochs: Vec<_> = rows.iter().map(|row| (row.step.0, row.value)).collect();
    let expected = [(6, 1.0), (13, 2.0), (20, 3.0), (27, 4.0)];
    assert_eq!(epochs, expected);
}

/// A training whose order depends on the number of the epoch.
fn shuffled(run: &Run, epochs: usize) -> SupervisedTraining<Mlp> {
    let batches = |points| DataLoaderBuilder::new(PointBatcher).batch_size(BATCH).build(points);
    let train = ResumableLoader::shuffled(run, points(), 3, batches);
    SupervisedTraining::new(run.dir(), train, ordered_loader())
        .metrics((LossMetric::new(),))
        .with_application_logger(None)
        .num_epochs(epochs)
        .with_default_checkpointers()
}

/// A kill can come after the checkpoint of an epoch and before its last values: the rows are fewer then.
#[test]
fn the_order_of_an_epoch_follows_the_checkpoint_and_not_what_the_run_has_of_epochs() {
    let store = tempfile::tempdir().unwrap();
    let whole = builder(store.path()).name("whole").start().unwrap();
    shuffled(&whole, 3).track(&whole).launch(learner(1));
    whole.finish().unwrap();
    let killed = builder(store.path()).name("killed").start().unwrap();
    killed.finish().unwrap();
    let of_two = tempfile::tempdir().unwrap();
    let first = builder(of_two.path()).start().unwrap();
    shuffled(&first, 2).track(&first).launch(learner(1));
    first.finish().unwrap();
    fs::create_dir(killed.dir().join("checkpoint")).unwrap();
    for entry in fs::read_dir(first.dir().join("checkpoint")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), killed.dir().join("checkpoint").join(entry.file_name())).unwrap();
    }

    let run = builder(store.path()).resume("killed").start().unwrap();
    shuffled(&run, 3).resume(&run).unwrap().launch(learner(1));
    assert_eq!(run.finish().unwrap().problems(), []);

    let store = Store::open(store.path()).unwrap();
    let losses = |name: &str| -> Vec<_> {
        let rows = store.find(name).unwrap().series("batch/train/loss").unwrap();
        let last = rows.len().saturating_sub(BATCHES as usize);
        rows[last..].iter().map(|row| row.value.to_bits()).collect()
    };
    assert_eq!(losses("killed"), losses("whole"));
}

#[test]
fn a_resumed_run_whose_training_begins_anew_goes_on_counting_and_says_so() {
    let store = tempfile::tempdir().unwrap();
    let run = builder(store.path()).start().unwrap();
    trained(&run, 1).track(&run).launch(learner(1));
    run.finish().unwrap();
    let run = builder(store.path()).resume(run.id().to_string()).start().unwrap();
    trained(&run, 1).track(&run).launch(learner(1));
    let report = run.finish().unwrap();
    let kinds: Vec<_> = report.problems().iter().map(|problem| problem.kind.as_str()).collect();
    assert_eq!(kinds, ["training-begins-anew"]);
    let rows = only_run(store.path()).series("batch/train/loss").unwrap();
    let steps: Vec<_> = rows.iter().map(|row| row.step.0).collect();
    assert_eq!(steps, (0..2 * BATCHES).collect::<Vec<_>>());
}

#[test]
fn a_second_training_in_the_same_run_goes_on_counting() {
    let store = tempfile::tempdir().unwrap();
    let run = builder(store.path()).start().unwrap();
    for _ in 0..2 {
        trained(&run, 1).track(&run).launch(learner(1));
    }
    assert_eq!(run.finish().unwrap().problems(), []);
    let rows = only_run(store.path()).series("batch/train/loss").unwrap();
    let steps: Vec<_> = rows.iter().map(|row| row.step.0).collect();
    assert_eq!(steps, (0..2 * BATCHES).collect::<Vec<_>>());
}
