//! Changes in bad times: others change the same runs, records are damaged, clocks go back.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use super::{
    delete, edit, last_changes, move_runs, rename_project,
    stops::stop_after,
    tests::{all_in_place, found, in_trash, projects, quiet, store, trained, undo_last, wanted},
    trash, undo,
};
use crate::{
    RunId, Timestamp,
    read::{Edit, RunReader, Store},
};

fn entry(store: &Store, change: &super::Change) -> std::path::PathBuf {
    store.root().join(".trash").join(change.id.as_str())
}

#[test]
fn what_lies_in_the_trash_comes_back_whatever_became_of_its_record() {
    for record in [
        None,
        Some(r#"{"version":1,"time":"2026-01-"#),
        Some(r#"{"version":9,"time":"2026-01-01T00:00:00Z","by":"x","kind":"buried"}"#),
    ] {
        let (_folder, store) = store();
        let changed = delete(&store, &found(&store, &["a", "c"])).unwrap();
        let file = entry(&store, &changed.change.unwrap()).join("change.json");
        match record {
            None => fs::remove_file(file).unwrap(),
            Some(text) => fs::write(file, text).unwrap(),
        }
        let last = last_changes(&store, 1).unwrap().remove(0);
        assert_eq!(last.to_string(), "deleted 2 runs");
        assert_eq!(undo_last(&store), 2);
        assert_eq!(projects(&store), all_in_place());
        assert!(last_changes(&store, 1).unwrap().is_empty());
    }
}

#[test]
fn the_last_change_is_the_last_also_where_the_clock_was_set_back() {
    let (_folder, store) = store();
    let changed = edit(&store, &found(&store, &["a"]), |_| Edit::new().notes("first")).unwrap();
    let early = entry(&store, &changed.change.unwrap());
    // As if the clock had been a year ahead then.
    let later = RunId::generate_after(&"0ZZZZZZZZZ0000000000000000".parse().unwrap());
    assert!(later.started_at() > Timestamp::now());
    fs::rename(&early, early.with_file_name(later.as_str())).unwrap();
    edit(&store, &found(&store, &["b"]), |_| Edit::new().notes("second")).unwrap();
    assert_eq!(last_changes(&store, 1).unwrap()[0].to_string(), "changed the notes of run b");
    delete(&store, &found(&store, &["c"])).unwrap();
    assert_eq!(last_changes(&store, 1).unwrap()[0].to_string(), "deleted run c");
    // Their ages are those of their records.
    assert!(trash(&store, Duration::from_hours(1)).unwrap().is_empty());
    assert_eq!(trash(&store, Duration::ZERO).unwrap().len(), 3);
}

/// The run `a` of the project `one`, and a copy of it in `two` that has the same id.
fn twins() -> (tempfile::TempDir, Store, [RunReader; 2]) {
    let (folder, store) = store();
    let run = store.find("a").unwrap();
    let copy = folder.path().join("two").join(run.info().id.as_str());
    copy_folder(run.path(), &copy);
    let text = fs::read_to_string(copy.join("run.json")).unwrap();
    fs::write(copy.join("run.json"), text.replace("\"one\"", "\"two\"")).unwrap();
    let both = ["one", "two"].map(|project| {
        let runs = store.project(project).runs().unwrap().runs;
        runs.into_iter().find(|other| other.info().id == run.info().id).unwrap()
    });
    (folder, store, both)
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copy = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &copy);
        } else {
            fs::copy(&path, &copy).unwrap();
        }
    }
}

#[test]
fn of_two_runs_of_one_id_the_one_is_taken_back_that_was_changed() {
    let (_folder, store, both) = twins();
    let notes = |run: &RunReader| RunReader::open(run.path()).unwrap().info().notes.clone();
    for run in &both {
        edit(&store, std::slice::from_ref(run), |_| Edit::new().notes("words")).unwrap();
        assert_eq!(undo_last(&store), 1);
        assert_eq!(both.each_ref().map(notes), [None, None]);
    }
    let changed = delete(&store, &both).unwrap();
    assert_eq!((changed.done.len(), undo_last(&store)), (2, 2));
    assert!(both.iter().all(|run| run.path().exists()));
}

