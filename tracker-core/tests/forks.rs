//! Runs that go on from a step of another one.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{collections::BTreeMap, env, fs, path::Path, process::Command, time::Duration};

use proptest::prelude::*;
use tracker_core::{
    Artifact, Run, RunBuilder, RunId, Step, Tracker, init,
    read::{RunReader, Store},
};

/// A run of this store that asks nobody for anything.
fn quiet(root: &Path, name: &str) -> RunBuilder {
    let builder = init("mnist").name(name).dir(root);
    builder.signals(false).code_changes(false).system_metrics(false)
}

/// A run with `loss` at these steps, of which each value is `offset` greater than the step.
fn trained(root: &Path, name: &str, steps: std::ops::Range<u64>, offset: f64) -> Run {
    let run = quiet(root, name).start().unwrap();
    log(&run, steps, offset);
    run.finish().unwrap();
    run
}

fn forked(root: &Path, name: &str, of: &str, steps: std::ops::Range<u64>, offset: f64) -> Run {
    let run = quiet(root, name).fork(of).start().unwrap();
    log(&run, steps, offset);
    run.finish().unwrap();
    run
}

fn log(run: &Run, steps: std::ops::Range<u64>, offset: f64) {
    for step in steps {
        run.log_at(step, [("loss", step as f64 + offset)]);
    }
}

fn read(run: &Run) -> RunReader {
    RunReader::open(run.path()).unwrap()
}

/// The steps and values of `loss`.
fn losses(run: &RunReader) -> Vec<(u64, f64)> {
    let rows = run.series("loss").unwrap();
    rows.into_iter().map(|row| (row.step.0, row.value)).collect()
}

/// What [`log`] leaves.
fn logged(steps: std::ops::Range<u64>, offset: f64) -> Vec<(u64, f64)> {
    steps.map(|step| (step, step as f64 + offset)).collect()
}

fn refused(builder: RunBuilder) -> String {
    let text = builder.start().unwrap_err().to_string();
    assert!(text.contains("\nhint: "), "{text}");
    text
}

/// Saves a checkpoint of two files and enters it.
fn save(run: &Run, epoch: u64, step: u64) {
    let folder = run.dir().join("checkpoint");
    fs::create_dir_all(&folder).unwrap();
    for part in ["optimizer", "model"] {
        let path = folder.join(format!("{part}-epoch-{epoch}.bin"));
        fs::write(&path, format!("{part} of {}, epoch {epoch}", run.name())).unwrap();
        let version = format!("epoch-{epoch}");
        let artifact = Artifact::of_file(format!("checkpoint/{part}"), version, &path).unwrap();
        let artifact = artifact.kind(part).step(step).epoch(epoch).relative_to(run.path());
        run.log_artifact(artifact.alias("latest").alias("best"));
    }
}

#[test]
fn curves_begin_with_those_of_the_parent_and_all_else_is_the_forks_own() {
    let store = tempfile::tempdir().unwrap();
    let parent = trained(store.path(), "parent", 0..10, 0.0);
    let fork = quiet(store.path(), "fork").fork("parent@5").start().unwrap();
    assert!(fork.is_resumed());
    let reader = read(&fork);
    assert_eq!(losses(&reader), logged(0..6, 0.0), "before its first point");
    assert_eq!(reader.last_step().unwrap(), Some(Step(5)));
    fork.log([("loss", 0.5)]);
    fork.log_at(7_u64, [("other", 0.25)]);
    fork.finish().unwrap();

    let reader = read(&fork);
    let known = reader.info().parent.clone().unwrap();
    assert_eq!((&known.run, &*known.name, known.step), (parent.id(), "parent", Step(5)));
    let mut expected = logged(0..6, 0.0);
    expected.push((6, 0.5));
    assert_eq!(losses(&reader), expected);
    assert_eq!(reader.metrics().unwrap(), ["loss", "other"]);
    assert_eq!(reader.last_step().unwrap(), Some(Step(7)));
    let buckets = reader.overview("loss", 0..=u64::MAX, 100).unwrap();
    assert_eq!(buckets.iter().map(|bucket| bucket.count).sum::<u64>(), 7);

    let summary = reader.summary().unwrap();
    assert_eq!((summary["loss"].count, summary["loss"].last), (1, 0.5));
    let own: Vec<_> = reader.points().unwrap().series.into_iter().map(|of| of.rows.len()).collect();
    assert_eq!(own, [1, 1]);
    assert_eq!(
        reader.tail(&mut tracker_core::read::Cursor::default()).unwrap().metrics["loss"].len(),
        1
    );
    assert_eq!(reader.warnings(), []);
}

