//! Changes that are made, cut off anywhere, and taken back.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use tempfile::TempDir;

use super::{
    Changed, delete, edit, last_changes, move_runs, rename_project, stops::stop_after, trash, undo,
};
use crate::{
    Result, Run, RunBuilder, init,
    read::{Edit, RunReader, Store},
};

pub(super) fn quiet(root: &Path, project: &str, name: &str) -> RunBuilder {
    let builder = init(project).name(name).dir(root);
    builder.signals(false).code_changes(false).system_metrics(false)
}

pub(super) fn trained(root: &Path, project: &str, name: &str) -> Run {
    let run = quiet(root, project, name).start().unwrap();
    for step in 0..10_u64 {
        run.log_at(step, [("loss", step as f64)]);
    }
    fs::write(run.dir().join("weights.bin"), name).unwrap();
    run.finish().unwrap();
    run
}

/// A store with the runs `a` and `b` in the project `one`, and `c` in `two`.
pub(super) fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    for (project, name) in [("one", "a"), ("one", "b"), ("two", "c")] {
        trained(folder.path(), project, name);
    }
    let store = Store::open(folder.path()).unwrap();
    (folder, store)
}

/// The projects of the runs that are there, by name, after seeing that each is whole.
pub(super) fn projects(store: &Store) -> BTreeMap<String, String> {
    let listing = Store::open(store.root()).unwrap().runs().unwrap();
    assert!(listing.warnings.is_empty(), "{:?}", listing.warnings);
    let runs = listing.runs.iter().map(|run| {
        is_whole(run.path());
        (run.info().name.clone(), run.info().project.clone())
    });
    runs.collect()
}

pub(super) fn is_whole(run: &Path) {
    let read = RunReader::open(run).unwrap();
    assert_eq!(read.series("loss").unwrap().len(), 10, "{}", run.display());
    assert_eq!(fs::read_to_string(run.join("files/weights.bin")).unwrap(), read.info().name);
}

pub(super) fn wanted<const N: usize>(runs: [(&str, &str); N]) -> BTreeMap<String, String> {
    runs.into_iter().map(|(run, project)| (run.to_owned(), project.to_owned())).collect()
}

pub(super) fn all_in_place() -> BTreeMap<String, String> {
    wanted([("a", "one"), ("b", "one"), ("c", "two")])
}

pub(super) fn found(store: &Store, names: &[&str]) -> Vec<RunReader> {
    names.iter().map(|name| store.find(name).unwrap()).collect()
}

/// The runs in the trash, after seeing that each is whole.
pub(super) fn in_trash(store: &Store) -> usize {
    let mut count = 0;
    for change in folders(&store.root().join(".trash")) {
        for project in folders(&change) {
            for run in folders(&project) {
                is_whole(&run);
                count += 1;
            }
        }
    }
    count
}

pub(super) fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).map(|all| all.map(|entry| entry.unwrap().path()).collect());
    let entries: Vec<PathBuf> = entries.unwrap_or_default();
    entries.into_iter().filter(|path| path.is_dir()).collect()
}

pub(super) fn undo_last(store: &Store) -> usize {
    let change = last_changes(store, 1).unwrap().remove(0);
    let undone = undo(store, &change).unwrap();
    assert!(undone.refused.is_empty(), "{undone:?}");
    undone.runs
}

#[test]
fn runs_are_deleted_and_brought_back_as_they_were() {
    let (_folder, store) = store();
    let changed = delete(&store, &found(&store, &["a", "c"])).unwrap();
    assert_eq!((changed.done.len(), changed.refused.len()), (2, 0));
    assert_eq!(changed.change.unwrap().to_string(), "deleted 2 runs");
    assert_eq!(projects(&store), wanted([("b", "one")]));
    assert_eq!(in_trash(&store), 2);
    assert_eq!(undo_last(&store), 2);
    assert_eq!(projects(&store), all_in_place());
    assert_eq!(folders(&store.root().join(".trash")), [] as [PathBuf; 0], "nothing is left");
}

