//! Several processes, ranks and attempts in one run, and processes that fork.
//!
//! Each test starts this test program again as the processes that train, see [`process`].

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tracker_core::{
    Definition, Error, Event, FinishHook, Image, MemoryTracker, Mode, Outcome, Point, Problem,
    RunId, State, Stop, Tracker, Writer,
    control::StopRequest,
    init, metrics,
    read::{RunReader, Store},
    upkeep,
};

const ROLE: &str = "TRACKER_TEST_ROLE";
const ID: &str = "01J00000000000000000000000";

/// The process that trains in the way that the environment asks for.
#[test]
#[ignore = "started by the other tests as a process of its own"]
fn process() {
    let Ok(role) = env::var(ROLE) else { return };
    let run = init("processes").name("shared").start().unwrap();
    match role.as_str() {
        "rank" => {
            let rank: u64 = env::var("TRACKER_RANK").unwrap().parse().unwrap();
            for step in 0..100_u64 {
                run.log_at(step, metrics! { "loss" => rank * 1_000 + step });
            }
            println!("{}", run.finish().unwrap());
        }
        "wait" => {
            run.log_at(0, metrics! { "loss" => 0.5 });
            run.log_at(7, metrics! { "loss" => 0.7 });
            println!("logged");
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).unwrap();
            println!("{}", run.finish().unwrap());
        }
        "until-stopped" => {
            let rank = env::var("TRACKER_RANK").unwrap();
            run.describe("ranks", serde_json::json!({ rank: "was here" }));
            run.log_at(0, metrics! { "loss" => 0.5 });
            println!("logged");
            while run.requests().stop != Stop::Now {
                std::thread::sleep(Duration::from_millis(5));
            }
            println!("{}", run.finish().unwrap());
        }
        "trials" => trials(&run),
        "fork" => fork(&run),
        other => panic!("no role {other}"),
    }
}

/// Two more trials in the process of one that has finished and one that goes on.
fn trials(first: &tracker_core::Run) {
    let trial = |run: &tracker_core::Run, loss: f64| run.log_at(0, metrics! { "loss" => loss });
    trial(first, 0.0);
    first.finish().unwrap();
    let second = init("processes").name("second").start().unwrap();
    let third = init("processes").name("third").start().unwrap();
    trial(&second, 1.0);
    trial(&third, 2.0);
    third.finish().unwrap();
    second.finish().unwrap();
}

/// Does all that can be done with a run in a forked child, which must change nothing and wait for
/// nothing, while another thread keeps taking the run's locks.
fn fork(run: &tracker_core::Run) {
    run.log_at(0, metrics! { "loss" => 1.0 });
    let called = Arc::new(Called(run.clone()));
    let before_finish: Arc<dyn FinishHook> = called.clone();
    run.before_finish(Arc::downgrade(&before_finish));
    let others = run.clone();
    let is_over = Arc::new(AtomicBool::new(false));
    let busy = std::thread::spawn({
        let is_over = Arc::clone(&is_over);
        move || {
            while !is_over.load(Ordering::Relaxed) {
                others.describe("busy", serde_json::json!({ "at": Instant::now().elapsed() }));
                others.record(Event::Text { name: "t".into(), step: 0.into(), text: "x".into() });
                let _ = (others.status(), others.stop_reason());
            }
        }
    });
    for _ in 0..20 {
        fork_once(run);
    }
    is_over.store(true, Ordering::Relaxed);
    busy.join().unwrap();
    run.log_at(2, metrics! { "loss" => 3.0 });
    run.finish().unwrap();
}

/// Tells in the run that it was called.
struct Called(tracker_core::Run);

impl FinishHook for Called {
    fn before_finish(&self, _: &Outcome) {
        self.0.log_at(9, metrics! { "last call" => 1.0 });
    }
}

fn fork_once(run: &tracker_core::Run) {
    #[expect(unsafe_code, reason = "there is no other way to fork")]
    // SAFETY: the child only calls the run and exits; it is ended if it waits.
    let child = unsafe {
        let child = libc::fork();
        if child == 0 {
            libc::alarm(20);
        }
        child
    };
    if child == 0 {
        std::process::exit(i32::from(!in_forked_child(run)));
    }
    let mut status = 0;
    #[expect(unsafe_code, reason = "the child is known to the C library only")]
    // SAFETY: `status` outlives the call.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!((waited, status), (child, 0));
}