#[test]
fn a_run_is_not_brought_back_beside_another_of_its_id() {
    let (_folder, store, [one, two]) = twins();
    delete(&store, std::slice::from_ref(&one)).unwrap();
    let last = last_changes(&store, 1).unwrap().remove(0);
    let undone = undo(&store, &last).unwrap();
    let text = undone.refused[0].error.to_string();
    assert!(undone.runs == 0 && text.contains("is there again\nhint: "), "{text}");
    fs::remove_dir_all(two.path()).unwrap();
    assert_eq!(undo_last(&store), 1);
    assert_eq!(projects(&store), all_in_place());
}

#[test]
fn an_edit_of_a_run_in_the_trash_waits_until_the_run_is_back() {
    let (_folder, store) = store();
    edit(&store, &found(&store, &["a", "b"]), |_| Edit::new().tags(["good"])).unwrap();
    delete(&store, &found(&store, &["a"])).unwrap();
    let changes = last_changes(&store, 2).unwrap();
    let undone = undo(&store, &changes[1]).unwrap();
    assert_eq!((undone.runs, undone.refused.len()), (1, 1));
    let text = undone.refused[0].error.to_string();
    assert!(
        text.contains("it is in the trash\nhint: bring it back first: `tracker undo "),
        "{text}"
    );
    undo(&store, &changes[0]).unwrap();
    assert_eq!(undo_last(&store), 1);
    assert!(store.find("a").unwrap().info().tags.is_empty());
    assert!(last_changes(&store, 1).unwrap().is_empty());
}

#[test]
fn an_edit_that_could_not_be_taken_back_for_now_is_not_forgotten() {
    let (_folder, store) = store();
    edit(&store, &found(&store, &["a", "b"]), |_| Edit::new().notes("words")).unwrap();
    let last = last_changes(&store, 1).unwrap().remove(0);
    stop_after(1);
    let undone = undo(&store, &last);
    stop_after(u32::MAX);
    assert_eq!(undone.unwrap().refused.len(), 1);
    assert_eq!(undo_last(&store), 1);
    assert!(["a", "b"].iter().all(|run| store.find(run).unwrap().info().notes.is_none()));
}

#[test]
fn what_has_gone_elsewhere_since_is_told_and_stays() {
    let (_folder, store) = store();
    move_runs(&store, &found(&store, &["a", "b"]), "three").unwrap();
    let moved = last_changes(&store, 1).unwrap().remove(0);
    move_runs(&store, &found(&store, &["a"]), "four").unwrap();
    let undone = undo(&store, &moved).unwrap();
    let text = undone.refused[0].error.to_string();
    assert!(undone.runs == 1 && text.contains("it is in the project four by now"), "{text}");
    assert_eq!(projects(&store), wanted([("a", "four"), ("b", "one"), ("c", "two")]));
    assert!(!store.root().join("three").exists(), "a project without runs is none");
    assert!(undo(&store, &moved).unwrap_err().to_string().contains("taken back already"));
}

#[test]
fn a_renamed_project_that_has_another_name_since_is_not_said_to_be_back() {
    let (_folder, store) = store();
    rename_project(&store, "one", "new").unwrap();
    let first = last_changes(&store, 1).unwrap().remove(0);
    rename_project(&store, "new", "newer").unwrap();
    let text = undo(&store, &first).unwrap_err().to_string();
    assert!(text.contains("there is no such project any more\nhint: "), "{text}");
    assert_eq!([undo_last(&store), undo_last(&store)], [2, 2]);
    assert_eq!(projects(&store), all_in_place());
}

