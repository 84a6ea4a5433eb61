//! Takes the figures of one commit of tracker. It is compiled against that commit, so it uses nothing
//! but what every version has: `init`, `metric`, `log`, `finish`, and a list of runs.
//!
//! `guard-probe WHAT FOLDER` prints lines of `NAME<TAB>NUMBER`; the store lies in `FOLDER`.

use std::{
    fs,
    hint::black_box,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use rustix::time::{ClockId, clock_gettime};
use tracker_core::{Run, init, read::Store};

/// Log calls that are timed one by one.
const CALLS: u64 = 1_000_000;
/// Steps of the run whose CPU time and size are taken.
const STEPS: u64 = 1_000_000;
/// Runs that are started and finished.
const STARTS: u32 = 50;
/// Log calls whose instructions are counted.
const COUNTED: u64 = 200_000;
const IDLE: Duration = Duration::from_secs(3);
const LISTED: usize = 10_000;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let (what, folder) = (arguments[1].as_str(), Path::new(&arguments[2]));
    match what {
        "log-calls" => log_calls(folder),
        "runs" => runs(folder),
        "starts" => starts(folder),
        "idle" => idle(folder),
        "write-list" => write_list(folder),
        "list" => list(folder),
        "instructions" => {
            let run = start(folder);
            counted_calls(&run);
            run.finish().unwrap();
        }
        other => panic!("nothing is called {other}"),
    }
}

fn say(name: &str, number: f64) {
    println!("{name}\t{number}");
}

fn start(folder: &Path) -> Run {
    init("guard").dir(folder).signals(false).start().unwrap()
}

fn cpu() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap()
}

/// An `f32` loss that falls, with noise that is the same in each commit.
fn loss(step: u64) -> f64 {
    let noise = step.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
    f64::from((2.0 / (1.0 + step as f64 / 1e4) + noise as f64 / 1e8) as f32)
}

fn accuracy(step: u64) -> f64 {
    (step.wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 58) as f64 / 64.0
}

/// A step of two scalars through two handles, as adapters log.
fn log_calls(folder: &Path) {
    let run = start(folder);
    let (one, other) = (run.metric("train/loss"), run.metric("train/accuracy"));
    let clock = timed(|_| ());
    let calls = timed(|step| {
        one.log(step, loss(step));
        other.log(step, accuracy(step));
    });
    run.finish().unwrap();
    let net = |part: f64| quantile(&calls, part).saturating_sub(quantile(&clock, 0.5)) as f64;
    say("log call, p50, ns", net(0.5));
    say("log call, p99.9, ns", net(0.999));
}

fn timed(call: impl Fn(u64)) -> Vec<u64> {
    let time = |step: u64| {
        let since = Instant::now();
        call(black_box(step));
        u64::try_from(since.elapsed().as_nanos()).unwrap()
    };
    let mut times: Vec<u64> = (0..CALLS).map(time).collect();
    times.sort_unstable();
    times
}

fn quantile(sorted: &[u64], part: f64) -> u64 {
    sorted[((sorted.len() - 1) as f64 * part) as usize]
}

fn runs(folder: &Path) {
    let before = cpu();
    let run = start(folder);
    let (one, other) = (run.metric("train/loss"), run.metric("train/accuracy"));
    for step in 0..STEPS {
        one.log(step, loss(step));
        other.log(step, accuracy(step));
    }
    let points = run.finish().unwrap().points() as f64;
    say("CPU a step, ns", (cpu() - before).as_nanos() as f64 / STEPS as f64);
    let parts = fs::read_dir(run.path().join("scalars")).unwrap();
    let bytes: u64 = parts.map(|part| part.unwrap().metadata().unwrap().len()).sum();
    say("bytes a scalar", bytes as f64 / points);
}

fn starts(folder: &Path) {
    // What the first run of a process pays once is no part of it.
    start(folder).finish().unwrap();
    let (since, before) = (Instant::now(), cpu());
    for _ in 0..STARTS {
        start(folder).finish().unwrap();
    }
    let each = |time: Duration| time.as_secs_f64() * 1e3 / f64::from(STARTS);
    say("start + finish, CPU ms", each(cpu() - before));
    say("start + finish, ms", each(since.elapsed()));
}

fn idle(folder: &Path) {
    let before = threads();
    let run = start(folder);
    let metric = run.metric("train/loss");
    (0..1_000).for_each(|step| metric.log(step, loss(step)));
    thread::sleep(Duration::from_millis(500));
    say("threads", (threads() - before) as f64);
    let (since, used) = (Instant::now(), cpu());
    thread::sleep(IDLE);
    let part = (cpu() - used).as_secs_f64() / since.elapsed().as_secs_f64();
    say("idle run, % of a core", part * 100.0);
    run.finish().unwrap();
}

fn threads() -> usize {
    fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

/// One run by tracker, and the others as its copies under ids of their own.
fn write_list(folder: &Path) {
    let run = init("list").dir(folder).signals(false).start().unwrap();
    for metric in 0..40 {
        run.metric(&format!("valid/metric-{metric}")).log(0_u64, f64::from(metric));
    }
    run.finish().unwrap();
    let text = fs::read_to_string(run.path().join("run.json")).unwrap();
    for number in 1..LISTED {
        let id = format!("01J{number:023}");
        let copy = run.path().with_file_name(&id);
        link(run.path(), &copy);
        fs::write(copy.join("run.json"), text.replace(run.id().as_str(), &id)).unwrap();
    }
}

/// Makes a folder with the same files but `run.json`.
fn link(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            link(&entry.path(), &target);
        } else if entry.file_name() != "run.json" {
            fs::hard_link(entry.path(), target).unwrap();
        }
    }
}

fn list(folder: &Path) {
    let store = Store::open(folder).unwrap();
    for name in ["list of 10,000 runs, CPU ms", "the same list again, CPU ms"] {
        let before = cpu();
        let listing = store.runs().unwrap();
        assert_eq!(listing.runs.len(), LISTED);
        for run in &listing.runs {
            assert_eq!(run.summary().unwrap().len(), 40);
        }
        say(name, (cpu() - before).as_secs_f64() * 1e3);
    }
}

/// What callgrind counts: the log calls alone, on their own thread.
#[inline(never)]
#[unsafe(no_mangle)]
fn counted_calls(run: &Run) {
    let (one, other) = (run.metric("train/loss"), run.metric("train/accuracy"));
    for step in 0..COUNTED {
        one.log(step, loss(step));
        other.log(step, accuracy(step));
    }
}