fn in_forked_child(run: &tracker_core::Run) -> bool {
    run.log_at(1, metrics! { "loss" => 2.0, "a new name" => 1.0 });
    Tracker::write(run, &[Point::new(MemoryTracker::new().metric_id("foreign"), 1_u64, 1.0)]);
    run.describe("fork", serde_json::json!({ "child": true }));
    run.define("loss", Definition::new().unit("m"));
    run.record(Event::Text { name: "t".into(), step: 1.into(), text: "child".into() });
    run.record(Event::Problem(Problem::new("child", "child", "child")));
    run.log_media("child", 1_u64, Image::gray8(1, 1, vec![0]).unwrap());
    run.conclude(Outcome::Failed("by the child".into()));
    let (position, requests) = (run.position(), run.requests());
    let silent = (position, requests.stop, run.stop_reason()) == (None, Stop::No, None);
    let told = |error: Option<Error>| {
        let text = error.map(|error| error.to_string()).unwrap_or_default();
        text.contains("forked") && text.contains("8 points and events") && !text.contains("disk")
    };
    let refused = [
        run.flush(Duration::from_secs(10)).err(),
        run.resume_after(5).err(),
        run.finish().err(),
        run.finish_as(Outcome::Failed("by the child".into())).err(),
    ];
    let problems = run.status().problems;
    let counted = problems.iter().any(|p| p.kind == "logged-in-forked-child" && p.count == 8);
    drop(run.clone());
    silent && counted && refused.into_iter().all(told)
}

fn start(store: &Path, role: &str, environment: &[(&str, &str)]) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "process", "--ignored", "--nocapture"])
        .env(ROLE, role)
        .env("TRACKER_DIR", store)
        // A program that is about to start has the locks of the process that starts it.
        .env("TRACKER_CODE_CHANGES", "off")
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn succeed(child: Child) -> Output {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Waits until a process with the role `wait` has logged.
fn wait_until_logged(child: &mut Child) {
    use std::io::{BufRead, BufReader};
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.contains("logged")));
}

fn only_run(store: &Path) -> RunReader {
    let listing = Store::open(store).unwrap().runs().unwrap();
    assert_eq!((listing.runs.len(), listing.warnings.len()), (1, 0), "{:?}", listing.warnings);
    listing.runs.into_iter().next().unwrap()
}

fn values(run: &RunReader, writer: Writer) -> Vec<f64> {
    let rows = run.series("loss").unwrap();
    rows.iter().filter(|row| row.writer == writer).map(|row| row.value).collect()
}

#[test]
fn ranks_write_to_one_run() {
    let store = tempfile::tempdir().unwrap();
    let rank =
        |rank| start(store.path(), "rank", &[("TRACKER_RUN_ID", ID), ("TRACKER_RANK", rank)]);
    let children = ["0", "1", "2"].map(rank);
    for child in children {
        succeed(child);
    }
    let run = only_run(store.path());
    assert_eq!((run.state(), run.info().id.as_str()), (State::Finished, ID));
    for rank in 0..3_u16 {
        let expected: Vec<f64> =
            (0..100).map(|step| f64::from(rank) * 1e3 + f64::from(step)).collect();
        assert_eq!(values(&run, Writer { rank, attempt: 1 }), expected);
    }
    assert_eq!(run.summary().unwrap()["loss"].count, 300);
}

#[test]
fn a_rank_that_two_processes_claim_is_told_and_both_are_kept() {
    let store = tempfile::tempdir().unwrap();
    let mut first = start(store.path(), "wait", &[("TRACKER_RUN_ID", ID)]);
    wait_until_logged(&mut first);
    let mut second = start(store.path(), "wait", &[("TRACKER_RUN_ID", ID)]);
    wait_until_logged(&mut second);
    let told = succeed(second);
    succeed(first);
    let told = String::from_utf8_lossy(&told.stderr);
    assert!(told.contains("another process logs to this run as rank 0 (r0a1)"), "{told}");
    assert!(told.contains("TRACKER_RANK"), "{told}");
    let run = only_run(store.path());
    for attempt in [1, 2] {
        assert_eq!(values(&run, Writer { rank: 0, attempt }), [0.5, 0.7]);
    }
    let problems = &run.info().problems;
    assert!(problems.iter().any(|p| p.kind == "rank-claimed-twice"), "{problems:?}");
}

