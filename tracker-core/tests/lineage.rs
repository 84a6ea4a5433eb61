//! Which run made what another one used.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use tracker_core::{
    Artifact, Error, Event, Report, Run, Tracker, init,
    read::{RunReader, Store, Usage},
};

struct Setting {
    folder: tempfile::TempDir,
}

impl Setting {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("data")).unwrap();
        Self { folder }
    }

    fn store(&self) -> Store {
        Store::open(self.folder.path().join("store")).unwrap()
    }

    fn start(&self, project: &str, name: &str) -> Run {
        let builder = init(project).name(name).dir(self.folder.path().join("store"));
        builder.signals(false).code_changes(false).system_metrics(false).start().unwrap()
    }

    /// A file beside the store.
    fn data(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join("data").join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// A run that has made two versions of a model.
    fn maker(&self) -> Run {
        let run = self.start("mnist", "calm-otter");
        for (version, alias) in [("epoch-1", "best"), ("epoch-2", "latest")] {
            let path = run.dir().join(version);
            fs::write(&path, format!("weights of {version}")).unwrap();
            let model = Artifact::of_file("checkpoint/model", version, path).unwrap();
            run.log_artifact(model.kind("model").alias(alias));
        }
        run.finish().unwrap();
        run
    }

    fn read(&self, run: &Run) -> RunReader {
        self.store().find(run.id().as_str()).unwrap()
    }
}

fn kinds(report: &Report) -> Vec<&str> {
    report.problems().iter().map(|problem| &*problem.kind).collect()
}

fn names(used: &[Usage]) -> Vec<(&str, Option<&str>)> {
    used.iter().map(|usage| (&*usage.used.name, usage.used.version.as_deref())).collect()
}

#[test]
fn a_run_gets_the_file_of_another_one_and_both_know_it() {
    let setting = Setting::new();
    let maker = setting.maker();
    let run = setting.start("fine-tuning", "user");
    let path = run.use_artifact("mnist/calm-otter:checkpoint@best").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "weights of epoch-1");
    run.flush(Duration::from_secs(10)).unwrap();
    assert_eq!(run.reader().unwrap().used().unwrap().len(), 1, "while the run lives");
    assert_eq!(kinds(&run.finish().unwrap()), [""; 0]);

    let used = setting.read(&run).used().unwrap();
    assert_eq!(names(&used), [("checkpoint/model", Some("epoch-1"))]);
    let used = &used[0].used;
    assert_eq!((used.run.as_ref(), used.project.as_deref()), (Some(maker.id()), Some("mnist")));
    let artifact = Artifact::of_file("x", "x", &path).unwrap();
    assert_eq!((&used.sha256, used.bytes), (&artifact.sha256, Some(18)));
    assert_eq!((&*used.kind, used.path.as_deref()), ("model", Some(&*path)));

    let users = setting.store().users_of(&setting.read(&maker)).unwrap();
    let told: Vec<_> =
        users.iter().map(|user| (&*user.run_name, &*user.project, &*user.version)).collect();
    assert_eq!(told, [("user", "fine-tuning", "epoch-1")]);
    assert!(users[0].named);
    assert_eq!(setting.read(&maker).used().unwrap(), []);
    assert_eq!(setting.store().users_of(&setting.read(&run)).unwrap(), []);
}

#[test]
fn without_a_version_it_is_the_latest_and_ids_and_aliases_name_it_too() {
    let setting = Setting::new();
    let maker = setting.maker();
    let run = setting.start("mnist", "user");
    let id = maker.id();
    for (reference, version) in [
        ("calm-otter:checkpoint".to_owned(), "epoch-2"),
        (format!("{id}:checkpoint/model@epoch-1"), "epoch-1"),
        ("mnist/@latest~1:checkpoint@latest".to_owned(), "epoch-2"),
    ] {
        let path = run.use_artifact(&reference).unwrap();
        assert!(path.ends_with(version), "{reference}: {}", path.display());
    }
    run.finish().unwrap();
    // Each version once.
    let both = [("checkpoint/model", Some("epoch-2")), ("checkpoint/model", Some("epoch-1"))];
    assert_eq!(names(&setting.read(&run).used().unwrap()), both);
}

#[test]
fn a_file_that_was_changed_moved_or_deleted_is_an_error_with_a_hint() {
    let setting = Setting::new();
    let maker = setting.maker();
    fs::write(maker.dir().join("epoch-1"), "weights of another").unwrap();
    fs::remove_file(maker.dir().join("epoch-2")).unwrap();
    let run = setting.start("mnist", "user");
    let error = |reference: &str| {
        let error = run.use_artifact(reference).unwrap_err();
        assert!(error.hint().is_some(), "{error}");
        error
    };
    let changed = error("calm-otter:checkpoint@best");
    assert!(matches!(changed, Error::Damaged { .. }), "{changed}");
    assert!(changed.to_string().contains("was recorded"), "{changed}");
    assert!(matches!(error("calm-otter:checkpoint@latest"), Error::Io { .. }));
    assert!(matches!(error("calm-otter:checkpoint@7"), Error::UnknownArtifact { .. }));
    assert!(matches!(error("calm-otter:weights"), Error::UnknownArtifact { .. }));
    assert!(matches!(error("nobody:checkpoint"), Error::RunNotFound { .. }));
    assert!(matches!(error("checkpoint"), Error::InvalidName { .. }));
    run.finish().unwrap();
    assert_eq!(setting.read(&run).used().unwrap(), [], "what was not had was not used");
}

