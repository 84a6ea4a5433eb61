//! What sending promises, at each kind of place.

use std::{fs, time::Duration};

use tracker_remote::{Artifacts, Check, FollowOptions, Place, Uplink};

use crate::{
    moto::Moto,
    support::{Local, bucket, fetched, objects, without_beats},
};

/// Does the same at each kind of place.
fn at_each_place(test: impl Fn(&Place)) {
    test(&Place::memory());
    let folder = tempfile::tempdir().unwrap();
    test(&Place::parse(folder.path().to_str().unwrap()).unwrap());
    if let Some(moto) = Moto::start() {
        test(&bucket(&moto.endpoint(), "runs"));
    }
}

#[test]
fn all_of_a_run_that_has_ended_is_sent_and_twice_is_once() {
    at_each_place(|place| {
        let local = Local::ended();
        let sent = Uplink::new(place, &local.path()).unwrap().send().unwrap();
        assert!(sent.all && sent.behind == 0, "{sent:?}");
        assert_eq!(fetched(place, &local.path()), local.points());
        let before = objects(place);
        let again = Uplink::new(place, &local.path()).unwrap().send().unwrap();
        assert!(again.all);
        assert_eq!(without_beats(objects(place)), without_beats(before));
        let uplink = Uplink::new(place, &local.path()).unwrap();
        assert_eq!(uplink.check(Check::Deep).unwrap(), []);
    });
}

#[test]
fn a_run_that_trains_is_sent_as_it_grows_and_pieces_go_after_their_parts() {
    at_each_place(|place| {
        let local = Local::new();
        let mut uplink = Uplink::new(place, &local.path()).unwrap().keep_pieces(Duration::ZERO);
        for turn in 0..4 {
            local.log(turn * 8_000..(turn + 1) * 8_000);
            local.flush();
            let sent = uplink.send().unwrap();
            assert!(!sent.all && sent.behind == 0, "{sent:?}");
            assert_eq!(fetched(place, &local.path()).len(), 16_000 * (turn as usize + 1));
        }
        assert!(objects(place).keys().any(|name| name.contains("/grow/live/")));
        local.run.finish().unwrap();
        let sent = uplink.follow(&FollowOptions::new(), || false).unwrap();
        assert!(sent.all);
        uplink.send().unwrap();
        assert!(!objects(place).keys().any(|name| name.contains("/grow/live/")));
        assert_eq!(fetched(place, &local.path()), local.points());
    });
}

#[test]
fn without_artifacts_none_of_the_users_files_go() {
    let local = Local::ended();
    for (artifacts, expected) in [(Artifacts::Media, false), (Artifacts::All, true)] {
        let place = Place::memory();
        let uplink = Uplink::new(&place, &local.path()).unwrap().artifacts(artifacts);
        assert!({ uplink }.send().unwrap().all);
        let there = objects(&place).values().any(|bytes| bytes == b"1234");
        assert_eq!(there, expected);
    }
}

#[test]
fn a_long_file_is_sent_in_parts_and_comes_back_whole() {
    at_each_place(|place| {
        let local = Local::new();
        let long: Vec<u8> = (0..40_u32 << 18).flat_map(u32::to_le_bytes).collect();
        local.write_file("long.bin", &long);
        local.run.finish().unwrap();
        assert!(Uplink::new(place, &local.path()).unwrap().send().unwrap().all);
        assert!(objects(place).values().any(|bytes| *bytes == long));
    });
}

#[test]
fn what_is_removed_there_by_hand_is_told_by_a_check_and_sent_again() {
    let (local, place) = (Local::ended(), Place::memory());
    Uplink::new(&place, &local.path()).unwrap().send().unwrap();
    let whole = without_beats(objects(&place));
    for name in whole.keys() {
        crate::support::delete(&place, name);
        let uplink = Uplink::new(&place, &local.path()).unwrap();
        let is_document = name.contains("/blobs/") || name.ends_with("/manifest");
        let found = uplink.check(Check::Names).unwrap();
        assert!(!found.is_empty() || is_document, "{name} was not missed");
        assert!(Uplink::new(&place, &local.path()).unwrap().send().unwrap().all);
        assert_eq!(without_beats(objects(&place)), whole, "after {name}");
    }
}

#[test]
fn clocks_that_are_days_apart_change_nothing() {
    let (local, place) = (Local::ended(), Place::memory());
    Uplink::new(&place, &local.path()).unwrap().send().unwrap();
    let before = without_beats(objects(&place));
    // Times of files are another machine's.
    let week = Duration::from_hours(24 * 7);
    for name in ["run.json", "summary-r0a1.json", "events-r0a1.jsonl", "files/weights/a.ckpt"] {
        let file = fs::File::options().append(true).open(local.path().join(name)).unwrap();
        file.set_modified(std::time::SystemTime::now() + week).unwrap();
    }
    assert!(Uplink::new(&place, &local.path()).unwrap().send().unwrap().all);
    assert_eq!(without_beats(objects(&place)), before);
}

#[test]
fn the_note_says_how_far_it_is() {
    let local = Local::ended();
    let place = Place::memory();
    Uplink::new(&place, &local.path()).unwrap().send().unwrap();
    let folder = fs::read_dir(local.path().join("followers")).unwrap();
    let names = folder.map(|entry| entry.unwrap().path());
    let note = names.into_iter().find(|path| path.to_string_lossy().contains("/sync-")).unwrap();
    let note: serde_json::Value = serde_json::from_slice(&fs::read(note).unwrap()).unwrap();
    assert_eq!((&note["all"], &note["behind"]), (&true.into(), &0.into()));
    assert_eq!(note["place"], "memory");
    assert!(note["problem"].is_null());
}
