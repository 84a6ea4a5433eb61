//! What `finish` says is there is there: whatever becomes of a run's files while it trains.
//!
//! Some tests start this test program again as a process of its own, see [`process`].

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracker_core::{
    Event, Level, Run, State, Tracker, init,
    read::{RunReader, Store, StoredEventKind},
    upkeep,
};

const ROLE: &str = "TRACKER_TEST_ROLE";

/// Bytes that no file may outgrow, in tests that need a disk that refuses.
const SMALL: u64 = 64 << 10;

/// The process that trains in the way that the environment asks for.
#[test]
#[ignore = "started by the other tests as a process of its own"]
fn process() {
    let Ok(role) = env::var(ROLE) else { return };
    match role.as_str() {
        "refused-events" => finish_with_refused_events(),
        "freed-events" => finish_once_events_are_taken(),
        "limited-files" => log_beyond_the_limit(),
        "wait" => log_before_and_after_a_line(),
        other => panic!("no role {other}"),
    }
}

/// Sets what no file may outgrow, as `ulimit -f` does.
fn limit_files(bytes: Option<u64>) {
    let maximum = getrlimit(Resource::Fsize).maximum;
    setrlimit(Resource::Fsize, Rlimit { current: bytes, maximum }).unwrap();
}

fn start(role: &str, store: &Path) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", "process", "--ignored", "--nocapture"])
        .env(ROLE, role)
        .env("TRACKER_DIR", store)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn output(role: &str, store: &Path) -> String {
    let Output { status, stdout, stderr } = start(role, store).output().unwrap();
    let text = [stdout, stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(status.success(), "{status}: {text}");
    text
}

fn only_run(store: &Path) -> RunReader {
    let listing = Store::open(store).unwrap().runs().unwrap();
    assert_eq!((listing.runs.len(), listing.warnings.len()), (1, 0), "{:?}", listing.warnings);
    listing.runs.into_iter().next().unwrap()
}

/// Logs these steps and waits until they are in files.
fn log(run: &Run, steps: std::ops::Range<u64>) {
    let loss = run.metric("loss");
    steps.for_each(|step| loss.log(step, step as f64));
    run.flush(Duration::from_secs(30)).unwrap();
}

fn steps(run: &RunReader) -> Vec<u64> {
    run.series("loss").unwrap().iter().map(|row| row.step.0).collect()
}

fn assert_whole(store: &Path, steps_logged: u64) {
    let run = only_run(store);
    assert_eq!(steps(&run), (0..steps_logged).collect::<Vec<_>>());
    assert_eq!(run.state(), State::Finished);
}

/// How many texts the run holds.
fn texts(run: &RunReader) -> usize {
    let events = run.events().unwrap();
    events.iter().filter(|event| matches!(event.kind, StoredEventKind::Text { .. })).count()
}

/// Texts that take more than a file may hold.
fn record_texts(run: &Run) {
    for _ in 0..3 {
        let text = "x".repeat(SMALL as usize / 2);
        run.record(Event::Text { name: "sample".into(), step: 0_u64.into(), text });
    }
}

fn finish_with_refused_events() {
    let run = init("kept").start().unwrap();
    limit_files(Some(SMALL));
    run.log([("loss", 0.5)]);
    record_texts(&run);
    println!("{}", run.finish().unwrap_err());
}

fn finish_once_events_are_taken() {
    let run = init("kept").start().unwrap();
    limit_files(Some(SMALL));
    record_texts(&run);
    run.flush(Duration::from_millis(500)).unwrap_err();
    limit_files(None);
    println!("{}", run.finish().unwrap());
}

#[test]
fn events_that_a_disk_refuses_are_told_by_number() {
    let store = tempfile::tempdir().unwrap();
    let said = output("refused-events", store.path());
    // The first text fits, and is kept where the writer came to it before there were others.
    let missing = 3 - texts(&only_run(store.path()));
    assert!(missing >= 2, "{said}");
    let told = format!("{missing} events (texts, messages, histograms, artifacts) are missing");
    assert!(said.contains(&told), "{told} is not in: {said}");
    assert!(said.contains("events-r0a1.jsonl") && said.contains("hint: check the disk"), "{said}");
}

#[test]
fn events_that_a_disk_refused_are_tried_again() {
    let store = tempfile::tempdir().unwrap();
    output("freed-events", store.path());
    assert_eq!(texts(&only_run(store.path())), 3);
}

/// A program under `ulimit -f`, whose own writes beyond the limit fail too.
fn log_beyond_the_limit() {
    limit_files(Some(SMALL));
    let run = init("kept").start().unwrap();
    let loss = run.metric("loss");
    (0..50_000_u64).for_each(|step| loss.log(step, step as f64));
    println!("training went on");
    println!("{}", run.finish().unwrap_err());
}

#[test]
fn a_limit_on_the_size_of_files_is_a_full_disk_and_does_not_end_the_training() {
    let store = tempfile::tempdir().unwrap();
    let said = output("limited-files", store.path());
    assert!(said.contains("training went on"), "{said}");
    let run = only_run(store.path());
    let kept = steps(&run);
    let told = format!("{} points are missing: failed to write", 50_000 - kept.len());
    assert!(said.contains(&told), "{told} is not in: {said}");
    assert!(kept.iter().copied().eq(0..kept.len() as u64) && kept.len() > 1_000, "{}", kept.len());
}

#[test]
fn a_log_that_is_removed_while_the_run_lives_takes_no_point() {
    let store = tempfile::tempdir().unwrap();
    let run = init("kept").dir(store.path()).start().unwrap();
    log(&run, 0..500);
    fs::remove_file(run.path().join("live/r0a1/log-0")).unwrap();
    log(&run, 500..750);
    assert_eq!(run.finish().unwrap().points(), 750);
    assert_whole(store.path(), 750);
}

#[test]
fn a_log_that_was_removed_is_written_again_for_readers_and_for_the_next_kill() {
    let store = tempfile::tempdir().unwrap();
    let run = init("kept").dir(store.path()).start().unwrap();
    log(&run, 0..500);
    let log_file = run.path().join("live/r0a1/log-0");
    fs::remove_file(&log_file).unwrap();
    wait_until(|| log_file.exists());
    assert_eq!(steps(&only_run(store.path())), (0..500).collect::<Vec<_>>());
    let report = run.finish().unwrap();
    assert!(report.problems().iter().any(|p| p.kind == "file-removed"), "{report}");
}

#[test]
fn texts_whose_file_is_removed_while_the_run_lives_are_written_again() {
    let store = tempfile::tempdir().unwrap();
    let run = init("kept").dir(store.path()).start().unwrap();
    let message = |text: &str| Event::Message { level: Level::Info, text: text.into() };
    run.record(message("before"));
    run.flush(Duration::from_secs(30)).unwrap();
    fs::remove_file(run.path().join("events-r0a1.jsonl")).unwrap();
    run.record(message("after"));
    run.finish().unwrap();
    let events = format!("{:?}", only_run(store.path()).events().unwrap());
    assert!(events.contains("before") && events.contains("after"), "{events}");
}

#[test]
fn a_store_that_is_moved_while_it_lives_keeps_every_point() {
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = ["old", "new"].map(|name| folder.path().join(name));
    let run = init("kept").dir(old.join("store")).start().unwrap();
    log(&run, 0..500);
    fs::rename(&old, &new).unwrap();
    log(&run, 500..750);
    let report = run.finish().unwrap();
    assert!(report.path().unwrap().starts_with(fs::canonicalize(&new).unwrap()), "{report}");
    assert_whole(&new.join("store"), 750);
    assert!(!old.exists(), "nothing is left where it was");
}

#[test]
fn a_run_whose_folder_is_removed_while_it_lives_is_made_again() {
    let store = tempfile::tempdir().unwrap();
    let run = init("kept").dir(store.path()).start().unwrap();
    let message = Event::Message { level: Level::Info, text: "before".into() };
    run.record(message);
    log(&run, 0..500);
    fs::remove_dir_all(run.path()).unwrap();
    log(&run, 500..750);
    assert_eq!(run.finish().unwrap().points(), 750);
    assert_whole(store.path(), 750);
    let events = format!("{:?}", only_run(store.path()).events().unwrap());
    assert!(events.contains("before"), "{events}");
}

#[test]
fn a_live_folder_that_is_removed_is_made_again_and_its_run_lives() {
    let store = tempfile::tempdir().unwrap();
    let run = init("kept").dir(store.path()).start().unwrap();
    log(&run, 0..500);
    let live = run.path().join("live/r0a1");
    fs::remove_dir_all(&live).unwrap();
    wait_until(|| live.join("log-0").exists());
    let reader = only_run(store.path());
    assert_eq!((reader.state(), steps(&reader).len()), (State::Running, 500));
    assert!(upkeep::remove(&reader).is_err());
    for file in ["lock", "heartbeat", "ring"] {
        fs::remove_file(live.join(file)).unwrap();
        wait_until(|| live.join(file).exists());
        assert_eq!(only_run(store.path()).state(), State::Running);
    }
    run.finish().unwrap();
    assert_whole(store.path(), 500);
}

#[test]
fn a_live_run_survives_git_stash() {
    let folder = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@b"];
        let mut git = Command::new("git");
        git.current_dir(folder.path()).args(identity).args(arguments).output().unwrap()
    };
    assert!(git(&["init", "--quiet"]).status.success());
    let first = git(&["commit", "--quiet", "--allow-empty", "--message", "first"]);
    assert!(first.status.success(), "{first:?}");
    let store = folder.path().join(".tracker");
    let run = init("kept").dir(&store).start().unwrap();
    // As in a store that was made before stores told git to ignore them.
    let _ = fs::remove_file(store.join(".gitignore"));
    log(&run, 0..500);
    // Git may complain: what it removes can be there again before it is done.
    let stashed = git(&["stash", "--include-untracked", "--quiet"]);
    assert!(git(&["stash", "list"]).stdout.starts_with(b"stash@{0}"), "{stashed:?}");
    log(&run, 500..750);
    assert_eq!(run.finish().unwrap().points(), 750);
    assert_whole(&store, 750);
}

