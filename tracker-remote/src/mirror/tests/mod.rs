//! What is read of a place is what was in the folder, and what is wrong there does no harm here.

mod bench;
mod counted;
mod studies;

use std::{collections::BTreeMap, fs, sync::atomic::Ordering, time::Duration};

use bench::{Bench, files_below, head, same, send_all, train};
use counted::now;
use futures_util::{FutureExt, StreamExt};
use object_store::{ObjectStore, ObjectStoreExt, path::Path as Name};
use tracker_core::{
    RunId, State, Tracker, Writer, init,
    read::{Edit, Store},
};

use super::*;
use crate::{
    Head,
    names::{PIECE, ProjectNames},
    packed,
};
#[test]
fn a_run_that_ended_reads_from_a_place_as_from_its_folder() {
    let bench = Bench::new();
    let run = train(&bench, 3_000);
    bench.send(&run);
    let names = ProjectNames::new("mnist");
    let (weights, hash) = (b"weights".to_vec(), crate::hash::sha256(b"weights"));
    let mut manifest = crate::Manifest::default();
    let blob = crate::Blob { sha256: hash.clone(), length: weights.len() as u64 };
    manifest.files.insert("files/model.bin".into(), blob.clone());
    manifest.files.insert("../../outside".into(), blob);
    bench.put(&names.blob(&hash), weights.clone());
    bench.put(&names.run(&run.info().id).manifest(), manifest.pack());
    let listing = bench.open().runs().unwrap();
    assert!(listing.warnings.is_empty(), "{:?}", listing.warnings);
    let [read] = &*listing.runs else { panic!("{listing:?}") };
    assert_eq!(read.info(), run.info());
    assert_eq!(read.state(), State::Finished);
    assert_eq!(read.summary().unwrap(), run.summary().unwrap());
    same(&run, read);
    assert_eq!(read.packages().unwrap(), run.packages().unwrap());
    let mut own = Vec::new();
    std::io::Read::read_to_end(&mut read.open_file("files/model.bin").unwrap(), &mut own).unwrap();
    assert_eq!(own, weights);
}

#[test]
fn a_run_that_trains_grows_until_it_has_ended() {
    let bench = Bench::new();
    let run = init("mnist").dir(bench.local()).signals(false).code_changes(false).start().unwrap();
    let local = || Store::open(bench.local()).unwrap().runs().unwrap().runs.remove(0);
    run.log_at(0_u64, [("loss", 1.0)]);
    run.flush(Duration::from_secs(5)).unwrap();
    std::thread::sleep(Duration::from_millis(1_500));
    bench.send(&local());
    let store = bench.open();
    let read = store.runs().unwrap().runs.remove(0);
    assert_eq!(read.state(), State::Running);
    assert_eq!(read.points().unwrap().series[0].rows.len(), 1);
    for step in 1..20_000_u64 {
        run.log_at(step, [("loss", 0.5)]);
    }
    run.flush(Duration::from_secs(5)).unwrap();
    std::thread::sleep(Duration::from_millis(1_500));
    bench.send(&local());
    let has_all = || read.points().unwrap().series[0].rows.len() == 20_000;
    assert!((0..100).any(|_| has_all() || {
        std::thread::sleep(Duration::from_millis(50));
        false
    }));
    run.finish().unwrap();
    bench.send(&local());
    let ended = || store.run(&read.info().id).is_ok_and(|run| run.state() == State::Finished);
    assert!(
        (0..200).any(|_| ended() || {
            std::thread::sleep(Duration::from_millis(50));
            false
        }) || {
            // Heads are looked at every five seconds.
            std::thread::sleep(Duration::from_secs(5));
            store.runs().unwrap().runs[0].state() == State::Finished
        }
    );
    same(&local(), &store.runs().unwrap().runs[0]);
}