#[test]
fn each_trial_of_a_process_has_a_run_of_its_own_and_gets_it_again_when_started_again() {
    let store = tempfile::tempdir().unwrap();
    let environment = [("TRACKER_RUN_ID", ID)];
    let told = succeed(start(store.path(), "trials", &environment)).stderr;
    let told = String::from_utf8_lossy(&told);
    assert_eq!(told.matches("TRACKER_RUN_ID is the id of one run").count(), 1, "{told}");
    let ranks = [("TRACKER_RUN_ID", ID), ("TRACKER_RANK", "1")];
    succeed(start(store.path(), "trials", &ranks));
    succeed(start(store.path(), "trials", &environment));
    let runs = Store::open(store.path()).unwrap().runs().unwrap().runs;
    assert_eq!(runs.len(), 3);
    for (number, name) in ["shared", "second", "third"].into_iter().enumerate() {
        let run = runs.iter().find(|run| run.info().name == name).unwrap();
        assert_eq!(run.info().id.as_str() == ID, number == 0);
        let losses: Vec<f64> = run.series("loss").unwrap().iter().map(|row| row.value).collect();
        assert_eq!(losses, [number as f64; 3], "of two ranks, and of one again");
        let writers = run.writers().unwrap();
        assert_eq!(writers.len(), 3, "{writers:?}");
        assert!(run.info().problems.is_empty());
    }
}

#[test]
fn a_forked_child_neither_changes_its_parents_run_nor_waits_for_its_locks() {
    let store = tempfile::tempdir().unwrap();
    succeed(start(store.path(), "fork", &[]));
    let run = only_run(store.path());
    assert_eq!((run.state(), run.info().message.as_deref()), (State::Finished, None));
    assert_eq!(values(&run, Writer { rank: 0, attempt: 1 }), [1.0, 3.0]);
    assert_eq!(run.series("last call").unwrap().len(), 1);
    assert!(run.info().about.contains_key("busy") && !run.info().about.contains_key("fork"));
    assert!(run.info().definitions.is_empty());
    let of_child =
        |problem: &Problem| ["child", "logged-in-forked-child"].contains(&&*problem.kind);
    assert!(!run.info().problems.iter().any(of_child), "{:?}", run.info().problems);
}

#[test]
fn a_request_reaches_every_rank_and_the_facts_of_each_are_read() {
    let store = tempfile::tempdir().unwrap();
    let rank = |rank| {
        start(store.path(), "until-stopped", &[("TRACKER_RUN_ID", ID), ("TRACKER_RANK", rank)])
    };
    let mut children = ["0", "1"].map(rank);
    children.iter_mut().for_each(wait_until_logged);
    StopRequest::now().by("alice@host").send(&only_run(store.path())).unwrap();
    for child in children {
        let output = succeed(child);
        let page = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(page.contains("stopped (alice@host asked to stop now)"), "{page}");
    }
    let run = only_run(store.path());
    assert_eq!(run.state(), State::Stopped);
    let ranks: Vec<&String> = run.info().about["ranks"].keys().collect();
    assert_eq!(ranks.len(), 2, "{ranks:?}");
}

#[test]
fn a_run_that_is_killed_and_resumed_shows_what_the_last_attempt_logged() {
    let store = tempfile::tempdir().unwrap();
    let mut first = start(store.path(), "wait", &[("TRACKER_RUN_ID", ID)]);
    wait_until_logged(&mut first);
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(only_run(store.path()).state(), State::Crashed);

    let run = init("processes").dir(store.path()).resume("shared").start().unwrap();
    assert!(run.is_resumed());
    assert_eq!((run.id().as_str(), run.name()), (ID, "shared"));
    // At once, while what the killed process left is being sealed in the background.
    run.resume_after(0).unwrap();
    run.log_at(1, metrics! { "loss" => 1.0 });
    run.log_at(2, metrics! { "loss" => 2.0, "system/cpu" => 1.0 });
    run.finish().unwrap();

    let run = init("processes").dir(store.path()).resume("@latest").start().unwrap();
    run.resume_after(1).unwrap();
    run.log(metrics! { "loss" => 20.0 });
    let live = RunReader::open(run.path()).unwrap();
    run.flush(Duration::from_secs(10)).unwrap();
    let losses = |run: &RunReader| -> Vec<(u64, f64)> {
        run.series("loss").unwrap().iter().map(|row| (row.step.0, row.value)).collect()
    };
    let expected = [(0, 0.5), (1, 1.0), (2, 20.0)];
    assert_eq!(losses(&RunReader::open(live.path()).unwrap()), expected);
    run.finish().unwrap();
    let run = only_run(store.path());
    assert_eq!(losses(&run), expected);
    assert_eq!(run.summary().unwrap()["loss"].count, 3);
    assert_eq!(run.series("system/cpu").unwrap().len(), 1, "what the machine did stays");
    assert_eq!(run.state(), State::Finished);
}