/// Points after which a log is full and sealed.
const FULL_LOG: u64 = 1 << 20;

#[test]
fn a_part_that_is_removed_while_the_run_lives_is_missed_at_its_end() {
    let store = tempfile::tempdir().unwrap();
    let run = init("kept").dir(store.path()).system_metrics(false).start().unwrap();
    log(&run, 0..FULL_LOG + 10);
    let scalars = run.path().join("scalars");
    let parts = || fs::read_dir(&scalars).into_iter().flatten().flatten();
    let is_whole = |path: PathBuf| path.extension().is_some_and(|end| end == "parquet");
    wait_until(|| parts().any(|part| is_whole(part.path())));
    parts().for_each(|part| fs::remove_file(part.path()).unwrap());
    let said = run.finish().unwrap_err().to_string();
    // The name of the metric took two places in the log.
    let missing = FULL_LOG - 2;
    let numbers = format!("of {} points, {missing} points are missing", FULL_LOG + 10);
    assert!(said.contains(&numbers) && said.contains("hint: something removed"), "{said}");
    assert_eq!(steps(&only_run(store.path())).len(), 12, "what is left is there");
}

#[test]
fn a_run_that_goes_on_after_its_texts_were_removed_hides_nothing_of_what_it_had() {
    let store = tempfile::tempdir().unwrap();
    let run = init("kept").dir(store.path()).start().unwrap();
    log(&run, 0..500);
    run.finish().unwrap();
    fs::remove_file(run.path().join("events-r0a1.jsonl")).unwrap();
    // Shorter than what is there, and longer.
    for steps in [500..600, 600..1_500] {
        let next = init("kept").dir(store.path()).resume("@latest").start().unwrap();
        log(&next, steps.clone());
        assert_eq!(next.finish().unwrap().points(), steps.end - steps.start);
    }
    assert_whole(store.path(), 1_500);
}

