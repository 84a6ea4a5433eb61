//! A run is mirrored while it trains, whatever becomes of the mirror.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{
    env,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, atomic::AtomicU64},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use common::{begin, finish, lines, mirror, mirror_in, points, points_of, written};
use serde_json::{Value, json};
use tracker_core::{Event, Level, Step, Tracker, read::RunReader};
use tracker_export::{Mirror, Order};

/// How often the mirror is killed after it has written something.
const KILLS: u32 = 60;

/// How often a mirror may be killed before it has.
const MOST_IDLE: u32 = 600;

fn count(lines: &[Value], key: &str) -> usize {
    lines.iter().filter(|line| line.get(key).is_some()).count()
}

#[test]
fn a_run_that_has_ended_is_written_whole_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let run = begin(&folder.path().join("store")).start().unwrap();
    for step in 0..1_000_u64 {
        run.log_at(step, [("a", step as f64), ("b", 0.5)]);
    }
    run.record(Event::Text { name: "t".into(), step: Step(1), text: "word".into() });
    run.finish().unwrap();
    let reader = RunReader::open(run.path()).unwrap();
    for _ in 0..2 {
        let mut mirror = mirror(reader.clone(), &out).unwrap();
        finish(&mut mirror);
        assert_eq!((mirror.tally().kept["points"], mirror.tally().kept["events"]), (2_000, 1));
        let lines = written(&out);
        assert_eq!(points(&lines), points_of(&reader));
        assert_eq!(lines.first(), Some(&json!({ "begin": reader.info().name })));
        assert_eq!(lines.last(), Some(&json!({ "end": "finished" })));
        assert_eq!(lines.len(), 2_003);
    }
}

#[test]
fn what_is_logged_is_there_after_the_next_turn() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let run = begin(&folder.path().join("store")).start().unwrap();
    let mut mirror = mirror(RunReader::open(run.path()).unwrap(), &out).unwrap();
    assert!(mirror.turn().unwrap().is_idle());
    assert_eq!(written(&out).len(), 1, "the beginning is there before the first point");
    for step in 0..10_u64 {
        run.log_at(step, [("a", 1.0)]);
        let turn = mirror.turn().unwrap();
        assert_eq!((turn.points, points(&written(&out)).len() as u64), (1, step + 1));
    }
    assert!(!mirror.is_done());
    run.finish().unwrap();
    finish(&mut mirror);
    assert_eq!(count(&written(&out), "end"), 1);
}

#[test]
fn a_target_that_wants_steps_gets_points_as_they_were_logged() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let run = begin(&folder.path().join("store")).start().unwrap();
    for step in 0..100_u64 {
        run.log_at(step, [("a", 1.0), ("b", 2.0), ("c", 3.0)]);
    }
    run.finish().unwrap();
    let reader = RunReader::open(run.path()).unwrap();
    finish(&mut mirror_in(reader, &out, Order::ByStep).unwrap());
    let steps: Vec<u64> = written(&out).iter().filter_map(|line| line[1].as_u64()).collect();
    assert_eq!(steps.len(), 300);
    assert!(steps.is_sorted());
}

#[test]
fn a_run_is_mirrored_to_a_place_by_one_process_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let run = begin(&folder.path().join("store")).start().unwrap();
    let reader = RunReader::open(run.path()).unwrap();
    let first = mirror(reader.clone(), &folder.path().join("out"));
    assert!(mirror(reader.clone(), &folder.path().join("out")).is_none());
    assert!(mirror(reader.clone(), &folder.path().join("elsewhere")).is_some());
    drop(first);
    assert!(mirror(reader, &folder.path().join("out")).is_some());
    run.finish().unwrap();
}

#[test]
fn a_run_that_goes_on_after_its_end_is_mirrored_on_and_has_one_end() {
    let folder = tempfile::tempdir().unwrap();
    let (store, out) = (folder.path().join("store"), folder.path().join("out"));
    let run = begin(&store).start().unwrap();
    (0..10_u64).for_each(|step| run.log_at(step, [("a", 1.0)]));
    let path = run.path().to_owned();
    let id = run.id().to_string();
    drop(run);
    let mut first = mirror(RunReader::open(&path).unwrap(), &out).unwrap();
    finish(&mut first);
    drop(first);
    assert_eq!(written(&out).last(), Some(&json!({ "end": "ended" })));
    let run = begin(&store).resume(id).start().unwrap();
    let _ = run.resume_after(9_u64);
    (10..20_u64).for_each(|step| run.log_at(step, [("a", 2.0), ("new", 3.0)]));
    run.finish().unwrap();
    let reader = RunReader::open(&path).unwrap();
    finish(&mut mirror(reader.clone(), &out).unwrap());
    let lines = written(&out);
    assert_eq!(points(&lines), points_of(&reader));
    assert_eq!((count(&lines, "begin"), count(&lines, "end")), (1, 1));
    assert_eq!(lines.last(), Some(&json!({ "end": "finished" })));
}