#[test]
fn an_edit_from_afar_goes_into_the_head_and_is_seen_here() {
    let bench = Bench::new();
    let run = train(&bench, 10);
    bench.send(&run);
    let store = bench.open();
    let read = store.runs().unwrap().runs.remove(0);
    read.edit(&Edit::new().name("baseline").tags(["paper"])).unwrap();
    assert_eq!(read.reopen().unwrap().info().name, "baseline");
    let name = ProjectNames::new("mnist").run(&run.info().id).head();
    let got = now_get(&bench, &name);
    let head = Head::read("head", &got).unwrap();
    assert_eq!(head.edits.len(), 1);
    assert_eq!(head.edits[0].line["id"], head.edits[0].id.as_str());
    let refused = tracker_core::upkeep::delete(&store, &[read]);
    assert!(refused.is_err() || !refused.unwrap().refused.is_empty());
    let dir = store.root().to_owned();
    assert!(init("mnist").dir(dir).signals(false).start().is_err());
}

fn now_get(bench: &Bench, name: &Name) -> Vec<u8> {
    let got = bench.objects.inner.get(name).now_or_never().unwrap().unwrap();
    got.bytes().now_or_never().unwrap().unwrap().to_vec()
}

#[test]
fn a_place_that_does_not_answer_is_told_and_nothing_is_claimed() {
    let bench = Bench::new();
    bench.send(&train(&bench, 10));
    bench.objects.is_down.store(true, Ordering::Relaxed);
    let error = bench.open_as("cold").unwrap_err().to_string();
    assert!(error.contains("no route") && error.contains("memory"), "{error}");
}

#[test]
fn objects_that_somebody_removed_are_told() {
    let bench = Bench::new();
    let run = train(&bench, 100);
    bench.send(&run);
    let names = ProjectNames::new("mnist").run(&run.info().id);
    for file in files_below(run.path()).iter().filter(|file| file.ends_with(".parquet")) {
        bench.remove(&names.file(file));
    }
    bench.put(&names.file("scalars/r0a1-500-600.parquet"), b"PAR1".to_vec());
    let read = bench.open().runs().unwrap().runs.remove(0);
    let points = read.points().unwrap();
    let told = format!("{:?}", points.warnings);
    assert!(told.contains("somebody has removed a part"), "{told}");
}

#[test]
fn a_hostile_place_harms_nothing_and_hangs_nothing() {
    let bench = Bench::new();
    let run = train(&bench, 100);
    bench.send(&run);
    let names = ProjectNames::new("mnist").run(&run.info().id);
    let (outside, writer) = (bench.scratch.path().join("outside"), Writer { rank: 0, attempt: 1 });
    fs::write(&outside, "safe").unwrap();
    for name in [
        "../outside",
        "../../../../outside",
        "/etc/x",
        "a\0b",
        "scalars",
        "run.json",
        "edits.jsonl",
    ] {
        let raw = format!("mnist/runs/{}/file/{}", run.info().id, name.replace('/', "%2F"));
        if let Ok(name) = Name::parse(raw) {
            bench.put(&name, b"hostile".to_vec());
        }
    }
    bench.put(&names.file("scalars/r0a1-100-200.parquet"), b"PAR1 no part PAR1".to_vec());
    let bomb = packed::pack(&vec![0; 64 << 20]);
    bench.put(&names.piece("events-r0a1.jsonl", 0, PIECE), bomb.clone());
    bench.put(&names.tail(Writer { rank: 7, attempt: 1 }), bomb);
    bench.put(&names.piece("messages-r0a1.jsonl", u64::MAX - 9, u64::MAX), b"x".to_vec());
    let other: RunId = "01JZXW5M4B6Q8T2V9Y3C7D0E1F".parse().unwrap();
    let document = fs::read_to_string(run.path().join("run.json")).unwrap();
    let hostile = head(
        [("run.json".into(), document.clone()), ("../../x".into(), "x".into())].into(),
        vec!["../../outside".into(), "..".into(), "a/b".into()],
        [(writer, true)].into(),
    );
    let head_of = |run: &RunId| ProjectNames::new("mnist").run(run).head();
    bench.put(&head_of(&other), serde_json::to_vec(&hostile).unwrap());
    let empty: RunId = "01JZXW5M4B6Q8T2V9Y3C7D0E1G".parse().unwrap();
    bench.put(&head_of(&empty), b"{\"format\":9}".to_vec());
    bench.put(&Name::from("mnist/catalog/x"), packed::pack(&vec![b'['; 8 << 20]));
    let listing = bench.open().runs().unwrap();
    assert!(listing.runs.len() + listing.warnings.len() >= 3, "{listing:?}");
    for read in &listing.runs {
        let _ = (read.points(), read.summary(), read.state(), read.size());
    }
    assert_eq!(fs::read_to_string(&outside).unwrap(), "safe");
    let beside: Vec<String> = files_below(bench.scratch.path())
        .into_iter()
        .filter(|file| !file.starts_with("local/") && !file.starts_with("cache/"))
        .collect();
    assert_eq!(beside, ["outside"]);
}