#[test]
fn texts_that_are_cut_while_the_run_lives_are_missed_at_its_end() {
    let store = tempfile::tempdir().unwrap();
    let run = init("kept").dir(store.path()).start().unwrap();
    let message = |text: &str| Event::Message { level: Level::Info, text: text.into() };
    run.record(message("before"));
    run.flush(Duration::from_secs(30)).unwrap();
    fs::File::create(run.path().join("events-r0a1.jsonl")).unwrap();
    run.record(message(&"after".repeat(100)));
    let said = run.finish().unwrap_err().to_string();
    assert!(said.contains("events (texts, messages, histograms, artifacts) are missing"), "{said}");
}

/// Lets a process find no file locks, as on disks that have none.
fn take_locks_away(command: &mut Command, folder: &Path) {
    let shim = folder.join("no_flock.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/no_flock.c");
    let compiled = Command::new("cc").args(["-shared", "-fPIC", source, "-o"]).arg(&shim).status();
    assert!(compiled.unwrap().success());
    command.env("LD_PRELOAD", shim);
}

/// The same command in a process namespace of its own, as in a container; `None` where the system
/// lets nobody make one.
fn in_other_namespace(command: &Command) -> Option<Command> {
    let ways = ["-pf", "-rpf"];
    let is_allowed = |way: &&str| {
        let probe = Command::new("unshare").args([way, "--mount-proc", "true"]).output();
        probe.is_ok_and(|probe| probe.status.success())
    };
    let way = ways.into_iter().find(is_allowed)?;
    let mut other = Command::new("unshare");
    other.args([way, "--kill-child", "--mount-proc"]).arg(command.get_program());
    other.args(command.get_args());
    other.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    other.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Some(other)
}

