//! This program again, as another process with a part of its own.

use std::{
    env,
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
};

const ROLE: &str = "TRACKER_BENCH_ROLE";

/// The part that this process was started for; `None` when a person started it.
pub(crate) fn role() -> Option<String> {
    env::var(ROLE).ok()
}

/// This program in the part `role`. Settings of the person who runs the benchmark are kept from
/// it, and so are tracker's greetings, of which there would be hundreds.
pub(crate) fn command(role: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(arguments)
        .env(ROLE, role)
        .env("TRACKER_PROGRESS", "off")
        .env_remove("TRACKER_MODE")
        .env_remove("TRACKER_DIR");
    command
}

/// A process beside this one. It is killed when the value is dropped.
pub(crate) struct Beside {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Beside {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    /// Waits for the next line that it prints; an empty text once it has ended.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
