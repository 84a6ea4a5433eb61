//! Processes of their own, for what cannot be seen from within: the test program starts itself
//! again, to play the role that the environment names.

#![allow(dead_code, reason = "each test program uses some of it")]

use std::{
    env, fs,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use tracker_core::read::{RunReader, Store};

const ROLE: &str = "TRACKER_TEST_ROLE";

pub(crate) const SIGHUP: i32 = 1;
pub(crate) const SIGINT: i32 = 2;
pub(crate) const SIGKILL: i32 = 9;
pub(crate) const SIGTERM: i32 = 15;

/// The role to play; none in the test program that was started by hand.
pub(crate) fn role() -> Option<String> {
    env::var(ROLE).ok()
}

/// A child that plays a role in the ignored test `actor`.
pub(crate) fn command(actor: &str, role: &str, store: &Path) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", actor, "--ignored", "--nocapture"])
        .env(ROLE, role)
        .env("TRACKER_DIR", store)
        // A program that is about to start has the locks of the process that starts it.
        .env("TRACKER_CODE_CHANGES", "off")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Starts a child and waits until it says that it is on its way, see [`on_its_way`].
pub(crate) fn start(mut command: Command, store: &Path) -> Child {
    let child = command.spawn().unwrap();
    wait_until(|| fs::metadata(store.join("ack")).is_ok_and(|ack| ack.len() >= 8));
    thread::sleep(Duration::from_millis(100));
    child
}

/// Says to who started this process that the training is on its way.
pub(crate) fn on_its_way() {
    let store = env::var_os("TRACKER_DIR").unwrap();
    fs::write(Path::new(&store).join("ack"), 0_u64.to_le_bytes()).unwrap();
}

/// Leaves a file beside the runs, to say that the program came so far.
pub(crate) fn leave(name: &str) {
    let store = env::var_os("TRACKER_DIR").unwrap();
    fs::write(Path::new(&store).join(name), "").unwrap();
}

/// Waits for something that comes by itself.
pub(crate) fn wait_until(mut has_come: impl FnMut() -> bool) {
    let patience = Instant::now();
    while !has_come() {
        assert!(patience.elapsed() < Duration::from_mins(1), "it does not come");
        thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) fn signal(child: &Child, signal: i32) {
    let status = Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status();
    assert!(status.unwrap().success());
}

pub(crate) fn wait(mut child: Child) -> ExitStatus {
    let mut status = None;
    wait_until(|| {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    status.unwrap()
}

pub(crate) fn only_run(store: &Path) -> RunReader {
    let runs = Store::open(store).unwrap().runs().unwrap().runs;
    assert_eq!(runs.len(), 1);
    runs.into_iter().next().unwrap()
}

pub(crate) fn run(store: &Path, name: &str) -> RunReader {
    Store::open(store).unwrap().find(name).unwrap()
}

pub(crate) fn steps(run: &RunReader, metric: &str) -> Vec<u64> {
    run.series(metric).unwrap().iter().map(|row| row.step.0).collect()
}