/// Where the ring of a run's first writer is.
fn ring(run: &Path) -> PathBuf {
    let note = fs::read(run.join("live/r0a1/ring")).unwrap();
    let note: serde_json::Value = serde_json::from_slice(&note).unwrap();
    PathBuf::from(note["path"].as_str().unwrap())
}

#[test]
fn what_a_killed_process_left_in_memory_is_saved_and_given_back() {
    let store = tempfile::tempdir().unwrap();
    let mut child = start(store.path(), "wait", &[("TRACKER_RUN_ID", ID)]);
    wait_until_logged(&mut child);
    let folder = only_run(store.path()).path().to_owned();
    let ring = ring(&folder);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(values(&only_run(store.path()), Writer { rank: 0, attempt: 1 }), [0.5, 0.7]);
    // Any process of this user that starts a run may be at it already.
    let since = Instant::now();
    while ring.exists() || folder.join("live").exists() {
        let (_, errors) = upkeep::seal_leftovers();
        assert!(since.elapsed() < Duration::from_secs(20), "what was left stays: {errors:?}");
    }
    let run = only_run(store.path());
    assert_eq!(values(&run, Writer { rank: 0, attempt: 1 }), [0.5, 0.7]);
    assert_eq!(run.state(), State::Crashed);
}

#[test]
fn a_copy_of_a_living_run_is_not_sealed_and_leaves_its_memory_alone() {
    let stores = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let run = init("processes").dir(stores[0].path()).start().unwrap();
    run.log_at(0, metrics! { "loss" => 0.5 });
    let copied = Command::new("cp")
        .arg("-r")
        .arg(stores[0].path().join("processes"))
        .arg(stores[1].path())
        .status();
    assert!(copied.unwrap().success());
    let copy = only_run(stores[1].path());
    let sealed = upkeep::seal_dead(&copy).unwrap();
    assert!(sealed.iter().all(Result::is_err), "{sealed:?}");
    assert!(ring(run.path()).exists());
    run.finish().unwrap();
}

#[test]
fn a_run_that_lives_or_is_not_there_is_not_resumed() {
    let store = tempfile::tempdir().unwrap();
    let run = init("processes").dir(store.path()).name("alive").start().unwrap();
    let resume = |project: &str, reference: &str| {
        let resumed = init(project).dir(store.path()).resume(reference).start();
        resumed.unwrap_err().to_string()
    };
    assert!(resume("processes", "alive").contains("a process still logs to it"));
    assert!(resume("processes", "nobody").contains("no run matches"));
    run.finish().unwrap();
    assert!(resume("other", "alive").contains("project `processes`"));
}

#[test]
fn a_run_says_what_a_kill_would_take() {
    let store = tempfile::tempdir().unwrap();
    let run = init("processes").dir(store.path()).start().unwrap();
    run.log([("loss", 1.0)]);
    let status = run.status();
    assert!(status.problems.is_empty() && status.dropped == 0);
    if cfg!(target_os = "linux") {
        assert_eq!(status.mode, Mode::Mapped);
    }
    run.finish().unwrap();
    assert_eq!(run.status().waiting, 0);
}

#[test]
fn an_id_that_is_none_is_refused_with_one_that_is() {
    let store = tempfile::tempdir().unwrap();
    let refused = start(store.path(), "wait", &[("TRACKER_RUN_ID", "my run")]);
    let output = refused.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && told.contains("invalid TRACKER_RUN_ID `my run`"), "{told}");
    let example = told.split("such as ").nth(1).unwrap();
    assert!(example[..26].parse::<RunId>().is_ok(), "{told}");
}