#[test]
fn a_target_that_fails_is_caught_up_and_told_of_once() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let run = begin(&folder.path().join("store")).start().unwrap();
    let reader = RunReader::open(run.path()).unwrap();
    let fails_after = Arc::new(AtomicU64::new(0));
    let open = lines(&out, Order::ByMetric, &fails_after);
    let mut mirror = Mirror::with(reader.clone(), "out", open).unwrap().unwrap();
    let mut told = 0;
    for round in 0..3_u64 {
        (0..100_u64).for_each(|step| run.log_at(round * 100 + step, [("a", 1.0)]));
        fails_after.store(30, std::sync::atomic::Ordering::Relaxed);
        let turn = mirror.turn().unwrap();
        assert!(turn.is_idle() && turn.wait > Duration::ZERO);
        told += u32::from(turn.trouble.is_some());
        assert!(mirror.turn().unwrap().is_idle(), "it waits");
        thread::sleep(turn.wait);
        assert_eq!(mirror.turn().unwrap().points, 100);
    }
    run.finish().unwrap();
    finish(&mut mirror);
    assert_eq!(told, 1);
    assert_eq!(points(&written(&out)), points_of(&reader));
}

#[test]
fn a_state_that_cannot_be_read_is_no_new_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let run = begin(&folder.path().join("store")).start().unwrap();
    run.finish().unwrap();
    let reader = RunReader::open(run.path()).unwrap();
    finish(&mut mirror(reader.clone(), &out).unwrap());
    let files = std::fs::read_dir(run.path().join("followers")).unwrap();
    let state =
        files.map(|file| file.unwrap().path()).find(|path| path.extension().unwrap() == "json");
    std::fs::write(state.unwrap(), "{\"version\":").unwrap();
    let again =
        Mirror::with(reader, &out.to_string_lossy(), lines(&out, Order::ByMetric, &Arc::default()));
    assert!(again.unwrap_err().to_string().contains("hint:"));
}

/// Mirrors what the environment names, until it is done or killed.
#[test]
#[ignore = "a process that another test starts"]
fn actor() {
    let of = |name: &str| PathBuf::from(env::var_os(name).unwrap());
    let reader = RunReader::open(of("MIRROR_RUN")).unwrap();
    if let Some(mut mirror) = mirror(reader, &of("MIRROR_OUT")) {
        finish(&mut mirror);
    }
}

fn start_actor(run: &Path, out: &Path) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "actor", "--ignored"]).env("MIRROR_RUN", run).env("MIRROR_OUT", out);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Numbers that look drawn.
fn draw(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

#[test]
fn a_mirror_that_is_killed_again_and_again_misses_nothing_and_writes_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let run = begin(&folder.path().join("store")).start().unwrap();
    let path = run.path().to_owned();
    let mut seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    println!("seed {seed}");
    let ends = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let training = thread::spawn({
        let (run, ends) = (run.clone(), Arc::clone(&ends));
        move || {
            let mut step = 0_u64;
            while !ends.load(std::sync::atomic::Ordering::Relaxed) {
                // A new name now and then, which is told among the points.
                let name = format!("metric {}", step / 500);
                run.log_at(step, vec![("loss".to_owned(), step as f64), (name, 0.5)]);
                if step.is_multiple_of(40) {
                    let text = format!("step {step}");
                    run.record(Event::Message { level: Level::Info, text });
                }
                step += 1;
                thread::sleep(Duration::from_micros(500));
            }
            run.finish().unwrap();
        }
    });
    let length = || std::fs::metadata(&out).map_or(0, |file| file.len());
    let (mut kills, mut idle) = (0, 0);
    while kills < KILLS && idle < MOST_IDLE {
        let before = length();
        let mut actor = start_actor(&path, &out);
        thread::sleep(Duration::from_millis(5 + draw(&mut seed) % 150));
        actor.kill().unwrap();
        actor.wait().unwrap();
        let has_worked = length() != before;
        kills += u32::from(has_worked);
        idle += u32::from(!has_worked);
        if kills == KILLS - 5 {
            // The last ones meet the end of the run.
            ends.store(true, std::sync::atomic::Ordering::Relaxed);
        }
        if ends.load(std::sync::atomic::Ordering::Relaxed) && !has_worked {
            break;
        }
    }
    assert!(kills >= KILLS - 5, "{kills} mirrors were killed at work, {idle} before");
    ends.store(true, std::sync::atomic::Ordering::Relaxed);
    training.join().unwrap();
    assert!(start_actor(&path, &out).wait().unwrap().success());
    let (lines, reader) = (written(&out), RunReader::open(&path).unwrap());
    assert_eq!(points(&lines), points_of(&reader));
    let events: Vec<Value> = lines.iter().filter_map(|line| line.get("event").cloned()).collect();
    let wanted: Vec<Value> = reader.events().unwrap().iter().map(|event| json!(event)).collect();
    assert_eq!(events, wanted);
    assert_eq!((count(&lines, "begin"), count(&lines, "end")), (1, 1));
}