#[test]
fn a_run_that_lives_is_refused_and_the_others_go() {
    let (folder, store) = store();
    let live = quiet(folder.path(), "one", "live").start().unwrap();
    let changed = delete(&store, &found(&store, &["live", "a"])).unwrap();
    assert_eq!((changed.done.len(), changed.refused.len()), (1, 1));
    let text = changed.refused[0].error.to_string();
    assert!(
        text.contains("still logs to it") && text.contains("hint: stop that process"),
        "{text}"
    );
    let changed = move_runs(&store, &found(&store, &["live"]), "two").unwrap();
    assert!(changed.change.is_none() && changed.refused.len() == 1);
    let error = rename_project(&store, "one", "three").unwrap_err().to_string();
    assert!(error.contains("still logs to it"), "{error}");
    live.finish().unwrap();
}

/// Does a change again and again, each time stopped one step later, until it comes to its end. After each, `look`
/// sees what is there, and all that can be undone is.
fn cut_off(change: impl Fn(&Store) -> Result<Changed>, look: impl Fn(&Store)) {
    for steps in 0.. {
        let (_folder, store) = store();
        stop_after(steps);
        let changed = change(&store);
        stop_after(u32::MAX);
        look(&store);
        let is_done = changed.is_ok_and(|changed| changed.refused.is_empty());
        // A change that was cut off is taken back by the same word, itself cut off at each step.
        for stop in 0..8 {
            let Some(last) = last_changes(&store, 1).unwrap().pop() else { break };
            stop_after(stop);
            let _ = undo(&store, &last);
            stop_after(u32::MAX);
            look(&store);
        }
        assert!(last_changes(&store, 1).unwrap().is_empty(), "after {steps} steps");
        assert_eq!(projects(&store), all_in_place(), "after {steps} steps");
        if is_done {
            assert!(steps > 3, "it has steps");
            return;
        }
    }
}

#[test]
fn deleting_that_is_killed_at_any_step_leaves_each_run_whole_in_its_place_or_in_the_trash() {
    cut_off(
        |store| delete(store, &found(store, &["a", "b", "c"])),
        |store| assert_eq!(projects(store).len() + in_trash(store), 3),
    );
}

#[test]
fn moving_that_is_killed_at_any_step_leaves_each_run_whole_in_one_project() {
    cut_off(
        |store| move_runs(store, &found(store, &["a", "b"]), "three"),
        |store| assert_eq!(projects(store).len(), 3),
    );
}

#[test]
fn renaming_that_is_killed_at_any_step_is_taken_back_or_done_again() {
    cut_off(
        |store| {
            fs::create_dir_all(store.root().join(".views/one")).unwrap();
            fs::write(store.root().join(".views/one/README.md"), "words").unwrap();
            rename_project(store, "one", "new")
        },
        |store| {
            let projects = projects(store);
            assert_eq!(projects.len(), 3);
            let views = [".views/one/README.md", ".views/new/README.md"];
            let there = views.map(|path| store.root().join(path).exists());
            assert!(there[0] != there[1] || projects["a"] == "one", "{there:?}");
            // Taken back, the views are the project's again.
            if last_changes(store, 1).unwrap().is_empty() {
                assert!(there[0] && projects["a"] == "one", "{there:?}");
            }
        },
    );
}

#[test]
fn a_renaming_that_was_killed_goes_on_when_it_is_done_again() {
    for steps in 0..6 {
        let (_folder, store) = store();
        fs::create_dir_all(store.root().join(".views/one")).unwrap();
        stop_after(steps);
        let _ = rename_project(&store, "one", "new");
        stop_after(u32::MAX);
        if store.project("one").runs().is_ok() {
            rename_project(&store, "one", "new").unwrap();
        }
        assert_eq!(projects(&store), wanted([("a", "new"), ("b", "new"), ("c", "two")]));
        assert!(store.root().join(".views/new").exists());
        assert!(!store.root().join(".views/one").exists());
    }
}