#[test]
fn what_becomes_of_the_parent_changes_nothing_in_the_fork() {
    let store = tempfile::tempdir().unwrap();
    trained(store.path(), "parent", 0..10, 0.0);
    let fork = forked(store.path(), "fork", "parent@8", 9..12, 0.5);
    let expected = [logged(0..9, 0.0), logged(9..12, 0.5)].concat();
    assert_eq!(losses(&read(&fork)), expected);

    let resumed = quiet(store.path(), "parent").resume("parent").start().unwrap();
    resumed.resume_after(3_u64).unwrap();
    log(&resumed, 4..20, 100.0);
    resumed.finish().unwrap();
    assert_eq!(losses(&read(&resumed))[4], (4, 104.0));
    assert_eq!(losses(&read(&fork)), expected);

    let later = forked(store.path(), "later", "parent@8", 9..10, 0.5);
    let expected = [logged(0..4, 0.0), logged(4..9, 100.0), logged(9..10, 0.5)].concat();
    assert_eq!(losses(&read(&later)), expected, "a fork of the resumed run");
}

#[test]
fn a_fork_of_a_fork_has_the_rows_of_both_up_to_where_each_was_forked() {
    let store = tempfile::tempdir().unwrap();
    trained(store.path(), "first", 0..10, 0.0);
    forked(store.path(), "second", "first@4", 5..10, 0.25);
    let third = forked(store.path(), "third", "second@7", 8..10, 0.5);
    let expected = [logged(0..5, 0.0), logged(5..8, 0.25), logged(8..10, 0.5)].concat();
    assert_eq!(losses(&read(&third)), expected);
    let early = forked(store.path(), "early", "second@2", 3..4, 0.5);
    assert_eq!(losses(&read(&early)), [logged(0..3, 0.0), logged(3..4, 0.5)].concat());
}

#[test]
fn a_fork_that_goes_on_from_an_earlier_step_has_no_more_of_its_parent() {
    let store = tempfile::tempdir().unwrap();
    trained(store.path(), "parent", 0..10, 0.0);
    let fork = quiet(store.path(), "fork").fork("parent@8").start().unwrap();
    fork.resume_after(5_u64).unwrap();
    log(&fork, 6..9, 0.5);
    fork.finish().unwrap();
    let expected = [logged(0..6, 0.0), logged(6..9, 0.5)].concat();
    assert_eq!(losses(&read(&fork)), expected);
    assert_eq!(read(&fork).forked_after(), Some(Step(5)));

    let resumed = quiet(store.path(), "fork").resume("fork").start().unwrap();
    resumed.resume_after(2_u64).unwrap();
    log(&resumed, 3..4, 0.75);
    resumed.finish().unwrap();
    assert_eq!(losses(&read(&resumed)), [logged(0..3, 0.0), logged(3..4, 0.75)].concat());
}

#[test]
fn the_first_and_the_last_step_of_all_can_be_forked() {
    let store = tempfile::tempdir().unwrap();
    let parent = quiet(store.path(), "parent").start().unwrap();
    for step in [0, 1, u64::MAX] {
        parent.log_at(step, [("loss", 1.0)]);
    }
    parent.finish().unwrap();
    let first = forked(store.path(), "first", "parent@0", 1..2, 0.0);
    assert_eq!(losses(&read(&first)), [(0, 1.0), (1, 1.0)]);
    let last = quiet(store.path(), "last").fork("parent@18446744073709551615").start().unwrap();
    last.finish().unwrap();
    assert_eq!(losses(&read(&last)).len(), 3);
}

#[test]
fn metrics_of_the_machine_are_not_taken_over() {
    let store = tempfile::tempdir().unwrap();
    let parent = trained(store.path(), "parent", 0..3, 0.0);
    let resumed = quiet(store.path(), "parent").resume(parent.id().as_str()).start().unwrap();
    resumed.log_at(0_u64, [("system/cpu", 50.0)]);
    resumed.finish().unwrap();
    let fork = forked(store.path(), "fork", "parent@2", 3..4, 0.0);
    assert_eq!(read(&fork).metrics().unwrap(), ["loss"]);
    assert!(read(&fork).series("system/cpu").is_err());
}