#[test]
fn ten_thousand_runs_are_listed_with_a_dozen_requests() {
    let bench = Bench::new();
    let run = train(&bench, 10);
    let text = fs::read_to_string(run.path().join("run.json")).unwrap();
    for number in 0..10_000_u64 {
        let id = ulid::Ulid::from_parts(1_700_000_000_000 + number, 1).to_string();
        let text = text.replace(run.info().id.as_str(), &id);
        let name = ProjectNames::new("mnist").run(&id.parse().unwrap()).head();
        let head = head(
            [("run.json".into(), text)].into(),
            vec!["events-r0a1.jsonl".into()],
            BTreeMap::new(),
        );
        bench.put(&name, serde_json::to_vec(&head).unwrap());
    }
    // Nobody looks again by itself meanwhile, whose requests would be counted too.
    let open = |cache: &str| bench.open_every(cache, Duration::from_hours(1));
    assert_eq!(open("first").unwrap().runs().unwrap().runs.len(), 10_000);
    bench.objects.counted();
    let store = open("cold").unwrap();
    assert_eq!(store.runs().unwrap().runs.len(), 10_000);
    let (cold, bytes) = bench.objects.counted();
    assert!(cold <= 25, "{cold} requests");
    assert_eq!(open("cold").unwrap().runs().unwrap().runs.len(), 10_000);
    let (warm, _) = bench.objects.counted();
    assert!(warm <= 2, "{warm} requests");
    println!("10,000 runs: cold {cold} requests of {bytes} bytes, warm {warm}");
}

#[test]
fn what_the_uplink_sends_is_read_back() {
    let bench = Bench::new();
    let run = init("mnist").dir(bench.local()).signals(false).code_changes(false).start().unwrap();
    let local = || Store::open(bench.local()).unwrap().runs().unwrap().runs.remove(0);
    for step in 0..50_000_u64 {
        run.log_at(step, [("loss", 1.0 / (step as f64 + 1.0)), ("accuracy", 0.5)]);
    }
    run.flush(Duration::from_secs(5)).unwrap();
    let mut uplink = crate::Uplink::new(&bench.place, local().path()).unwrap();
    uplink.send().unwrap();
    let store = bench.open();
    let read = store.runs().unwrap().runs.remove(0);
    assert_eq!(read.state(), State::Running);
    assert_eq!(read.points().unwrap().series[0].rows.len(), 50_000);
    read.edit(&Edit::new().name("from afar")).unwrap();
    fs::write(local().path().join("files/model.bin"), "weights").unwrap();
    run.finish().unwrap();
    send_all(&bench, &local());
    let ended = bench.open_as("another").unwrap().runs().unwrap().runs.remove(0);
    assert_eq!(ended.state(), State::Finished);
    assert_eq!(ended.info().name, "from afar");
    same(&local(), &ended);
    // Who has seen it as it trained sees the same.
    std::thread::sleep(Duration::from_secs(6));
    same(&local(), &store.runs().unwrap().runs[0]);
}

