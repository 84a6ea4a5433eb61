//! Places that refuse, and runs that two folders have.

use std::fs;

use tracker_core::{read::RunReader, upkeep};
use tracker_remote::{Error, FollowOptions, Place, Trouble, Uplink};

use crate::{
    moto::Moto,
    store::{Fate, Odd, generic},
    support::{Local, bucket, fetched, objects, put},
};

/// What a sender says of a place at which each operation of a kind fails so.
fn told(text: &'static str) -> (Trouble, String) {
    let local = Local::ended();
    let (place, _) = Odd::place(&Place::memory(), move |_, _, _| Some(Fate::Before(generic(text))));
    let error = Uplink::new(&place, &local.path()).unwrap().send().unwrap_err();
    (Trouble::of(&error), error.to_string())
}

#[test]
fn what_a_place_refuses_is_told_with_the_way_out() {
    for (text, trouble, hint) in [
        ("status code: 403: InvalidAccessKeyId", Trouble::Credentials, "AWS_SECRET_ACCESS_KEY"),
        ("status code: 400: ExpiredToken", Trouble::Credentials, "AWS_SESSION_TOKEN"),
        ("status code: 403: AccessDenied", Trouble::Denied, "s3:PutObject"),
        ("status code: 503: SlowDown", Trouble::Throttled, "--limit"),
        ("status code: 507: InsufficientStorage", Trouble::Full, "make room"),
        ("connection refused", Trouble::Away, "network"),
    ] {
        let (found, text) = told(text);
        assert_eq!(found, trouble, "{text}");
        assert!(text.contains("hint: ") && text.contains(hint), "{text}");
    }
}

#[test]
fn a_place_that_refuses_for_a_while_gets_all_and_is_told_of_once() {
    let (local, inner) = (Local::ended(), Place::memory());
    let (place, _) = Odd::place(&inner, |count, _, _| {
        (count < 2).then(|| Fate::Before(generic("status code: 503: SlowDown")))
    });
    let (sender, told) = std::sync::mpsc::channel();
    let options = FollowOptions {
        every: std::time::Duration::from_millis(50),
        tell: Box::new(move |text| sender.send(text.to_owned()).unwrap()),
        ..FollowOptions::new()
    };
    let mut uplink = Uplink::new(&place, &local.path()).unwrap();
    assert!(uplink.follow(&options, || false).unwrap().all);
    drop(options);
    assert_eq!(told.iter().count(), 1);
    assert_eq!(fetched(&inner, &local.path()), local.points());
}

#[test]
fn a_bucket_that_is_not_there_is_told() {
    let Some(moto) = Moto::start() else { return };
    let local = Local::ended();
    let error =
        Uplink::new(&bucket(&moto.endpoint(), "none"), &local.path()).unwrap().send().unwrap_err();
    assert_eq!(Trouble::of(&error), Trouble::NoBucket, "{error}");
    assert!(error.to_string().contains("TRACKER_SYNC"), "{error}");
}

#[test]
fn a_place_that_keeps_to_no_conditions_is_refused_before_anything_is_sent() {
    let (local, inner) = (Local::ended(), Place::memory());
    let (place, _) =
        Odd::place(&inner, |_, operation, _| (operation == "put").then_some(Fate::Whatever));
    let error = Uplink::new(&place, &local.path()).unwrap().send().unwrap_err();
    assert!(error.to_string().contains("If-None-Match"), "{error}");
    assert_eq!(objects(&inner).len(), 1, "only what says that it is a place");
}

/// A copy of a run's folder while its process lives.
#[test]
fn a_copied_folder_that_trains_on_is_refused_and_nothing_is_replaced() {
    let (local, place) = (Local::new(), Place::memory());
    local.log(0..3_000);
    local.flush();
    let (_store, copied) = local.copy();
    local.log(3_000..9_000);
    local.flush();
    Uplink::new(&place, &local.path()).unwrap().send().unwrap();
    let before = objects(&place);
    // It knows less, and has nothing to say.
    Uplink::new(&place, &copied).unwrap().send().unwrap();
    assert_eq!(objects(&place).keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    assert_eq!(fetched(&place, &local.path()), local.points());
    // It trained on: its log goes on otherwise.
    let log = copied.join("live/r0a1/log-0");
    let mut bytes = fs::read(&log).unwrap();
    let end = bytes.len();
    let slots = bytes[end - 32 * 1_000..].iter().map(|byte| byte ^ 0x55).collect::<Vec<_>>();
    bytes.extend(slots.repeat(20));
    fs::write(&log, bytes).unwrap();
    let error = Uplink::new(&place, &copied).unwrap().send().unwrap_err();
    assert!(matches!(error, Error::Elsewhere { .. }), "{error}");
    assert_eq!(fetched(&place, &local.path()), local.points());
    assert!(Uplink::new(&place, &local.path()).unwrap().send().is_ok());
}

#[test]
fn a_copy_that_was_sealed_earlier_makes_no_second_part_of_the_same_points() {
    let (local, place) = (Local::new(), Place::memory());
    local.log(0..3_000);
    local.flush();
    let (_store, copied) = local.copy();
    local.log(3_000..9_000);
    local.run.finish().unwrap();
    Uplink::new(&place, &local.path()).unwrap().send().unwrap();
    fs::remove_file(copied.join("live/r0a1/ring")).unwrap();
    for saved in upkeep::seal_lost(&RunReader::open(&copied).unwrap()).unwrap() {
        saved.unwrap();
    }
    let error = Uplink::new(&place, &copied).unwrap().send().unwrap_err();
    assert!(error.to_string().contains("another folder"), "{error}");
    assert_eq!(fetched(&place, &local.path()), local.points());
}

#[test]
fn what_strangers_put_there_is_told_and_stays() {
    let local = Local::ended();
    let run = local.path().file_name().unwrap().to_str().unwrap().to_owned();
    let names = tracker_remote::names::ProjectNames::new("mnist").run(&run.parse().unwrap());
    for (name, contents) in [
        (names.head(), b"no head".to_vec()),
        (names.head(), vec![b'['; 1 << 20]),
        (names.tail(tracker_core::Writer { rank: 0, attempt: 1 }), b"no tail".to_vec()),
        (names.manifest(), b"no manifest".to_vec()),
    ] {
        let place = Place::memory();
        put(&place, &name, contents.clone());
        let error = Uplink::new(&place, &local.path()).unwrap().send().unwrap_err();
        assert!(error.to_string().contains(name.as_ref()), "{error}");
        assert_eq!(objects(&place)[name.as_ref()], contents);
    }
}