#[test]
fn a_metric_that_the_parent_had_later_alone_is_none_of_the_forks() {
    let store = tempfile::tempdir().unwrap();
    let parent = quiet(store.path(), "parent").start().unwrap();
    log(&parent, 0..10, 0.0);
    parent.log_at(9_u64, [("test/accuracy", 0.5)]);
    let live = quiet(store.path(), "live").fork("parent@5").start().unwrap();
    live.finish().unwrap();
    assert_eq!(read(&live).metrics().unwrap(), ["loss"], "of a parent that trains");
    parent.finish().unwrap();
    for fork in [live, forked(store.path(), "fork", "parent@8", 9..10, 0.0)] {
        assert_eq!(read(&fork).metrics().unwrap(), ["loss"]);
        let error = read(&fork).series("test/accuracy").unwrap_err().to_string();
        assert!(error.contains("it has loss"), "{error}");
    }
    let last = forked(store.path(), "last", "parent@9", 10..11, 0.0);
    assert_eq!(read(&last).metrics().unwrap(), ["loss", "test/accuracy"]);
}

#[test]
fn a_live_run_is_forked_and_goes_on() {
    let store = tempfile::tempdir().unwrap();
    let parent = quiet(store.path(), "parent").start().unwrap();
    log(&parent, 0..5, 0.0);
    parent.flush(Duration::from_secs(30)).unwrap();
    let fork = forked(store.path(), "fork", "@latest@3", 4..6, 0.5);
    let expected = [logged(0..4, 0.0), logged(4..6, 0.5)].concat();
    let reader = read(&fork);
    let mut now = reader.snapshot().unwrap();
    log(&parent, 5..8, 0.0);
    parent.finish().unwrap();
    assert_eq!(losses(&reader), expected);
    now.advance(&reader).unwrap();
    assert_eq!(now.series("loss").unwrap(), reader.series("loss").unwrap());
    assert_eq!(reader.warnings(), []);
}

#[test]
fn a_fork_whose_parent_was_removed_is_read_alone_with_a_warning() {
    let store = tempfile::tempdir().unwrap();
    let parent = trained(store.path(), "parent", 0..10, 0.0);
    let fork = forked(store.path(), "fork", "parent@5", 6..8, 0.5);
    let before = read(&fork);
    let mut now = before.snapshot().unwrap();
    tracker_core::upkeep::remove(&read(&parent)).unwrap();
    let reader = read(&fork);
    assert_eq!(losses(&reader), logged(6..8, 0.5));
    let [warning] = &reader.warnings()[..] else { panic!("{:?}", reader.warnings()) };
    assert!(warning.to_string().contains("`parent`"), "{warning}");
    now.advance(&before).unwrap();
    assert_eq!(now.series("loss").unwrap().len(), 2);
    let error = refused(quiet(store.path(), "other").fork("parent@5"));
    assert!(error.contains("no run matches `parent`"), "{error}");
}

#[test]
fn runs_that_are_forked_from_each_other_in_a_circle_or_too_often_are_read() {
    let store = tempfile::tempdir().unwrap();
    let first = trained(store.path(), "0", 0..2, 0.0);
    let mut last = first.clone();
    for n in 1..=20_u64 {
        last = forked(store.path(), &n.to_string(), &format!("{}@{n}", n - 1), n + 1..n + 2, 0.0);
    }
    let reader = read(&last);
    assert_eq!(losses(&reader), logged(5..22, 0.0), "the run and sixteen before it");
    assert!(reader.warnings()[0].to_string().contains("too many forks"), "{:?}", reader.warnings());

    let second = forked(store.path(), "circle", "0@1", 2..3, 0.0);
    let file = fs::read_to_string(second.path().join("run.json")).unwrap();
    let mut own: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(first.path().join("run.json")).unwrap()).unwrap();
    own["parent"] = serde_json::from_str::<serde_json::Value>(&file).unwrap()["parent"].clone();
    own["parent"]["run"] = second.id().to_string().into();
    fs::write(first.path().join("run.json"), own.to_string()).unwrap();
    let reader = read(&second);
    assert_eq!(losses(&reader), logged(0..3, 0.0));
    assert!(reader.warnings()[0].to_string().contains("comes from itself"));
}

