//! Runs of a place are deleted, brought back, and removed for good.

use std::{
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    time::Duration,
};

use tracker_core::{RunId, Timestamp};
use tracker_remote::{Check, Collected, Head, Place, Tidy, Uplink};

use crate::{
    at_each_place, bring, carried, in_store,
    store::Odd,
    support::{Local, objects, put},
};

const WEEK: Duration = Duration::from_hours(24 * 7);

pub(crate) fn id(local: &Local) -> RunId {
    local.path().file_name().unwrap().to_str().unwrap().parse().unwrap()
}

pub(crate) fn send(place: &Place, local: &Local) {
    assert!(Uplink::new(place, &local.path()).unwrap().send().unwrap().all);
}

pub(crate) fn is_whole(place: &Place, local: &Local) -> bool {
    let here = tempfile::tempdir().unwrap();
    let is_there = bring(place, &local.path(), here.path()).is_ok_and(|brought| brought.is_whole);
    is_there && carried(&in_store(&local.path(), here.path())) == carried(&local.path())
}

fn runs_below(place: &Place, local: &Local) -> usize {
    let below = format!("mnist/runs/{}/", id(local));
    objects(place).keys().filter(|name| name.starts_with(&below)).count()
}

#[test]
fn a_deleted_run_is_in_no_list_its_sender_stops_and_it_comes_back_whole() {
    at_each_place(|place| {
        let (local, tidy) = (Local::ended(), Tidy::new(place).unwrap());
        let mut sender = Uplink::new(place, &local.path()).unwrap();
        sender.send().unwrap();
        assert!(tidy.delete("mnist", &id(&local)).unwrap() > 1_000);
        let error = sender.send().unwrap_err().to_string();
        assert!(error.contains("it was deleted there") && error.contains("rm --undo"), "{error}");
        let here = tempfile::tempdir().unwrap();
        let error = bring(place, &local.path(), here.path()).unwrap_err().to_string();
        assert!(error.contains("it was deleted in") && error.contains("rm --undo"), "{error}");
        // Deleted twice is deleted once.
        tidy.delete("mnist", &id(&local)).unwrap();
        assert!(tidy.restore("mnist", &id(&local)).unwrap());
        let error = tidy.restore("mnist", &id(&local)).unwrap_err().to_string();
        assert!(error.contains("it is not deleted"), "{error}");
        assert!(is_whole(place, &local) && sender.send().unwrap().all);
    });
}

#[test]
fn what_is_deleted_stays_for_the_grace_time_and_goes_after_it() {
    at_each_place(|place| {
        let (deleted, kept) = (Local::ended(), Local::ended());
        send(place, &deleted);
        send(place, &kept);
        let tidy = Tidy::new(place).unwrap();
        tidy.delete("mnist", &id(&deleted)).unwrap();
        assert_eq!(tidy.garbage(WEEK, true).unwrap(), Collected::default());
        let before = objects(place);
        let would = tidy.garbage(Duration::ZERO, false).unwrap();
        assert_eq!(objects(place), before, "a dry run removes nothing");
        let found = tidy.garbage(Duration::ZERO, true).unwrap();
        assert_eq!(found, would);
        assert!(found.garbage.iter().any(|garbage| garbage.reason.contains("which was deleted")));
        assert_eq!(runs_below(place, &deleted), 0);
        assert!(is_whole(place, &kept));
        assert_eq!(tidy.garbage(Duration::ZERO, true).unwrap(), Collected::default());
        // A sender that still runs does not bring it back; a person may.
        let mut sender = Uplink::new(place, &deleted.path()).unwrap();
        assert!(sender.send().unwrap_err().to_string().contains("it was deleted there"));
        assert_eq!(runs_below(place, &deleted), 0, "nothing is sent before that is known");
        assert!(!tidy.restore("mnist", &id(&deleted)).unwrap(), "nothing of it is left");
        send(place, &deleted);
        assert!(is_whole(place, &deleted));
    });
}

#[test]
fn contents_that_another_run_has_stay_and_those_of_none_go() {
    at_each_place(|place| {
        let both = |own: &[u8]| {
            let local = Local::new();
            local.log(0..10);
            local.write_file("same", b"of both runs");
            local.write_file("own", own);
            local.run.finish().unwrap();
            local
        };
        let (deleted, kept) = (both(b"of the one"), both(b"of the other"));
        send(place, &deleted);
        send(place, &kept);
        let tidy = Tidy::new(place).unwrap();
        tidy.delete("mnist", &id(&deleted)).unwrap();
        tidy.garbage(Duration::ZERO, true).unwrap();
        let has = |bytes: &[u8]| {
            let objects = objects(place);
            objects.iter().any(|(name, there)| name.contains("/blobs/") && there == bytes)
        };
        assert!(has(b"of both runs") && has(b"of the other") && !has(b"of the one"));
        let uplink = Uplink::new(place, &kept.path()).unwrap();
        assert_eq!(uplink.check(Check::Deep).unwrap(), []);
        assert!(
            !objects(place)
                .keys()
                .any(|name| name.ends_with("/condemned") || name.ends_with("/clock"))
        );
    });
}