#[test]
fn an_emptied_trash_that_is_killed_brings_back_no_half_of_a_run() {
    let (_folder, store) = store();
    delete(&store, &found(&store, &["a"])).unwrap();
    assert!(trash(&store, Duration::from_hours(1)).unwrap().is_empty(), "it is young");
    let garbage = trash(&store, Duration::ZERO).unwrap();
    assert_eq!(garbage.len(), 1);
    assert!(garbage[0].bytes() > 100);
    garbage[0].remove().unwrap();
    assert!(trash(&store, Duration::ZERO).unwrap().is_empty());
    assert!(last_changes(&store, 9).unwrap().is_empty());
    // What a killed one leaves has a name of which nothing is brought back.
    fs::create_dir_all(store.root().join(".trash/.emptied-01KX3F2A000000000000000AAA/one"))
        .unwrap();
    assert!(last_changes(&store, 9).unwrap().is_empty());
    assert_eq!(trash(&store, Duration::from_hours(1)).unwrap().len(), 1);
}

#[test]
fn edits_are_taken_back_where_nobody_has_edited_since() {
    let (_folder, store) = store();
    let runs = found(&store, &["a", "b", "c"]);
    edit(&store, &runs, |_| Edit::new().tags(["old"]).group("g")).unwrap();
    let changed =
        edit(&store, &found(&store, &["a", "b", "c"]), |_| Edit::new().tags(["new"]).group("g"));
    assert_eq!(changed.unwrap().change.unwrap().to_string(), "changed the tags of 3 runs");
    store.find("b").unwrap().edit(&Edit::new().tags(["newest"])).unwrap();
    let last = last_changes(&store, 1).unwrap().remove(0);
    let undone = undo(&store, &last).unwrap();
    assert_eq!((undone.runs, undone.refused.len()), (2, 1));
    assert!(undone.refused[0].error.to_string().contains("changed again since"));
    let tags = |name: &str| store.find(name).unwrap().info().tags.clone();
    assert_eq!([tags("a"), tags("b"), tags("c")], [["old"], ["newest"], ["old"]]);
    assert_eq!(undo(&store, &last_changes(&store, 1).unwrap()[0]).unwrap().runs, 2);
    assert_eq!((tags("a"), store.find("a").unwrap().info().group.clone()), (Vec::new(), None));
    assert!(undo(&store, &last).unwrap_err().to_string().contains("taken back already"));
}

#[test]
fn an_edit_that_cannot_be_used_changes_no_run() {
    let (_folder, store) = store();
    let runs = found(&store, &["a", "b"]);
    let refused =
        edit(&store, &runs, |info| Edit::new().tags([if info.name == "b" { "" } else { "good" }]));
    assert!(refused.is_err());
    assert!(store.find("a").unwrap().info().tags.is_empty());
    assert!(last_changes(&store, 1).unwrap().is_empty());
}

#[test]
fn what_refers_to_a_run_finds_it_in_another_project() {
    let folder = tempfile::tempdir().unwrap();
    trained(folder.path(), "one", "parent");
    let fork = quiet(folder.path(), "one", "child").fork("parent@4").start().unwrap();
    fork.log_at(5_u64, [("loss", 5.5)]);
    fork.finish().unwrap();
    let store = Store::open(folder.path()).unwrap();
    move_runs(&store, &found(&store, &["parent"]), "archive").unwrap();
    assert_eq!(store.find("parent").unwrap().info().project, "archive");
    let child = store.find("child").unwrap();
    let snapshot = child.snapshot().unwrap();
    assert!(child.warnings().is_empty(), "{:?}", child.warnings());
    assert_eq!(snapshot.series("loss").unwrap().len(), 6);
    rename_project(&store, "archive", "attic").unwrap();
    let child = store.find("child").unwrap();
    child.snapshot().unwrap();
    assert!(child.warnings().is_empty(), "{:?}", child.warnings());
    assert_eq!(undo_last(&store), 1);
    assert_eq!(undo_last(&store), 1);
    assert_eq!(store.find("parent").unwrap().info().project, "one");
}

#[test]
fn a_training_goes_on_with_its_run_where_it_was_moved() {
    let (folder, store) = store();
    rename_project(&store, "one", "new").unwrap();
    let resumed = quiet(folder.path(), "one", "x").resume("a").start().unwrap();
    assert!(resumed.path().starts_with(folder.path().join("new")));
    resumed.finish().unwrap();
    assert!(quiet(folder.path(), "other", "x").resume("a").start().is_err());
}