#[test]
fn what_cannot_be_forked_is_told_with_the_way_out() {
    let store = tempfile::tempdir().unwrap();
    trained(store.path(), "parent", 0..10, 0.0);
    let fork = |reference: &str| quiet(store.path(), "fork").fork(reference);
    assert!(refused(fork("nobody@3")).contains("no run matches `nobody`"));
    let error = refused(fork("parent@10"));
    assert!(error.contains("has not come to step 10") && error.contains("`parent@9`"), "{error}");
    let error = refused(fork("parent"));
    assert!(error.contains("no checkpoint") && error.contains("`parent@9`"), "{error}");
    let error = refused(fork("parent@3").resume("parent"));
    assert!(error.contains("to be resumed"), "{error}");
    let empty = quiet(store.path(), "empty").start().unwrap();
    empty.finish().unwrap();
    assert!(refused(fork("empty@0")).contains("not logged anything"));
    assert_eq!(Store::open(store.path()).unwrap().runs().unwrap().runs.len(), 2);
}

#[test]
fn a_run_of_another_project_is_forked_too() {
    let store = tempfile::tempdir().unwrap();
    trained(store.path(), "parent", 0..10, 0.0);
    let builder = init("cifar").dir(store.path()).signals(false).code_changes(false);
    let fork = builder.system_metrics(false).fork("mnist/parent@3").start().unwrap();
    fork.finish().unwrap();
    assert_eq!(losses(&read(&fork)), logged(0..4, 0.0));
}

#[test]
fn the_newest_checkpoint_up_to_the_step_is_the_forks_own() {
    let store = tempfile::tempdir().unwrap();
    let parent = quiet(store.path(), "parent").start().unwrap();
    log(&parent, 0..30, 0.0);
    (1..=3).for_each(|epoch| save(&parent, epoch, epoch * 10 - 1));
    parent.finish().unwrap();

    let fork = quiet(store.path(), "fork").fork("parent@25").start().unwrap();
    fork.finish().unwrap();
    let known = read(&fork).artifacts().unwrap();
    let versions: Vec<_> = known.iter().map(|known| &*known.artifact.version).collect();
    assert_eq!(versions, ["epoch-2", "epoch-2"]);
    fs::remove_dir_all(parent.dir().join("checkpoint")).unwrap();
    for of in known {
        assert_eq!((of.artifact.step, of.artifact.epoch), (Some(Step(19)), Some(2)));
        assert_eq!(of.artifact.aliases, ["latest"]);
        let path = fork.path().join(of.artifact.path.unwrap());
        assert!(path.starts_with(fork.dir().join("checkpoint")), "{}", path.display());
        assert!(fs::read_to_string(path).unwrap().ends_with("of parent, epoch 2"));
    }

    let second = quiet(store.path(), "second").fork("fork").start().unwrap();
    second.finish().unwrap();
    let reader = read(&second);
    assert_eq!(reader.info().parent.as_ref().unwrap().step, Step(19));
    assert_eq!(reader.artifacts().unwrap().len(), 2);
}

#[test]
fn files_of_one_name_from_several_folders_stay_apart_in_the_fork() {
    let store = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let parent = quiet(store.path(), "parent").start().unwrap();
    log(&parent, 0..3, 0.0);
    for part in ["model", "optimizer", "scheduler"] {
        let folder = elsewhere.path().join(part);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("state.bin"), part).unwrap();
        let artifact =
            Artifact::of_file(format!("checkpoint/{part}"), "epoch-1", folder.join("state.bin"));
        parent.log_artifact(artifact.unwrap().step(2_u64));
    }
    parent.finish().unwrap();
    let fork = forked(store.path(), "fork", "parent@2", 3..4, 0.0);
    let parts = read(&fork).artifacts().unwrap();
    assert_eq!(parts.len(), 3);
    for part in parts {
        let path = fork.path().join(part.artifact.path.unwrap());
        let name = part.artifact.name.strip_prefix("checkpoint/").unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), name);
    }
    let again = Store::open(store.path()).unwrap().fork_point("fork").unwrap();
    assert!(again.checkpoint.is_some() && again.passed_over.is_empty(), "{again:?}");
}