#[test]
fn pieces_go_whose_points_are_in_a_part_and_all_is_still_there() {
    let (local, place) = (Local::new(), Place::memory());
    local.log(0..20_000);
    local.flush();
    Uplink::new(&place, &local.path()).unwrap().send().unwrap();
    local.run.finish().unwrap();
    let pieces = || objects(&place).keys().filter(|name| name.contains("/grow/live/")).count();
    assert!(pieces() > 0);
    let tidy = Tidy::new(&place).unwrap();
    tidy.garbage(Duration::ZERO, true).unwrap();
    assert!(pieces() > 0, "its part is not there yet");
    send(&place, &local);
    tidy.garbage(WEEK, true).unwrap();
    assert!(pieces() > 0);
    tidy.garbage(Duration::ZERO, true).unwrap();
    assert_eq!(pieces(), 0);
    assert!(is_whole(&place, &local));
}

#[test]
fn objects_without_a_head_are_marked_first_and_go_only_after_the_grace_time() {
    let (local, folder) = (Local::ended(), tempfile::tempdir().unwrap());
    let place = Place::parse(folder.path().to_str().unwrap()).unwrap();
    send(&place, &local);
    let head = folder.path().join(format!("mnist/heads/{}.json", id(&local)));
    std::fs::remove_file(&head).unwrap();
    let tidy = Tidy::new(&place).unwrap();
    // They are young: their sender may be on its way.
    assert_eq!(tidy.garbage(Duration::ZERO, true).unwrap(), Collected::default());
    make_older(&folder.path().join("mnist/runs"), Duration::from_hours(25));
    let found = tidy.garbage(Duration::ZERO, true).unwrap().garbage;
    assert!(found.len() == 1 && !found[0].goes, "{found:?}");
    let mut sender = Uplink::new(&place, &local.path()).unwrap();
    assert!(sender.send().unwrap_err().to_string().contains("it was deleted there"));
    assert!(tidy.restore("mnist", &id(&local)).unwrap());
    assert!(sender.send().unwrap().all && is_whole(&place, &local));
    std::fs::remove_file(&head).unwrap();
    make_older(&folder.path().join("mnist/runs"), Duration::from_hours(25));
    tidy.garbage(Duration::ZERO, true).unwrap();
    tidy.garbage(WEEK, true).unwrap();
    assert!(runs_below(&place, &local) > 0);
    tidy.garbage(Duration::ZERO, true).unwrap();
    assert_eq!(runs_below(&place, &local), 0);
}

#[test]
fn a_run_that_is_deleted_while_heads_are_looked_at_stays_for_the_grace_time() {
    let (local, folder) = (Local::ended(), tempfile::tempdir().unwrap());
    let place = Place::parse(folder.path().to_str().unwrap()).unwrap();
    send(&place, &local);
    make_older(&folder.path().join("mnist/heads"), WEEK * 2);
    let (other, is_deleted) = (place.clone(), AtomicBool::new(false));
    let (watched, _) = Odd::place(&place, move |_, operation, path| {
        let is_head = operation == "get" && path.as_ref().contains("/heads/");
        if is_head && !is_deleted.swap(true, SeqCst) {
            // Another machine's deletion: the thread stands that this one asks places by.
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    let head = Head::read("head", &objects(&other)[path.as_ref()]).unwrap();
                    let head = Head { deleted: Some(Timestamp::now()), ..head };
                    put(&other, path, serde_json::to_vec(&head).unwrap());
                });
            });
        }
        None
    });
    Tidy::new(&watched).unwrap().garbage(WEEK, true).unwrap();
    assert!(Tidy::new(&place).unwrap().restore("mnist", &id(&local)).unwrap());
    assert!(is_whole(&place, &local));
}

fn make_older(folder: &std::path::Path, age: Duration) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            make_older(&path, age);
        } else {
            let file = std::fs::File::options().append(true).open(path).unwrap();
            file.set_modified(std::time::SystemTime::now() - age).unwrap();
        }
    }
}