#[test]
fn the_first_curves_of_a_long_run_take_few_requests() {
    let bench = Bench::new();
    let run = init("mnist").dir(bench.local()).signals(false).code_changes(false).start().unwrap();
    let metrics: Vec<_> = (0..12).map(|number| run.metric(&format!("m{number}"))).collect();
    for step in 0..10_000_000_u64 / 12 {
        for metric in &metrics {
            metric.log(step, step as f64);
        }
    }
    run.finish().unwrap();
    send_all(&bench, &Store::open(bench.local()).unwrap().runs().unwrap().runs[0]);
    bench.objects.counted();
    let read = bench.open().runs().unwrap().runs.remove(0);
    let snapshot = read.snapshot().unwrap();
    for number in 0..12 {
        let buckets = snapshot.overview(&format!("m{number}"), 0..=u64::MAX, 1_500).unwrap();
        assert!(buckets.len() > 1_000, "{}", buckets.len());
    }
    let (requests, bytes) = bench.objects.counted();
    println!("12 curves of 10^7 points: {requests} requests, {bytes} bytes");
    assert!(requests <= 40 && bytes <= 4 << 20, "{requests} requests, {bytes} bytes");
}

/// The place knows when it was heard of last, by its own clock.
#[test]
fn a_run_whose_machine_is_gone_is_lost_two_minutes_after_its_last_word() {
    let scratch = tempfile::tempdir().unwrap();
    let run = init("mnist").dir(scratch.path().join("local")).signals(false).start().unwrap();
    run.log([("loss", 0.5)]);
    let to = scratch.path().join("place");
    let place = Place::parse_or_make(to.to_str().unwrap()).unwrap();
    crate::Uplink::new(&place, run.path()).unwrap().send().unwrap();
    let head = to.join("mnist/heads").join(format!("{}.json", run.id()));
    for (silent, expected) in [(90, State::Running), (130, State::Lost)] {
        let heard = std::time::SystemTime::now() - Duration::from_secs(silent);
        fs::File::options().write(true).open(&head).unwrap().set_modified(heard).unwrap();
        let cache = Cache::at(&scratch.path().join(silent.to_string()), "place");
        let seen = open_in(&place, cache, Duration::from_millis(50)).unwrap().runs().unwrap().runs;
        assert_eq!(seen[0].state(), expected, "silent for {silent} s");
    }
    run.finish().unwrap();
}
/// Puts heads of runs that have ended, from a number on.
fn put_heads(bench: &Bench, text: &str, numbers: std::ops::Range<u64>, old: &RunId) {
    for number in numbers {
        let id = ulid::Ulid::from_parts(1_700_000_000_000 + number, 1).to_string();
        let text = text.replace(old.as_str(), &id);
        let name = ProjectNames::new("mnist").run(&id.parse().unwrap()).head();
        let head = head([("run.json".into(), text)].into(), Vec::new(), BTreeMap::new());
        bench.put(&name, serde_json::to_vec(&head).unwrap());
    }
}

#[test]
fn a_catalogue_that_is_behind_is_renewed_by_who_comes_anew_and_by_who_looks_for_long() {
    let bench = Bench::new();
    let run = train(&bench, 10);
    let text = fs::read_to_string(run.path().join("run.json")).unwrap();
    let id = run.info().id.clone();
    let cold = |cache: &str| {
        bench.objects.counted();
        let store = bench.open_every(cache, Duration::from_hours(1)).unwrap();
        let runs = store.runs().unwrap().runs.len();
        (runs, bench.objects.counted().0)
    };
    put_heads(&bench, &text, 0..3_000, &id);
    cold("first");
    assert!(cold("second").1 <= 12);
    put_heads(&bench, &text, 3_000..3_040, &id);
    assert!(cold("third").1 > 40, "somebody has to fetch them once");
    let (runs, requests) = cold("fourth");
    assert!(runs == 3_040 && requests <= 12, "{requests} requests");
    let cache = Cache::at(&bench.scratch.path().join("long"), "memory").unwrap();
    let requests = Requests::new(&bench.place).unwrap();
    let mut heads = Heads::new(&cache, "mnist");
    heads.look(&requests, Duration::ZERO).unwrap();
    // Edited runs, of all ages, and new ones that are too few to be worth it.
    put_heads(&bench, &text, 500..520, &id);
    put_heads(&bench, &text, 3_040..3_045, &id);
    heads.look_at_all_again();
    heads.look(&requests, Duration::ZERO).unwrap();
    let (runs, requests) = cold("fifth");
    assert!(runs == 3_045 && requests <= 12, "{requests} requests");
    let objects = now(bench
        .objects
        .inner
        .list(Some(&ProjectNames::new("mnist").catalog()))
        .collect::<Vec<_>>());
    assert!(objects.len() <= 4, "{objects:?}");
}

