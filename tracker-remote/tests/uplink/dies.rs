//! A sender that dies at any of its operations, and the one that goes on.

use std::sync::{Arc, atomic::Ordering::SeqCst};

use tracker_remote::{Place, Uplink};

use crate::{
    store::{Fate, Odd, generic},
    support::{Local, Objects, fetched, gap_before_tails, objects, without_beats},
};

/// Sends until the place is dead, before its operation of this number is done, or after.
fn send_until(place: &Place, local: &Local, number: u64, is_done: bool) {
    let (dying, _) = Odd::place(place, move |count, _, _| {
        let error = || generic("the link is cut");
        match count {
            count if count < number => None,
            count if count == number && is_done => Some(Fate::After(error())),
            _ => Some(Fate::Before(error())),
        }
    });
    let _ = Uplink::new(&dying, &local.path()).unwrap().send();
}

fn operations(place: &Place, local: &Local) -> u64 {
    let (counted, count) = Odd::place(place, |_, _, _| None);
    Uplink::new(&counted, &local.path()).unwrap().send().unwrap();
    count.load(SeqCst)
}

fn undisturbed(local: &Local) -> (Objects, u64) {
    let place = Place::memory();
    let count = operations(&place, local);
    (without_beats(objects(&place)), count)
}

fn goes_on_after_each_death(local: &Local, all: bool) {
    let (expected, count) = undisturbed(local);
    assert!(count > 8, "{count}");
    for number in 0..count {
        for is_done in [false, true] {
            let place = Place::memory();
            send_until(&place, local, number, is_done);
            assert_eq!(gap_before_tails(&objects(&place)), None);
            let sent = Uplink::new(&place, &local.path()).unwrap().send().unwrap();
            assert_eq!(sent.all, all);
            assert_eq!(without_beats(objects(&place)), expected, "died at {number}");
        }
    }
}

#[test]
fn of_a_run_that_has_ended_the_same_objects_are_made_wherever_a_sender_died() {
    goes_on_after_each_death(&Local::ended(), true);
}

#[test]
fn of_a_run_that_trains_the_same_objects_are_made_wherever_a_sender_died() {
    let local = Local::new();
    local.log(0..20_000);
    local.flush();
    goes_on_after_each_death(&local, false);
}

#[test]
fn the_same_sender_goes_on_after_each_death() {
    let local = Local::ended();
    let (expected, count) = undisturbed(&local);
    for number in 0..count {
        let place = Place::memory();
        let (once, _) = Odd::place(&place, move |count, _, _| {
            (count == number).then(|| Fate::After(generic("the link is cut")))
        });
        let mut uplink = Uplink::new(&once, &local.path()).unwrap();
        let _ = uplink.send();
        assert!(uplink.send().unwrap().all);
        assert_eq!(without_beats(objects(&place)), expected, "died at {number}");
    }
}

#[test]
fn a_run_is_whole_whenever_a_sender_dies_while_it_trains_and_seals() {
    let (local, place) = (Local::new(), Place::memory());
    for turn in 0..30 {
        local.log(turn * 2_000..(turn + 1) * 2_000);
        local.flush();
        send_until(&place, &local, turn, turn % 2 == 0);
        assert_eq!(gap_before_tails(&objects(&place)), None);
        Uplink::new(&place, &local.path()).unwrap().send().unwrap();
        assert_eq!(fetched(&place, &local.path()), local.points());
    }
    local.run.finish().unwrap();
    assert!(Uplink::new(&place, &local.path()).unwrap().send().unwrap().all);
    assert_eq!(fetched(&place, &local.path()), local.points());
}

#[test]
fn two_senders_of_one_folder_make_the_same_objects() {
    let local = Arc::new(Local::new());
    let place = Place::memory();
    let senders = [(); 2].map(|()| {
        let (local, place) = (Arc::clone(&local), place.clone());
        std::thread::spawn(move || {
            let mut uplink = Uplink::new(&place, &local.path()).unwrap();
            while !uplink.send().unwrap().all {}
        })
    });
    for turn in 0..20 {
        local.log(turn * 2_000..(turn + 1) * 2_000);
        local.flush();
    }
    local.run.finish().unwrap();
    for sender in senders {
        sender.join().unwrap();
    }
    assert_eq!(fetched(&place, &local.path()), local.points());
}

/// A check that sees nothing would always hold.
#[test]
fn a_tail_before_its_pieces_is_caught() {
    let (local, place) = (Local::new(), Place::memory());
    local.log(0..20_000);
    local.flush();
    Uplink::new(&place, &local.path()).unwrap().send().unwrap();
    let mut objects = objects(&place);
    objects.retain(|name, _| !name.contains("/grow/live/"));
    assert!(gap_before_tails(&objects).is_some());
}