/// A training that logs 500 points, waits for a line, and logs 250 more.
struct Waiting(Child);

impl Waiting {
    fn start(mut command: Command) -> Self {
        use std::io::{BufRead, BufReader};
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
        assert!(lines.map_while(Result::ok).any(|line| line.contains("logged")));
        Self(child)
    }

    fn go_on(mut self) -> String {
        use std::io::Write;
        self.0.stdin.take().unwrap().write_all(b"\n").unwrap();
        let Output { status, stdout, stderr } = self.0.wait_with_output().unwrap();
        let text = [stdout, stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        assert!(status.success(), "{status}: {text:?}");
        text.concat()
    }
}

/// Whoever looks after the store leaves this training alone, and it keeps every point.
fn assert_left_alone(command: Command, store: &Path) {
    let training = Waiting::start(command);
    let run = only_run(store);
    assert_eq!(run.state(), State::Running);
    let sealed = upkeep::seal_dead(&run).unwrap();
    assert!(sealed.iter().all(Result::is_err), "{sealed:?}");
    upkeep::seal_lost(&run).unwrap().iter().for_each(|sealed| assert!(sealed.is_err()));
    upkeep::seal_leftovers();
    for garbage in upkeep::garbage(&Store::open(store).unwrap()).unwrap() {
        garbage.remove().unwrap();
    }
    assert!(upkeep::remove(&run).is_err());
    assert!(init("kept").dir(store).resume("@latest").start().is_err());
    training.go_on();
    assert_whole(store, 750);
}

#[test]
#[cfg(target_os = "linux")]
fn a_run_on_a_disk_without_locks_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let mut command = start("wait", &store);
    take_locks_away(&mut command, folder.path());
    assert_left_alone(command, &store);
}

#[test]
#[cfg(target_os = "linux")]
fn a_run_in_another_container_on_a_disk_without_locks_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let mut command = start("wait", &store);
    take_locks_away(&mut command, folder.path());
    let Some(command) = in_other_namespace(&command) else {
        eprintln!("not shown: this system lets nobody make a namespace");
        return;
    };
    assert_left_alone(command, &store);
}

/// Copies a run's folder and seals the copy as that of a dead process: what somebody who is wrong
/// about a living process makes of it.
fn seal_a_copy(run: &Path, copy: &Path) {
    fs::create_dir_all(copy.parent().unwrap()).unwrap();
    let copied = Command::new("cp").arg("-r").args([run, copy]).status();
    assert!(copied.unwrap().success());
    fs::remove_file(copy.join("live/r0a1/lock")).unwrap();
    fs::remove_file(copy.join("live/r0a1/ring")).unwrap();
    let heartbeat = fs::File::options().write(true).open(copy.join("live/r0a1/heartbeat"));
    let long_ago = std::time::SystemTime::now() - Duration::from_hours(1);
    heartbeat.unwrap().set_modified(long_ago).unwrap();
    let sealed = upkeep::seal_dead(&RunReader::open(copy).unwrap()).unwrap();
    assert!(sealed.len() == 1 && sealed[0].is_ok(), "{sealed:?}");
}

#[test]
fn a_run_that_somebody_sealed_while_it_lived_keeps_every_point() {
    let (store, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let run = init("kept").dir(store.path()).start().unwrap();
    log(&run, 0..500);
    let copy = other.path().join("kept").join(run.id().as_str());
    seal_a_copy(run.path(), &copy);
    fs::remove_dir_all(run.path().join("live")).unwrap();
    let moved = Command::new("cp").arg("-r").arg(copy.join("scalars")).arg(run.path()).status();
    assert!(moved.unwrap().success());
    assert_eq!(steps(&only_run(store.path())).len(), 500, "as it was sealed");
    log(&run, 500..750);
    assert_eq!(run.finish().unwrap().points(), 750);
    assert_whole(store.path(), 750);
}

fn wait_until(mut happened: impl FnMut() -> bool) {
    let since = Instant::now();
    while !happened() {
        assert!(since.elapsed() < Duration::from_mins(1), "it does not happen");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn log_before_and_after_a_line() {
    let run = init("kept").start().unwrap();
    log(&run, 0..500);
    println!("logged");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    log(&run, 500..750);
    println!("{}", run.finish().unwrap());
}