#[test]
fn a_checkpoint_that_is_damaged_is_passed_over() {
    let store = tempfile::tempdir().unwrap();
    let parent = quiet(store.path(), "parent").start().unwrap();
    log(&parent, 0..30, 0.0);
    (1..=3).for_each(|epoch| save(&parent, epoch, epoch * 10 - 1));
    parent.finish().unwrap();
    fs::write(parent.dir().join("checkpoint/optimizer-epoch-3.bin"), "other bytes").unwrap();
    let point = Store::open(store.path()).unwrap().fork_point("parent").unwrap();
    assert_eq!((point.step, point.passed_over.len()), (Step(19), 1));
    assert!(point.passed_over[0].contains("epoch-3"), "{:?}", point.passed_over);
    for epoch in 1..=2 {
        fs::remove_file(parent.dir().join(format!("checkpoint/model-epoch-{epoch}.bin"))).unwrap();
    }
    let error = refused(quiet(store.path(), "fork").fork("parent"));
    assert!(error.contains("no whole checkpoint: epoch-3"), "{error}");
    let fork = forked(store.path(), "fork", "parent@25", 26..27, 0.5);
    assert_eq!(read(&fork).artifacts().unwrap(), []);
}

#[test]
fn a_checkpoint_of_a_stranger_leads_to_no_other_file() {
    let store = tempfile::tempdir().unwrap();
    let secret = store.path().join("secret");
    fs::write(&secret, "secret").unwrap();
    let parent = quiet(store.path(), "parent").start().unwrap();
    log(&parent, 0..3, 0.0);
    let mut artifact = Artifact::new("checkpoint/model", "epoch-1").step(2_u64);
    artifact.path = Some(secret);
    parent.log_artifact(artifact.clone());
    artifact.version = "epoch-2".into();
    artifact.path = Some("files/../run.json".into());
    parent.log_artifact(artifact);
    parent.finish().unwrap();
    let fork = forked(store.path(), "fork", "parent@2", 3..4, 0.0);
    assert_eq!(fs::read_dir(fork.dir()).unwrap().count(), 0);
}

#[test]
fn what_is_damaged_of_the_parent_is_told_and_the_rest_is_read() {
    let store = tempfile::tempdir().unwrap();
    let parent = trained(store.path(), "parent", 0..10, 0.0);
    let fork = forked(store.path(), "fork", "parent@5", 6..8, 0.5);
    let part = fs::read_dir(parent.path().join("scalars")).unwrap().next().unwrap().unwrap();
    fs::write(part.path(), "no part").unwrap();
    let reader = read(&fork);
    assert_eq!(losses(&reader), logged(6..8, 0.5));
    assert!(reader.warnings()[0].to_string().contains("scalars"), "{:?}", reader.warnings());
    fs::write(parent.path().join("run.json"), "{").unwrap();
    assert_eq!(losses(&read(&fork)), logged(6..8, 0.5));
    let error = refused(quiet(store.path(), "other").fork(format!("{}@3", parent.id())));
    assert!(error.contains("run.json") || error.contains("not logged anything"), "{error}");
}