#[test]
fn clashes_and_names_that_cannot_be_used_are_refused() {
    let (folder, store) = store();
    let error = rename_project(&store, "one", "two").unwrap_err().to_string();
    assert!(error.contains("is there already\nhint: `tracker mv` moves runs into it"), "{error}");
    for name in ["", ".trash", "a/b", "..", &"x".repeat(200)] {
        assert!(rename_project(&store, "one", name).is_err());
        assert!(move_runs(&store, &found(&store, &["a"]), name).is_err());
    }
    assert!(rename_project(&store, "no such", "new").is_err());
    let a = store.find("a").unwrap();
    let twin = folder.path().join("two").join(a.info().id.as_str());
    fs::create_dir(&twin).unwrap();
    let changed = move_runs(&store, std::slice::from_ref(&a), "two").unwrap();
    assert!(changed.refused[0].error.to_string().contains("is there already"));
    assert!(changed.change.is_none() && a.path().exists());
    fs::remove_dir(&twin).unwrap();
    delete(&store, std::slice::from_ref(&a)).unwrap();
    fs::create_dir(a.path()).unwrap();
    let undone = undo(&store, &last_changes(&store, 1).unwrap()[0]).unwrap();
    assert!(undone.refused[0].error.to_string().contains("is there again"));
    fs::remove_dir(a.path()).unwrap();
    assert_eq!(undo_last(&store), 1, "what could not be brought back stays in the trash");
}

#[test]
fn a_run_of_another_store_is_refused() {
    let ((_mine, store), (_theirs, other)) = (self::store(), self::store());
    let by_path = RunReader::open(store.find("a").unwrap().path()).unwrap();
    for run in [other.find("a").unwrap(), by_path] {
        let run = std::slice::from_ref(&run);
        let refused = [
            delete(&store, run).unwrap(),
            move_runs(&store, run, "two").unwrap(),
            edit(&store, run, |_| Edit::new().notes("x")).unwrap(),
        ];
        for changed in refused {
            let text = changed.refused[0].error.to_string();
            assert!(
                changed.change.is_none() && text.contains("it is not one of the runs"),
                "{text}"
            );
        }
    }
    assert_eq!((projects(&store), projects(&other)), (all_in_place(), all_in_place()));
}

#[test]
fn only_so_many_changes_are_kept_and_none_that_holds_runs_is_forgotten() {
    let (_folder, store) = store();
    delete(&store, &found(&store, &["c"])).unwrap();
    for number in 0..60 {
        edit(&store, &found(&store, &["a"]), |_| Edit::new().notes(number.to_string())).unwrap();
    }
    let kept = last_changes(&store, 1_000).unwrap();
    assert!(kept.len() <= 51, "{}", kept.len());
    assert_eq!(kept.last().unwrap().to_string(), "deleted run c");
}

#[test]
fn a_change_that_a_stranger_wrote_leads_nowhere_else() {
    let (folder, store) = store();
    let entry = folder.path().join(".trash/01KX3F2A000000000000000AAA");
    fs::create_dir_all(&entry).unwrap();
    let outside = tempfile::tempdir().unwrap();
    let to = outside.path().to_str().unwrap();
    for text in [
        format!(
            r#"{{"version":1,"time":"2026-01-01T00:00:00Z","by":"x","kind":"project-renamed","from":"{to}","to":"one","runs":1}}"#
        ),
        format!(
            r#"{{"version":1,"time":"2026-01-01T00:00:00Z","by":"x","kind":"moved","to":"../{to}","runs":[{{"folder":"01KX3F2A000000000000000AAA","project":"..","name":"x"}}]}}"#
        ),
        r#"{"version":99}"#.to_owned(),
        "no JSON".to_owned(),
    ] {
        fs::write(entry.join("change.json"), text).unwrap();
        if let Some(change) = last_changes(&store, 1).unwrap().pop() {
            assert!(undo(&store, &change).map_or(true, |undone| undone.runs == 0));
        }
        assert_eq!(projects(&store), all_in_place());
    }
}
