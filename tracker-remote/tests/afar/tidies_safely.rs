//! Removing never takes what a live run needs, wherever it dies and whoever sends meanwhile.

use std::{
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    time::Duration,
};

use object_store::path::Path;
use tracker_remote::{Head, Place, Tidy, Uplink, names::ProjectNames};

use crate::{
    store::{Fate, Odd, generic},
    support::{Local, objects},
    tidies::{id, is_whole, send},
};

fn run(own: &[u8]) -> Local {
    let local = Local::new();
    local.log(0..20_000);
    local.flush();
    local.write_file("same", b"of all runs");
    local.write_file("own", own);
    local
}

/// A place with a run that is deleted and one that is not, which have something in common.
fn place_of(deleted: &Local, kept: &Local) -> Place {
    let place = Place::memory();
    send(&place, deleted);
    send(&place, kept);
    Tidy::new(&place).unwrap().delete("mnist", &id(deleted)).unwrap();
    place
}

#[test]
fn wherever_removing_dies_a_live_run_is_whole_and_the_next_one_goes_on() {
    let (deleted, kept) = (run(b"1"), run(b"2"));
    deleted.run.finish().unwrap();
    kept.run.finish().unwrap();
    let (counted, count) = Odd::place(&place_of(&deleted, &kept), |_, _, _| None);
    Tidy::new(&counted).unwrap().garbage(Duration::ZERO, true).unwrap();
    let count = count.load(SeqCst);
    assert!(count > 8, "{count}");
    for number in 0..count {
        for is_done in [false, true] {
            let place = place_of(&deleted, &kept);
            let (dying, _) = Odd::place(&place, move |count, _, _| {
                let error = || generic("the link is cut");
                match count {
                    count if count < number => None,
                    count if count == number && is_done => Some(Fate::After(error())),
                    _ => Some(Fate::Before(error())),
                }
            });
            let _ = Tidy::new(&dying).unwrap().garbage(Duration::ZERO, true);
            assert!(is_whole(&place, &kept), "died at {number}");
            // Either all of it can be brought back, or nothing of it.
            let tidy = Tidy::new(&place).unwrap();
            match tidy.restore("mnist", &id(&deleted)) {
                Ok(true) => assert!(is_whole(&place, &deleted), "died at {number}"),
                // Some of it may be about to go: then it is not all there at once.
                Ok(false) => drop(Uplink::new(&place, &deleted.path()).unwrap().send().unwrap()),
                Err(error) => assert!(error.to_string().contains("being removed"), "{error}"),
            }
            let _ = tidy.delete("mnist", &id(&deleted));
            tidy.garbage(Duration::ZERO, true).unwrap();
            let left = format!("mnist/runs/{}/", id(&deleted));
            assert!(
                !objects(&place).keys().any(|name| name.starts_with(&left)),
                "died at {number}"
            );
            assert!(is_whole(&place, &kept), "died at {number}");
        }
    }
}

#[test]
fn contents_that_are_about_to_go_are_sent_again_by_whoever_needs_them() {
    let (deleted, new) = (run(b"1"), run(b"2"));
    deleted.run.finish().unwrap();
    new.run.finish().unwrap();
    let place = Place::memory();
    send(&place, &deleted);
    let tidy = Tidy::new(&place).unwrap();
    tidy.delete("mnist", &id(&deleted)).unwrap();
    // It dies once it has said what goes and has looked who needs it.
    let has_said = AtomicBool::new(false);
    let (dying, _) = Odd::place(&place, move |_, operation, path| {
        if operation == "put" && path.as_ref().ends_with("/condemned") {
            has_said.store(true, SeqCst);
            return None;
        }
        let dies = operation == "delete" && has_said.load(SeqCst);
        dies.then(|| Fate::Before(generic("killed")))
    });
    assert!(Tidy::new(&dying).unwrap().garbage(Duration::ZERO, true).is_err());
    let mut sender = Uplink::new(&place, &new.path()).unwrap();
    let sent = sender.send().unwrap();
    assert!(!sent.all && sent.told.iter().any(|told| told.contains("is being removed there")));
    // What the one that was killed was about to do.
    let goes: Vec<String> = objects(&place)
        .into_iter()
        .filter(|(name, bytes)| name.contains("/blobs/") && *bytes == b"of all runs")
        .map(|(name, _)| name)
        .collect();
    assert_eq!(goes.len(), 1);
    crate::support::delete(&place, &goes[0]);
    crate::support::delete(&place, "mnist/condemned");
    assert!(sender.send().unwrap().all);
    assert!(is_whole(&place, &new));
}

#[test]
fn contents_that_went_before_they_were_named_are_sent_again() {
    let (deleted, new) = (run(b"1"), run(b"2"));
    deleted.run.finish().unwrap();
    new.run.finish().unwrap();
    let place = Place::memory();
    send(&place, &deleted);
    Tidy::new(&place).unwrap().delete("mnist", &id(&deleted)).unwrap();
    // All of a removal takes place between the look for the contents and the manifest that names them.
    let (other, has_gone) = (place.clone(), AtomicBool::new(false));
    let (watched, _) = Odd::place(&place, move |_, operation, path| {
        let names = operation == "put" && path.as_ref().ends_with("/manifest");
        if names && !has_gone.swap(true, SeqCst) {
            std::thread::scope(|scope| {
                scope.spawn(|| Tidy::new(&other).unwrap().garbage(Duration::ZERO, true).unwrap());
            });
        }
        None
    });
    let mut sender = Uplink::new(&watched, &new.path()).unwrap();
    let sent = sender.send().unwrap();
    assert!(!sent.all && sent.behind > 0, "{sent:?}");
    assert!(sender.send().unwrap().all);
    assert!(is_whole(&place, &new));
}

/// What `restore` does, while the thread stands that all others ask their places by.
fn bring_back(place: &Place, name: &Path) {
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let bytes = &objects(place)[name.as_ref()];
            let head = Head::read(name.as_ref(), bytes).unwrap();
            if !head.documents.contains_key("removed") {
                let head = Head { deleted: None, ..head };
                crate::support::put(place, name, serde_json::to_vec(&head).unwrap());
            }
        });
    });
}

#[test]
fn people_bring_a_run_back_while_it_is_removed_and_it_is_all_or_nothing() {
    let (deleted, kept) = (run(b"1"), run(b"2"));
    deleted.run.finish().unwrap();
    kept.run.finish().unwrap();
    for number in 0..30 {
        let place = place_of(&deleted, &kept);
        let (other, name) = (place.clone(), ProjectNames::new("mnist").run(&id(&deleted)).head());
        // Another machine does it in the middle of an operation.
        let (watched, _) = Odd::place(&place, move |count, _, _| {
            if count == number {
                bring_back(&other, &name);
            }
            None
        });
        let _ = Tidy::new(&watched).unwrap().garbage(Duration::ZERO, true);
        assert!(is_whole(&place, &kept), "{number}");
        let left = format!("mnist/runs/{}/", id(&deleted));
        let is_gone = !objects(&place).keys().any(|name| name.starts_with(&left));
        assert!(is_gone || is_whole(&place, &deleted), "{number}");
    }
}
