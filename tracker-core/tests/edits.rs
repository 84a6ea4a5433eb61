//! Name, notes and tags that people change after the start.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs::{self, File, FileTimes},
    io::Write,
    path::Path,
    time::{Duration, SystemTime},
};

use tracker_core::{
    Error, Run, RunBuilder, State, init,
    read::{Edit, RunReader, Store},
};

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    (folder, store)
}

fn begin(store: &Store) -> RunBuilder {
    let begun = init("edits").dir(store.root()).signals(false);
    begun.name("first").notes("as started").tags(["old"])
}

fn edit(run: &Run, edit: &Edit) {
    RunReader::open(run.path()).unwrap().edit(edit).unwrap();
}

/// What is shown of the only run: name, notes, tags.
fn shown(store: &Store) -> (String, Option<String>, Vec<String>) {
    let info = store.runs().unwrap().runs[0].info().clone();
    (info.name, info.notes, info.tags)
}

/// Makes all that the store holds older than its clock is coarse, so that it is remembered.
fn grow_old(folder: &Path) {
    let then = SystemTime::now() - Duration::from_mins(1);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            grow_old(&path);
        }
        let times = FileTimes::new().set_modified(then);
        File::open(&path).unwrap().set_times(times).unwrap();
    }
}

#[test]
fn a_live_run_is_renamed_and_its_process_goes_on() {
    let (_folder, store) = store();
    let run = begin(&store).start().unwrap();
    run.log([("loss", 0.5)]);
    edit(&run, &Edit::new().name("second").notes("better").tags(["new", "paper"]));
    let found = store.find("second").unwrap();
    assert_eq!((found.state(), found.info().id.clone()), (State::Running, run.id().clone()));
    assert!(matches!(store.find("first"), Err(Error::RunNotFound { .. })));
    run.log([("loss", 0.25)]);
    let report = run.finish().unwrap();
    assert_eq!(report.state(), State::Finished);
    let tags = vec!["new".to_owned(), "paper".to_owned()];
    assert_eq!(shown(&store), ("second".into(), Some("better".into()), tags));
    assert_eq!(store.find("second").unwrap().series("loss").unwrap().len(), 2);
}

#[test]
fn what_an_edit_does_not_name_stays() {
    let (_folder, store) = store();
    let run = begin(&store).start().unwrap();
    run.finish().unwrap();
    edit(&run, &Edit::new().tags(["new"]));
    let old_notes = Some("as started".to_owned());
    assert_eq!(shown(&store), ("first".into(), old_notes, vec!["new".into()]));
    edit(&run, &Edit::new().notes("").tags(Vec::<String>::new()));
    assert_eq!(shown(&store), ("first".into(), None, vec![]));
}

#[test]
fn a_store_that_knows_a_run_sees_every_edit_of_it() {
    let (folder, store) = store();
    let run = begin(&store).start().unwrap();
    run.finish().unwrap();
    grow_old(folder.path());
    assert_eq!(shown(&store).0, "first");
    for name in ["second", "third", "fourth"] {
        edit(&run, &Edit::new().name(name));
        assert_eq!(shown(&store).0, name);
        grow_old(folder.path());
        assert_eq!(shown(&store).0, name);
    }
    fs::remove_file(run.path().join("edits.jsonl")).unwrap();
    assert_eq!(shown(&store).0, "first");
}

#[test]
fn edits_of_a_run_without_its_run_json_count() {
    let (_folder, store) = store();
    let run = begin(&store).start().unwrap();
    run.finish().unwrap();
    edit(&run, &Edit::new().name("second"));
    fs::write(run.path().join("run.json"), "{").unwrap();
    assert_eq!(shown(&store).0, "second");
}

#[test]
fn a_line_that_is_no_edit_costs_no_other() {
    let (_folder, store) = store();
    let run = begin(&store).start().unwrap();
    run.finish().unwrap();
    edit(&run, &Edit::new().name("second"));
    let mut file = File::options().append(true).open(run.path().join("edits.jsonl")).unwrap();
    file.write_all(b"\xff\n{\"name\":3}\n{\"time\":\"1970-01-01T00:00:00Z\",\"na").unwrap();
    assert_eq!(shown(&store).0, "second");
    edit(&run, &Edit::new().name("third"));
    assert_eq!(shown(&store).0, "third");
}

#[test]
fn a_resumed_run_keeps_its_new_name() {
    let (_folder, store) = store();
    let run = begin(&store).start().unwrap();
    run.finish().unwrap();
    edit(&run, &Edit::new().name("second"));
    let resumed = begin(&store).resume("second").start().unwrap();
    assert_eq!(resumed.id(), run.id());
    resumed.finish().unwrap();
    assert_eq!(shown(&store).0, "second");
}

#[test]
fn many_processes_may_edit_at_once() {
    let (_folder, store) = store();
    let run = begin(&store).start().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let run = &run;
            scope.spawn(move || {
                for index in 0..50 {
                    edit(run, &Edit::new().name(format!("{thread}-{index}")));
                }
            });
        }
    });
    let text = fs::read_to_string(run.path().join("edits.jsonl")).unwrap();
    let is_whole = |line: &str| serde_json::from_str::<serde_json::Value>(line).is_ok();
    assert_eq!(text.lines().filter(|line| is_whole(line)).count(), 400);
    assert!(shown(&store).0.ends_with("-49"));
    run.finish().unwrap();
}