#[test]
fn a_head_that_changes_while_all_are_listed_is_seen_as_it_is_then() {
    let bench = Bench::new();
    let run = train(&bench, 10);
    bench.send(&run);
    let store = bench.open_every("paged", Duration::from_hours(1)).unwrap();
    let text = fs::read_to_string(run.path().join("run.json")).unwrap();
    let renamed = text.replace(&*run.info().name, "renamed");
    let name = ProjectNames::new("mnist").run(&run.info().id).head();
    let changed = head([("run.json".into(), renamed)].into(), Vec::new(), BTreeMap::new());
    *bench.objects.then.lock() = Some((name, serde_json::to_vec(&changed).unwrap()));
    assert_eq!(store.runs().unwrap().runs[0].info().name, "renamed");
}

#[test]
fn the_list_of_ones_own_files_is_fetched_where_it_has_changed_alone() {
    let bench = Bench::new();
    let run = init("mnist").dir(bench.local()).signals(false).code_changes(false).start().unwrap();
    let local = || Store::open(bench.local()).unwrap().runs().unwrap().runs.remove(0);
    fs::write(local().path().join("files/model.bin"), "weights").unwrap();
    let mut uplink = crate::Uplink::new(&bench.place, local().path()).unwrap();
    let store = bench.open();
    let mut turn = |steps: std::ops::Range<u64>| {
        let end = steps.end;
        steps.for_each(|step| run.log_at(step, [("loss", 1.0)]));
        run.flush(Duration::from_secs(5)).unwrap();
        uplink.send().unwrap();
        let has_all = || {
            let Some(read) = store.runs().unwrap().runs.into_iter().next() else { return false };
            read.points().unwrap().series.first().is_some_and(|of| of.rows.len() as u64 == end)
        };
        assert!((0..200).any(|_| has_all() || {
            std::thread::sleep(Duration::from_millis(50));
            false
        }));
    };
    turn(0..100);
    bench.objects.got.lock().clear();
    turn(100..200);
    turn(200..300);
    let got = bench.objects.got.lock().iter().filter(|name| name.ends_with("/manifest")).count();
    // The sender looks whether somebody else has added to it.
    assert!(got <= 1, "{got} times");
    run.finish().unwrap();
}

#[test]
fn deleted_runs_are_told_and_vanish_at_once_also_for_who_is_looking() {
    let bench = Bench::new();
    let run = train(&bench, 10);
    bench.send(&run);
    let store = bench.open();
    assert_eq!(store.runs().unwrap().runs.len(), 1);
    let tidy = crate::Tidy::new(&bench.place).unwrap();
    tidy.delete("mnist", &run.info().id).unwrap();
    let is_gone = || store.runs().unwrap().runs.is_empty();
    assert!((0..140).any(|_| is_gone() || {
        std::thread::sleep(Duration::from_millis(50));
        false
    }));
    let cache = Cache::at(&bench.scratch.path().join("cache"), "memory").unwrap();
    let mut heads = Heads::new(&cache, "mnist");
    heads.look(&Requests::new(&bench.place).unwrap(), Duration::ZERO).unwrap();
    let gone: Vec<_> = heads.gone().collect();
    assert!(gone.len() == 1 && gone[0].1.name == run.info().name, "{gone:?}");
    tidy.restore("mnist", &run.info().id).unwrap();
    assert!((0..140).any(|_| !is_gone() || {
        std::thread::sleep(Duration::from_millis(50));
        false
    }));
    same(&run, &store.runs().unwrap().runs[0]);
}