#[test]
fn a_change_whose_record_could_not_be_read_again_is_refused_before_it_is_made() {
    let (_folder, store) = store();
    // Control characters have six letters each in JSON.
    let notes = "\u{1}".repeat(1 << 16);
    let runs = found(&store, &["a"; 200]);
    let text = edit(&store, &runs, |_| Edit::new().notes(&notes)).unwrap_err().to_string();
    assert!(text.contains("hint: change fewer runs at a time"), "{text}");
    assert!(store.find("a").unwrap().info().notes.is_none());
    assert!(last_changes(&store, 1).unwrap().is_empty());
}

#[test]
fn a_project_may_have_the_name_of_the_record() {
    let (_folder, store) = store();
    for name in ["change.json", "Change.json.tmp"] {
        rename_project(&store, "one", name).unwrap();
        delete(&store, &found(&store, &["a", "b"])).unwrap();
        assert_eq!(projects(&store).len(), 1);
        assert_eq!([undo_last(&store), undo_last(&store)], [2, 2]);
        assert_eq!(projects(&store), all_in_place());
    }
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_the_trash_takes_no_run_away() {
    let (_folder, store) = store();
    let elsewhere = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), store.root().join(".trash")).unwrap();
    assert!(delete(&store, &found(&store, &["a"])).is_err());
    assert!(edit(&store, &found(&store, &["a"]), |_| Edit::new().notes("x")).is_err());
    assert!(trash(&store, Duration::ZERO).is_err());
    assert_eq!(projects(&store), all_in_place());
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[test]
fn runs_that_are_deleted_brought_back_and_moved_at_once_are_all_there_in_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..12).map(|number| format!("run {number}")).collect();
    for name in &names {
        trained(folder.path(), "one", name);
    }
    let is_over = AtomicBool::new(false);
    let open = || Store::open(folder.path()).unwrap();
    let while_others_work = |change: &dyn Fn(&Store, &[RunReader])| {
        while !is_over.load(Ordering::Relaxed) {
            let store = open();
            if let Ok(listing) = store.runs() {
                change(&store, &listing.runs);
            }
        }
    };
    // What is refused or fails because somebody else was quicker is as it should be.
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| while_others_work(&|store, runs| drop(delete(store, runs))));
            scope.spawn(|| {
                while_others_work(&|store, _| {
                    for change in last_changes(store, 3).unwrap_or_default() {
                        drop(undo(store, &change));
                    }
                });
            });
            scope.spawn(|| {
                while_others_work(&|store, runs| {
                    drop(move_runs(store, runs, "two"));
                    drop(move_runs(store, runs, "one"));
                });
            });
        }
        thread::sleep(Duration::from_secs(3));
        is_over.store(true, Ordering::Relaxed);
    });
    let store = open();
    assert_eq!(store.runs().unwrap().runs.len() + in_trash(&store), names.len());
    while in_trash(&store) > 0 {
        let before = in_trash(&store);
        for change in last_changes(&store, 1_000).unwrap() {
            drop(undo(&store, &change));
        }
        assert!(in_trash(&store) < before, "what lies in the trash comes back");
    }
    assert_eq!(projects(&store).len(), names.len());
}

#[test]
fn a_fork_reads_on_while_its_parent_is_away_and_after_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    trained(folder.path(), "one", "parent");
    let fork = quiet(folder.path(), "one", "child").fork("parent@4").start().unwrap();
    fork.log_at(5_u64, [("loss", 5.5)]);
    fork.finish().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let length = || {
        let child = Store::open(folder.path()).unwrap().find("child").unwrap();
        let length = child.snapshot().unwrap().series("loss").unwrap().len();
        (length, child.warnings().len())
    };
    assert_eq!(length(), (6, 0));
    delete(&store, &found(&store, &["parent"])).unwrap();
    assert_eq!(length(), (1, 1), "what is missing is told");
    rename_project(&store, "one", "two").unwrap();
    undo_last(&store);
    undo_last(&store);
    assert_eq!(length(), (6, 0));
}