#[derive(Debug, Clone)]
struct Drawn {
    steps: u64,
    forked_after: u64,
    own: u64,
    resumed: Option<(u64, u64)>,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let resumed = proptest::option::of((0_u64..40, 1_u64..40));
    (1_u64..40, 0_u64..40, 0_u64..40, resumed).prop_map(|(steps, after, own, resumed)| Drawn {
        steps,
        forked_after: after % steps,
        own,
        resumed,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_forks_rows_are_its_parents_up_to_the_step_and_then_its_own(drawn in drawn()) {
        let store = tempfile::tempdir().unwrap();
        let parent = trained(store.path(), "parent", 0..drawn.steps, 0.0);
        let after = drawn.forked_after;
        let own = after + 1..after + 1 + drawn.own;
        let fork = forked(store.path(), "fork", &format!("parent@{after}"), own.clone(), 0.5);
        if let Some((after, count)) = drawn.resumed {
            let resumed = quiet(store.path(), "parent").resume("parent").start().unwrap();
            resumed.resume_after(after).unwrap();
            log(&resumed, after + 1..after + 1 + count, 9.0);
            resumed.finish().unwrap();
        }
        let expected = [logged(0..after + 1, 0.0), logged(own, 0.5)].concat();
        let reader = read(&fork);
        prop_assert_eq!(losses(&reader), expected.clone());
        let buckets = reader.overview("loss", 0..=u64::MAX, 1_000).unwrap();
        let shown: BTreeMap<u64, f64> =
            buckets.iter().map(|bucket| (bucket.last_step.0, bucket.last)).collect();
        prop_assert_eq!(shown, expected.into_iter().collect());
        drop(parent);
    }
}

/// What the environment names is played by this test alone.
#[test]
#[ignore = "plays a role for the others"]
fn actor() {
    let Some(role) = common::role() else { return };
    let root = env::var_os("TRACKER_DIR").unwrap();
    if role == "killed" {
        let run = quiet(Path::new(&root), &role).start().unwrap();
        log(&run, 0..10, 0.0);
        run.flush(Duration::from_secs(30)).unwrap();
        std::process::abort();
    }
    let run = quiet(Path::new(&root), &role).start().unwrap();
    log(&run, 4..6, 0.5);
    if role == "twice" {
        let second = quiet(Path::new(&root), "second").start().unwrap();
        second.finish().unwrap();
    }
    assert!(run.is_resumed());
    run.finish().unwrap();
}

fn role(role: &str, store: &Path) -> Command {
    let mut command = common::command("actor", role, store);
    command.env("TRACKER_FORK", "parent@3");
    command
}

#[test]
fn the_environment_forks_the_first_run_of_an_unchanged_program() {
    let store = tempfile::tempdir().unwrap();
    trained(store.path(), "parent", 0..10, 0.0);
    let output = role("twice", store.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("tracker: forked from parent ("), "{told}");
    let store = Store::open(store.path()).unwrap();
    let fork = store.find("twice").unwrap();
    assert_eq!(losses(&fork), [logged(0..4, 0.0), logged(4..6, 0.5)].concat());
    assert_eq!(store.find("second").unwrap().info().parent, None);
}

#[test]
fn a_run_that_was_killed_is_forked_as_it_stands() {
    let store = tempfile::tempdir().unwrap();
    let output = common::command("actor", "killed", store.path()).output().unwrap();
    assert!(!output.status.success());
    let fork = forked(store.path(), "fork", "killed@7", 8..9, 0.5);
    assert_eq!(losses(&read(&fork)), [logged(0..8, 0.0), logged(8..9, 0.5)].concat());
}

#[test]
fn a_program_that_a_supervisor_starts_again_goes_on_with_its_fork() {
    let store = tempfile::tempdir().unwrap();
    trained(store.path(), "parent", 0..10, 0.0);
    let id = RunId::generate();
    for _ in 0..2 {
        let mut command = role("twice", store.path());
        let output = command.env("TRACKER_RUN_ID", id.as_str()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let store = Store::open(store.path()).unwrap();
    assert_eq!(store.run(&id).unwrap().info().parent.as_ref().unwrap().step, Step(3));
    assert_eq!(store.find("second").unwrap().info().parent, None);
    assert_eq!(store.runs().unwrap().runs.len(), 3);
}

#[test]
fn a_program_is_told_that_it_is_the_environment_that_cannot_be_followed() {
    let store = tempfile::tempdir().unwrap();
    trained(store.path(), "parent", 0..3, 0.0);
    let output = role("fork", store.path()).output().unwrap();
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("TRACKER_FORK is `parent@3`"), "{told}");
    assert!(told.contains("hint: unset it to start a run that is no fork"), "{told}");
}

#[test]
fn other_ranks_wait_for_the_first_and_log_to_the_same_fork() {
    let store = tempfile::tempdir().unwrap();
    let parent = quiet(store.path(), "parent").start().unwrap();
    log(&parent, 0..10, 0.0);
    save(&parent, 1, 2);
    parent.finish().unwrap();
    let id = RunId::generate();
    let start = |rank: &str| {
        let mut command = role("ranks", store.path());
        command.env("TRACKER_RUN_ID", id.as_str()).env("TRACKER_RANK", rank).spawn().unwrap()
    };
    let second = start("1");
    std::thread::sleep(Duration::from_millis(300));
    let first = start("0");
    for child in [first, second] {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let fork = Store::open(store.path()).unwrap().run(&id).unwrap();
    assert_eq!(fork.artifacts().unwrap().len(), 2);
    let expected = [(4, 4.5), (4, 4.5), (5, 5.5), (5, 5.5)];
    assert_eq!(losses(&fork), [logged(0..4, 0.0), expected.to_vec()].concat());

    let again = start("0").wait_with_output().unwrap();
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    assert_eq!(fork.artifacts().unwrap().len(), 2, "a process that is started again forks nothing");
}