#[test]
fn an_artifact_beside_the_run_is_used_if_its_hash_is_known() {
    let setting = Setting::new();
    let path = setting.data("model", "weights");
    let maker = setting.start("mnist", "maker");
    maker.log_artifact(Artifact::of_file("hashed", "1", &path).unwrap());
    let mut unknown = Artifact::new("unknown", "1");
    unknown.path = Some(path.clone());
    maker.log_artifact(unknown);
    maker.log_artifact(Artifact::new("elsewhere", "1"));
    maker.finish().unwrap();
    let run = setting.start("mnist", "user");
    assert_eq!(run.use_artifact("maker:hashed").unwrap(), path);
    for name in ["maker:unknown", "maker:elsewhere"] {
        let error = run.use_artifact(name).unwrap_err();
        assert!(matches!(error, Error::UnknownArtifact { .. }), "{error}");
    }
    run.finish().unwrap();
}

#[test]
fn data_sets_are_recorded_with_their_hash_and_those_who_made_them_know() {
    let setting = Setting::new();
    let path = setting.data("train.csv", "1,2,3");
    let maker = setting.start("prepare", "maker");
    maker.log_artifact(Artifact::of_file("table", "v1", &path).unwrap());
    maker.finish().unwrap();

    let run = setting.start("mnist", "user");
    run.dataset("table", &path);
    run.dataset("all", path.parent().unwrap());
    run.dataset("missing", "/no/such/file");
    assert_eq!(kinds(&run.finish().unwrap()), ["dataset-not-read"]);

    let used = setting.read(&run).used().unwrap();
    assert_eq!(names(&used), [("table", None), ("all", None), ("missing", None)]);
    let [table, all, missing] = [0, 1, 2].map(|index| used[index].used.clone());
    let artifact = Artifact::of_file("x", "x", &path).unwrap();
    assert_eq!((table.sha256, table.bytes, table.files), (artifact.sha256, Some(5), None));
    assert_eq!((all.bytes, all.files), (Some(5), Some(1)));
    assert_eq!((missing.sha256, missing.path), (None, Some("/no/such/file".into())));

    let users = setting.store().users_of(&setting.read(&maker)).unwrap();
    let told: Vec<_> =
        users.iter().map(|user| (&*user.run_name, &*user.name, user.named)).collect();
    assert_eq!(told, [("user", "table", false)], "by its bytes");
}

#[test]
fn a_resumed_run_keeps_what_it_used_and_tells_it_once() {
    let setting = Setting::new();
    setting.maker();
    let path = setting.data("train.csv", "1,2,3");
    let first = setting.start("mnist", "user");
    first.use_artifact("calm-otter:checkpoint@best").unwrap();
    first.dataset("table", &path);
    first.finish().unwrap();
    let builder = init("mnist").dir(setting.folder.path().join("store")).signals(false);
    let second = builder.resume(first.id().as_str()).start().unwrap();
    second.resume_after(0_u64).unwrap();
    second.dataset("table", &path);
    second.finish().unwrap();
    let used = setting.read(&second).used().unwrap();
    assert_eq!(names(&used), [("checkpoint/model", Some("epoch-1")), ("table", None)]);
}

/// A file of many zeros that takes no room.
fn endless(path: &Path) {
    fs::File::create(path).unwrap().set_len(1 << 42).unwrap();
}

#[test]
fn the_end_waits_for_a_data_set_ten_seconds_and_says_what_is_missing() {
    let setting = Setting::new();
    let path = setting.data("endless", "");
    endless(&path);
    let run = setting.start("mnist", "user");
    let began = Instant::now();
    run.dataset("endless", &path);
    run.dataset("after it", "/no/such/file");
    assert!(began.elapsed() < Duration::from_secs(5), "the training does not wait");
    let report = run.finish().unwrap();
    assert!(began.elapsed() < Duration::from_mins(1), "{:?}", began.elapsed());
    assert_eq!(kinds(&report), ["dataset-not-in-time"]);
    assert_eq!(report.problems()[0].count, 2);
    let used = setting.read(&run).used().unwrap();
    assert_eq!(names(&used), [("endless", None), ("after it", None)]);
    assert_eq!(used[0].used.sha256, None);
}

#[test]
fn a_reader_that_does_not_know_what_a_line_is_reads_the_others() {
    let setting = Setting::new();
    let maker = setting.maker();
    let path = maker.path().join("events-r0a1.jsonl");
    let mut text = fs::read_to_string(&path).unwrap();
    text.insert_str(
        0,
        "{\"time\":\"2026-01-01T00:00:00.000000Z\",\"kind\":\"of a later version\",\"name\":1}\n",
    );
    fs::write(&path, text).unwrap();
    let read = setting.read(&maker);
    assert_eq!(read.artifacts().unwrap().len(), 2);
    assert_eq!(read.warnings().len(), 1);
}

#[test]
fn another_tracker_may_record_what_was_used_too() {
    let setting = Setting::new();
    let run = setting.start("mnist", "user");
    run.record(Event::Used(tracker_core::Used::new("hub/bert", "model")));
    run.finish().unwrap();
    assert_eq!(names(&setting.read(&run).used().unwrap()), [("hub/bert", None)]);
}
