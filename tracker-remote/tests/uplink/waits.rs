//! When a sender tries again, what it waits for, and what it says of how far it is.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use tracker_remote::{FollowOptions, Place, Uplink};

use crate::{
    store::{Fate, Odd, generic},
    support::{Local, fetched},
};

fn every(time: Duration) -> FollowOptions {
    FollowOptions { every: time, ..FollowOptions::default() }
}

/// What `full` has no room for, and how its hash begins.
const REFUSED: (&[u8], &str) = (b"1234", "03ac674216f3e15c");

/// A place without room for certain contents, and how often it was tried.
fn full() -> (Place, Arc<AtomicU64>) {
    let tries = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&tries);
    let (place, _) = Odd::place(&Place::memory(), move |_, operation, path| {
        (operation == "put" && path.as_ref().contains(REFUSED.1)).then(|| {
            counted.fetch_add(1, SeqCst);
            Fate::Before(generic("status code: 507 Insufficient Storage"))
        })
    });
    (place, tries)
}

#[test]
fn files_that_a_place_refuses_are_tried_again_after_a_while_and_not_at_once() {
    for has_ended in [false, true] {
        let local = Local::new();
        local.write_file("model.bin", REFUSED.0);
        if has_ended {
            local.run.finish().unwrap();
        }
        let (place, tries) = full();
        let mut uplink = Uplink::new(&place, &local.path()).unwrap();
        let began = Instant::now();
        let is_over = || began.elapsed() > Duration::from_secs(4);
        assert!(!uplink.follow(&every(Duration::from_millis(50)), is_over).unwrap().all);
        let tries = tries.load(SeqCst);
        assert!((2..=5).contains(&tries), "{tries} tries");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_keeps_nothing_else_here() {
    let (local, inner) = (Local::ended(), Place::memory());
    local.write_file("odd.bin", b"1234");
    let odd = local.path().join("files/odd.bin");
    let was_moved = AtomicBool::new(false);
    // It was listed when the round began, and is no file any more when it is opened.
    let (place, _) = Odd::place(&inner, move |_, operation, path| {
        if operation == "put" && path.as_ref().contains("/heads/") && !was_moved.swap(true, SeqCst)
        {
            fs::remove_file(&odd).unwrap();
            fs::create_dir(&odd).unwrap();
        }
        None
    });
    let mut uplink = Uplink::new(&place, &local.path()).unwrap();
    let progress = uplink.send().unwrap();
    assert!(!progress.all);
    let told = progress.told.iter().any(|told| told.starts_with("files/odd.bin stays here: "));
    assert!(told && progress.told.len() == 1, "{:?}", progress.told);
    assert_eq!(fetched(&inner, &local.path()), local.points());
    assert!(uplink.send().unwrap().all);
}

#[test]
fn who_waits_for_another_rank_sees_at_once_that_it_has_gone() {
    let local = Local::ended();
    let (live, away) = (local.path().join("live/r7a1"), tempfile::tempdir().unwrap());
    fs::create_dir_all(&live).unwrap();
    let lock = fs::File::create(live.join("lock")).unwrap();
    lock.lock().unwrap();
    let path = local.path();
    let sender = thread::spawn(move || {
        let mut uplink = Uplink::new(&Place::memory(), &path).unwrap();
        uplink.follow(&every(Duration::from_mins(1)), || false).unwrap()
    });
    thread::sleep(Duration::from_secs(1));
    assert!(!sender.is_finished());
    let began = Instant::now();
    fs::rename(&live, away.path().join("r7a1")).unwrap();
    assert!(sender.join().unwrap().all);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

/// What a sender has written down last of how many bytes are not there.
fn behind(run: &Path) -> u64 {
    let notes = fs::read_dir(run.join("followers")).unwrap().map(|entry| entry.unwrap().path());
    let is_ours = |path: &Path| path.to_string_lossy().contains("/sync-");
    let note = notes.into_iter().find(|path| is_ours(path)).unwrap();
    let note: serde_json::Value = serde_json::from_slice(&fs::read(note).unwrap()).unwrap();
    note["behind"].as_u64().unwrap()
}

#[test]
fn what_is_behind_is_no_less_than_what_is_not_there() {
    let local = Local::new();
    local.log(0..3_000);
    local.flush();
    let (place, _) = full();
    let mut uplink = Uplink::new(&place, &local.path()).unwrap();
    uplink.send().unwrap();
    assert_eq!(behind(&local.path()), 0);
    // Most of the tail is there already.
    local.log(3_000..3_010);
    local.flush();
    local.write_file("model.bin", REFUSED.0);
    assert!(uplink.send().is_err());
    assert_eq!(behind(&local.path()), REFUSED.0.len() as u64);
}
