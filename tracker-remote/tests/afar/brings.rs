//! A run that is brought is the one that was sent, to the bit.

use std::{fs, sync::atomic::Ordering::SeqCst, time::Duration};

use tracker_core::{
    Image, State, metrics,
    read::{Edit, RunReader},
    replica, upkeep,
};
use tracker_remote::{Artifacts, Fetch, Place, Uplink};

use crate::{
    assert_same, at_each_place, bring, carried, in_store,
    store::{Fate, Odd, generic},
    support::{Local, points},
};

/// A run with parts, media, events and files of the user's.
fn rich() -> Local {
    let local = Local::new();
    for step in 0..3_u64 {
        let pixels = vec![u8::try_from(step).unwrap(); 12];
        local.run.log_media("samples", step, Image::rgb8(2, 2, pixels).unwrap());
    }
    local.log(0..3_000);
    local.write_file("weights/a.ckpt", b"1234");
    local.write_file("weights/a.ckpt.tmp", b"5");
    local.write_file("empty", b"");
    local.run.finish().unwrap();
    local
}

fn send(place: &Place, local: &Local) {
    let mut uplink = Uplink::new(place, &local.path()).unwrap();
    assert!((0..3).any(|_| uplink.send().unwrap().all), "not all was sent");
}

#[test]
fn a_run_that_has_ended_is_brought_to_the_bit_and_again_nothing_is_fetched() {
    at_each_place(|place| {
        let (local, here) = (rich(), tempfile::tempdir().unwrap());
        send(place, &local);
        let brought = bring(place, &local.path(), here.path()).unwrap();
        assert!(brought.is_whole && brought.got.1 > 5, "{brought:?}");
        let folder = in_store(&local.path(), here.path());
        assert_same(&folder, &local.path());
        assert_eq!(points(&folder), local.points());
        let store = replica::open_or_make(here.path()).unwrap();
        assert_eq!(store.runs().unwrap().runs[0].state(), State::Finished);
        assert!(upkeep::examine(&store).unwrap().findings.is_empty());
        let again = bring(place, &local.path(), here.path()).unwrap();
        assert_eq!((again.is_whole, again.got), (true, (0, 0)));
    });
}

#[test]
fn wherever_bringing_dies_the_next_one_goes_on() {
    let (local, place) = (rich(), Place::memory());
    send(&place, &local);
    let scratch = tempfile::tempdir().unwrap();
    let (counted, count) = Odd::place(&place, |_, _, _| None);
    bring(&counted, &local.path(), &scratch.path().join("whole")).unwrap();
    let count = count.load(SeqCst);
    assert!(count > 8, "{count}");
    for number in 0..count {
        let here = scratch.path().join(number.to_string());
        let (dying, _) = Odd::place(&place, move |count, _, _| {
            (count >= number).then(|| Fate::Before(generic("the link is cut")))
        });
        let died = bring(&dying, &local.path(), &here);
        assert!(died.is_err(), "{number}");
        assert!(!in_store(&local.path(), &here).exists(), "half a run has a place");
        let (other, _) = Odd::place(&place, |_, _, _| None);
        assert!(bring(&other, &local.path(), &here).unwrap().is_whole);
        assert_same(&in_store(&local.path(), &here), &local.path());
    }
}

#[test]
fn a_run_that_trains_comes_as_far_as_it_is_and_is_brought_up_to_date() {
    at_each_place(|place| {
        let (local, here) = (Local::new(), tempfile::tempdir().unwrap());
        let folder = in_store(&local.path(), here.path());
        for turn in 0..4 {
            local.log(turn * 8_000..(turn + 1) * 8_000);
            local.flush();
            Uplink::new(place, &local.path()).unwrap().send().unwrap();
            let brought = bring(place, &local.path(), here.path()).unwrap();
            assert!(!brought.is_whole && brought.missing.is_empty(), "{brought:?}");
            assert_eq!(points(&folder).len(), 16_000 * (usize::try_from(turn).unwrap() + 1));
            assert_ne!(RunReader::open(&folder).unwrap().state(), State::Finished);
        }
        // What is older than what its own sender says is not sent from here.
        let error = Uplink::new(place, &folder).unwrap().send().unwrap_err().to_string();
        assert!(error.contains("it is a copy") && error.contains("--from"), "{error}");
        local.run.finish().unwrap();
        send(place, &local);
        assert!(bring(place, &local.path(), here.path()).unwrap().is_whole);
        assert_same(&folder, &local.path());
        assert!(!folder.join("live").join("r0a1").exists());
        assert!(Uplink::new(place, &folder).unwrap().send().unwrap().all);
    });
}

#[test]
fn edits_of_both_sides_stay_and_a_name_from_there_is_seen_here() {
    let (local, place, here) = (rich(), Place::memory(), tempfile::tempdir().unwrap());
    let edit = |folder: &std::path::Path, edit: Edit| {
        RunReader::open(folder).unwrap().edit(&edit).unwrap();
    };
    edit(&local.path(), Edit::new().name("from there"));
    send(&place, &local);
    bring(&place, &local.path(), here.path()).unwrap();
    let folder = in_store(&local.path(), here.path());
    edit(&folder, Edit::new().notes("of here"));
    edit(&local.path(), Edit::new().name("from there again"));
    send(&place, &local);
    bring(&place, &local.path(), here.path()).unwrap();
    let info = RunReader::open(&folder).unwrap().info().clone();
    assert_eq!((&*info.name, info.notes.as_deref()), ("from there again", Some("of here")));
}

