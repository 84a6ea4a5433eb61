use std::{
    fs,
    io::Write,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::{StudyFolder, StudyLock};
use crate::{format::folder::StorePath, read::Store, upkeep};

fn study(root: &Path, name: &str) -> StudyFolder {
    StudyFolder::create(root, "mnist", name).unwrap()
}

#[test]
fn a_study_is_made_listed_and_opened_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("store");
    study(&root, "rates");
    study(&root, "Breite 学習");
    let store = Store::open(&root).unwrap();
    let names: Vec<String> =
        store.studies().unwrap().iter().map(|study| study.name().to_owned()).collect();
    assert_eq!(names, ["Breite 学習", "rates"]);
    let again = StudyFolder::open(&store, "mnist", "rates").unwrap();
    assert!(!again.has_journal());
    again.write_definition("project = \"mnist\"\n").unwrap();
    assert_eq!(again.definition().unwrap().unwrap(), "project = \"mnist\"\n");
    assert!(root.join(".gitignore").exists());
    let error = StudyFolder::open(&store, "mnist", "none").unwrap_err().to_string();
    assert!(error.contains("hint: `tracker study ls`"), "{error}");
}

#[test]
fn a_name_that_leads_elsewhere_or_differs_in_capitals_alone_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    study(folder.path(), "rates");
    for name in ["", "..", "../x", "a/b", "a\nb", ".x", "con", "Rates", &"x".repeat(101)] {
        let error = StudyFolder::create(folder.path(), "mnist", name).unwrap_err();
        assert!(error.hint().is_some(), "{name}");
    }
    assert!(StudyFolder::create(folder.path(), "../x", "rates").is_err());
    assert_eq!(fs::read_dir(folder.path().join("mnist/.studies")).unwrap().count(), 1);
}

#[test]
fn nothing_but_runs_is_listed_examined_or_thrown_away_beside_studies() {
    let folder = tempfile::tempdir().unwrap();
    let run = crate::init("mnist").dir(folder.path()).signals(false).start().unwrap();
    let id = run.id().clone();
    run.finish().unwrap();
    let study = study(folder.path(), "rates");
    study.append_to_journal().unwrap().write_all(b"{}\n").unwrap();
    fs::write(study.path().join("run.json.tmp"), "").unwrap();
    study.programs().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let runs = store.runs().unwrap();
    assert_eq!((runs.runs.len(), runs.warnings.len()), (1, 0));
    assert_eq!(upkeep::examine(&store).unwrap().findings.len(), 0);
    assert_eq!(upkeep::garbage(&store).unwrap().len(), 0);
    upkeep::rename_project(&store, "mnist", "digits").unwrap();
    let moved = StudyFolder::open(&store, "digits", "rates").unwrap();
    assert!(moved.has_journal() && store.runs().unwrap().warnings.is_empty());
    upkeep::delete(&store, &[store.run(&id).unwrap()]).unwrap();
    assert!(moved.has_journal());
}

#[cfg(unix)]
#[test]
fn no_link_in_a_study_is_followed() {
    use std::os::unix::fs::symlink;

    let folder = tempfile::tempdir().unwrap();
    let (root, outside) = (folder.path().join("store"), folder.path().join("outside"));
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("secret"), "secret").unwrap();
    let real = study(&root, "real");
    for name in ["journal.log", "trial-0.log"] {
        symlink(outside.join("secret"), real.path().join(name)).unwrap();
    }
    symlink(&outside, real.path().join("bin")).unwrap();
    assert!(!real.has_journal());
    assert!(real.read_journal().is_err() && real.append_to_journal().is_err());
    assert!(real.append_to_trial_log(0).is_err() && real.programs().is_err());
    let all = root.join("mnist/.studies");
    symlink(&outside, all.join("linked")).unwrap();
    let store = Store::open(&root).unwrap();
    assert!(StudyFolder::open(&store, "mnist", "linked").is_err());
    assert_eq!(store.studies().unwrap().len(), 1);
    assert!(study_is_refused(&root, "linked"));
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
}

#[cfg(unix)]
fn study_is_refused(root: &Path, name: &str) -> bool {
    StudyFolder::create(root, "mnist", name).is_err()
}

#[test]
fn one_at_a_time_holds_the_lock() {
    let folder = tempfile::tempdir().unwrap();
    let study = Arc::new(study(folder.path(), "rates"));
    study.append_to_journal().unwrap();
    let (inside, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (study, inside, most) = (study.clone(), inside.clone(), most.clone());
            thread::spawn(move || {
                for _ in 0..50 {
                    let lock = study.lock_journal().unwrap();
                    most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    thread::yield_now();
                    inside.fetch_sub(1, Ordering::SeqCst);
                    assert!(lock.is_held());
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(most.load(Ordering::SeqCst), 1);
    assert!(!study.path().join("journal.log.lock").exists());
}

#[test]
fn a_lock_of_a_dead_process_is_taken_away_and_its_former_holder_sees_that() {
    let folder = tempfile::tempdir().unwrap();
    let study = study(folder.path(), "rates");
    let journal = StorePath::named(study.path()).child("journal.log");
    study.append_to_journal().unwrap();
    let held_up = study.lock_journal().unwrap();
    let begun = Instant::now();
    let grace = Duration::from_millis(300);
    let other = StudyLock::take_within(&journal, grace).unwrap();
    assert!(begun.elapsed() >= grace);
    assert!(other.is_held() && !held_up.is_held());
    drop(held_up);
    assert!(other.is_held());
    drop(other);
    assert!(!study.path().join("journal.log.lock").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_lock_whose_holder_is_known_to_be_dead_keeps_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let study = study(folder.path(), "rates");
    study.append_to_journal().unwrap();
    let dead = study.lock_journal().unwrap();
    let place = StorePath::named(study.path()).child("journal.log.lock");
    super::holder::note_of_dead(&place);
    let begun = Instant::now();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let study = study.clone();
            thread::spawn(move || assert!(study.lock_journal().unwrap().is_held()))
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    // Optuna waits for 30.
    assert!(begun.elapsed() < Duration::from_secs(25));
    assert!(!dead.is_held());
}

#[test]
fn a_lock_that_lives_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let study = study(folder.path(), "rates");
    let journal = StorePath::named(study.path()).child("journal.log");
    let file = study.append_to_journal().unwrap();
    let first = study.lock_journal().unwrap();
    let is_released = Arc::new(AtomicBool::new(false));
    let waiting = thread::spawn({
        let is_released = is_released.clone();
        move || {
            let lock = StudyLock::take_within(&journal, Duration::from_millis(200)).unwrap();
            assert!(is_released.load(Ordering::SeqCst));
            drop(lock);
        }
    });
    for length in 1..=20 {
        file.set_len(length).unwrap();
        thread::sleep(Duration::from_millis(30));
    }
    is_released.store(true, Ordering::SeqCst);
    drop(first);
    waiting.join().unwrap();
}

#[test]
fn a_folder_in_the_place_of_a_lock_keeps_nobody_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let study = study(folder.path(), "rates");
    let journal = StorePath::named(study.path()).child("journal.log");
    fs::create_dir(study.path().join("journal.log.lock")).unwrap();
    assert!(StudyLock::take_within(&journal, Duration::from_millis(50)).unwrap().is_held());
}