#[test]
fn this_machines_own_run_is_left_alone_and_the_way_out_is_told() {
    let (local, place) = (rich(), Place::memory());
    send(&place, &local);
    let store = local.path().parent().unwrap().parent().unwrap().to_owned();
    let before = carried(&local.path());
    let same = bring(&place, &local.path(), &store).unwrap();
    assert_eq!((same.is_whole, same.got), (true, (0, 0)));
    fs::write(local.path().join("files/weights/a.ckpt"), "other").unwrap();
    let error = bring(&place, &local.path(), &store).unwrap_err().to_string();
    assert!(error.contains("files/weights/a.ckpt was changed here"), "{error}");
    assert!(error.contains("hint:") && error.contains("--dir"), "{error}");
    fs::remove_dir_all(local.path().join("files")).unwrap();
    let error = bring(&place, &local.path(), &store).unwrap_err().to_string();
    assert!(error.contains("did not come from there"), "{error}");
    let after = carried(&local.path());
    assert!(before.iter().all(|(path, bytes)| path.starts_with("files/") || after[path] == *bytes));
}

#[test]
fn a_copy_that_went_on_is_left_alone() {
    let (local, place, here) = (rich(), Place::memory(), tempfile::tempdir().unwrap());
    send(&place, &local);
    bring(&place, &local.path(), here.path()).unwrap();
    let folder = in_store(&local.path(), here.path());
    let resumed = tracker_core::init("mnist")
        .dir(here.path())
        .resume(folder.file_name().unwrap().to_str().unwrap())
        .signals(false)
        .code_changes(false)
        .start()
        .unwrap();
    resumed.log_at(9_000_u64, metrics! { "loss" => 0.5 });
    let error = bring(&place, &local.path(), here.path()).unwrap_err().to_string();
    assert!(error.contains("trains here"), "{error}");
    resumed.finish().unwrap();
    let before = carried(&folder);
    let error = bring(&place, &local.path(), here.path()).unwrap_err().to_string();
    assert!(error.contains("was left as it is here"), "{error}");
    assert_eq!(carried(&folder), before);
}

#[test]
fn files_of_the_users_come_only_where_they_are_wanted() {
    let (local, place) = (rich(), Place::memory());
    send(&place, &local);
    let here = tempfile::tempdir().unwrap();
    let folder = in_store(&local.path(), here.path());
    let has = |folder: &str| {
        carried(&in_store(&local.path(), here.path())).keys().any(|p| p.starts_with(folder))
    };
    for (artifacts, media, files) in [
        (Artifacts::None, false, false),
        (Artifacts::Media, true, false),
        (Artifacts::All, true, true),
    ] {
        let store = replica::open_or_make(here.path()).unwrap();
        let fetch = Fetch::new(&place, &store).unwrap().artifacts(artifacts);
        let id = folder.file_name().unwrap().to_str().unwrap().parse().unwrap();
        assert!(fetch.bring("mnist", &id).unwrap().is_whole);
        assert_eq!((has("media/"), has("files/")), (media, files), "{artifacts:?}");
        assert_eq!(points(&folder), local.points());
    }
    assert_same(&folder, &local.path());
}

#[test]
fn a_long_file_goes_on_from_where_its_copy_was_cut() {
    let (local, place, here) = (Local::new(), Place::memory(), tempfile::tempdir().unwrap());
    let long: Vec<u8> = (0..40_u32 << 18).flat_map(u32::to_le_bytes).collect();
    local.write_file("long.bin", &long);
    local.write_file("long.bin.part", &vec![7; 90 << 20]);
    local.run.finish().unwrap();
    send(&place, &local);
    let cut = std::sync::atomic::AtomicU64::new(0);
    let (cut_off, _) = Odd::place(&place, move |_, _, path| {
        let is_cut = path.as_ref().contains("/blobs/") && cut.fetch_add(1, SeqCst) >= 30;
        is_cut.then(|| Fate::Before(generic("the link is cut")))
    });
    assert!(bring(&cut_off, &local.path(), here.path()).is_err());
    let (counted, _) = Odd::place(&place, |_, _, _| None);
    let brought = bring(&counted, &local.path(), here.path()).unwrap();
    assert!(brought.is_whole && brought.got.0 < 40 << 20, "{brought:?}");
    assert_same(&in_store(&local.path(), here.path()), &local.path());
}

#[test]
fn one_after_the_other_brings_a_run_while_its_sender_sends() {
    let (local, place, here) = (Local::new(), Place::memory(), tempfile::tempdir().unwrap());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for turn in 0..20 {
                local.log(turn * 3_000..(turn + 1) * 3_000);
                local.flush();
            }
            local.run.finish().unwrap();
        });
        scope.spawn(|| {
            let mut uplink =
                Uplink::new(&place, &local.path()).unwrap().keep_pieces(Duration::from_mins(1));
            while !uplink.send().unwrap().all {}
        });
        let mut whole = false;
        while !whole {
            std::thread::sleep(Duration::from_millis(20));
            whole = match bring(&place, &local.path(), here.path()) {
                Ok(brought) => brought.is_whole,
                // Its sender has not come to it.
                Err(error) if error.to_string().contains("entity not found") => false,
                Err(error) => panic!("{error}"),
            };
        }
    });
    assert_same(&in_store(&local.path(), here.path()), &local.path());
}
